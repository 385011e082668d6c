/** Registering with a room: a nick reserved, and membership where the owner wants that or an admin approves it (§7.10, XEP-0077). */
import type { BareJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { bareOf, domainOf } from '../../xmpp/jid';
import { formXml, manyValued, parseBoolean, submittedForm, type Field } from '../../xmpp/forms';
import { nickKey } from '../../xmpp/nick';
import { prepareResource } from '../../xmpp/prepare';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { child, childElements, escapeText, textOf, type Element } from '../../xmpp/xml';
import { memberGrowthRefusal } from '../../room/governing/affiliation-limits';
import type { Feature, IqRequest } from '../../room/contract/feature';
import { tidyNick } from '../../xmpp/nick';
import { nickRefusal } from '../../room/occupants/nicks';
import { choiceOption } from '../../room/contract/options';
import { hasPlaceForWish, mostWishes, OFFLINE_FIELD, WAKE_FIELD, wishOf, type WishedWake } from '../wake-ups/wake-wishes';
import { isAffiliated } from '../../room/occupants/stays';
import { OWN_CHOICES, wakeOf } from '../wake-ups/wake-option';
import { register, unregister, waitingRegistrations, type Gain, type WaitingRegistration } from './registration';
import { reservationsFull, reservedNick } from '../../room/occupants/reserved-nicks';
import { isAdmin } from '../../room/governing/roles';
import { hasPlace } from '../../room/shares';
import type { RoomState } from '../../room/state';
import { askersLanguage } from '../../room/language';
import { inWords, type Key, type Language } from '../../words';
import { banText } from '../entry/banned';
import { askAdmins } from './registration-approval';
import { REGISTRATION_FIELDS, ROOMNICK, SINGLE_FIELDS } from './registration-fields';

const option = choiceOption({
  var: '{urn:parlour:room}registration',
  label: inWords('labelRegistration'),
  initial: 'auto',
  choices: [
    {
      value: 'auto',
      label: inWords('choiceRegisterAuto'),
    },
    { value: 'anyone', label: inWords('choiceRegisterAnyone') },
    { value: 'approval', label: inWords('choiceRegisterApproval') },
    { value: 'nobody', label: inWords('choiceNobody') },
  ],
});

/** Longest answer in a field of the form, in bytes: it waits in the store, and admins are sent it. */
const MAX_ANSWER = 1000;

/** Why somebody cannot register with the room, whatever they fill in, or undefined. */
function registrationRefusal(room: RoomState, jid: BareJid): StanzaError | undefined {
  // A server or component is no person, and a membership of its JID would be one of everybody there.
  if (!jid.includes('@')) return stanzaError('not-allowed', inWords('registerPerson'));
  const row = room.affiliationRow(jid);
  if (room.affiliationOf(jid) === 'outcast' || row?.affiliation === 'outcast') {
    return stanzaError('not-allowed', banText(room, jid, 'register'));
  }
  // A row of their own would hide their domain's, and make them less than before: a member.
  const byDomain = room.affiliationRow(domainOf(jid))?.affiliation ?? 'none';
  return !row && isAdmin(byDomain) ? stanzaError('not-allowed', inWords('registerDomain')) : undefined;
}

/** Whether somebody without an affiliation could register with the room: `waits` if they did, and an admin has not answered yet. */
export function registrationFor(room: RoomState, jid: BareJid): 'open' | 'waits' | 'closed' {
  if (waitingRegistrations.get(room, jid)) return 'waits';
  return room.options.get(option) === 'nobody' || registrationRefusal(room, jid) ? 'closed' : 'open';
}

/** Whether an admin has to approve it. People who are listed already only get the nick reserved. */
function needsApproval(room: RoomState, jid: BareJid): boolean {
  if (room.affiliationRow(jid) || isAdmin(room.affiliationOf(jid))) return false;
  const mode = room.options.get(option);
  if (mode !== 'auto') return mode === 'approval';
  // A member has voice (§5.1.3), so a visitor must not get it by registering, nor who would come in as one.
  const role = room.occupants.withId(room.idOf(jid))?.role ?? room.roleOnEntry(jid);
  const { membersOnly, visitorsByDefault, password, archiveAccess } = room.facts;
  // Whatever a stranger lacks and a member has: entry, voice, what is behind a password, the archive.
  return membersOnly || visitorsByDefault || role === 'visitor' || password !== undefined || archiveAccess === 'members';
}

/** What is gained where nobody has to approve it: in an open room the owner must have said that it is membership. */
function gainOf(room: RoomState): Gain {
  return room.options.get(option) === 'auto' ? 'nick' : 'member';
}

/** An IQ with `<query xmlns='jabber:iq:register'/>`. */
function registerIq(request: IqRequest): StanzaError | undefined {
  const { room, turn, stanza, from, payload } = request;
  const jid = bareOf(from);
  if (stanza.attrs['type'] === 'get') return sendRequirements(request, jid);
  if (child(payload, 'remove', NS.register)) {
    // XEP-0077 §3.2: "not the only child element of the <query/>".
    if (childElements(payload).length > 1) return stanzaError('bad-request', inWords('removeAlone'));
    // XEP-0077 §3.2: "If the entity is not registered … <registration-required/>".
    const any = reservedNick(room, jid) !== undefined || waitingRegistrations.get(room, jid) !== undefined;
    if (!any) return stanzaError('registration-required', inWords('notRegistered'));
    turn.say(iqResult(stanza, ''));
    unregister(room, turn, jid);
    return undefined;
  }
  // §7.10: "If the room or service does not support registration … <service-unavailable/>" (Example 73).
  if (room.options.get(option) === 'nobody') return stanzaError('service-unavailable', inWords('registerClosed'));
  const refusal = registrationRefusal(room, jid);
  if (refusal) return refusal;
  const wish = readWish(room, jid, payload);
  return 'condition' in wish ? wish : take(request, jid, wish);
}

/** What is to be filled in, or what is registered already. */
function sendRequirements({ room, turn, stanza, from }: IqRequest, jid: BareJid): StanzaError | undefined {
  const language = askersLanguage(room, stanza, from);
  const nick = reservedNick(room, jid);
  if (nick !== undefined) {
    const inner = `<registered/><username>${escapeText(nick)}</username>${changeForm(room, jid, nick, language)}`;
    turn.say(iqResult(stanza, `<query xmlns="${NS.register}">${inner}</query>`));
    return undefined;
  }
  const closed = room.options.get(option) === 'nobody' ? stanzaError('not-allowed', inWords('registerClosed')) : undefined;
  const refusal = closed ?? registrationRefusal(room, jid);
  if (refusal) return refusal;
  const waiting = waitingRegistrations.get(room, jid);
  const instructions = inWords(waiting ? 'registerWaits' : instructionsFor(room, jid));
  const form = formXml(
    {
      type: 'form',
      formType: NS.mucRegister,
      title: inWords('registerTitle', { room: room.jid }),
      instructions: inWords('registerFill'),
      fields: [
        ...REGISTRATION_FIELDS.map((field): Field => ({
          ...field,
          required: field.var === ROOMNICK,
          values: (field.var === ROOMNICK && waiting ? [waiting.nick] : waiting?.answers[field.var]) ?? [],
        })),
        ...wakeFields(room, jid),
      ],
    },
    language,
  );
  turn.say(
    iqResult(stanza, `<query xmlns="${NS.register}"><instructions>${escapeText(instructions.in(language))}</instructions>${form}</query>`),
  );
  return undefined;
}

function instructionsFor(room: RoomState, jid: BareJid): Key {
  if (needsApproval(room, jid)) return 'registerAsks';
  if (room.affiliationRow(jid)) return 'registerKeeps';
  return gainOf(room) === 'nick' ? 'registerReserves' : 'registerInstructions';
}

/** What somebody is shown to have said of what wakes them: the field of ours, and the alias that other clients know. */
function shownWake(room: RoomState, jid: BareJid): { readonly wake: WishedWake; readonly offline: boolean } {
  const waiting = waitingRegistrations.get(room, jid)?.answers[WAKE_FIELD]?.[0] as WishedWake | undefined;
  if (waiting !== undefined) return { wake: waiting, offline: waiting === 'all' };
  return { wake: wishOf(room, jid)?.wake ?? 'default', offline: wakeOf(room, jid) === 'all' };
}

/** The fields for what wakes them; only in rooms that archive, since what is not kept is not there when they come. */
function wakeFields(room: RoomState, jid: BareJid): Field[] {
  if (!room.facts.archived) return [];
  const { wake, offline } = shownWake(room, jid);
  return [
    { var: WAKE_FIELD, type: 'list-single', label: inWords('labelWakeMe'), values: [wake], options: OWN_CHOICES },
    { var: OFFLINE_FIELD, type: 'boolean', label: inWords('labelOffline'), values: [offline ? '1' : '0'] },
  ];
}

/** What somebody has submitted of what wakes them. A field that still has the value that was shown does not count; undefined: both have, or are left out. */
function wakeWish(room: RoomState, jid: BareJid, values: ReadonlyMap<string, readonly string[]>): WishedWake | StanzaError | undefined {
  const shown = shownWake(room, jid);
  const wake = values.get(WAKE_FIELD)?.[0];
  if (wake !== undefined && !OWN_CHOICES.some(({ value }) => value === wake))
    return stanzaError('bad-request', inWords('fieldOption', { field: WAKE_FIELD, value: wake }));
  const raw = values.get(OFFLINE_FIELD)?.[0];
  const offline = raw === undefined ? undefined : parseBoolean(raw);
  if (raw !== undefined && offline === undefined) return stanzaError('bad-request', inWords('registerOffline', { field: OFFLINE_FIELD }));
  if (wake !== undefined && wake !== shown.wake) return wake as WishedWake;
  if (offline !== undefined && offline !== shown.offline) return offline ? 'all' : 'nothing';
  return wishOf(room, jid)?.wake ?? (shown.wake === 'default' ? undefined : shown.wake);
}

/** The values that a registered person may change (XEP-0077 §3.1), if there are any besides the nick. */
function changeForm(room: RoomState, jid: BareJid, nick: string, language: Language): string {
  const wake = room.options.get(option) === 'nobody' ? [] : wakeFields(room, jid);
  if (wake.length === 0) return '';
  const roomnick = REGISTRATION_FIELDS.filter((field) => field.var === ROOMNICK);
  return formXml(
    {
      type: 'form',
      formType: NS.mucRegister,
      title: inWords('registerTitle', { room: room.jid }),
      instructions: inWords('registerChange'),
      fields: [...roomnick.map((field): Field => ({ ...field, required: true, values: [nick] })), ...wake],
    },
    language,
  );
}

/** The nick and the rest that somebody submitted, by form or by the plain fields of XEP-0077. */
function readWish(room: RoomState, jid: BareJid, query: Element): WaitingRegistration | StanzaError {
  const username = child(query, 'username', NS.register);
  if (username && !child(query, 'x', NS.forms)) return registrationOf(textOf(username), new Map(), undefined);
  const form = submittedForm(query, NS.mucRegister);
  if ('condition' in form) return form;
  if (form.type !== 'submit') return stanzaError('bad-request', inWords('formMissing'));
  const many = manyValued(form.values, [...SINGLE_FIELDS, WAKE_FIELD, OFFLINE_FIELD]);
  if (many !== undefined) return stanzaError('bad-request', inWords('fieldSingle', { field: many }));
  const wake = wakeWish(room, jid, form.values);
  if (typeof wake === 'object') return wake;
  return registrationOf(form.values.get(ROOMNICK)?.[0] ?? '', form.values, wake);
}

function registrationOf(
  nick: string,
  values: ReadonlyMap<string, readonly string[]>,
  wake: WishedWake | undefined,
): WaitingRegistration | StanzaError {
  // A nick is the resource of an occupant JID, and must stand here as it would there.
  const wanted = tidyNick(prepareResource(nick.trim()) ?? nick);
  if (wanted === '') return stanzaError('bad-request', inWords('registerNick'));
  const answers: Record<string, readonly string[]> = {};
  for (const { var: name } of REGISTRATION_FIELDS) {
    const given = values.get(name);
    if (name === ROOMNICK || given === undefined || given.join('') === '') continue;
    if (Buffer.byteLength(given.join('\n')) > MAX_ANSWER)
      return stanzaError('not-acceptable', inWords('registerLong', { max: MAX_ANSWER }));
    answers[name] = given;
  }
  if (wake !== undefined) answers[WAKE_FIELD] = [wake];
  return { nick: wanted, answers };
}

/** Registers somebody, or lets the registration wait; §7.10: the result goes first. */
function take({ room, turn, stanza }: IqRequest, jid: BareJid, wish: WaitingRegistration): StanzaError | undefined {
  const asks = needsApproval(room, jid);
  const refusal =
    nickRefusal(room, jid, wish.nick) ??
    queuedRefusal(room, jid, wish.nick) ??
    wakeRefusal(room, jid, wish) ??
    placeRefusal(room, jid, asks ? 'member' : gainOf(room));
  if (refusal) return refusal;
  if (!asks) {
    turn.say(iqResult(stanza, ''));
    register(room, turn, jid, wish, gainOf(room));
    return undefined;
  }
  const waiting = waitingRegistrations.get(room, jid);
  if (!waiting && !hasPlace(room, waitingRegistrations.keys(room), jid)) {
    return stanzaError('resource-constraint', inWords('registerFull'), { type: 'wait' });
  }
  turn.say(iqResult(stanza, ''));
  // Asking the same again does not bother the admins again.
  if (JSON.stringify(waiting) === JSON.stringify(wish)) return undefined;
  waitingRegistrations.set(room, turn, jid, wish);
  askAdmins(room, turn, jid, wish);
  return undefined;
}

/** Why there is no place for what somebody would gain, or undefined. */
function placeRefusal(room: RoomState, jid: BareJid, gain: Gain): StanzaError | undefined {
  if (room.affiliationRow(jid)) return undefined;
  return gain === 'member' ? memberGrowthRefusal(room, [jid]) : reservationsFull(room, jid);
}

/** Each of them is one more to be woken. */
function wakeRefusal(room: RoomState, jid: BareJid, { answers }: WaitingRegistration): StanzaError | undefined {
  const wake = answers[WAKE_FIELD]?.[0] ?? 'default';
  if (wake === 'default' || wake === 'nothing' || hasPlaceForWish(room, jid, isAffiliated(room, jid))) return undefined;
  return stanzaError('resource-constraint', inWords('wishesFull', { max: mostWishes(isAffiliated(room, jid)) }), { type: 'wait' });
}

/** A nick that somebody else's waiting registration asks for is as good as reserved. */
function queuedRefusal(room: RoomState, jid: BareJid, nick: string): StanzaError | undefined {
  const key = nickKey(nick);
  const taken = waitingRegistrations.entries(room).some(([other, waiting]) => other !== jid && nickKey(waiting.nick) === key);
  return taken ? stanzaError('conflict', inWords('nickTaken')) : undefined;
}

export const registration: Feature = {
  name: 'registration',
  commands: {
    unregister: ({ room, turn, actor, command: { jid } }) => {
      if (actor.jid !== null && actor.jid !== jid) return stanzaError('forbidden', inWords('adminsOnly'));
      unregister(room, turn, jid);
      return undefined;
    },
  },
  options: [option],
  // To whom it is allowed.
  disco: (options, room, from) =>
    options.get(option) === 'nobody' || registrationRefusal(room, bareOf(from)) ? [] : [NS.register, NS.mucRegister],
  iq: { [`query ${NS.register}`]: registerIq },
};
