/** Messages of visitors that moderators let through or not (§18.1 MAY), where a moderated room wants that. */
import type { Actor } from '../../room/governing/rights';
import { foldFull, type BareJid } from '../../xmpp/fold';
import { formIn, formXml, manyValued, parseBoolean } from '../../xmpp/forms';
import { NS } from '../../xmpp/ns';
import { outgoing } from '../../xmpp/outgoing';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { childElements, escapeText, localName, namespaceOf, textOf, type Element } from '../../xmpp/xml';
import { actorOf } from '../../room/governing/admin-iq';
import { audit } from '../../room/audit';
import type { Feature, Request, Utterance } from '../../room/contract/feature';
import { featureRows } from '../../room/contract/feature-rows';
import { isArchivable } from '../../room/talking/archivable';
import { messageId } from '../../room/talking/ids';
import { booleanOption, type RoomOptions } from '../../room/contract/options';
import { sayMessage } from '../../room/talking/speak';
import { hasPlace } from '../../room/shares';
import type { RoomState } from '../../room/state';
import { passOn } from '../../room/talking/room-only';
import type { Turn } from '../../room/turn';
import { askersLanguage, personsLanguage } from '../../room/language';
import { inWords } from '../../words';
import { formMessage, Forms, isSkipped } from './ask-moderators';

/** FORM_TYPE of the question and its answer. */
const APPROVAL = 'urn:parlour:message-approval';

const option = booleanOption({
  var: '{urn:parlour:room}approvemessages',
  label: inWords('labelApproval'),
  initial: false,
});

interface Held {
  /** Bare JID, and the full one that sent it. */
  readonly jid: BareJid;
  readonly address: string;
  readonly clientId: string | null;
  readonly lang: string | null;
  readonly payload: string;
  readonly body: string;
  readonly archivable: boolean;
}

const NAME = 'held-messages';
/** In groups by author: a row begins with them, so that it need not be read. */
const rows = featureRows<Held>(
  {
    name: NAME,
    says: 'messages of visitors that wait for a moderator',
    key: ['plain'],
    value: {
      members: { jid: 'jid', address: 'address', clientId: 'plain', lang: 'plain', payload: 'plain', body: 'plain', archivable: 'plain' },
    },
    travels: ['person'],
    erasing: 'forgets',
    folding: 'present',
    most: 'limits.waiting',
    lifetime: { until: 'a moderator decides, or they leave' },
  },
  (_, text) => text.slice(0, text.indexOf('",') + 1),
);
const groupOf = (jid: BareJid): string => `{"jid":${JSON.stringify(jid)}`;

/** Bytes of one message that is held, and length of all that a room holds. Every moderator is sent each of them. */
const MAX_MESSAGE = 65_536;
const MAX_HELD = 1_048_576;

/** Whether visitors' messages are held rather than refused. */
export const holdsMessages = (options: RoomOptions): boolean => options.get(option);

export const messageApproval: Feature = {
  name: 'message-approval',
  commands: { 'answer-message': ({ room, turn, actor, command: { id, allow } }) => decide(room, turn, actor, id, allow) },
  rows: [rows.declaration],
  options: [option],
  waiting: (room, { role }) =>
    role !== 'moderator' ? [] : rows.entries(room).map(([id, { jid, body }]) => ({ kind: 'message' as const, jid, id, about: body })),
  speak: ({ room, stanza, occupant }) => {
    if (occupant.role !== 'visitor') return undefined;
    // Typing notices and the like are not worth a moderator's time.
    if (bodyOf(stanza) === '') return stanzaError('forbidden', inWords('noVoice'));
    // Each is read once, however often somebody tries.
    const holders = rows.entries(room).map(([, { jid }]) => jid);
    return hasPlace(room, holders, occupant.jid) ? sizeRefusal(room, stanza) : stanzaError('resource-constraint', inWords('heldMany'));
  },
  detain: hold,
  message: (request) => {
    const form = formIn(request.stanza);
    if (form && isSkipped(request, form, APPROVAL)) return undefined;
    return form?.formType === APPROVAL && form.type === 'submit' ? answer(request, form.values) : 'pass';
  },
  joined: (room, turn, { role }, session) => {
    if (role === 'moderator') forms.askNew(room, turn, [session]);
  },
  promoted: (room, turn, { sessions }) => forms.askNew(room, turn, sessions),
  due: (room, turn) => forms.goOn(room, turn),
  left: (room, turn, { jid }) => {
    const theirs = rows.keysIn(room, groupOf(jid));
    for (const id of theirs) rows.set(room, turn, id, null);
    if (theirs.length > 0) forms.askAll(room, turn);
  },
};

const texts = (room: RoomState): ReadonlyMap<string, string> => room.kept.textsOf(NAME) ?? new Map<string, string>();

const forms = new Forms({
  pending: (room) => texts(room).keys(),
  waits: (room, id) => texts(room).has(id),
  mayAnswer: (_, { role }) => role === 'moderator',
  message: (room, _turn, id) => {
    const held = rows.get(room, id);
    return held && formMessage(room, question(room, id, held));
  },
});

/** Whether it is too long to be held, by itself or beside what is held. */
function sizeRefusal(room: RoomState, stanza: Element): StanzaError | undefined {
  const bytes = Buffer.byteLength(payloadOf(stanza, room));
  if (bytes > MAX_MESSAGE) return stanzaError('policy-violation', inWords('heldLong', { max: MAX_MESSAGE }));
  let held = bytes;
  // A code unit is three bytes at most; most texts are nearer to one.
  for (const text of texts(room).values()) held += text.length;
  return held > MAX_HELD ? stanzaError('resource-constraint', inWords('heldMany')) : undefined;
}

/** What may stand beside the text that a moderator is shown: it says nothing to people. */
const SILENT = new Set([
  'thread ',
  `origin-id ${NS.stanzaId}`,
  `markable ${NS.chatMarkers}`,
  'request urn:xmpp:receipts',
  'unstyled urn:xmpp:styling:0',
]);

/** Whom the text names (XEP-0452, XEP-0372): it changes nothing of what is read. */
const isMention = (element: Element, ns: string): boolean =>
  ns === NS.mentions || (ns === NS.reference && element.attrs['type'] === 'mention');

/** What of a visitor's message is passed on if it is approved: what the moderator is shown, and nothing that clients show in its place. */
function payloadOf(stanza: Element, room: RoomState): string {
  const shown = childElements(stanza).filter((element) => {
    const ns = namespaceOf(element);
    return (
      (ns === '' && localName(element) === 'body') || ns === NS.hints || isMention(element, ns) || SILENT.has(`${localName(element)} ${ns}`)
    );
  });
  return shown.map((element) => passOn(element, room, 'groupchat')).join('');
}

function bodyOf(stanza: Element): string {
  // In each language that it is said in: all of them would be read.
  const bodies = childElements(stanza).filter((element) => localName(element) === 'body' && namespaceOf(element) === '');
  return bodies.map(textOf).join('\n');
}

function hold({ room, turn, stanza, occupant, session }: Utterance): boolean {
  if (occupant.role !== 'visitor') return false;
  const id = messageId(turn.stamp, room.env.random);
  const held: Held = {
    jid: occupant.jid,
    address: session.address.jid,
    clientId: (stanza.attrs['id'] as string | undefined) ?? null,
    lang: (stanza.attrs['xml:lang'] as string | undefined) ?? null,
    payload: payloadOf(stanza, room),
    body: bodyOf(stanza),
    archivable: isArchivable(stanza, room.env.policy.kept.markers),
  };
  rows.set(room, turn, id, held);
  tell(room, turn, held.address, inWords('messageHeld').in(askersLanguage(room, stanza, session.jid)));
  forms.askAll(room, turn, id);
  return true;
}

function question(room: RoomState, id: string, held: Held): string {
  return formXml(
    {
      type: 'form',
      formType: APPROVAL,
      title: inWords('heldTitle'),
      instructions: inWords('heldInstructions'),
      fields: [
        { var: 'message', type: 'hidden', values: [id] },
        { var: 'nick', type: 'text-single', label: inWords('labelFrom'), values: [room.occupants.withId(room.idOf(held.jid))?.nick ?? ''] },
        { var: 'body', type: 'text-multi', label: inWords('labelMessage'), values: held.body.split('\n') },
        { var: 'allow', type: 'boolean', label: inWords('labelAllowMessage'), values: ['0'] },
      ],
    },
    room.facts.language,
  );
}

/** A moderator decides. Returns the refusal, if any. */
function answer({ room, turn, from }: Request, values: ReadonlyMap<string, readonly string[]>): StanzaError | undefined {
  if (room.occupants.session(from)?.occupant.role !== 'moderator') return stanzaError('forbidden', inWords('moderatorsOnly'));
  const many = manyValued(values, ['allow', 'message', 'nick']);
  if (many !== undefined) return stanzaError('bad-request', inWords('fieldSingle', { field: many }));
  const allow = parseBoolean(values.get('allow')?.[0] ?? '');
  if (allow === undefined) return stanzaError('bad-request', inWords('requestAllow', { field: 'allow' }));
  return decide(room, turn, actorOf(room, from), values.get('message')?.[0] ?? '', allow);
}

function decide(room: RoomState, turn: Turn, actor: Actor, id: string, allow: boolean): StanzaError | undefined {
  if (actor.role !== 'moderator') return stanzaError('forbidden', inWords('moderatorsOnly'));
  const held = rows.get(room, id);
  const occupant = held && room.occupants.withId(room.idOf(held.jid));
  if (!held || !occupant) return stanzaError('item-not-found', inWords('notHeld'));
  rows.set(room, turn, id, null);
  audit(room, turn, actor, 'answer-message', [{ object: held.jid, after: allow ? 'allowed' : 'refused' }]);
  if (!allow) tell(room, turn, held.address, inWords('messageDenied').in(personsLanguage(room, held.jid)));
  else {
    const { clientId, lang, payload, archivable } = held;
    const sender = foldFull(held.address);
    sayMessage(room, turn, occupant, { clientId, lang, payload, archived: room.facts.archived && archivable, inHistory: true, sender });
  }
  forms.askAll(room, turn);
  return undefined;
}

function tell(room: RoomState, turn: Turn, to: string, text: string): void {
  turn.say(outgoing('message', room.jid, to, {}, `<body>${escapeText(text)}</body>`));
}
