/** Requests to the service itself: which part answers. Ping, version and time are answered here (XEP-0199, 0092, 0202). */
import { NS } from '../xmpp/ns';
import type { Execute } from '../room/commands';
import type { Random } from '../room/env';
import type { Retention } from '../room/retention';
import { childElements, escapeText, localName, namespaceOf, type Element } from '../xmpp/xml';
import { formatDateTime } from '../xmpp/dates';
import { foldFull, type RoomJid, type Domain } from '../xmpp/fold';
import type { Outgoing } from '../xmpp/outgoing';
import { errorReply, iqResult, stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { say } from '../words';
import type { AdHoc } from './ad-hoc';
import { serviceCard } from './card';
import type { Clock } from './clock';
import { serviceInfo, serviceItems, type ServiceInfo } from './discovery';
import { nodeInfo, nodeItems } from './nodes';
import { changeRegistrations, registrationList } from './registrations';
import { uniqueName } from './unique';
import type { Store } from '../store/store';

export interface ServiceIqOptions {
  readonly domain: Domain;
  readonly store: Pick<Store, 'listRooms' | 'seatsOf' | 'registrationsOf' | 'hasRoom'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Undefined: the service has no commands. */
  readonly adHoc: AdHoc | undefined;
  readonly execute: Execute;
  /** Whether a room is awake, or about to be. */
  readonly isAwake: (room: RoomJid) => boolean;
  readonly info: ServiceInfo;
  readonly retention: Retention;
  readonly version: string;
}

/** Answers an IQ get or set to the service; exactly one stanza. Rejects if the store fails. */
export async function answerServiceIq(iq: Element, options: ServiceIqOptions): Promise<Outgoing> {
  const { domain, store, clock, info, retention, version, adHoc } = options;
  const refuse = (error: StanzaError): Outgoing => errorReply(iq, error, domain) as Outgoing;
  const answer = (given: string | StanzaError): Outgoing => (typeof given === 'string' ? iqResult(iq, given) : refuse(given));
  const payloads = childElements(iq);
  const payload = payloads[0];
  const type = iq.attrs['type'] as string | undefined;
  if ((type !== 'get' && type !== 'set') || !payload || payloads.length > 1) return refuse(stanzaError('bad-request', say('iqMalformed')));
  const node = payload.attrs['node'] as string | undefined;
  const from = foldFull(iq.attrs['from'] as string);
  switch (`${type} ${localName(payload)} ${namespaceOf(payload)}`) {
    case `get ping ${NS.ping}`:
      return iqResult(iq, '');
    case `get query ${NS.version}`:
      return iqResult(iq, `<query xmlns="${NS.version}"><name>Parlour</name><version>${escapeText(version)}</version></query>`);
    case `get time ${NS.time}`:
      // XEP-0202 §3: offset and UTC; the service has no place, so it answers in UTC.
      return iqResult(iq, `<time xmlns="${NS.time}"><tzo>+00:00</tzo><utc>${formatDateTime(clock.now())}</utc></time>`);
    case `get query ${NS.discoInfo}`:
      return answer(node === undefined ? serviceInfo(info, adHoc ? [NS.commands] : [], retention) : nodeInfo(node, from, options));
    case `get query ${NS.discoItems}`:
      return answer(await (node === undefined ? serviceItems(payload, store) : nodeItems(node, from, options)));
    case `get unique ${NS.mucUnique}`:
      return iqResult(iq, await uniqueName(options));
    case `get vCard ${NS.vcard}`:
      return iqResult(iq, serviceCard(info));
    case `set vCard ${NS.vcard}`:
      return refuse(stanzaError('forbidden', say('serviceCard')));
    case `get query ${NS.register}`:
      return iqResult(iq, await registrationList(from, store));
    case `set query ${NS.register}`:
      return answer((await changeRegistrations(payload, from, store, options.execute)) ?? '');
    case `set command ${NS.commands}`:
      if (adHoc) return answer(await adHoc.execute(payload, from));
      break;
  }
  return refuse(stanzaError('service-unavailable', say('serviceIq')));
}
