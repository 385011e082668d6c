/** Approval of registrations by the room's admins (§9.9): they are sent a form for each that waits, and answer it by message. */
import type { Actor } from '../../room/governing/rights';
import { NS } from '../../xmpp/ns';
import { bareOf, domainOf, storedBare } from '../../xmpp/jid';
import { formIn, formXml, manyValued, parseBoolean, type Field, type Submitted } from '../../xmpp/forms';
import { nickKey } from '../../xmpp/nick';
import { outgoing, type Outgoing } from '../../xmpp/outgoing';
import { foldBare, type BareJid, type FullJid } from '../../xmpp/fold';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { attributes, escapeText } from '../../xmpp/xml';
import { memberGrowthRefusal } from '../../room/governing/affiliation-limits';
import { actorOf } from '../../room/governing/admin-iq';
import { audit } from '../../room/audit';
import type { Feature, Request } from '../../room/contract/feature';
import { messageId } from '../../room/talking/ids';
import { isWorn, nickRefusal } from '../../room/occupants/nicks';
import { leaveNotice } from '../../room/talking/notice-queue';
import type { Session } from '../../room/occupants/occupants';
import { cutBytes } from '../../room/governing/reasons';
import { register, registerWithoutNick, waitingRegistrations, type WaitingRegistration } from './registration';
import { isAdmin } from '../../room/governing/roles';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { personsLanguage } from '../../room/language';
import { inWords } from '../../words';
import { Forms } from '../voice/ask-moderators';
import { REGISTRATION_FIELDS, ROOMNICK, SINGLE_FIELDS } from './registration-fields';

/** Who asks. §9.9 allows more fields; without this one an answer could be taken for that to somebody else's registration. */
const JID = '{urn:parlour:room}jid';
const ALLOW = 'muc#register_allow';

/** The form as a message without its recipient. All get the same, with the same id. */
function formMessage(room: RoomState, turn: Turn, jid: BareJid, { nick, answers }: WaitingRegistration): Omit<Outgoing, 'to'> {
  const filledIn = REGISTRATION_FIELDS.map((field): Field => {
    // §9.9 uses another field name than the registrant's own form.
    const label = field.var === 'muc#register_url' ? { label: inWords('labelUserUrl') } : {};
    return { ...field, ...label, values: field.var === ROOMNICK ? [nick] : (answers[field.var] ?? []) };
  });
  const form = formXml(
    {
      type: 'form',
      formType: NS.mucRegister,
      title: inWords('approvalTitle'),
      instructions: inWords('approvalInstructions'),
      fields: [
        ...filledIn.filter((field) => field.values.length > 0),
        { var: JID, type: 'jid-single', label: inWords('labelAddress'), values: [jid] },
        { var: ALLOW, type: 'boolean', label: inWords('labelAllowRegistration'), values: ['0'] },
      ],
    },
    room.facts.language,
  );
  const id = messageId(turn.stamp, room.env.random);
  return { name: 'message', from: room.jid, rest: `${attributes({ id })}>${form}</message>` };
}

/** Sends a registration that waits to the admins and owners in the room, or if none is there, to the addresses of all. */
export function askAdmins(room: RoomState, turn: Turn, jid: BareJid, waiting: WaitingRegistration): void {
  if ([...room.occupants.all()].some((occupant) => isAdmin(room.affiliationOf(occupant.jid)))) {
    forms.askAll(room, turn, keyOf(room, jid));
    return;
  }
  const form = formMessage(room, turn, jid, { nick: waiting.nick, answers: shortened(waiting.answers) });
  // A domain reads no mail.
  const people = [...room.affiliations.of('owner'), ...room.affiliations.of('admin')].filter(({ jid: to }) => to.includes('@'));
  leaveNotice(room, turn, { to: people.map(({ jid: to }) => to), rest: form.rest, cause: { kind: 'registration', jid } });
}

/** Bytes of answers that admins who are not in the room are sent; who comes in gets the whole form. */
const MAX_TEXT = 1000;

function shortened(answers: WaitingRegistration['answers']): WaitingRegistration['answers'] {
  let left = MAX_TEXT;
  return Object.fromEntries(
    Object.entries(answers).map(([field, values]) => {
      const cut = values.map((value) => {
        const text = cutBytes(value, Math.max(0, left));
        left -= Buffer.byteLength(text);
        return text;
      });
      return [field, cut.filter((text) => text !== '')];
    }),
  );
}

/** One that was changed is another question. What it says is kept as the text of its row. */
const keyOf = (room: RoomState, jid: BareJid): string => `${jid} ${waitingRegistrations.textOf(room, jid) ?? ''}`;
const askerOf = (key: string): BareJid => storedBare(key.slice(0, key.indexOf(' ')));

const forms = new Forms({
  pending: function* (room) {
    for (const jid of waitingRegistrations.keys(room)) yield keyOf(room, jid);
  },
  waits: (room, key) => keyOf(room, askerOf(key)) === key,
  mayAnswer: (room, { jid }) => isAdmin(room.affiliationOf(jid)),
  message: (room, turn, key) => {
    const jid = askerOf(key);
    const waiting = waitingRegistrations.get(room, jid);
    return waiting && formMessage(room, turn, jid, waiting);
  },
});

/** A message to the room: an admin's answer, if it is one. */
function answer({ room, turn, stanza, from }: Request): 'pass' | StanzaError | undefined {
  const form = formIn(stanza);
  if (!form) return 'pass';
  const byAdmin = isAdmin(room.affiliationOf(from));
  // §9.9: "To skip this request, click the cancel button." It waits on. A cancelled form need not say which it was (XEP-0004 §3.2).
  if (form.type === 'cancel' && byAdmin && (form.formType ?? NS.mucRegister) === NS.mucRegister) return undefined;
  if (form.formType !== NS.mucRegister) return 'pass';
  if (!byAdmin) return stanzaError('forbidden', inWords('adminsOnly'));
  if (form.type !== 'submit') return stanzaError('bad-request', inWords('formMissing'));
  const many = manyValued(form.values, [ALLOW, JID, ...SINGLE_FIELDS]);
  if (many !== undefined) return stanzaError('bad-request', inWords('fieldSingle', { field: many }));
  const allow = parseBoolean(form.values.get(ALLOW)?.[0] ?? '');
  if (allow === undefined) return stanzaError('bad-request', inWords('approvalAnswer'));
  const found = findWaiting(room, form);
  if (!found) return stanzaError('item-not-found', inWords('approvalGone'));
  return decide(room, turn, { found, allow, actor: actorOf(room, from), admin: from });
}

/** The registration that is answered, by who asks and under which nick: one that was changed since is another. */
function findWaiting(room: RoomState, { values }: Submitted): (WaitingRegistration & { jid: BareJid }) | undefined {
  const rawJid = values.get(JID)?.[0]?.trim();
  const rawNick = values.get(ROOMNICK)?.[0];
  if (rawJid === undefined && rawNick === undefined) return undefined;
  for (const jid of rawJid === undefined ? waitingRegistrations.keys(room) : [foldBare(rawJid)]) {
    const waiting = waitingRegistrations.get(room, jid);
    if (waiting && (rawNick === undefined || nickKey(rawNick) === nickKey(waiting.nick))) return { ...waiting, jid };
  }
  return undefined;
}

interface Answer {
  readonly found: WaitingRegistration & { readonly jid: BareJid };
  readonly allow: boolean;
  readonly actor: Actor;
  /** The client that sent the form, if it was one. */
  readonly admin?: FullJid;
}

function decide(room: RoomState, turn: Turn, { found, allow, actor, admin }: Answer): StanzaError | undefined {
  const { jid, nick } = found;
  // Somebody in the room may go by the nick since: the membership does not wait for it.
  const worn = allow && isWorn(room, jid, nick);
  const refusal = allow
    ? ((worn ? undefined : nickRefusal(room, jid, nick)) ?? (room.affiliationRow(jid) ? undefined : memberGrowthRefusal(room, [jid])))
    : undefined;
  if (refusal) return refusal;
  audit(room, turn, actor, 'answer-registration', [{ object: jid, after: allow ? `allowed (${nick})` : 'refused' }]);
  if (worn) {
    registerWithoutNick(room, turn, jid);
    if (admin)
      turn.say(
        outgoing(
          'message',
          room.jid,
          admin,
          {},
          `<body>${escapeText(inWords('nickInUse', { nick }).in(personsLanguage(room, bareOf(admin))))}</body>`,
        ),
      );
  } else if (allow) register(room, turn, jid, found, 'member');
  else waitingRegistrations.set(room, turn, jid, null);
  const text = inWords(worn ? 'registrationWithoutNick' : allow ? 'registrationApproved' : 'registrationRefused', { room: room.jid, nick });
  turn.say(outgoing('message', room.jid, jid, {}, `<body>${escapeText(text.in(personsLanguage(room, jid)))}</body>`));
  forms.askAll(room, turn);
  return undefined;
}

/** Those in the room of whom an affiliation of this JID or domain is the one in force. */
function sessionsOf(room: RoomState, jid: BareJid): readonly Session[] {
  if (jid.includes('@')) return room.occupants.withId(room.idOf(jid))?.sessions ?? [];
  const there = [...room.occupants.all()].filter((one) => domainOf(one.jid) === jid && !room.affiliationRow(one.jid));
  return there.flatMap(({ sessions }) => sessions);
}

export const registrationApproval: Feature = {
  name: 'registration-approval',
  rows: [waitingRegistrations.declaration],
  commands: {
    'answer-registration': ({ room, turn, actor, command: { jid, allow } }) => {
      if (!isAdmin(actor.affiliation)) return stanzaError('forbidden', inWords('adminsOnly'));
      const waiting = waitingRegistrations.get(room, jid);
      return waiting
        ? decide(room, turn, { found: { ...waiting, jid }, allow, actor })
        : stanzaError('item-not-found', inWords('approvalGone'));
    },
  },
  waiting: (room, { affiliation }) =>
    isAdmin(affiliation)
      ? waitingRegistrations.entries(room).map(([jid, { nick }]) => ({ kind: 'registration' as const, jid: storedBare(jid), about: nick }))
      : [],
  message: answer,
  joined: (room, turn, { jid }, session) => {
    if (isAdmin(room.affiliationOf(jid))) forms.askNew(room, turn, [session]);
  },
  due: (room, turn) => forms.goOn(room, turn),
  affiliated: ({ room, turn, jid, before, after }) => {
    // People who were banned or listed meanwhile have their answer.
    if (after !== 'none') waitingRegistrations.set(room, turn, jid, null);
    if (isAdmin(after) && !isAdmin(before)) forms.askNew(room, turn, sessionsOf(room, jid));
    if (after !== 'outcast') return;
    // A ban of a domain is one of its people.
    for (const asker of waitingRegistrations.keysIn(room, jid))
      if (room.affiliationOf(asker) === 'outcast') waitingRegistrations.set(room, turn, asker, null);
  },
};
