/** Voice requests of visitors (§7.13) and their approval by moderators (§8.6). */
import type { Actor } from '../../room/governing/rights';
import { storedBare } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';
import { formIn, formXml, manyValued, parseBoolean } from '../../xmpp/forms';
import { foldBare, foldFull, type BareJid } from '../../xmpp/fold';
import { outgoing } from '../../xmpp/outgoing';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { escapeText } from '../../xmpp/xml';
import { actorOf } from '../../room/governing/admin-iq';
import type { Feature, Request } from '../../room/contract/feature';
import { featureRows } from '../../room/contract/feature-rows';
import { booleanOption, numberOption } from '../../room/contract/options';
import type { Occupant } from '../../room/occupants/occupants';
import { rolesRefusal, setRoles } from '../../room/governing/kick-and-voice';
import { endOf } from '../../room/room-times';
import type { Millis } from '../../room/contract/rows';
import { givesWay } from '../../room/shares';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { personsLanguage } from '../../room/language';
import { inWords, type Language } from '../../words';
import { formMessage, Forms, isSkipped } from './ask-moderators';

const allowed = booleanOption({
  var: 'muc#roomconfig_allowvoicerequests',
  label: inWords('labelVoiceRequests'),
  initial: true,
});
const interval = numberOption({
  var: 'muc#roomconfig_voicerequestmininterval',
  label: inWords('labelVoiceInterval'),
  initial: 300,
  min: 0,
  max: 86_400,
});

/** By bare JID: time of the last request, and whether it is still unanswered. */
const rows = featureRows<{ readonly at: Millis; readonly waits: boolean }, BareJid>({
  name: 'voice-requests',
  says: 'who asked for voice, when, and whether they wait for an answer',
  key: ['jid'],
  value: { members: { at: 'plain', waits: 'plain' } },
  travels: ['person'],
  erasing: 'forgets',
  folding: { latest: { member: 'at' } },
  most: 'limits.waiting',
  lifetime: { until: 'newer ones take its place' },
});

export const voiceRequests: Feature = {
  name: 'voice-requests',
  rows: [rows.declaration],
  options: [allowed, interval],
  commands: {
    'answer-voice': ({ room, turn, actor, command: { jid, allow } }) => {
      const asker = room.occupants.withId(room.idOf(jid));
      return asker && rows.get(room, jid)?.waits
        ? decide(room, turn, actor, asker, allow)
        : stanzaError('item-not-found', inWords('noSuchRequest'));
    },
  },
  waiting: (room, { role }) =>
    role !== 'moderator'
      ? []
      : rows.entries(room).flatMap(([jid, { at, waits }]) => (waits ? [{ kind: 'voice' as const, jid: storedBare(jid), at }] : [])),
  message: (request) => {
    const form = formIn(request.stanza);
    if (form && isSkipped(request, form, NS.mucRequest)) return undefined;
    if (form?.formType !== NS.mucRequest || form.type !== 'submit') return 'pass';
    const many = manyValued(form.values, ['muc#role', 'muc#jid', 'muc#roomnick', 'muc#request_allow']);
    if (many !== undefined) return stanzaError('bad-request', inWords('fieldSingle', { field: many }));
    return form.values.has('muc#request_allow') ? answer(request, form.values) : ask(request, form.values);
  },
  joined: (room, turn, { role }, session) => {
    if (role === 'moderator') forms.askNew(room, turn, [session]);
  },
  promoted: (room, turn, { sessions }) => forms.askNew(room, turn, sessions),
  due: (room, turn) => forms.goOn(room, turn),
  left: (room, turn, { jid }) => {
    const row = rows.get(room, jid);
    // The time since the last request also counts after coming back.
    if (!row?.waits) return;
    rows.set(room, turn, jid, { ...row, waits: false });
    forms.askAll(room, turn);
  },
};

/** A request that was made again is another question. */
const keyOf = (jid: BareJid, at: Millis): string => `${at} ${jid}`;
const askerOf = (key: string): BareJid => storedBare(key.slice(key.indexOf(' ') + 1));

function* waitingKeys(room: RoomState): Generator<string> {
  for (const jid of rows.keys(room)) {
    const row = rows.get(room, jid);
    if (row?.waits) yield keyOf(jid, row.at);
  }
}

const forms = new Forms({
  pending: waitingKeys,
  waits: (room, key) => {
    const row = rows.get(room, askerOf(key));
    return row?.waits === true && keyOf(askerOf(key), row.at) === key;
  },
  mayAnswer: (_, { role }) => role === 'moderator',
  message: (room, _turn, key) => {
    const asker = room.occupants.withId(room.idOf(askerOf(key)));
    return asker && formMessage(room, approvalForm(asker, room.facts.language));
  },
});

/** §7.13: a form with `muc#role` participant, from a visitor. Returns the refusal, if any. */
function ask({ room, turn, from }: Request, values: ReadonlyMap<string, readonly string[]>): StanzaError | undefined {
  const occupant = room.occupants.session(from)?.occupant;
  if (!occupant) return stanzaError('not-acceptable', inWords('notOccupant'));
  if (values.get('muc#role')?.[0] !== 'participant') return stanzaError('bad-request', inWords('voiceRole'));
  if (occupant.role !== 'visitor') return stanzaError('conflict', inWords('hasVoice'));
  if (!room.options.get(allowed)) return stanzaError('forbidden', inWords('voiceForbidden'));
  const before = rows.get(room, occupant.jid);
  const period = room.options.get(interval) * 1000;
  const next = before ? endOf(before.at, period, turn.now) : 0;
  if (turn.now < next) return stanzaError('resource-constraint', inWords('voiceSoon', { seconds: Math.ceil((next - turn.now) / 1000) }));
  const way = givesWay(room, rows.count(room), () => rows.keys(room), occupant.jid);
  const oldest = way === undefined ? undefined : rows.keys(room)[way];
  if (oldest !== undefined) rows.set(room, turn, oldest, null);
  rows.set(room, turn, occupant.jid, { at: turn.now, waits: true });
  forms.askAll(room, turn, keyOf(occupant.jid, turn.now));
  return undefined;
}

/** The form of §8.6, for moderators: they see real JIDs. */
function approvalForm(asker: Occupant, language: Language): string {
  return formXml(
    {
      type: 'form',
      formType: NS.mucRequest,
      title: inWords('voiceTitle'),
      instructions: inWords('voiceInstructions'),
      fields: [
        {
          var: 'muc#role',
          type: 'list-single',
          label: inWords('labelRequestedRole'),
          values: ['participant'],
          options: [{ value: 'participant', label: inWords('voiceParticipant') }],
        },
        { var: 'muc#jid', type: 'jid-single', label: inWords('labelUserId'), values: [asker.sessions[0]?.jid ?? asker.jid] },
        { var: 'muc#roomnick', type: 'text-single', label: inWords('labelRoomNick'), values: [asker.nick] },
        { var: 'muc#request_allow', type: 'boolean', label: inWords('labelGrantVoice'), values: ['0'] },
      ],
    },
    language,
  );
}

/** §8.6: a moderator submits the form. Returns the refusal, if any. */
function answer({ room, turn, from }: Request, values: ReadonlyMap<string, readonly string[]>): StanzaError | undefined {
  const actor = actorOf(room, from);
  if (actor.role !== 'moderator') return stanzaError('forbidden', inWords('moderatorsOnly'));
  const allow = parseBoolean(values.get('muc#request_allow')?.[0] ?? '');
  if (allow === undefined) return stanzaError('bad-request', inWords('requestAllow', { field: 'muc#request_allow' }));
  const asker = whoAsked(room, values);
  return asker ? decide(room, turn, actor, asker, allow) : stanzaError('item-not-found', inWords('noSuchNick'));
}

function decide(room: RoomState, turn: Turn, actor: Actor, asker: Occupant, allow: boolean): StanzaError | undefined {
  if (actor.role !== 'moderator') return stanzaError('forbidden', inWords('moderatorsOnly'));
  const row = rows.get(room, asker.jid);
  // Another moderator has answered already.
  if (asker.role !== 'visitor') return undefined;
  if (!allow) return deny(room, turn, asker, row?.at ?? turn.now);
  const items = [{ nick: asker.nick, role: 'participant' as const }];
  const refusal = rolesRefusal(room, actor, items);
  if (refusal) return refusal;
  if (row) rows.set(room, turn, asker.jid, { ...row, waits: false });
  setRoles(room, turn, actor, items)();
  forms.askAll(room, turn);
  return undefined;
}

/** The asker by real JID, which stays when the nick changes; without one by nick, which somebody else may have by now. */
function whoAsked(room: RoomState, values: ReadonlyMap<string, readonly string[]>): Occupant | undefined {
  const jid = values.get('muc#jid')?.[0]?.trim();
  if (jid !== undefined) return room.occupants.session(foldFull(jid))?.occupant ?? room.occupants.withId(room.idOf(foldBare(jid)));
  const nick = values.get('muc#roomnick')?.[0];
  return nick === undefined ? undefined : room.occupants.withNick(nick);
}

function deny(room: RoomState, turn: Turn, asker: Occupant, at: Millis): undefined {
  if (rows.get(room, asker.jid)?.waits === false) return undefined;
  rows.set(room, turn, asker.jid, { at, waits: false });
  const body = `<body>${escapeText(inWords('voiceDenied', { room: room.jid }).in(personsLanguage(room, asker.jid)))}</body>`;
  for (const { address } of asker.sessions) turn.say(outgoing('message', room.jid, address.jid, {}, body));
  forms.askAll(room, turn);
  return undefined;
}
