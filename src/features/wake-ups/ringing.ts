/**
 * Who is woken when: at once by what is said, or when their rest is over by what was said meanwhile. One wake-up lasts until they are seen
 * again or the rest is over; a mention waits a minute at most, and nobody wakes one person by mentions more than six times an hour.
 */
import { askArchive } from '../../room/ask-archive';
import { Remembered } from '../../room/contract/memory';
import type { Woken } from '../../room/contract/machine';
import type { Said } from '../../room/contract/feature';
import type { MessageRow, Millis } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { endOf } from '../../room/room-times';
import { mayHearAbsent } from '../../room/talking/archive-readers';
import { BY_ONE_MS, MOST_BY_ONE } from './wake-wishes';
import { accountKey, type BareJid } from '../../xmpp/fold';
import { bareOf } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';
import { escapeAttribute, escapeText, localName, namespaceOf, parseContent, textOf } from '../../xmpp/xml';
import { cutBytes } from '../../room/governing/reasons';
import { askDaily } from './account-settings';
import { isAtClient, isAwayForLong } from './away';
import { readHeard } from './heard';
import { isResting, restMs, rollOf, type Roll } from './roll';
import { rung } from './rung';
import { wakeOf } from './wake-option';
import { mentionedBy, unnamedReply } from './whom';

/** Mentions within this time behind a wake-up are told together. */
const FOLDED_MS = 60_000;
/** Pairs of them that are remembered. */
const MOST_PAIRS = 5_000;
/** Wake-ups in one decision of those whose rest is over; the others follow in the next ones. */
const SLICE = 500;
/** Those who may not hear what is said are asked again after this time. */
const DEAF_MS = 10 * 60_000;

/** Bytes of a message that an account's server is shown as it is, and of the words of a longer one. */
const MOST_CONTENT = 4_096;
const MOST_WORDS = 1_000;

/** When whom was woken by whose mentions, by both. */
const pairs = new Remembered<Map<string, readonly Millis[]>>('wake-ups by mentions');

/** Somebody said something: wakes those who are away, want to be told of it, and may hear it. */
export function heard({ room, turn, occupant, payload, row }: Said): void {
  askDaily(room, turn);
  if (room.nobodyAway === room.facts || !row?.inHistory || row.nick === null || room.locked) return;
  const roll = rollOf(room);
  if (!roll || roll.away.size === 0) {
    room.nobodyAway = room.facts;
    return;
  }
  const message = readHeard(payload);
  if (!message) return;
  const author = occupant?.jid ?? (row.sender === null ? undefined : bareOf(row.sender));
  const people = new Map<BareJid, Woken>();
  const mention = { author, roll, people };
  for (const jid of mentionedBy(room, roll, message)) if (!people.has(jid)) mentioned(room, turn, jid, mention);
  if (message.isNews) {
    roll.seq = row.seq;
    wakeReady(room, turn, roll, (jid) => jid !== author && people.set(jid, ring(room, turn, roll, jid, null)));
    if (!roll.owes && roll.rested.size > 0) room.rescheduling = true;
  }
  if (people.size > 0) say(room, turn, [...people.values()], contentOf(room, row));
  const repliedTo = unnamedReply(message.elements);
  if (repliedTo !== undefined) askAuthor(turn, { reply: row, author, id: repliedTo });
}

interface Mention {
  readonly author: BareJid | undefined;
  readonly roll: Roll;
  /** Those who are woken. */
  readonly people: Map<BareJid, Woken>;
}

/** Somebody is mentioned: wakes them, or counts it. */
function mentioned(room: RoomState, turn: Turn, jid: BareJid, { author, roll, people }: Mention): void {
  if (jid === author || !isToHear(room, jid)) return;
  if (isResting(room, jid, FOLDED_MS)) fold(room, turn, roll, jid);
  else if (author !== undefined && take(room, author, jid)) people.set(jid, ring(room, turn, roll, jid, author));
}

/** XEP-0461 §3: the `to` of a reply is a SHOULD. Without it the archive knows whose message it is; whoever this message has woken already is told. */
function askAuthor(turn: Turn, { reply, author, id }: { reply: MessageRow; author: BareJid | undefined; id: string }): void {
  askArchive(turn, {
    stanza: null,
    query: { want: 'page', filter: { ids: [id], upToSeq: reply.seq }, paging: { max: 1 } },
    answered: (room, later, answer) => {
      const sender = answer.kind === 'page' ? answer.rows[0]?.sender : undefined;
      const roll = room.exists ? rollOf(room) : undefined;
      if (sender == null || !roll) return undefined;
      const jid = bareOf(sender);
      if ((rung.get(room, jid)?.seq ?? 0) >= reply.seq) return undefined;
      const people = new Map<BareJid, Woken>();
      mentioned(room, later, jid, { author, roll, people });
      say(room, later, [...people.values()], contentOf(room, reply));
      room.rescheduling = true;
      return undefined;
    },
  });
}

/** Those who are woken by any message, and have had their rest. */
function wakeReady(room: RoomState, turn: Turn, roll: Roll, wake: (jid: BareJid) => void): void {
  const rest = restMs(room);
  for (const jid of roll.rested) {
    if (isResting(room, jid, rest)) break;
    roll.rested.delete(jid);
    roll.ready.add(jid);
  }
  if (roll.deaf.size > 0 && endOf(roll.deafSince, DEAF_MS, turn.now) <= turn.now) {
    for (const jid of roll.deaf) roll.ready.add(jid);
    roll.deaf.clear();
  }
  // Whoever is woken is taken off the list meanwhile.
  for (const jid of [...roll.ready]) {
    if (!isAwayForLong(room, jid) || wakeOf(room, jid) !== 'all') continue;
    if (mayHearAbsent(room, jid)) {
      wake(jid);
      continue;
    }
    if (roll.deaf.size === 0) roll.deafSince = turn.now;
    roll.ready.delete(jid);
    roll.deaf.add(jid);
  }
}

/** Whether somebody wants to be told of mentions, is away, and may hear what is said now. */
function isToHear(room: RoomState, jid: BareJid): boolean {
  const wake = wakeOf(room, jid);
  if (wake === undefined || wake === 'nothing') return false;
  const occupant = room.occupants.withId(room.idOf(jid));
  if (occupant && (isAtClient(occupant) || !isAwayForLong(room, jid))) return false;
  return mayHearAbsent(room, jid);
}

/** One more mention of somebody who was woken a moment ago: the first is kept, the others are counted. */
function fold(room: RoomState, turn: Turn, roll: Roll, jid: BareJid): void {
  const row = rung.get(room, jid);
  const mentions = roll.mentioned.get(jid) ?? 0;
  roll.mentioned.set(jid, mentions + 1);
  if (row?.mentions === 0) rung.set(room, turn, jid, { ...row, mentions: 1 });
}

/** Whether somebody may wake this person by a mention once more; if so, it counts. */
function take(room: RoomState, author: BareJid, jid: BareJid): boolean {
  const known = room.memory.get(pairs) ?? room.memory.set(pairs, new Map<string, readonly Millis[]>());
  // Spellings that may be one account are one (rule 7).
  const pair = `${accountKey(author)} ${jid}`;
  const lately = (known.get(pair) ?? []).filter((at) => Math.abs(room.time - at) < BY_ONE_MS);
  if (lately.length >= MOST_BY_ONE) return false;
  known.delete(pair);
  known.set(pair, [...lately, room.time]);
  if (known.size > MOST_PAIRS) known.delete(known.keys().next().value as string);
  return true;
}

/** Notes that somebody is woken now, and tells what for. */
function ring(room: RoomState, turn: Turn, roll: Roll, jid: BareJid, by: BareJid | null): Woken {
  const before = rung.get(room, jid);
  const isForAll = wakeOf(room, jid) === 'all';
  const mentions = (roll.mentioned.get(jid) ?? 0) + (by === null ? 0 : 1);
  const messages = !isForAll ? 0 : before ? Math.max(1, room.seq - before.seq) : 1;
  // Behind all others.
  rung.set(room, turn, jid, null);
  rung.set(room, turn, jid, { at: room.time, seq: room.seq, mentions: 0 });
  roll.mentioned.delete(jid);
  roll.ready.delete(jid);
  roll.rested.delete(jid);
  if (isForAll) roll.rested.add(jid);
  return { jid, messages, mentions, by };
}

/** When the first of those who rest is to be woken. */
export function nextRing(room: RoomState): Millis | null {
  const roll = rollOf(room);
  if (!roll) return null;
  let next = Infinity;
  for (const jid of roll.mentioned.keys()) next = Math.min(next, endOf(rung.get(room, jid)?.at ?? 0, FOLDED_MS, room.time));
  // Whoever was woken first has missed most.
  const [first] = roll.rested;
  const row = first === undefined ? undefined : rung.get(room, first);
  roll.owes = row !== undefined && row.seq < roll.seq;
  if (row && roll.owes) next = Math.min(next, endOf(row.at, restMs(room), room.time));
  return next === Infinity ? null : next;
}

/** Wakes those whose rest is over, with what they have missed. */
export function wakeRested(room: RoomState, turn: Turn): void {
  const roll = rollOf(room);
  if (!roll) return;
  const people: Woken[] = [];
  const wake = (jid: BareJid): void => {
    if (isToHear(room, jid)) people.push(ring(room, turn, roll, jid, null));
    else {
      rung.set(room, turn, jid, null);
      roll.mentioned.delete(jid);
      roll.rested.delete(jid);
    }
  };
  for (const jid of [...roll.mentioned.keys()]) {
    if (people.length >= SLICE) break;
    if (!isResting(room, jid, FOLDED_MS)) wake(jid);
  }
  const rest = restMs(room);
  for (const jid of [...roll.rested]) {
    if (isResting(room, jid, rest) || people.length >= SLICE) break;
    if ((rung.get(room, jid)?.seq ?? 0) < roll.seq) wake(jid);
    else {
      roll.rested.delete(jid);
      roll.ready.add(jid);
    }
  }
  if (people.length >= SLICE) turn.wakes = true;
  say(room, turn, people, null);
  room.rescheduling = true;
}

function say(room: RoomState, turn: Turn, people: readonly Woken[], content: string | null): void {
  if (people.length > 0) turn.effects.push({ kind: 'wake-up', people, content, language: room.facts.language });
}

/** What the server of an account is shown of a message: as those in the room have it, of a long one the beginning of its words. */
function contentOf(room: RoomState, { payload, occupantId, id }: MessageRow): string | null {
  const shown = Buffer.byteLength(payload) <= MOST_CONTENT ? payload : beginningOf(payload);
  if (shown === undefined) return null;
  const author = occupantId === null ? '' : `<occupant-id xmlns="${NS.occupantId}" id="${occupantId}"/>`;
  return `${shown}${author}<stanza-id xmlns="${NS.stanzaId}" id="${id}" by="${escapeAttribute(room.jid)}"/>`;
}

function beginningOf(payload: string): string | undefined {
  const body = parseContent(payload).find((element) => localName(element) === 'body' && namespaceOf(element) === '');
  return body && `<body>${escapeText(cutBytes(textOf(body), MOST_WORDS))}</body>`;
}
