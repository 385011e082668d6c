/** The room's vCard and the avatar in it (XEP-0054, XEP-0486): owners set it, everybody who may know of the room reads it. */
import { createHash } from 'node:crypto';
import { NS } from '../xmpp/ns';
import { iqResult, stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { childElements, localName, namespaceOf, serialize, textOf, type Element } from '../xmpp/xml';
import { audit } from '../room/audit';
import type { Feature, IqRequest, Order } from '../room/contract/feature';
import { featureRows } from '../room/contract/feature-rows';
import { notify } from '../room/talking/notices';
import { showRoomPresence } from '../room/occupants/room-presence';
import { bareOf } from '../xmpp/jid';
import { inWords } from '../words';
import { orderOf } from './commands/room-command';
import { banRefusal } from './entry/banned';
import { STATUS } from '../room/occupants/status';

/** What is kept of a vCard. */
interface Card {
  /** Finished XML, from `<vCard>` on. */
  readonly xml: string;
  /** SHA-1 of each photo's bytes, hexadecimal (XEP-0153 §3.1), so that discovery need not decode them each time. */
  readonly hashes: readonly string[];
}

const cards = featureRows<Card>({
  name: 'vcard',
  says: 'its vCard',
  key: ['plain'],
  value: { members: { xml: 'content', hashes: { each: 'text' } }, optional: [] },
  travels: ['room'],
  erasing: { keeps: 'What an owner wrote of others stays, as in messages.' },
  folding: 'present',
  most: 1,
  longest: { member: 'xml', limit: 'vcardBytes' },
  lifetime: { until: 'an owner removes it' },
});
const AVATAR_FIELD = '{http://modules.prosody.im/mod_vcard_muc}avatar#sha1';

/** Photos of one vCard: discovery tells all their hashes to whoever asks. */
const MAX_PHOTOS = 20;

/** The one key: a room has one vCard. */
const KEY = '';

/** The children of that name in the vCard's own namespace. */
function parts(el: Element, name: string): Element[] {
  return childElements(el).filter((part) => localName(part) === name && namespaceOf(part) === NS.vcard);
}

/** The bytes that base64 stands for, or undefined if it is none. Line breaks may be anywhere (RFC 2045 §6.8). */
function decode(text: string): Buffer | undefined {
  const digits = text.replace(/\s+/g, '');
  return digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits) ? Buffer.from(digits, 'base64') : undefined;
}

/** A hash for each photo that is in the vCard itself (XEP-0486 "Multiple Stored Version of an Avatar"), or the refusal of one. */
function hashesOf(vcard: Element): string[] | StanzaError {
  const hashes = new Set<string>();
  for (const photo of parts(vcard, 'PHOTO')) {
    for (const binval of parts(photo, 'BINVAL')) {
      const bytes = decode(textOf(binval));
      if (!bytes) return stanzaError('bad-request', inWords('vcardBase64'));
      if (bytes.length === 0) continue;
      const hash = createHash('sha1').update(bytes).digest('hex');
      hashes.add(hash);
      if (hashes.size > MAX_PHOTOS) return stanzaError('policy-violation', inWords('vcardPhotos', { max: MAX_PHOTOS }));
    }
  }
  return [...hashes];
}

/** Reads or sets the vCard. Returns the refusal, if any. */
function vcardIq(request: IqRequest): StanzaError | undefined {
  const { room, turn, stanza, from, payload } = request;
  if (stanza.attrs['type'] === 'get') {
    if (room.affiliationOf(from) === 'outcast') return banRefusal(room, bareOf(from));
    turn.say(iqResult(stanza, cards.get(room, KEY)?.xml ?? `<vCard xmlns="${NS.vcard}"/>`));
    return undefined;
  }
  // "Setting an empty vCard unpublishes the avatar."
  const card = childElements(payload).length === 0 ? null : payload;
  const outcome = setVcard(orderOf(request, { name: 'set-vcard', vcard: card }));
  if (typeof outcome !== 'function') return outcome;
  turn.say(iqResult(stanza, ''));
  outcome();
  return undefined;
}

/** Sets the vCard, or takes it away. Returns the refusal, or what shows it to the room. */
function setVcard({ room, turn, command, actor }: Order<'set-vcard'>): StanzaError | (() => void) {
  if (actor.affiliation !== 'owner') return stanzaError('forbidden', inWords('ownersOnly'));
  const kept = cards.get(room, KEY);
  const xml = command.vcard === null ? undefined : serialize(command.vcard);
  const { vcardBytes } = room.env.policy.limits;
  if (xml !== undefined && Buffer.byteLength(xml) > vcardBytes) {
    return stanzaError('not-acceptable', inWords('vcardLarge', { max: vcardBytes }));
  }
  const hashes = command.vcard === null ? [] : hashesOf(command.vcard);
  if ('condition' in hashes) return hashes;
  if (xml === kept?.xml) return () => undefined;
  cards.set(room, turn, KEY, xml === undefined ? null : { xml, hashes });
  audit(room, turn, actor, 'set-vcard', [{ before: told(kept), after: told(xml === undefined ? undefined : { xml, hashes }) }]);
  return () => {
    notify(room, turn, [STATUS.configurationChanged]);
    // Another first picture, or (XEP-0115 §6.1) another list of pictures in what discovery says.
    const isOther = hashes.join() !== (kept?.hashes ?? []).join();
    if (room.env.policy.rooms.avatarPresence && isOther) showRoomPresence(room, turn, updateXml(hashes[0]));
  };
}

/** What a vCard is, as the audit trail tells it: a mark of its text, by which two that differ differ here, its length, and the hash of its first picture. */
function told(card: Card | undefined): string | null {
  if (!card) return null;
  const mark = createHash('sha256').update(card.xml).digest('hex').slice(0, 8);
  const [photo] = card.hashes;
  return `vCard ${mark}, ${Buffer.byteLength(card.xml)} bytes${photo === undefined ? '' : `, photo ${photo}`}`;
}

/** Which photo the room has (XEP-0153 §3.1): empty where it has none. */
function updateXml(hash: string | undefined): string {
  const photo = hash === undefined ? '<photo/>' : `<photo>${hash}</photo>`;
  return `<x xmlns="${NS.vcardUpdate}">${photo}</x>`;
}

/**
 * The avatar is announced by 104 and found by disco#info; and by presence from the bare room JID, which XEP-0486 "doesn't encourage", but
 * where Conversations, Dino, Monal, Gajim and Converse look. It has no `muc#user`, so that no client takes it for an occupant. Its
 * hash is the first photo's.
 */
export const vcard: Feature = {
  name: 'vcard',
  rows: [cards.declaration],
  aboutRows: [cards.declaration.name],
  disco: () => [NS.vcard],
  info: (room) => [
    {
      var: 'muc#roominfo_avatarhash',
      type: 'text-multi',
      label: inWords('labelAvatarHash'),
      values: cards.get(room, KEY)?.hashes.slice(0, MAX_PHOTOS) ?? [],
    },
    // By the name that Prosody's module made known, which Gajim and others read.
    { var: AVATAR_FIELD, type: 'text-single', label: inWords('labelAvatarHash'), values: cards.get(room, KEY)?.hashes.slice(0, 1) ?? [] },
  ],
  roomPresence: (room) => {
    const hash = cards.get(room, KEY)?.hashes[0];
    return hash === undefined || !room.env.policy.rooms.avatarPresence ? '' : updateXml(hash);
  },
  commands: {
    'set-vcard': (order) => {
      const outcome = setVcard(order);
      if (typeof outcome !== 'function') return outcome;
      outcome();
      return undefined;
    },
  },
  // XEP-0115 §6.1: what discovery says is another now.
  reconfigured: (room, turn) => {
    const hash = cards.get(room, KEY)?.hashes[0];
    if (hash !== undefined && room.env.policy.rooms.avatarPresence) showRoomPresence(room, turn, updateXml(hash));
  },
  iq: { [`vCard ${NS.vcard}`]: vcardIq },
};
