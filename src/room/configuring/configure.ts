/** Changing a room's configuration (§10.1-10.2): read, checked as a whole, applied all or nothing, with what follows from it. */
import type { BareJid } from '../../xmpp/fold';
import { SINGLE, trimmed } from '../../xmpp/forms';
import { outgoing } from '../../xmpp/outgoing';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { escapeText } from '../../xmpp/xml';
import { personsLanguage } from '../language';
import { inWords } from '../../words';
import { affiliationsRefusal, setAffiliations } from '../governing/affiliations';
import type { Actor } from '../governing/rights';
import { SECRET, type AuditItem } from '../contract/audit';
import { audit } from '../audit';
import type { AffiliationItem } from '../contract/commands';
import { endIfEmpty, remove } from '../occupants/leave';
import { notify } from '../talking/notices';
import { isEntering, type Occupant } from '../occupants/occupants';
import { BadValue, withoutBlanks, type Option } from '../contract/options';
import { ownAddresses, presenceOf, presenceRest, sayToAll, showToOthers } from '../occupants/presence';
import { absentPeople } from '../occupants/roster';
import type { Affiliation } from '../governing/roles';
import { PRESET_FIELD, presetOf } from './presets';
import type { RoomState } from '../state';
import { switchStays } from '../occupants/stays';
import type { Turn } from '../turn';
import { giveVoice } from '../governing/voice';
import { writtenJid } from '../governing/written-jid';
import { STATUS, type StatusCode } from '../occupants/status';

/** The fields that are lists of people and not options (§10.1.3). */
export const PEOPLE_FIELDS = { 'muc#roomconfig_roomadmins': 'admin', 'muc#roomconfig_roomowners': 'owner' } as const;

/** What a submitted form comes to, all of it acceptable. */
export interface Configuration {
  /** Only what differs from before. */
  readonly changes: ReadonlyMap<string, readonly string[]>;
  readonly items: readonly AffiliationItem[];
}

/**
 * Reads submitted values: an absent field stays as it is, unknown ones are left out, a wrong one refuses everything. A room that is not configured yet takes a preset,
 * which is applied first: a field that has the value that the form showed says nothing then, since clients send the whole form back; one that differs overrides the
 * preset. `shown`: whether there was a form; without one, whatever is given was meant.
 */
export function readConfiguration(
  state: RoomState,
  actor: Actor,
  submitted: ReadonlyMap<string, readonly string[]>,
  shown = false,
): Configuration | StanzaError {
  const values = new Map([...submitted, ...state.env.features.all.flatMap((feature) => [...(feature.implied?.(submitted) ?? [])])]);
  const preset = state.exists && !state.locked ? NO_PRESET : presetOf(submitted);
  if ('condition' in preset) return preset;
  const changes = new Map<string, readonly string[]>();
  for (const feature of state.env.features.all) {
    for (const option of (feature.options ?? []) as readonly Option<unknown>[]) {
      const read = readOption(state, option, values.get(option.var), { preset: preset.get(option.var), shown });
      if (read === undefined) continue;
      if ('condition' in read) return read;
      changes.set(option.var, read.changed);
    }
  }
  const after = state.options.with(changes);
  for (const feature of state.env.features.all) {
    const refusal = feature.acceptable?.(after);
    if (refusal) return refusal;
  }
  const items = readPeople(state, values);
  if ('condition' in items) return items;
  const refusal = affiliationsRefusal(state, actor, items);
  return refusal ?? { changes, items };
}

/** A field that no option of the room has. Clients send whole forms, in which it says nothing (XEP-0004 §3.2); whoever names fields meant each. */
export function unknownField(state: RoomState, values: ReadonlyMap<string, readonly string[]>): string | undefined {
  const isKnown = (field: string): boolean =>
    Object.hasOwn(PEOPLE_FIELDS, field) ||
    field === PRESET_FIELD ||
    field === 'FORM_TYPE' ||
    state.env.features.all.some((feature) => feature.options?.some((option) => option.var === field));
  return [...values.keys()].find((field) => !isKnown(field));
}

const NO_PRESET: ReadonlyMap<string, readonly string[]> = new Map();

/** To what an option changes, undefined if it stays, or why it cannot be that. */
function readOption(
  state: RoomState,
  option: Option<unknown>,
  given: readonly string[] | undefined,
  { preset, shown }: { readonly preset: readonly string[] | undefined; readonly shown: boolean },
): { readonly changed: readonly string[] } | StanzaError | undefined {
  const present = JSON.stringify(option.format(state.options.get(option)));
  // A box without a value says nothing, and least of all that a protection ends.
  const says = given !== undefined && !(option.type === 'boolean' && given.length === 0);
  if (says && SINGLE.has(option.type) && given.length > 1) return stanzaError('bad-request', inWords('fieldSingle', { field: option.var }));
  let value = says ? option.parse(given) : undefined;
  if (value instanceof BadValue) return stanzaError('not-acceptable', value.text);
  if (preset !== undefined && (!says || (shown && JSON.stringify(option.format(value)) === present))) value = option.parse(preset);
  else if (!says) return undefined;
  const changed = option.format(value);
  if (JSON.stringify(changed) === present) return undefined;
  const bad = option.submittable?.(value);
  return bad ? stanzaError('not-acceptable', bad.text) : { changed };
}

/** The lists of owners and admins are complete lists: who is not on them any more loses the affiliation (§10.2). */
function readPeople(state: RoomState, values: ReadonlyMap<string, readonly string[]>): AffiliationItem[] | StanzaError {
  const wanted = new Map<BareJid, Affiliation>();
  const given = new Set<Affiliation>();
  for (const [field, affiliation] of Object.entries(PEOPLE_FIELDS)) {
    const list = values.get(field);
    if (list === undefined) continue;
    given.add(affiliation);
    for (const raw of trimmed(withoutBlanks(list))) {
      const jid = writtenJid(state, raw);
      if (jid === undefined) return stanzaError('not-acceptable', inWords('ownerJid', { jid: raw, field }));
      wanted.set(jid, affiliation);
    }
  }
  const items: AffiliationItem[] = [];
  for (const affiliation of given) {
    for (const { jid } of state.affiliations.of(affiliation)) {
      if (wanted.has(jid)) continue;
      // §10.2: a dropped owner is an admin, unless the complete list of admins leaves them out too; a dropped admin stays a
      // member (§10.2 example), so that a members-only room does not remove them unasked.
      items.push({ jid, affiliation: affiliation === 'owner' && !given.has('admin') ? 'admin' : 'member' });
    }
  }
  for (const [jid, affiliation] of wanted) {
    if (state.affiliationRow(jid)?.affiliation !== affiliation) items.push({ jid, affiliation });
  }
  return items;
}

/** Applies a configuration that was acceptable; the first one unlocks the room (§10.1.2, §10.1.3). */
export function configure(state: RoomState, turn: Turn, actor: Actor, configuration: Configuration): void {
  const { changes, items } = configuration;
  const before = { options: state.options, facts: state.facts };
  const informed = new Set([...state.occupants.all()].filter((occupant) => occupant.role === 'moderator'));
  const unlocks = state.locked;
  if (unlocks) {
    state.writeRoom(turn, { state: 'open', listed: state.facts.listed, channel: state.facts.channel });
    state.rescheduling = true;
  }
  if (changes.size > 0) state.setOptions(turn, state.options.with(changes));
  audit(state, turn, actor, 'configure', unlocks || changes.size > 0 ? changedOptions(state, before.options, unlocks) : []);
  switchStays(state, turn);
  setAffiliations(state, turn, actor, items)();
  if (!before.facts.membersOnly && state.facts.membersOnly) removeNonMembers(state, turn);
  if (!before.facts.jidsVisible && state.facts.jidsVisible) showAllJids(state, turn, informed);
  if (changes.size > 0) showByRole(state, turn);
  if (before.facts.visitorsByDefault && !state.facts.visitorsByDefault) giveVoice(state, turn);
  if (!before.facts.membersOnly && state.facts.membersOnly) tellOfRegistered(state, turn, actor);
  notify(state, turn, codesFor(state, before.options, changes));
  if (!before.facts.absentShown && state.facts.absentShown) showAbsent(state, turn);
  if (changes.size > 0) for (const feature of state.env.features.reconfigured) feature.reconfigured?.(state, turn, before.options);
  endIfEmpty(state, turn);
}

/** Each option that changed, with its values; of what is never shown only that it did. The first configuration is one change of the room itself. */
function changedOptions(state: RoomState, before: RoomState['options'], unlocks: boolean): Partial<AuditItem>[] {
  const items: Partial<AuditItem>[] = unlocks ? [{ object: '', before: 'locked', after: 'open' }] : [];
  for (const feature of state.env.features.all) {
    for (const option of (feature.options ?? []) as readonly Option<unknown>[]) {
      const [old, now] = [before, state.options].map((options) => option.format(options.get(option)).join('\n'));
      if (old === now) continue;
      const values = option.type === 'text-private' ? { before: null, after: SECRET } : { before: old ?? null, after: now ?? null };
      items.push({ object: option.var, ...values });
    }
  }
  return items;
}

/** §10.2: those who are no members leave a room that became members-only, with 322 to them and to all who remain. */
function removeNonMembers(state: RoomState, turn: Turn): void {
  const tell = [...state.occupants.all()]
    .filter((occupant) => state.affiliationOf(occupant.jid) === 'none')
    .map((occupant) => remove(state, turn, occupant, { affiliation: 'none', codes: [STATUS.notMember] }));
  for (const each of tell) each();
}

/** Whoever registered themselves get in from now on: who makes a room members-only may not know of them. */
function tellOfRegistered(state: RoomState, turn: Turn, actor: Actor): void {
  const count = selfRegistered(state);
  if (count === 0 || actor.jid === null) return;
  const text = escapeText(inWords('membersRegistered', { room: state.jid, count }).in(personsLanguage(state, actor.jid)));
  turn.say(outgoing('message', state.jid, actor.jid, {}, `<body>${text}</body>`));
}

/** In a room that became non-anonymous everybody is shown the real JIDs at once; its moderators till then have them already. */
export function showAllJids(state: RoomState, turn: Turn, informed: ReadonlySet<Occupant>): void {
  const told = [...state.occupants.all()].filter((occupant) => !informed.has(occupant)).flatMap(({ sessions }) => sessions);
  const to = told.filter((session) => !isEntering(session)).map(({ address }) => address);
  const entering = state.occupants.isEnteringAside ? [] : told.filter(isEntering);
  for (const subject of state.occupants.all()) {
    if (!subject.visible) continue;
    const rest = presenceRest(state, presenceOf(state, subject), { jid: true, self: false });
    const except = informed.has(subject) ? {} : ownAddresses(subject);
    // Who has not all of the room yet is few, or this is: what is held for them is bounded.
    const held = entering.length === 0 ? entering : entering.filter(({ occupant }) => occupant !== subject);
    sayToAll(state, turn, { name: 'presence', from: subject.from, rest, kind: 'fan-out', ...except }, to, held);
  }
}

/** Other roles are shown than before (§7.2.2): who comes into sight or goes out of it is told. */
function showByRole(state: RoomState, turn: Turn): void {
  for (const occupant of state.occupants.all()) {
    if (state.facts.broadcast.has(occupant.role) === occupant.visible) continue;
    state.writeOccupant(turn, occupant);
    showToOthers(state, turn, occupant);
  }
}

/** §10.2.1: affiliated people who are not there are shown from now on. */
export function showAbsent(state: RoomState, turn: Turn): void {
  const { everyone, entering } = state.occupants.audiences;
  for (const presence of absentPeople(state)) sayToAll(state, turn, { ...presence, kind: 'fan-out' }, everyone, entering);
}

/** §10.2.1: codes of privacy-related changes, and 104 for any other, the first configuration included: clients have asked for features before. */
function codesFor(state: RoomState, before: RoomState['options'], changes: ReadonlyMap<string, unknown>): StatusCode[] {
  const codes: StatusCode[] = [];
  let other = false;
  for (const feature of state.env.features.all) {
    const changed = (feature.options ?? []).some((option) => changes.has(option.var));
    if (!changed) continue;
    const own = feature.configured?.(before, state.options);
    if (own) codes.push(...own);
    else other = true;
  }
  // Each is said once, whichever of the options call for it.
  return [...new Set(other ? [STATUS.configurationChanged, ...codes] : codes)];
}

/** How many members came by their membership through registering, at once or after approval, and not by being listed. */
function selfRegistered(state: RoomState): number {
  let count = 0;
  for (const row of state.affiliations.of('member')) if (row.setBy === row.jid) count++;
  return count;
}
