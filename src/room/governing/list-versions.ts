/** Versions of the lists of affiliations (XEP-0463): what has changed lately, what of it somebody may know, and what a client has of it. */
import type { BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';
import { attributes } from '../../xmpp/xml';
import { featureRows } from '../contract/feature-rows';
import { Remembered } from '../contract/memory';
import type { ListChange } from '../contract/saying';
import { isEntering, type Occupant, type Session } from '../occupants/occupants';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { briefItem } from './affiliation-lists';
import { mayReadAffiliations } from './rights';
import type { Affiliation } from './roles';

/** Changes that are remembered. Whoever has an older version gets the whole list. */
const MAX_CHANGES = 256;

/** Bytes of all lists up to which they have versions: a room with more has none, since each client that is new would be sent all of it. */
export const MAX_LIST_BYTES = 262_144;

/** Bytes of items in one message; a long list goes out in several (§ "On Join": "may be split into multiple"). */
const MESSAGE_BYTES = 32_768;

/** The lists that somebody may read (`rights.ts`), by the letter that their versions end with: who reads other lists has other versions. */
const REACHES = {
  a: ['owner', 'admin', 'member', 'outcast'],
  b: ['owner', 'admin', 'member'],
  g: ['member', 'outcast'],
} as const satisfies Record<string, readonly Affiliation[]>;
type Reach = keyof typeof REACHES;
export type ListReach = Reach;

const includes = (reach: Reach, affiliation: Affiliation): boolean => (REACHES[reach] as readonly Affiliation[]).includes(affiliation);

/** One change. */
interface Logged {
  /** null: the beginning of the log. */
  readonly jid: BareJid | null;
  readonly before: Affiliation;
  readonly after: Affiliation;
  /** The key of the row before; null: this is the first of the log. */
  readonly previous: string | null;
  /** The latest row, up to this one, of which those know who may read that. Who may read all knows each. */
  readonly b: string;
  readonly g: string;
}

/**
 * By `log.number-random`, in order: a log begins anew whenever changes are not remembered, and the number is the time, so that no two versions are equal, also after a restore.
 * What is random keeps people from naming a version that they never had (§ "Security Considerations": past states are nobody's to find out).
 */
const rows = featureRows<Logged>({
  name: 'list-versions',
  says: 'the latest changes of its lists of affiliations, so that clients need not read them all again',
  key: ['plain'],
  value: { members: { jid: 'jid', before: 'plain', after: 'plain', previous: 'plain', b: 'plain', g: 'plain' } },
  travels: ['person'],
  erasing: 'forgets',
  folding: 'present',
  most: MAX_CHANGES,
  lifetime: { until: 'there are more that are newer, or the room keeps no versions any more' },
});
export const listVersionRows = rows.declaration;

const KINDS = ['owner', 'admin', 'member', 'outcast'] as const;

/** Whether the room's lists have versions: its option says so, and they are not too long. */
export function hasVersions(state: RoomState): boolean {
  if (!state.facts.listVersions) return false;
  return KINDS.reduce((sum, kind) => sum + state.affiliations.bytes(kind).brief, 0) <= MAX_LIST_BYTES;
}

/** What an occupant may read of the lists (§ "Error Cases": as for the queries of XEP-0045), or undefined: nothing. */
function reachOf(state: RoomState, { jid, role }: Occupant): Reach | undefined {
  const asker = { jid, affiliation: state.affiliationOf(jid), role };
  const may = (affiliation: Affiliation): boolean => mayReadAffiliations(state, asker, affiliation);
  if (may('owner')) return may('outcast') ? 'a' : 'b';
  return may('member') && may('outcast') ? 'g' : undefined;
}

const logOf = (key: string): string => key.slice(0, key.indexOf('.'));

/** A row with its key: what a version is made of. */
type Place = readonly [key: string, row: Logged];

/** The latest row, as long as the rows are the same: every session is asked about it with every change. */
const tail = new Remembered<{ readonly version: number; readonly place: Place | undefined }>('the latest version of the lists');

/** The latest row, which tells the present version. */
function latest(state: RoomState): Place | undefined {
  const version = rows.version(state);
  const known = state.memory.get(tail);
  if (known?.version === version) return known.place;
  const key = rows.keys(state).at(-1);
  const place = key === undefined ? undefined : ([key, rows.get(state, key) as Logged] as const);
  return state.memory.set(tail, { version, place }).place;
}

/** Writes the row behind all others. */
function append(state: RoomState, turn: Turn, key: string, row: Logged): Place {
  rows.set(state, turn, key, row);
  const place: Place = [key, row];
  state.memory.set(tail, { version: rows.version(state), place });
  return place;
}

/** Another number whenever versions of the lists are others: with it `heldReach` may answer otherwise. */
export const listLog = (state: RoomState): number => rows.version(state);

const unguessable = (state: RoomState): string => Buffer.from(state.env.random.bytes(6)).toString('base64url');

/** The same, begun if there is none. */
function begun(state: RoomState, turn: Turn): Place {
  const known = latest(state);
  if (known) return known;
  const key = `${unguessable(state)}.${turn.stamp.toString(36)}-${unguessable(state)}`;
  return append(state, turn, key, { jid: null, before: 'none', after: 'none', previous: null, b: key, g: key });
}

const versionOf = ([key, row]: Place, reach: Reach): string => `${reach === 'a' ? key : row[reach]}.${reach}`;

/** Changes that are noted and not told yet, the first first: what is said meanwhile must not name a version that its reader has not come to. */
const untold = new Remembered<readonly Untold[]>('changes of the lists that are not told');

interface Untold {
  readonly change: ListChange;
  readonly from: Place;
  readonly to: Place;
}

/** All that is remembered is forgotten: whoever has a version gets the whole list. */
export function forgetVersions(state: RoomState, turn: Turn): void {
  for (const key of rows.keys(state)) rows.set(state, turn, key, null);
}

/** Somebody's listed affiliation has changed. Returns what is to be told with it; undefined: the lists have no versions. */
export function noteChange(
  state: RoomState,
  turn: Turn,
  { jid, before, after }: Pick<Logged, 'before' | 'after'> & { readonly jid: BareJid },
): ListChange | undefined {
  if (before === after) return undefined;
  if (!hasVersions(state)) {
    if (rows.count(state) > 0) forgetVersions(state, turn);
    return undefined;
  }
  const from = begun(state, turn);
  const [previous, row] = from;
  const number = Math.max(Number.parseInt(previous.slice(previous.indexOf('.') + 1), 36) + 1, turn.stamp);
  const key = `${logOf(previous)}.${number.toString(36)}-${unguessable(state)}`;
  const knows = (reach: Reach): boolean => includes(reach, before) || includes(reach, after);
  const oldest = rows.count(state) < MAX_CHANGES ? undefined : rows.first(state);
  if (oldest) rows.set(state, turn, oldest[0], null);
  const to = append(state, turn, key, { jid, before, after, previous, b: knows('b') ? key : row.b, g: knows('g') ? key : row.g });
  const reaches = (Object.keys(REACHES) as Reach[]).filter(knows);
  const steps = Object.fromEntries(
    reaches.map((reach) => [reach, { since: versionOf(from, reach), until: versionOf(to, reach) }] as const),
  );
  const change: ListChange = { jid, steps, said: false };
  state.memory.set(untold, [...(state.memory.get(untold) ?? []), { change, from, to }]);
  return change;
}

/** Everybody has been told a change who is told of it at all. */
export function changeTold(state: RoomState, change: ListChange): void {
  const waiting = state.memory.get(untold)?.filter((one) => one.change !== change) ?? [];
  if (waiting.length === 0) state.memory.forget(untold);
  else state.memory.set(untold, waiting);
}

/** How far somebody has been told: the latest row, or one before it while changes are being told. */
function told(state: RoomState, { jid }: Occupant): Place | undefined {
  const next = state.memory.get(untold)?.[0];
  if (!next) return latest(state);
  const { change, from, to } = next;
  return (jid === change.jid ? change.own : change.said) ? to : from;
}

/** What a client has: the lists of that reach, of the log as it is. undefined: nothing that a change could be added to. A client that never asked is told what it may know. */
function held(state: RoomState, { occupant, heldLists }: Session, log: string): Reach | undefined {
  const reach = heldLists === '' ? undefined : reachOf(state, occupant);
  return reach === undefined || heldLists === null || heldLists === reach + log ? reach : undefined;
}

/**
 * What a session has that a change can be added to; undefined: nothing. Who has not been told yet who is in will be told the version that is the present one
 * then: a change that is held until after that must not lead up to it.
 */
export function heldReach(state: RoomState, session: Session): ListReach | undefined {
  if (isEntering(session) && session.entry.rosterDue) return undefined;
  const known = latest(state);
  return known && held(state, session, logOf(known[0]));
}

const mav = (since: string | undefined, until: string): string => `<mav${attributes({ xmlns: NS.listVersions, since, until })}/>`;

/** What stands with a change in a stanza to those who have that; '' where they have nothing that the change could be added to, or may not know of it. */
export function changeMark({ steps }: ListChange, reach: ListReach | null | undefined): string {
  const step = reach && steps[reach];
  return step ? mav(step.since, step.until) : '';
}

/** What stands in a session's own presence with 110 (§ "On Join"): the version that it has when it has all that was said; '' if it has none. */
export function presentMark(state: RoomState, session: Session): string {
  if (!state.facts.listVersions || session.heldLists === '' || !hasVersions(state)) return '';
  const known = latest(state);
  const reach = known && held(state, session, logOf(known[0]));
  if (!reach) return '';
  const place = told(state, session.occupant);
  return place ? mav(undefined, versionOf(place, reach)) : '';
}

/** A change was told: who could not be told it has a version no longer, until they enter again. */
export function dropOutdated(state: RoomState, turn: Turn): void {
  const known = latest(state);
  const log = known && logOf(known[0]);
  for (const occupant of state.occupants.all()) {
    for (const session of occupant.sessions)
      if (session.heldLists && !(log !== undefined && held(state, session, log))) outdate(state, turn, session);
  }
}

/** Nobody is sure to have what was said of the lists: nobody has a version, until they enter again. */
export function outdateAll(state: RoomState, turn: Turn): void {
  for (const occupant of state.occupants.all()) for (const session of occupant.sessions) outdate(state, turn, session);
}

/** The session has no version, until it enters again. */
function outdate(state: RoomState, turn: Turn, session: Session): void {
  if (session.heldLists) hold(state, turn, session, '');
}

/** What it has from now on. */
function hold(state: RoomState, turn: Turn, session: Session, lists: string): void {
  state.occupants.holdLists(session, lists);
  state.writeSession(turn, session);
}

/** Answers about changes that are kept for one room, each of one message: those since the versions that were asked about last. */
const MAX_ANSWERS = 16;

/** What was answered while the lists are the same: of a crowd that enters, each is sent the same texts. */
interface Answers {
  /** `changes` of the lists, and the version of the rows. */
  readonly lists: number;
  readonly log: number;
  /** By reach. */
  readonly whole: Map<Reach, readonly string[]>;
  /** By version, the latest last. */
  readonly since: Map<string, Changes>;
}

/** What has changed since a version. */
interface Changes {
  /** Everybody of whom something has changed, also what somebody of that reach is not told. */
  readonly about: ReadonlySet<BareJid>;
  /** The `rest` of messages. */
  readonly said: readonly string[];
}

const answered = new Remembered<Answers>('what was answered to who asked for the lists');

/** What a client that enters is sent before all presence: the `rest` (see Outgoing) of messages, none if nothing has changed; undefined: it may read no list. */
export function listAnswer(state: RoomState, turn: Turn, session: Session, since: string | undefined): readonly string[] | undefined {
  const reach = reachOf(state, session.occupant);
  if (!reach) return undefined;
  const known = begun(state, turn);
  hold(state, turn, session, reach + logOf(known[0]));
  const until = versionOf(known, reach);
  if (since === until) return [];
  const { jid } = session.occupant;
  const changes = since === undefined ? undefined : changedSince(state, since, until, reach);
  // § "Security Considerations": past states are not theirs to know; what they may read was another list then, by their own row or by that of their domain.
  if (changes && !changes.about.has(jid) && !changes.about.has(domainOf(jid))) return changes.said;
  const { whole } = answers(state);
  const list = whole.get(reach) ?? messages(wholeList(state, reach), undefined, until);
  whole.set(reach, list);
  return list;
}

/** What was answered while the lists were as they are. */
function answers(state: RoomState): Answers {
  const [lists, log] = [state.affiliations.changes, rows.version(state)];
  const known = state.memory.get(answered);
  if (known?.lists === lists && known.log === log) return known;
  return state.memory.set(answered, { lists, log, whole: new Map(), since: new Map() });
}

/** Every item that somebody of that reach may read. */
const wholeList = (state: RoomState, reach: Reach): string[] =>
  REACHES[reach].flatMap((affiliation) => state.affiliations.of(affiliation).map(({ jid }) => briefItem(jid, affiliation)));

/** What has changed behind a version of that reach. undefined: it is none of those that are remembered. */
function changedSince(state: RoomState, since: string, until: string, reach: Reach): Changes | undefined {
  const kept = answers(state).since;
  const known = kept.get(since);
  if (known) return known;
  const changes = findChanges(state, since, until, reach);
  // What somebody has made up is not kept in the place of what many ask, and what is long is not kept at all.
  if (changes?.said.length !== 1) return changes;
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= MAX_ANSWERS) kept.delete(oldest);
  kept.set(since, changes);
  return changes;
}

function findChanges(state: RoomState, since: string, until: string, reach: Reach): Changes | undefined {
  if (!since.endsWith(`.${reach}`)) return undefined;
  const keys = rows.keys(state);
  const place = keys.indexOf(since.slice(0, -2));
  // A row that those of this reach know nothing of is no version of theirs: there is no empty answer (§ "On Join").
  if (place < 0 || versionOf([keys[place] as string, rows.get(state, keys[place] as string) as Logged], reach) !== since) return undefined;
  const about = new Set<BareJid>();
  const shown = new Set<BareJid>();
  for (let i = place + 1; i < keys.length; i++) {
    const { jid, before, after, previous } = rows.get(state, keys[i] as string) as Logged;
    // A row is missing: somebody was erased.
    if (previous !== keys[i - 1] || jid === null) return undefined;
    about.add(jid);
    if (includes(reach, before) || includes(reach, after)) shown.add(jid);
  }
  const items = [...shown].map((jid) => {
    const now = state.affiliationRow(jid)?.affiliation ?? 'none';
    return briefItem(jid, includes(reach, now) ? now : 'none');
  });
  return { about, said: messages(items, since, until) };
}

/** In as many messages as it takes, each from the version that the one before it ends with; a list of nobody is one without items. */
function messages(items: readonly string[], since: string | undefined, until: string): string[] {
  const parts: string[] = [''];
  for (const item of items) {
    const last = parts.length - 1;
    if (parts[last] !== '' && (parts[last] as string).length + item.length > MESSAGE_BYTES) parts.push(item);
    else parts[last] += item;
  }
  // A version in between is none that is remembered: who has only that gets the whole list.
  const end = (i: number): string => (i === parts.length - 1 ? until : `${until}.${i}`);
  return parts.map((part, i) => `><x xmlns="${NS.mucUser}">${mav(i === 0 ? since : end(i - 1), end(i))}${part}</x></message>`);
}
