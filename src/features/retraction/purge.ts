/** Retracts one occupant's latest messages and bans them, page by page, so that nobody waits for it. */
import { askArchive } from '../../room/ask-archive';
import type { BareJid } from '../../xmpp/fold';
import { bareOf } from '../../xmpp/jid';
import { formatDateTime } from '../../xmpp/dates';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import type { Element } from '../../xmpp/xml';
import { joined, inWords, type Sentence } from '../../words';
import { affiliationsRefusal, setAffiliations } from '../../room/governing/affiliations';
import { endFrom, endsBefore, withEnd, type End } from '../../room/governing/ends';
import type { Actor } from '../../room/governing/rights';
import { audit } from '../../room/audit';
import type { ArchiveAnswer } from '../../room/contract/archive-query';
import type { Purge } from '../../room/contract/commands';
import { findOwn, findSpeakers, PAGE, unanswered } from './find-messages';
import { endIfEmpty } from '../../room/occupants/leave';
import { isPresentSubject, isRetracted } from '../../room/retracting/retract';
import { moderate, moderationBy, moderationForbidden, rankRefusal, reasonRefusal } from './retraction-rules';
import { isRetraction } from '../../room/retracting/retraction-xml';
import type { MessageRow, Millis, OccupantId } from '../../room/contract/rows';
import { writtenOccupantId } from '../../room/talking/ids';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

const MINUTE_MS = 60_000;
/** How often it begins anew because the message it had come to was removed meanwhile. */
const RESTARTS = 5;

/** Who asked for it, and how they are told. */
export interface PurgeAsker {
  /** The asker's present standing in the room, which may have changed meanwhile. */
  readonly actor: (room: RoomState) => Actor;
  /** The stanza that waits; what is returned as an error answers it. */
  readonly stanza: Element | null;
  /** What came of it: how many messages were retracted, when that is certain, or why it ended. Returns what answers the stanza. */
  readonly finish: (turn: Turn, outcome: number | StanzaError) => StanzaError | undefined;
}

interface Progress {
  readonly asker: PurgeAsker;
  readonly purge: Purge;
  /** Tells the room from a later one of its name. */
  readonly createdAt: Millis;
  readonly occupantId: OccupantId;
  readonly upToSeq: number;
  readonly start: Millis;
  readonly after: string | undefined;
  readonly restarts: number;
  readonly retracted: number;
}

/** Begins it. Returns the refusal, if it cannot begin. */
export function beginPurge(room: RoomState, turn: Turn, purge: Purge, asker: PurgeAsker): StanzaError | undefined {
  const forbidden = moderationForbidden(asker.actor(room)) ?? reasonRefusal(room, purge.reason);
  if (forbidden) return forbidden;
  const { target } = purge;
  const progress: Progress = {
    asker,
    purge,
    createdAt: room.row?.createdAt ?? 0,
    occupantId: writtenOccupantId(''),
    upToSeq: room.seq,
    start: turn.stamp - purge.minutes * MINUTE_MS,
    after: undefined,
    restarts: 0,
    retracted: 0,
  };
  if ('nick' in target) {
    strikeByNick(room, turn, progress, target.nick);
    return undefined;
  }
  if ('jid' in target) return strike(room, turn, { ...progress, occupantId: room.idOf(target.jid) }, target.jid);
  const { occupantId } = target;
  const occupant = room.occupants.withId(occupantId);
  if (occupant) return strike(room, turn, { ...progress, occupantId }, occupant.jid);
  // They are not there: their messages tell who they are.
  findOwn(
    { turn, stanza: asker.stanza, upToSeq: room.seq },
    { occupantId, isWanted: ({ sender }) => sender !== null },
    (then, later, row) => {
      const refusal = gone(then, progress) ?? moderationForbidden(asker.actor(then));
      if (refusal) return asker.finish(later, refusal);
      if (row?.sender == null) return asker.finish(later, stanzaError('item-not-found', inWords('noSuchOccupant')));
      const struck = strike(then, later, { ...progress, occupantId }, bareOf(row.sender));
      return struck && asker.finish(later, struck);
    },
  );
  return undefined;
}

/** Somebody who has that nickname, or spoke under it in that time and is gone. If it was several people's, it is asked who is meant. */
function strikeByNick(room: RoomState, turn: Turn, progress: Progress, nick: string): void {
  const { asker, start } = progress;
  findSpeakers({ turn, stanza: asker.stanza, upToSeq: room.seq }, { nick, start }, (then, later, rows) => {
    const refusal = gone(then, progress) ?? moderationForbidden(asker.actor(then));
    if (refusal) return asker.finish(later, refusal);
    const who = new Map<OccupantId, { readonly jid: BareJid; readonly seen: Sentence }>();
    const present = then.occupants.withNick(nick);
    if (present) who.set(present.id, { jid: present.jid, seen: inWords('purgeHere') });
    for (const { occupantId, sender, stamp } of rows) {
      if (occupantId === null || sender === null || who.has(occupantId)) continue;
      who.set(occupantId, { jid: bareOf(sender), seen: inWords('purgeSpoke', { time: formatDateTime(stamp) }) });
    }
    const [first] = who;
    if (!first) return asker.finish(later, stanzaError('item-not-found', inWords('purgeNobody')));
    if (who.size > 1) {
      const list = joined(
        [...who].map(([id, { seen }]) => joined([`${id} (`, seen, ')'], '')),
        '; ',
      );
      return asker.finish(later, stanzaError('conflict', inWords('purgeWhich', { list })));
    }
    const [occupantId, { jid }] = first;
    const struck = strike(then, later, { ...progress, occupantId }, jid);
    return struck && asker.finish(later, struck);
  });
}

const endOf = ({ until, for: lasts }: Purge): End => ({
  ...(until === undefined ? {} : { until }),
  ...(lasts === undefined ? {} : { for: lasts }),
});

/** Bans, if that is wanted, and begins to retract. Returns the refusal, if any. */
function strike(room: RoomState, turn: Turn, progress: Progress, jid: BareJid): StanzaError | undefined {
  const { purge, asker } = progress;
  const actor = asker.actor(room);
  const items = [
    { jid, affiliation: 'outcast', ...endOf(purge), ...(purge.reason === undefined ? {} : { reason: purge.reason }) },
  ] as const;
  const refusal = purge.ban ? affiliationsRefusal(room, actor, items) : rankRefusal(room, actor, jid);
  if (refusal) return refusal;
  const minutes = `${purge.minutes} minutes`;
  const row = room.affiliationRow(jid);
  const end = endFrom(purge, turn.stamp);
  // A ban that lasts longer stays as it is.
  const bans = purge.ban && !(row?.affiliation === 'outcast' && endsBefore(end, row));
  audit(room, turn, actor, bans ? 'ban-and-retract' : 'purge', [
    { object: jid, after: bans ? `${minutes}, ${withEnd('ban', end)}` : minutes, reason: purge.reason ?? null },
  ]);
  if (bans) {
    setAffiliations(room, turn, actor, items)();
    endIfEmpty(room, turn);
    // The last occupant of a temporary room is out: everything is gone with the room.
    if (!room.exists) return asker.finish(turn, 0);
  }
  readOn(turn, progress);
  return undefined;
}

function readOn(turn: Turn, progress: Progress): void {
  const { occupantId, upToSeq, start, after } = progress;
  askArchive(turn, {
    stanza: progress.asker.stanza,
    query: {
      want: 'page',
      filter: { occupantId, upToSeq, start },
      paging: after === undefined ? { max: PAGE } : { max: PAGE, after },
      patient: true,
    },
    answered: (room, later, answer) => proceed(room, later, progress, answer),
  });
}

/** Retracts a page in one decision. Done when there is nothing left to retract and everything before is committed. */
function proceed(room: RoomState, turn: Turn, progress: Progress, answer: ArchiveAnswer): StanzaError | undefined {
  const { asker, purge, restarts } = progress;
  const actor = asker.actor(room);
  const refusal = gone(room, progress) ?? moderationForbidden(actor) ?? unanswered(answer);
  if (refusal) return asker.finish(turn, refusal);
  if (answer.kind !== 'page') {
    if (restarts === RESTARTS) return asker.finish(turn, stanzaError('resource-constraint', inWords('tooBusy')));
    readOn(turn, { ...progress, after: undefined, restarts: restarts + 1 });
    return undefined;
  }
  const rows = answer.rows.filter((row) => isLeft(room, row));
  const moderation = moderationBy(room, actor, purge.reason);
  // Not shown to those who enter: they are shown the tombstones, and would be shown little else.
  for (const row of rows) moderate(room, turn, { row, versions: [] }, moderation, false);
  const last = answer.rows.at(-1);
  const retracted = progress.retracted + rows.length;
  if (!last || (answer.complete && rows.length === 0)) return asker.finish(turn, retracted);
  readOn(turn, { ...progress, after: last.id, retracted });
  return undefined;
}

/** Whether there is something to retract in a message: the subject that the room has is changed by setting another. */
function isLeft(room: RoomState, row: MessageRow): boolean {
  return !isRetracted(room, row) && !isPresentSubject(room, row) && !(row.nick === null && isRetraction(row.payload));
}

/** Whether the room is not there any more, or not the one it was. */
function gone(room: RoomState, { createdAt }: Progress): StanzaError | undefined {
  return room.exists && room.row?.createdAt === createdAt ? undefined : stanzaError('item-not-found', inWords('noRoom'));
}
