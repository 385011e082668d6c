/** What a room's stanzas cost their accounts: which are passed on, which wait, and who pays nothing. */
import type { Domain, FullJid, RoomJid } from '../../xmpp/fold';
import { bareOf } from '../../xmpp/jid';
import type { Machine, StanzaInput } from '../../room/contract/machine';
import { takesError } from '../../xmpp/stanza-error';
import type { Account, Asked, Budget } from './budget';
import { costOf, kindOf, type Kind } from './kinds';
import { Recent } from './recent';
import { memoryOf, afterWait, TOO_FAST, TOO_FAST_IN, type Refusal } from './refusals';

/** What is done with a stanza that waited. */
export interface Doors {
  input(jid: RoomJid, input: StanzaInput, bytes: number): void;
  refuse(jid: RoomJid, input: StanzaInput, why: Refusal): void;
  elapsed(): number;
}

/** What a stanza costs that waits, and how it waits. */
type Price = Pick<Asked, 'early' | 'share'> & { readonly kind: Kind | 'free'; readonly cost: number };

const NOTHING: Price = { kind: 'free', cost: 0 };

export class Charging {
  private readonly recent = new Recent();

  constructor(
    private readonly budget: Budget,
    private readonly doors: Doors,
  ) {}

  /**
   * The input as it goes on; undefined: it waits, or was refused. `machine`: the room, if it is awake. `asleep`: it is not in memory. Leaving such
   * a room counts as a request, since the store has to be asked for it.
   */
  atTheDoor(jid: RoomJid, machine: Machine | undefined, asleep: boolean, input: StanzaInput, bytes: number): StanzaInput | undefined {
    if (input.paid !== undefined) return input;
    const { from, stanza } = input;
    const free = kindOf(stanza, bytes);
    const kind = free === 'free' && asleep ? 'request' : free;
    const account = this.budget.ofSession(from, machine?.session?.(from));
    if (kind === 'entry') return this.entering(jid, machine, account, input, bytes);
    if (isExempt(machine, account, from, kind)) return this.free(jid, account, input, bytes) && input;
    const cost = costOf(stanza, kind);
    const exact = kind === 'presence' && machine ? presenceKind(machine, input) : kind;
    const share = exact === 'free' ? undefined : this.shareOf(machine, from);
    return this.budget.take(account, exact, cost, share) ? input : this.wait(jid, input, bytes, { kind: exact, cost, share });
  }

  /** An entry: who is in or belongs there is known only when the room is awake, so one to a sleeping room passes as far as requests do. */
  private entering(
    jid: RoomJid,
    machine: Machine | undefined,
    account: Account,
    input: StanzaInput,
    bytes: number,
  ): StanzaInput | undefined {
    const { budget } = this;
    const { from } = input;
    // By an awake room it is charged when it is decided.
    const share = this.shareOf(machine, from);
    if (machine && account.waiting.length === 0 && share === undefined) return input;
    const due = machine ? this.dueAtEntry(jid, machine, input) : account.trusted ? 'free' : 'request';
    if (due === 'free') return this.free(jid, account, input, bytes) && { ...input, paid: due };
    if (!budget.take(account, due, 1, share)) return this.wait(jid, input, bytes, { kind: due, cost: 1, share });
    return { ...input, paid: due };
  }

  /** It costs nothing and waits for nothing, but for what its session sent to that room before. */
  private free(jid: RoomJid, account: Account, input: StanzaInput, bytes: number): StanzaInput | undefined {
    return this.budget.waitsFor(account, input.from, jid) ? this.wait(jid, input, bytes, NOTHING) : input;
  }

  /** Of a stanza that an awake room is about to decide: undefined if it waits, or was refused. */
  atTheRoom(jid: RoomJid, machine: Machine, input: StanzaInput, bytes: number): StanzaInput | undefined {
    const { budget } = this;
    const { stanza, from } = input;
    // What passed the door was paid for there.
    const behind = input.paid === undefined && budget.waitsEarly(from);
    const kind = stanza.name === 'presence' ? kindOf(stanza) : 'free';
    if (kind !== 'entry') {
      if (stanza.attrs['type'] === 'unavailable' && machine.standing?.(from).nick !== undefined)
        this.recent.add(jid, bareOf(from), this.doors.elapsed());
      return behind ? this.wait(jid, input, bytes, { ...NOTHING, early: true }) : input;
    }
    // As a request to a sleeping room it was paid for without knowing what it is.
    if (input.paid !== undefined && input.paid !== 'request') return input;
    const due = this.dueAtEntry(jid, machine, input);
    if (input.paid === due || budget.takeEarly(from, due, 1)) return input;
    return this.wait(jid, input, bytes, { kind: due, cost: 1, early: true });
  }

  /** Presence was decided: whoever is in now is no stranger any more. */
  decided(machine: Machine, from: FullJid): void {
    if (machine.standing?.(from).nick !== undefined) this.budget.noteIn(from);
  }

  /** The domain with whose other strangers somebody shares, if anything is scarce and they do not belong to the room. */
  private shareOf(machine: Machine | undefined, from: FullJid): Domain | undefined {
    const share = this.budget.shareOf(from);
    return share !== undefined && (machine?.standing?.(from).is ?? 'stranger') === 'stranger' ? share : undefined;
  }

  /** Somebody is gone from a room without having said so: they may come back. */
  left(jid: RoomJid, machine: Machine, from: FullJid): void {
    if (machine.standing?.(from).nick !== undefined) this.recent.add(jid, bareOf(from), this.doors.elapsed());
  }

  /** What an entry costs that an awake room is about to decide; counts returns. */
  private dueAtEntry(jid: RoomJid, machine: Machine, { from, nick }: StanzaInput): Kind | 'free' {
    const standing = machine.standing?.(from);
    if (!standing || standing.is === 'runs' || this.budget.isTrusted(from)) return 'free';
    if (standing.nick !== undefined && standing.nick !== nick) return 'nick';
    // What it costs must not tell whether there is a room that is not configured yet.
    if (!machine.exists) return (machine.mayBegin?.(from) ?? true) ? 'room' : 'entry';
    const account = bareOf(from);
    const now = this.doors.elapsed();
    // Whoever is in, belongs or was in lately pays nothing, unless they come again and again.
    const known = standing.is !== 'stranger' || this.recent.has(jid, account, now);
    if (known && this.recent.mayReturn(jid, account, now)) return 'free';
    return standing.nick === undefined ? 'entry' : 'presence';
  }

  private wait(jid: RoomJid, input: StanzaInput, bytes: number, price: Price): undefined {
    const { kind, cost } = price;
    const why = kind === 'entry' || kind === 'room' ? TOO_FAST_IN : TOO_FAST;
    this.budget.wait({
      ...price,
      bytes,
      memory: memoryOf(input, bytes),
      session: input.from,
      room: jid,
      run: () => this.doors.input(jid, { ...input, paid: kind }, bytes),
      refuse: takesError(input.stanza)
        ? () => this.doors.refuse(jid, input, afterWait(why, this.budget.msUntil(input.from, kind, cost)))
        : undefined,
    });
  }
}

/** Admins and owners in their own room, but for what reaches people outside of it (anybody makes a room), and whom the operator trusts. */
function isExempt(machine: Machine | undefined, account: Account, from: FullJid, kind: Kind | 'free'): boolean {
  return account.trusted || (kind !== 'invitation' && machine?.runs?.(from) === true);
}

/** Presence of who is in, to another nick than they have, asks for that nick. */
function presenceKind(machine: Machine, { from, nick, stanza }: StanzaInput): Kind {
  if (stanza.attrs['type'] !== undefined) return 'presence';
  const own = machine.standing?.(from).nick;
  return own !== undefined && own !== nick ? 'nick' : 'presence';
}
