/**
 * Where a stanza goes: to the service, to a room, or to an occupant of one. What stands here is looked at before any room:
 *
 * - without a sender or addressee, or for another domain: dropped, since no answer could have a lawful address;
 * - from our own domain: dropped, nobody but us speaks for it;
 * - of type error: never answered; messages and presence are bounces of what rooms sent, IQ answers nobody waits for are void;
 * - with an id of more than 1024 characters: policy-violation, with its beginning;
 * - with an `xml:lang` of more than 100 characters: passed on without it;
 * - larger when written again than a server takes, since signs are escaped and what it declares once is used many times: policy-violation;
 * - an IQ without id, of another type than RFC 6120 §8.2.3 knows, or without exactly one payload: bad-request.
 */
import type { Outgoing } from '../xmpp/outgoing';
import { denial, errorReply, stanzaError, takesError, type StanzaError } from '../xmpp/stanza-error';
import { NS } from '../xmpp/ns';
import { child, childElements, serializeChildrenWithin, type Element } from '../xmpp/xml';
import { foldFull, type FullJid, type RoomJid, type Domain } from '../xmpp/fold';
import { bareOf, domainOf, isInDomain, localOf, resourceOf, roomOf } from '../xmpp/jid';
import { bytesInMemory } from '../xmpp/bytes-in-memory';
import { short } from '../xmpp/short';
import { inWords } from '../words';
import { DEFAULT_LIMITS } from './budget/limits';
import type { Input } from '../room/contract/machine';
import type { Log } from '../log';

export interface Destinations {
  /** An answer of the router's own to a stanza of this size, at the sender's rate. */
  answer(stanza: Element, bytes: number, out: Outgoing): void;
  /** An answer to what was charged already. */
  send(out: Outgoing): void;
  /** An input for a room, and its size on the wire. */
  room(jid: RoomJid, input: Input, bytes: number): void;
  /** A message or presence of type error, and its folded addresses. */
  bounced(stanza: Element, from: FullJid, to: FullJid): void;
  /** An IQ get or set to the service, and its size on the wire. */
  serviceIq(iq: Element, bytes: number): void;
  /** Presence to the service that asks for the activity of rooms (XEP-0437). */
  subscribe(from: FullJid, presence: Element, bytes: number, refuse: (error: StanzaError) => void): void;
  /** A full JID is unavailable to the service. */
  unsubscribe(jid: FullJid): void;
}

/** Whether an IQ that is no answer is a request as RFC 6120 §8.2.3 wants it. */
function isRequest(iq: Element): boolean {
  const { id, type } = iq.attrs as Record<string, string | undefined>;
  return id !== undefined && (type === 'get' || type === 'set') && childElements(iq).length === 1;
}

/** Stanzas up to this size on the wire are small enough whatever they declare. */
const SMALL_BYTES = 4_096;
/** Bytes by which a stanza that leaves may be larger than its content: addresses, ids, what the room, the archive and the server add (`link/size.ts`). */
const ADDED_BYTES = 32_768;

/** Longest id of a stanza, in UTF-16 units: live copies, the archive and errors repeat it. */
const MAX_ID = 1024;

/** Longest `xml:lang` of a stanza, in UTF-16 units: no tag of a language is nearly as long (RFC 5646 §4.4.1), and texts are passed on with it. */
const MAX_LANG = 100;

/** Whether a stanza's content would be more than that when it is written: each child is written with the namespaces it uses, and signs are escaped. */
function swells(stanza: Element, bytes: number, most: number): boolean {
  if (bytes <= SMALL_BYTES) return false;
  const written = serializeChildrenWithin(stanza, most);
  // A UTF-16 unit is at most three bytes.
  return written === undefined || (written.length * 3 > most && Buffer.byteLength(written) > most);
}

/** Routes stanzas for one component domain. */
export function createRouter(
  domain: string,
  to: Destinations,
  log: Log,
  /** Told of each sender's domain, of several in a row once. */
  seen: (domain: Domain) => void = () => undefined,
  /** Largest stanza that the link lets out, in bytes. */
  sentBytes = DEFAULT_LIMITS.sentBytes,
): (stanza: Element, bytes: number) => void {
  const refuse = (stanza: Element, bytes: number, error: StanzaError, by = domain): void => {
    const reply = errorReply(stanza, error, by);
    if (reply) to.answer(stanza, bytes, reply);
  };

  const toService = (stanza: Element, from: FullJid, address: FullJid, bytes: number): void => {
    const type = stanza.attrs['type'] as string | undefined;
    // Only presence that announces somebody is refused; other presence asks for nothing and gets no error.
    const asks = stanza.name !== 'presence' || type === undefined;
    if (asks && resourceOf(address) !== '') {
      refuse(stanza, bytes, stanzaError('item-not-found', inWords('noSuchAddress')));
    } else if (stanza.name === 'iq') {
      to.serviceIq(stanza, bytes);
    } else if (stanza.name === 'message') {
      refuse(stanza, bytes, stanzaError('service-unavailable', inWords('serviceMessage')));
    } else if (type === 'subscribe') {
      // A service has no presence to give: the request is denied (RFC 6121 §3.1.3).
      to.answer(stanza, bytes, denial(stanza));
    } else if (type === 'unavailable') {
      to.unsubscribe(from);
    } else if (type === undefined && child(stanza, 'rai', NS.rai) && resourceOf(from) !== '') {
      to.subscribe(from, stanza, bytes, (error) => {
        const reply = errorReply(stanza, error, domain);
        if (reply) to.send(reply);
      });
    } else if (type === undefined) {
      refuse(stanza, bytes, stanzaError('service-unavailable', inWords('servicePresence')));
    }
    // Other kinds of presence ask for nothing.
  };

  /** The domain of the latest sender. */
  let latest = '';
  return (stanza, bytes) => {
    const { from: sender, to: addressee, type } = stanza.attrs as Record<string, string | undefined>;
    if (stanza.name !== 'message' && stanza.name !== 'presence' && stanza.name !== 'iq') return;
    // Folded here, once; the stanza keeps the spelling, and what answers it goes from and to just that.
    const from = foldFull(sender ?? '');
    const address = foldFull(addressee ?? '');
    if (from === '' || !isInDomain(address, domain) || isInDomain(from, domain)) {
      log.debug(
        { event: 'stanza.invalid-address', stanza: stanza.name, from: short(sender), to: short(addressee) },
        'a stanza with an invalid address was dropped',
      );
      return;
    }
    if (!isInDomain(from, latest)) seen((latest = domainOf(from)));
    const { id, 'xml:lang': lang } = stanza.attrs as Record<string, string | undefined>;
    if (lang !== undefined && lang.length > MAX_LANG) delete stanza.attrs['xml:lang'];
    if (id !== undefined && id.length > MAX_ID) {
      // Nobody can match an error by an id that was cut off, but the long id is not repeated.
      stanza.attrs['id'] = id.slice(0, MAX_ID);
      if (takesError(stanza)) {
        refuse(stanza, bytes, stanzaError('policy-violation', inWords('idLong', { max: MAX_ID })), bareOf(address));
        return;
      }
    }
    if (type === 'error' || (stanza.name === 'iq' && type === 'result')) {
      if (stanza.name !== 'iq') to.bounced(stanza, from, address);
      return;
    }
    if (stanza.name === 'iq' && !isRequest(stanza)) {
      refuse(stanza, bytes, stanzaError('bad-request', inWords('iqMalformed')));
      return;
    }
    if (localOf(address) === '') {
      toService(stanza, from, address, bytes);
      return;
    }
    if (swells(stanza, bytes, sentBytes - ADDED_BYTES)) {
      if (takesError(stanza)) {
        refuse(stanza, bytes, stanzaError('policy-violation', inWords('swells')), bareOf(address));
        return;
      }
      // Leaving is never refused: it is passed on without its content.
      stanza.children = [];
    }
    to.room(roomOf(address), { kind: 'stanza', stanza, from, nick: resourceOf(address), memory: bytesInMemory(stanza, bytes) }, bytes);
  };
}
