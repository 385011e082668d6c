/** Versions of the lists of affiliations (XEP-0463): what has changed lately, what of it somebody may know, and what a client has of it. */
import type { BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';
import { attributes } from '../../xmpp/xml';
import { featureRows } from '../contract/feature-rows';
import type { ListChange } from '../contract/saying';
import type { Occupant, Session } from '../occupants/occupants';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { briefItem } from './affiliation-lists';
import { mayReadAffiliations } from './list-readers';
import type { Affiliation } from './roles';

/** Changes that are remembered. Whoever has an older version gets the whole list. */
const MAX_CHANGES = 256;

/** Bytes of all lists up to which they have versions: a room with more has none, since each client that is new would be sent all of it. */
export const MAX_LIST_BYTES = 262_144;

/** Bytes of items in one message; a long list goes out in several (§ "On Join": "may be split into multiple"). */
const MESSAGE_BYTES = 32_768;

/** The lists that somebody may read (`list-readers.ts`), by the letter that their versions end with: who reads other lists has other versions. */
const REACHES = {
  a: ['owner', 'admin', 'member', 'outcast'],
  b: ['owner', 'admin', 'member'],
  g: ['member', 'outcast'],
} as const satisfies Record<string, readonly Affiliation[]>;
type Reach = keyof typeof REACHES;

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

/** By `log.number`, in order: a log begins anew whenever changes are not remembered, and the number is the time, so that no two versions are equal, also after a restore. */
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

/** The latest row, which tells the present version. */
function latest(state: RoomState): [key: string, row: Logged] | undefined {
  const key = rows.keys(state).at(-1);
  return key === undefined ? undefined : [key, rows.get(state, key) as Logged];
}

/** The same, begun if there is none. */
function begun(state: RoomState, turn: Turn): [key: string, row: Logged] {
  const known = latest(state);
  if (known) return known;
  const key = `${Buffer.from(state.env.random.bytes(6)).toString('base64url')}.${turn.stamp.toString(36)}`;
  const row: Logged = { jid: null, before: 'none', after: 'none', previous: null, b: key, g: key };
  rows.set(state, turn, key, row);
  return [key, row];
}

const versionOf = ([key, row]: [key: string, row: Logged], reach: Reach): string => `${reach === 'a' ? key : row[reach]}.${reach}`;

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
  const key = `${logOf(previous)}.${number.toString(36)}`;
  const knows = (reach: Reach): boolean => includes(reach, before) || includes(reach, after);
  const to: Logged = { jid, before, after, previous, b: knows('b') ? key : row.b, g: knows('g') ? key : row.g };
  rows.set(state, turn, key, to);
  const [oldest] = rows.keys(state);
  if (oldest !== undefined && rows.count(state) > MAX_CHANGES) rows.set(state, turn, oldest, null);
  const reaches = (Object.keys(REACHES) as Reach[]).filter(knows);
  const steps = Object.fromEntries(
    reaches.map((reach) => [reach, { since: versionOf(from, reach), until: versionOf([key, to], reach) }] as const),
  );
  return { jid, steps, said: false };
}

/** What a client has: the lists of that reach, of the log as it is. undefined: nothing that a change could be added to. A client that never asked is told what it may know. */
function held(state: RoomState, { occupant, heldLists }: Session, log: string): Reach | undefined {
  const reach = heldLists === '' ? undefined : reachOf(state, occupant);
  return reach === undefined || heldLists === null || heldLists === reach + log ? reach : undefined;
}

const mav = (since: string | undefined, until: string): string => `<mav${attributes({ xmlns: NS.listVersions, since, until })}/>`;

/** What stands with a change in a stanza to that session; '' where it has nothing that the change could be added to, or may not know of it. */
export function changeMark(state: RoomState, session: Session, { steps }: ListChange): string {
  const known = latest(state);
  const reach = known && held(state, session, logOf(known[0]));
  const step = reach && steps[reach];
  return step ? mav(step.since, step.until) : '';
}

/** What stands in a session's own presence with 110 (§ "On Join"): the version that it has when it has all that was said; '' if it has none. */
export function presentMark(state: RoomState, session: Session): string {
  if (!state.facts.listVersions || session.heldLists === '' || !hasVersions(state)) return '';
  const known = latest(state);
  const reach = known && held(state, session, logOf(known[0]));
  return known && reach ? mav(undefined, versionOf(known, reach)) : '';
}

/** A change was told: who could not be told it has a version no longer, until they enter again. */
export function dropOutdated(state: RoomState, turn: Turn): void {
  const known = latest(state);
  for (const occupant of state.occupants.all()) {
    for (const session of occupant.sessions)
      if (session.heldLists && !(known && held(state, session, logOf(known[0])))) outdate(state, turn, session);
  }
}

/** Nobody is sure to have what was said of the lists: nobody has a version, until they enter again. */
export function outdateAll(state: RoomState, turn: Turn): void {
  for (const occupant of state.occupants.all()) for (const session of occupant.sessions) outdate(state, turn, session);
}

/** The session has no version, until it enters again. */
function outdate(state: RoomState, turn: Turn, session: Session): void {
  if (!session.heldLists) return;
  session.heldLists = '';
  state.writeSession(turn, session);
}

/** What a client that enters is sent before all presence: finished contents of messages, none if nothing has changed; undefined: it may read no list. */
export function listAnswer(state: RoomState, turn: Turn, session: Session, since: string | undefined): readonly string[] | undefined {
  const reach = reachOf(state, session.occupant);
  if (!reach) return undefined;
  const known = begun(state, turn);
  session.heldLists = reach + logOf(known[0]);
  state.writeSession(turn, session);
  const until = versionOf(known, reach);
  if (since === until) return [];
  const changed = since === undefined ? undefined : changedSince(state, since, reach, session.occupant.jid);
  return changed === undefined ? messages(wholeList(state, reach), undefined, until) : messages(changed, since, until);
}

/** Every item that somebody of that reach may read. */
const wholeList = (state: RoomState, reach: Reach): string[] =>
  REACHES[reach].flatMap((affiliation) => state.affiliations.of(affiliation).map(({ jid }) => briefItem(jid, affiliation)));

/**
 * The items that have changed behind a version. undefined: it is none of those that are remembered, or from before the asker was what they are in the room
 * (§ "Security Considerations": past states are not theirs to know; the whole list is what they may read now).
 */
function changedSince(state: RoomState, since: string, reach: Reach, asker: BareJid): readonly string[] | undefined {
  if (!since.endsWith(`.${reach}`)) return undefined;
  const keys = rows.keys(state);
  const place = keys.indexOf(since.slice(0, -2));
  if (place < 0) return undefined;
  const jids = new Set<BareJid>();
  for (let i = place + 1; i < keys.length; i++) {
    const { jid, before, after, previous } = rows.get(state, keys[i] as string) as Logged;
    // A row is missing: somebody was erased.
    if (previous !== keys[i - 1] || jid === null) return undefined;
    // What they may read was another list then, by their own row or by that of their domain.
    if (jid === asker || jid === domainOf(asker)) return undefined;
    if (includes(reach, before) || includes(reach, after)) jids.add(jid);
  }
  return [...jids].map((jid) => {
    const now = state.affiliationRow(jid)?.affiliation ?? 'none';
    return briefItem(jid, includes(reach, now) ? now : 'none');
  });
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
  return parts.map((part, i) => mav(i === 0 ? since : end(i - 1), end(i)) + part);
}
