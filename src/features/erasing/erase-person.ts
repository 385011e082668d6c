/**
 * Erasing a person from a room, for the service's administrators: their messages become tombstones, page by page, and everything the
 * room knows about them is removed. A ban stays, because it keeps them out; so does what others wrote about them.
 */
import { askArchive } from '../../room/ask-archive';
import type { BareJid } from '../../xmpp/fold';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { escapeAttribute } from '../../xmpp/xml';
import { inWords } from '../../words';
import type { Actor } from '../../room/governing/rights';
import { audit } from '../../room/audit';
import type { ArchiveAnswer } from '../../room/contract/archive-query';
import { isNamedIn } from '../../room/contract/declared-rows';
import { featureRows } from '../../room/contract/feature-rows';
import { PAGE, unanswered } from '../retraction/find-messages';
import { messageId, writtenOccupantId } from '../../room/talking/ids';
import { endIfEmpty } from '../../room/occupants/leave';
import { sayToAll } from '../../room/occupants/presence';
import { reservedNick } from '../../room/occupants/reserved-nicks';
import { buryOne, isPresentSubject } from '../../room/retracting/retract';
import { isTombstone, tombstoneXml } from '../../room/retracting/retraction-xml';
import type { MessageRow, Millis, OccupantId } from '../../room/contract/rows';
import { forgetPerson } from '../../room/kept-rows';
import { idsOf } from '../../room/talking/former-ids';
import { sayAsRoom } from '../../room/talking/speak';
import type { RoomState } from '../../room/state';
import { subjectStanza } from '../../room/talking/subject';
import type { Turn } from '../../room/turn';
import { takeAway } from './take-away';

/** How often the walk begins anew because the message it had come to was removed meanwhile. */
const RESTARTS = 5;

/** By occupant-id and number: the nicks of a person who is being erased, a row for each page that told any. After a crash the erased messages no longer tell them. */
const keptNicks = featureRows<readonly string[]>(
  {
    name: 'erased-nicks',
    says: 'under which nicknames somebody spoke who is being erased, by occupant-id and number: what each page of the archive told',
    key: ['occupant-id', 'plain'],
    value: { each: 'nick' },
    travels: [],
    erasing: { keeps: 'The walk over the archive needs them, and removes them when it is done.' },
    folding: 'present',
    most: { each: 'page of the archive that told some, of a person who is being erased' },
    lifetime: { until: 'the person is erased' },
  },
  (key) => key.split(' ')[0] as string,
);
/** How many messages were erased so far: after a crash the tombstones do not tell it. */
const keptCount = featureRows<number>({
  name: 'erased-count',
  says: 'how many messages of somebody who is being erased are erased already, by occupant-id',
  key: ['occupant-id'],
  value: 'plain',
  travels: [],
  erasing: { keeps: 'The walk over the archive needs it, and removes it when it is done.' },
  folding: 'present',
  most: { each: 'person who is being erased' },
  lifetime: { until: 'the person is erased' },
});

export const erasureRows = [keptNicks.declaration, keptCount.declaration];

/** Told what came of it when all of it is certain: how many messages were erased, or why it ended. */
export type ErasureDone = (outcome: number | StanzaError) => void;

/** The nicks of one person, and those of them that no row has yet. */
class Nicks {
  readonly all = new Set<string>();
  /** As they stand in attributes. */
  private readonly written = new Set<string>();
  private fresh: string[] = [];

  constructor(kept: readonly string[]) {
    for (const nick of kept) this.add(nick);
    this.fresh = [];
  }

  get size(): number {
    return this.all.size;
  }

  get isNew(): boolean {
    return this.fresh.length > 0;
  }

  has(nick: string): boolean {
    return this.all.has(nick);
  }

  add(nick: string): void {
    if (this.all.has(nick)) return;
    this.all.add(nick);
    this.written.add(escapeAttribute(nick));
    this.fresh.push(nick);
  }

  takeNew(): readonly string[] {
    const taken = this.fresh;
    this.fresh = [];
    return taken;
  }

  /** Whether a message of the room gives one of them as somebody's nick. */
  areNamedIn(payload: string): boolean {
    for (const [, nick = ''] of payload.matchAll(/ nick="([^"]*)"/g)) if (this.written.has(nick)) return true;
    return false;
  }
}

/** What rows have of somebody's nicks. */
const nicksKept = (room: RoomState, occupantId: OccupantId): string[] =>
  keptNicks.keysIn(room, occupantId).flatMap((key) => keptNicks.get(room, key) ?? []);

/** One row more, of what is new: each nick is written once, however many pages there are. */
function keepNicks(room: RoomState, turn: Turn, { nicks, occupantId }: Walk): void {
  const fresh = nicks.takeNew();
  if (fresh.length > 0) keptNicks.set(room, turn, `${occupantId} ${keptNicks.keysIn(room, occupantId).length}`, fresh);
}

interface Walk {
  readonly jid: BareJid;
  readonly occupantId: OccupantId;
  /** Every id by which they may be named, the present one included. */
  readonly ids: ReadonlySet<OccupantId>;
  /** Tells the room from a later one of its name. */
  readonly createdAt: Millis;
  readonly upToSeq: number;
  readonly after: string | undefined;
  readonly restarts: number;
  readonly erased: number;
  /** Nicks of the person, and whether the present subject is known to be theirs or not. What pages tell is added. */
  readonly nicks: Nicks;
  /** How many of them were known when this walk over the archive began: the room's own messages about the person have these nicks. */
  readonly known: number;
  readonly subjectTheirs: boolean | undefined;
  readonly done: ErasureDone;
}

/** Begins: everything but the archive is done at once. `service`: in whose name. */
export function erasePerson(room: RoomState, turn: Turn, jid: BareJid, service: Actor, done: ErasureDone): void {
  const walk = begin(room, jid, done);
  if (!room.exists) {
    // A destroyed room that is remembered: it has no archive any more.
    takeAway(room, turn, { ...walk, nicks: walk.nicks.all }, { leave: 'erasing', service });
    readOn(turn, { ...walk, upToSeq: 0 });
    return;
  }
  audit(room, turn, service, 'erase-person', [{ object: jid }]);
  forget(room, turn, walk, service);
  turn.write({ table: 'audit-erasure', jid });
  keepNicks(room, turn, walk);
  endIfEmpty(room, turn);
  // The room's messages about this very act name the person too.
  readOn(turn, { ...walk, upToSeq: room.seq });
}

function begin(room: RoomState, jid: BareJid, done: ErasureDone): Walk {
  const occupantId = room.row ? room.idOf(jid) : writtenOccupantId('');
  const known = new Nicks(nicksKept(room, occupantId));
  for (const nick of [room.occupants.withId(occupantId)?.nick, room.row && reservedNick(room, jid)]) if (nick != null) known.add(nick);
  return {
    jid,
    occupantId,
    ids: idsOf(room, occupantId),
    createdAt: room.row?.createdAt ?? 0,
    upToSeq: room.seq,
    after: undefined,
    restarts: 0,
    erased: keptCount.get(room, occupantId) ?? 0,
    nicks: known,
    known: known.size,
    subjectTheirs: undefined,
    done,
  };
}

/** Removes the person, their affiliation unless it is a ban, and everything kept that names them. */
function forget(room: RoomState, turn: Turn, person: Walk, service: Actor): void {
  const known = { ...person, nicks: person.nicks.all };
  takeAway(room, turn, known, { leave: 'erasing', service });
  forgetPerson(room, turn, known);
}

/** Walks the whole archive: messages of others and of the room name the person as moderator, or tell of their affiliation. */
function readOn(turn: Turn, walk: Walk): void {
  askArchive(turn, {
    stanza: null,
    query: {
      want: 'page',
      filter: { upToSeq: walk.upToSeq },
      paging: walk.after === undefined ? { max: PAGE } : { max: PAGE, after: walk.after },
      patient: true,
    },
    answered: (room, later, answer) => {
      proceed(room, later, walk, answer);
      return undefined;
    },
  });
}

/** Erases the person from a page. Done when a page leaves nothing to write, and so everything before it is committed. */
function proceed(room: RoomState, turn: Turn, walk: Walk, answer: ArchiveAnswer): void {
  if (!room.exists || room.row?.createdAt !== walk.createdAt) {
    walk.done(walk.erased);
    return;
  }
  const failure = unanswered(answer);
  if (failure) {
    walk.done(failure);
    return;
  }
  if (answer.kind !== 'page') {
    if (walk.restarts === RESTARTS) walk.done(stanzaError('resource-constraint', inWords('tooBusy')));
    else readOn(turn, { ...walk, after: undefined, restarts: walk.restarts + 1 });
    return;
  }
  const next = answer.rows.reduce((sofar, row) => eraseRow(room, turn, sofar, row), walk);
  const last = answer.rows.at(-1);
  const more = !answer.complete && last !== undefined;
  if (!more) {
    clearSubject(room, turn, next);
    // Nicknames that only the archive told.
    forgetPerson(room, turn, { ...next, nicks: next.nicks.all });
  }
  if (next.erased > walk.erased) keptCount.set(room, turn, walk.occupantId, next.erased);
  if (walk.nicks.isNew) keepNicks(room, turn, walk);
  else if (!more && turn.writes.length === 0 && next.nicks.size === next.known) {
    for (const key of keptNicks.keysIn(room, walk.occupantId)) keptNicks.set(room, turn, key, null);
    keptCount.set(room, turn, walk.occupantId, null);
  }
  if (more || turn.writes.length > 0) readOn(turn, { ...next, after: last?.id ?? next.after });
  else if (next.nicks.size > next.known) readOn(turn, { ...next, after: undefined, known: next.nicks.size });
  else walk.done(next.erased);
}

function eraseRow(room: RoomState, turn: Turn, walk: Walk, row: MessageRow): Walk {
  const theirs = row.occupantId === walk.occupantId;
  const subjectTheirs = isPresentSubject(room, row) ? theirs : walk.subjectTheirs;
  const buried = isTombstone(row.payload, room.jid);
  const ofRoom = row.nick === null;
  const named =
    isNamedIn(row.payload, walk.jid) ||
    [...walk.ids].some((id) => isNamedIn(row.payload, id)) ||
    (ofRoom && walk.nicks.areNamedIn(row.payload));
  if (theirs && (row.nick !== null || !buried)) {
    buryOne(room, turn, row, buried && !named ? row.payload : tombstone(room, turn, row), 'erased');
    if (row.nick !== null) walk.nicks.add(row.nick);
    return { ...walk, subjectTheirs, erased: walk.erased + 1 };
  }
  // The room's messages about the person, and tombstones that name them as moderator. Other people's messages stay.
  if (!theirs && named && (ofRoom || buried)) buryOne(room, turn, row, tombstone(room, turn, row), 'kept');
  return { ...walk, subjectTheirs };
}

function tombstone(room: RoomState, turn: Turn, { payload }: MessageRow): string {
  return tombstoneXml({ payload, room: room.jid, stamp: turn.stamp, retraction: messageId(turn.stamp, room.env.random) });
}

/**
 * Clears the subject if the person set it. Its author is kept beside it; for an older subject the archive tells,
 * if it has the message; otherwise the nick does.
 */
function clearSubject(room: RoomState, turn: Turn, { occupantId, subjectTheirs, nicks }: Walk): void {
  const { subject } = room;
  if (subject === null) return;
  const theirs = subject.occupantId === undefined ? (subjectTheirs ?? nicks.has(subject.nick)) : subject.occupantId === occupantId;
  if (!theirs) return;
  room.subject = null;
  room.writeRoom(turn, { subject: null });
  // As any change of it: kept, if the room keeps what is said, so that everybody is sure to hear of it.
  if (room.facts.archived) {
    sayAsRoom(room, turn, { clientId: null, lang: null, payload: '<subject/>', inHistory: false });
    return;
  }
  const { everyone, entering } = room.occupants.audiences;
  const { name, from, rest } = subjectStanza(room, []);
  sayToAll(room, turn, { name, from, rest }, everyone, entering);
}
