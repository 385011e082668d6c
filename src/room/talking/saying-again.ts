/**
 * Saying again, after a crash or a lost link, everything above `deliveredRev` in the order in which it happened; then whoever is entering gets
 * everything anew. It goes on in slices, one a decision: nothing else is decided for the room meanwhile, and nothing counts as delivered before the last.
 */
import type { Slices } from '../contract/env';
import type { Attempt } from '../state';
import { foldFull, type FullJid } from '../../xmpp/fold';
import { outdateAll } from '../governing/list-versions';
import { welcome } from '../occupants/enter';
import type { Effect, ReadMessages } from '../contract/machine';
import { Missed } from './missed';
import type { Entering, EnteringAside } from '../occupants/occupants';
import { sayToAll } from '../occupants/presence';
import type { MessageRow, Millis } from '../contract/rows';
import { endedBy, messageAgain, sayOccupantAgain, saySayingAgain, whoEnters } from './sayings';
import type { Saying } from '../contract/saying';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { STATUS } from '../occupants/status';

/** Some 20 ms. */
const SLICES: Slices = { messages: 500, bytes: 1024 * 1024, things: 500 };

const NOBODY: ReadonlySet<FullJid> = new Set();

/** Something that is not in the archive. */
interface Step {
  readonly rev: number;
  /** How many stanzas it comes to. */
  readonly things: number;
  readonly say: (turn: Turn) => void;
}

/** One attempt, and how far it has come. */
class SayingAgain implements Attempt {
  /** Full JIDs whose new entry waits for this: they know already that they were out. */
  joining: ReadonlySet<FullJid> = NOBODY;
  private readonly steps: readonly Step[];
  private said = 0;
  /** Messages of which everything before is said, and how many of them are. */
  private rows: readonly MessageRow[] = [];
  private told = 0;
  private readRev: number;
  private allRead = false;
  private answers = 0;
  /** Those who were entering when it began, and how many of them have begun anew. */
  private readonly aside: EnteringAside;
  private begun = 0;
  private readonly missed = new Missed();
  /** No session that is entering has missed what was said before. */
  private readonly missedFrom: Millis;
  /** What those wait for who have begun anew: it is read when all have. */
  private readonly later: Effect[] = [];
  /** What people were told alone: those who enter anew get it behind all that. */
  private readonly behind: ((turn: Turn) => void)[] = [];
  /** Something of it was a change of the lists of affiliations: before anything is said again nobody has a version of them, so that nothing names one. */
  private listsChanged = false;

  constructor(
    private readonly state: RoomState,
    readonly token: number,
  ) {
    const since = (this.readRev = state.deliveredRev);
    // An entry that may not have arrived is made anew.
    for (const session of state.occupants.outAbove(since)) state.occupants.enterAgain(session);
    this.aside = state.occupants.setEnteringAside();
    let from = Infinity;
    for (const session of this.aside.sessions) {
      session.entry.holdNothing();
      from = Math.min(from, missedSince(state, session));
    }
    this.missedFrom = from;
    this.steps = [...this.sayings(since), ...this.changes(since)].sort((a, b) => a.rev - b.rev);
  }

  /** The answer to `next`. */
  read(rows: readonly MessageRow[]): void {
    this.rows = rows;
    this.told = 0;
    const last = rows.at(-1);
    this.readRev = last?.rev ?? this.readRev;
    this.allRead = last === undefined || last.seq >= this.state.seq;
  }

  /** The next slice. False: it was the last. */
  goOn(turn: Turn): boolean {
    if (this.answers++ === 0 && this.listsChanged) outdateAll(this.state, turn);
    let left = this.slices.things;
    for (let things = 1; left > 0 && things > 0; left -= things) things = this.sayNext(turn);
    if (left <= 0 || this.mustRead) return true;
    this.state.occupants.noMoreAside();
    const { sessions } = this.aside;
    for (; left > 0 && this.begun < sessions.length; left--) this.beginAnew(turn, sessions[this.begun++] as Entering);
    if (this.begun < sessions.length) return true;
    for (const tell of this.behind) tell(turn);
    turn.effects.push(...this.later);
    return false;
  }

  /** What the next slice waits for: messages, or nothing but its turn. */
  get next(): ReadMessages {
    const { messages, bytes } = this.slices;
    return {
      kind: 'read-messages',
      purpose: 'say-again',
      session: '',
      token: this.token,
      upToSeq: this.state.seq,
      afterRev: this.readRev,
      limit: this.mustRead ? messages : 0,
      maxBytes: bytes,
      oldestFirst: true,
      ...(this.answers > 0 ? { goesOn: true } : {}),
    };
  }

  private get slices(): Slices {
    return this.state.env.slices ?? SLICES;
  }

  private get mustRead(): boolean {
    return !this.allRead && this.told === this.rows.length;
  }

  /** Returns how many stanzas were said: none if more is to be read first, or nothing is left. */
  private sayNext(turn: Turn): number {
    if (this.mustRead) return 0;
    const step = this.steps[this.said];
    const row = this.rows[this.told];
    if (row && !(step && step.rev < row.rev)) {
      this.told++;
      this.sayMessage(turn, row);
      return 1;
    }
    if (!step) return 0;
    this.said++;
    step.say(turn);
    return step.things;
  }

  private sayMessage(turn: Turn, row: MessageRow): void {
    const again = messageAgain(this.state, row);
    sayToAll(this.state, turn, again, this.state.occupants.audiences.everyone, []);
    if (row.stamp >= this.missedFrom) this.missed.add(row.seq, row.stamp, again);
  }

  private sayings(since: number): Step[] {
    const { state, aside } = this;
    /** The rev at which a session last ended. */
    const ended = new Map<FullJid, number>();
    return state.sayings
      .filter(({ rev }) => rev > since)
      .map(({ rev, what }): Step => {
        const saying = JSON.parse(what) as Saying;
        if (saying.kind === 'lists') this.listsChanged = true;
        for (const jid of endedBy(saying)) ended.set(foldFull(jid), rev);
        const cameBack = (spelt: string): boolean => {
          const jid = foldFull(spelt);
          return (state.occupants.session(jid) !== undefined || this.joining.has(jid)) && (ended.get(jid) ?? 0) >= rev;
        };
        // Status codes may show everybody.
        const things = saying.kind === 'notice' ? 1 + state.occupants.count : 1;
        return {
          rev,
          things,
          say: (turn) => {
            if (saying.kind === 'told') this.behind.push(whoEnters(state, saying));
            saySayingAgain(state, turn, saying, aside, cameBack);
          },
        };
      });
  }

  /** People whose present state others may not have heard of. */
  private changes(since: number): Step[] {
    const { state } = this;
    return [...state.occupants.all()]
      .filter(({ rev }) => rev > since)
      .map((occupant): Step => {
        const things = occupant.role === 'moderator' ? 1 + state.occupants.count : 1;
        return { rev: occupant.rev, things, say: (turn) => sayOccupantAgain(state, turn, occupant) };
      });
  }

  private beginAnew(turn: Turn, session: Entering): void {
    const { state, missed } = this;
    // A read for the former entry may still be under way: its answer must not end this one.
    const { entry } = state.occupants.enterAgain(session);
    const from = missed.since(missedSince(state, session));
    const first = missed.seqAt(from);
    if (first !== undefined) entry.owe(missed, from);
    state.raise();
    // What it was sent of the lists may not have arrived.
    if (session.heldLists !== null) state.occupants.holdLists(session, '');
    state.writeSession(turn, session);
    const codes = session.askedNick === null ? [] : [STATUS.nickAssigned];
    const before = turn.effects.length;
    welcome(state, turn, session, {
      codes: state.locked ? [STATUS.roomCreated, ...codes] : codes,
      id: undefined,
      tellOthersToo: false,
      seen: true,
      stanza: undefined,
      upToSeq: first === undefined ? undefined : first - 1,
    });
    this.later.push(...turn.effects.splice(before));
  }
}

/**
 * The roster tells what happened since a joiner came, and messages since then are told behind everything before them. Within one millisecond the
 * order is unknown: if older messages must not be read, the history has what may be read.
 */
function missedSince(state: RoomState, { joinedAt }: Entering): Millis {
  return state.facts.archiveAccess === 'stays' ? joinedAt + 1 : joinedAt;
}

/** Begins a new attempt: asks for the oldest messages that may not have arrived. */
export function askSayAgain(state: RoomState, turn: Turn): void {
  const going = (state.sayingAgain = new SayingAgain(state, ++state.attempts));
  turn.effects.push(going.next);
}

/** Goes on with what was read for the present attempt. An answer for an earlier one says nothing. */
export function sayAgain(
  state: RoomState,
  turn: Turn,
  effect: ReadMessages,
  rows: readonly MessageRow[],
  joining: ReadonlySet<FullJid> = NOBODY,
): void {
  const going = state.sayingAgain;
  if (going?.token !== effect.token) return;
  going.joining = joining;
  if (effect.limit > 0) going.read(rows);
  if (going.goOn(turn)) turn.effects.push(going.next);
  else state.sayingAgain = undefined;
}
