/** One room: takes an input and decides what to write and what to send. The order in which an input is looked at stands here. */
import { goOn } from './ask-archive';
import { foldFull, type FullJid, type RoomJid } from '../xmpp/fold';
import { denial, errorReply, stanzaError, type StanzaError } from '../xmpp/stanza-error';
import type { Outgoing } from '../xmpp/outgoing';
import type { Element } from '../xmpp/xml';
import { languageOf } from '../xmpp/language';
import { inWords, type Language, type Text } from '../words';
import { answerProbe, changeAvailability } from './occupants/availability';
import { runCommand } from './run-command';
import { asksToJoin, enter, enterAgain, tellNotInRoom } from './occupants/enter';
import { groupchat } from './talking/groupchat';
import { finishEntry, historyRead } from './talking/history';
import { iqToOccupant, iqToRoom } from './iq';
import { leave, lost } from './occupants/leave';
import type { ArchiveInput, Decision, Input, Machine, MessagesInput, SessionMemo, Standing, StanzaInput } from './contract/machine';
import { endAffiliations } from './governing/ending';
import { isAdmin } from './governing/roles';
import { bareOf } from '../xmpp/jid';
import { isEntering } from './occupants/occupants';
import { changeNick } from './occupants/nick-change';
import { longPresence } from './occupants/presence';
import { showCapsOfNewRules } from './occupants/room-presence';
import { privateMessage } from './talking/private-message';
import { isQuery } from './contract/queries';
import { asItIs, buryWaiting, answerByNow, markReads, readHistoryAgain } from './retracting/retract';
import type { Counters, Millis, Rev, RoomRows } from './contract/rows';
import { askSayAgain, sayAgain } from './talking/saying-again';
import { relayed } from './talking/relay';
import type { RoomEnv } from './contract/env';
import { RoomState } from './state';
import { switchStays } from './occupants/stays';
import { absence, forgetTombstone } from './configuring/tombstone';
import { Turn } from './turn';

/** Makes rooms that share an environment: `rows` as the store has them, or null for a room that does not exist. */
export function createRoomFactory(env: RoomEnv): (jid: RoomJid, rows: RoomRows | null) => Machine {
  return (jid, rows) => new Room(new RoomState(jid, env, rows));
}

class Room implements Machine {
  constructor(private readonly state: RoomState) {}

  get jid(): RoomJid {
    return this.state.jid;
  }

  get exists(): boolean {
    return this.state.exists;
  }

  get occupants(): number {
    return this.state.occupants.count;
  }

  get occupied(): boolean {
    return this.state.occupants.count > 0;
  }

  get counters(): Counters {
    const { rev, deliveredRev, seq, stamp, used } = this.state;
    return { rev, deliveredRev, seq, stamp, used };
  }

  standing(jid: FullJid): Standing {
    const { state } = this;
    const bare = bareOf(jid);
    const affiliation = state.affiliationOf(bare);
    const session = state.occupants.session(jid);
    const belongs =
      session !== undefined || affiliation === 'member' || (state.exists && state.occupants.withId(state.idOf(bare)) !== undefined);
    return { nick: session?.occupant.nick, is: this.runs(jid) ? 'runs' : belongs ? 'belongs' : 'stranger' };
  }

  session(jid: FullJid): SessionMemo | undefined {
    return this.state.occupants.session(jid);
  }

  mayBegin(jid: FullJid): boolean {
    return this.state.env.policy.mayCreate(bareOf(jid));
  }

  runs(jid: FullJid): boolean {
    const { state } = this;
    const occupant = state.occupants.session(jid)?.occupant;
    // Asked of every message: admins and owners are moderators (§5.1.2), so most need no look at the lists. An occupant's bare JID has its hash.
    if (occupant && occupant.role !== 'moderator') return false;
    return state.exists && isAdmin(state.affiliationOf(occupant?.jid ?? bareOf(jid)));
  }

  decide(input: Input, now: Millis): Decision {
    const { state } = this;
    const turn = new Turn(now, state.timeAt(now));
    state.takeRules();
    const asks = isQuery(input);
    // The operator's defaults may have changed whether stays are kept.
    if (!asks) switchStays(state, turn);
    if (!asks) showCapsOfNewRules(state, turn);
    endAffiliations(state, turn, asks);
    const { lapsing, lapsingBits } = state.env.features;
    if (!asks && state.kept.may(lapsingBits)) {
      const asker = input.kind === 'stanza' ? bareOf(input.from) : undefined;
      for (const feature of lapsing) if (state.exists) feature.lapse?.(state, turn, asker);
    }
    switch (input.kind) {
      case 'stanza':
        this.stanza(turn, input);
        break;
      case 'messages':
        this.messages(turn, input);
        break;
      case 'gone': {
        const session = state.occupants.session(input.jid);
        if (session) lost(state, turn, session, input.text);
        break;
      }
      case 'bounced':
        state.env.features.bounced.some((feature) => state.exists && feature.bounced?.(state, turn, input.bounce));
        break;
      case 'account':
        for (const feature of state.env.features.told) if (state.exists) feature.told?.(state, turn, input.answer);
        break;
      case 'archive':
        this.archive(turn, input);
        break;
      case 'relayed':
        relayed(state, turn, input);
        break;
      case 'say-again':
        askSayAgain(state, turn);
        break;
      case 'command':
        runCommand(state, turn, input);
        break;
      case 'timer':
        state.waking = false;
        state.noteArrivals(turn);
        forgetTombstone(state, turn);
        for (const feature of state.env.features.timed) if (state.exists) feature.due?.(state, turn);
    }
    turn.end();
    if (turn.buried) buryWaiting(state, turn);
    if (state.rescheduling && asks) turn.wakes = true;
    else if (state.rescheduling) state.reschedule(turn);
    if (turn.writes.length > 0) state.noteArrivals(turn);
    for (const session of turn.overflowed) {
      const present = state.occupants.session(session.jid) === session;
      if (present && isEntering(session)) finishEntry(state, turn, session, []);
    }
    markReads(state, turn.effects);
    const decision = { writes: turn.writes, out: turn.out, effects: turn.effects, counters: this.counters };
    const wakes = turn.wakes && state.wakes();
    const counts = state.mustCount(turn);
    if (!wakes && !counts && turn.dropped === 0) return decision;
    return {
      ...decision,
      ...(wakes ? { wakes } : {}),
      ...(counts ? { counts } : {}),
      ...(turn.dropped === 0 ? {} : { dropped: turn.dropped }),
    };
  }

  delivered(rev: Rev): void {
    const { state } = this;
    const reached = Math.min(rev, state.occupants.heldFrom(rev));
    if (reached <= state.deliveredRev) return;
    state.deliveredRev = reached;
    state.sayings = state.sayings.filter((row) => row.rev > reached);
  }

  refuse(
    input: Input,
    condition: 'resource-constraint' | 'internal-server-error' | 'not-allowed' | 'policy-violation',
    text: Text,
  ): readonly Outgoing[] {
    if (input.kind === 'command') {
      input.done({ ok: false, error: stanzaError(condition, text) });
      return [];
    }
    const stanza = input.kind === 'stanza' ? input.stanza : input.kind === 'archive' ? input.effect.stanza : null;
    if (!stanza) return [];
    const error = stanzaError(condition, text, condition === 'not-allowed' ? {} : { type: 'wait' });
    const reply = errorReply(stanza, error, this.jid, this.knownLanguage(stanza));
    return reply ? [reply] : [];
  }

  /** Of the session that sent a stanza. */
  private knownLanguage(stanza: Element): Language | undefined {
    return this.state.occupants.session(foldFull(stanza.attrs['from'] as string))?.language;
  }

  private messages(turn: Turn, input: MessagesInput): void {
    if (readHistoryAgain(this.state, turn, input.effect)) return;
    const rows = input.rows.map((row) => asItIs(this.state, row));
    if (input.effect.purpose === 'history') historyRead(this.state, turn, input.effect, rows);
    else sayAgain(this.state, turn, input.effect, rows, input.joining);
  }

  private archive(turn: Turn, { effect, answer }: ArchiveInput): void {
    const present = answerByNow(this.state, turn, effect, answer);
    if (!present) return;
    const refusal = goOn(effect, this.state, turn, present);
    const reply = refusal && effect.stanza && errorReply(effect.stanza, refusal, this.jid, this.knownLanguage(effect.stanza));
    if (reply) turn.say(reply);
  }

  private stanza(turn: Turn, input: StanzaInput): void {
    const { stanza, from, nick } = input;
    const { checks } = this.state;
    if (stanza.name !== 'iq') checks.begin(input.answers);
    const refusal =
      stanza.name === 'message'
        ? this.message(turn, stanza, from, nick)
        : stanza.name === 'presence'
          ? this.presence(turn, stanza, from, nick)
          : this.iq(turn, stanza, from, nick);
    const asked = checks.end();
    if (asked) {
      turn.effects.push({ kind: 'ask-check', input, asked });
      return;
    }
    if (!refusal) return;
    const reply = errorReply(stanza, refusal, this.jid, this.state.occupants.session(from)?.language);
    if (reply) turn.say(reply);
  }

  private message(turn: Turn, stanza: Element, from: FullJid, nick: string): StanzaError | undefined {
    const type = stanza.attrs['type'] as string | undefined;
    if (type === 'error') return undefined; // Bounces are weighed by the service, which knows what they answer.
    // §17.2: until it is configured, a room is not there for those outside.
    if (this.state.locked && !this.state.occupants.session(from)) return stanzaError('item-not-found', inWords('noRoom'));
    if (nick !== '') return privateMessage(this.state, turn, stanza, from, nick);
    if (type === 'groupchat') return groupchat(this.state, turn, stanza, from);
    if (!this.state.exists) return absence(this.state, turn);
    for (const feature of this.state.env.features.message) {
      const outcome = feature.message?.({ room: this.state, turn, stanza, from });
      if (outcome !== 'pass') return outcome;
    }
    if (!this.state.occupants.session(from)) return stanzaError('not-acceptable', inWords('notOccupant'));
    return stanzaError('bad-request', inWords('groupchatOnly'));
  }

  private presence(turn: Turn, stanza: Element, from: FullJid, nick: string): StanzaError | undefined {
    const { state } = this;
    const session = state.occupants.session(from);
    switch (stanza.attrs['type'] as string | undefined) {
      case undefined:
        break;
      case 'unavailable':
        // §17.3: from somebody who is not in, it means nothing. To whichever nick: a session leaves.
        if (session) leave(state, turn, stanza, session);
        return undefined;
      case 'subscribe':
        turn.say(denial(stanza));
        return undefined;
      case 'probe':
        if (session && nick !== '') answerProbe(state, turn, session, nick);
        return undefined;
      case 'error':
      case 'subscribed':
      case 'unsubscribe':
      case 'unsubscribed':
        return undefined;
      default:
        return stanzaError('bad-request', inWords('presenceType'));
    }
    const joins = asksToJoin(stanza);
    if (nick === '') return stanzaError('jid-malformed', inWords('noNick'));
    if (!session) {
      if (joins) enter(state, turn, stanza, from, nick);
      else tellNotInRoom(state, turn, stanza, nick);
      return undefined;
    }
    session.language = languageOf(stanza) ?? session.language;
    const long = longPresence(state, turn, stanza);
    if (long) return long;
    if (nick !== session.occupant.nick && nick !== session.askedNick) {
      const refusal = changeNick(state, turn, stanza, session, nick);
      if (refusal || !joins) return refusal;
    }
    if (joins) enterAgain(state, turn, stanza, session, nick);
    else return changeAvailability(state, turn, stanza, session);
    return undefined;
  }

  private iq(turn: Turn, stanza: Element, from: FullJid, nick: string): StanzaError | undefined {
    const type = stanza.attrs['type'] as string | undefined;
    if (type === 'result' || type === 'error') return undefined;
    if (type !== 'get' && type !== 'set') return stanzaError('bad-request', inWords('iqMalformed'));
    return nick === '' ? iqToRoom(this.state, turn, stanza, from) : iqToOccupant(this.state, turn, stanza, from, nick);
  }
}
