/**
 * A tiny room that obeys the contract: presence joins or leaves, groupchat is archived and told to all, an IQ tells who is in.
 * Bodies beginning with `quick` are not archived; IQ payloads named boom, silent, twice and destroy do what they say.
 */
import type { Decision, Effect, Input, Machine, Write } from '../../src/room/contract/machine';
import type { Counters, RoomRow, RoomRows } from '../../src/room/contract/rows';
import type { FullJid, RoomJid } from '../../src/xmpp/fold';
import { address, outgoing, type Outgoing } from '../../src/xmpp/outgoing';
import { errorReply, stanzaError } from '../../src/xmpp/stanza-error';
import { childElements, textOf, type Element } from '../../src/xmpp/xml';
import { bareOf } from '../../src/xmpp/jid';
import { asBare } from '../support/jids';
import { asNick, asOccupantId, asStanzaId } from '../support/ids';

export class FakeRoom implements Machine {
  exists: boolean;
  private readonly members: Map<FullJid, string>;
  private rev: number;
  private deliveredRev: number;
  private seq: number;
  private stamp: number;
  private deadline: number | null;

  constructor(
    readonly jid: RoomJid,
    rows: RoomRows | null,
    /** Every input that was decided, as `room what`. */
    private readonly journal: string[],
  ) {
    this.exists = rows !== null && rows.room.state === 'open';
    this.members = new Map((rows?.sessions ?? []).map((session) => [session.jid, session.occupantId]));
    const { rev, deliveredRev, seq, stamp } = rows?.counters ?? { rev: 0, deliveredRev: 0, seq: 0, stamp: 0 };
    this.rev = rev;
    this.deliveredRev = deliveredRev;
    this.seq = seq;
    this.stamp = stamp;
    this.deadline = rows?.room.deadline ?? null;
  }

  get occupied(): boolean {
    return this.members.size > 0;
  }

  /** The full JIDs that are in. */
  get sessions(): Iterable<FullJid> {
    return this.members.keys();
  }

  get counters(): Counters {
    return { rev: this.rev, deliveredRev: this.deliveredRev, seq: this.seq, stamp: this.stamp, used: this.stamp };
  }

  delivered(rev: number): void {
    this.deliveredRev = Math.max(rev, this.deliveredRev);
  }

  refuse(input: Input, condition: 'resource-constraint' | 'internal-server-error' | 'not-allowed', text: string): readonly Outgoing[] {
    const reply = input.kind === 'stanza' ? errorReply(input.stanza, stanzaError(condition, text), this.jid) : undefined;
    return reply ? [reply] : [];
  }

  decide(input: Input, now: number): Decision {
    const writes: Write[] = [];
    const out: Outgoing[] = [];
    const effects: Effect[] = [];
    this.stamp = Math.max(this.stamp, now);
    this.journal.push(`${this.jid} ${this.what(input)}`);
    if (input.kind === 'gone') this.leave(input.jid, `${input.jid} is gone`, writes, out);
    else if (input.kind === 'say-again') {
      effects.push({
        kind: 'read-messages',
        purpose: 'say-again',
        session: '',
        token: 0,
        upToSeq: this.seq,
        afterRev: this.deliveredRev,
        limit: 1000,
      });
    } else if (input.kind === 'messages') for (const row of input.rows) out.push(this.toAll(`${input.effect.purpose}: ${row.payload}`));
    else if (input.kind === 'timer') this.timer(writes, out);
    else if (input.kind === 'command') {
      if (input.command.name === 'set-affiliations') this.archive('news', null, writes, out);
      input.done({ ok: true });
    } else if (input.kind === 'stanza') this.stanza(input.stanza, input.from, input.nick, writes, out, effects);
    return { writes, out, effects, counters: this.counters };
  }

  private stanza(stanza: Element, from: FullJid, nick: string, writes: Write[], out: Outgoing[], effects: Effect[]): void {
    const type = stanza.attrs['type'] as string | undefined;
    if (stanza.name === 'iq') this.iq(stanza, from, writes, out);
    else if (stanza.name === 'message') {
      const body = childElements(stanza).map(textOf).join('');
      if (body.startsWith('quick')) out.push(this.toAll(body));
      else this.archive(body, from, writes, out);
    } else if (type === 'unavailable') this.leave(from, `${from} left`, writes, out);
    else {
      this.rev++;
      if (!this.exists)
        writes.push({
          table: 'room',
          row: this.row('open'),
          create: { roomsPerCreator: null, rooms: this.jid.startsWith('limited') ? 0 : null },
        });
      this.exists = true;
      this.members.set(from, nick);
      writes.push({
        table: 'occupant',
        id: asOccupantId(nick),
        row: { id: asOccupantId(nick), jid: bareOf(from), nick: asNick(nick), role: 'participant', rev: this.rev },
      });
      writes.push({
        table: 'session',
        jid: from,
        row: {
          jid: from,
          occupantId: asOccupantId(nick),
          presence: '',
          priority: 0,
          entering: false,
          askedNick: null,
          joinedAt: this.stamp,
        },
      });
      out.push(this.toAll(`${nick} joined`));
      if (nick.startsWith('reader')) {
        effects.push({ kind: 'read-messages', purpose: 'history', session: from, token: 1, upToSeq: this.seq, limit: 10 });
      }
    }
  }

  private iq(iq: Element, from: FullJid, writes: Write[], out: Outgoing[]): void {
    const asked = childElements(iq)[0]?.name;
    if (asked === 'boom') throw new Error('boom');
    if (asked === 'silent') return;
    if (asked === 'deadline') {
      this.deadline = this.stamp + 5_000;
      writes.push({ table: 'room', row: this.row('open') });
    }
    if (asked === 'destroy') {
      this.rev++;
      out.push(this.toAll('destroyed'));
      this.members.clear();
      this.exists = false;
      writes.push({ table: 'clear' }, { table: 'room', row: this.row('destroyed') });
    }
    const text = asked === 'who' ? `in: ${[...this.members.values()].join(' ')}` : 'done';
    const reply = outgoing('iq', this.jid, from, { type: 'result', id: iq.attrs['id'] as string }, `<t>${text}</t>`);
    out.push(reply);
    if (asked === 'twice') out.push(reply);
  }

  private archive(body: string, from: FullJid | null, writes: Write[], out: Outgoing[]): void {
    this.rev++;
    this.seq++;
    writes.push({
      table: 'message',
      row: {
        seq: this.seq,
        rev: this.rev,
        stamp: this.stamp,
        id: asStanzaId(`${this.jid}-${this.seq}`),
        nick: null,
        sender: from,
        jidShown: false,
        occupantId: null,
        clientId: null,
        lang: null,
        inHistory: true,
        payload: body === 'bad row' ? (null as unknown as string) : body,
      },
    });
    out.push(this.toAll(body));
  }

  private timer(writes: Write[], out: Outgoing[]): void {
    if (this.deadline === null || this.deadline > this.stamp) return;
    this.deadline = null;
    writes.push({ table: 'room', row: this.row('open') });
    out.push(this.toAll('timer'));
  }

  private leave(jid: FullJid, text: string, writes: Write[], out: Outgoing[]): void {
    const id = this.members.get(jid);
    if (id === undefined) return;
    this.rev++;
    this.members.delete(jid);
    writes.push({ table: 'session', jid, row: null }, { table: 'occupant', id: asOccupantId(id), row: null });
    out.push(this.toAll(text));
  }

  private toAll(text: string): Outgoing {
    return outgoing('message', this.jid, [...this.members.keys()].map(address), { type: 'groupchat' }, `<t>${text}</t>`);
  }

  private row(state: RoomRow['state']): RoomRow {
    return {
      jid: this.jid,
      state,
      options: '{}',
      name: '',
      listed: true,
      subject: null,
      secret: '00',
      creator: asBare('c@x.lit'),
      createdAt: 0,
      archiveFrom: 0,
      deadline: this.deadline,
      keepDays: null,
      keepMessages: null,
      tombstone: null,
    };
  }

  private what(input: Input): string {
    if (input.kind !== 'stanza') return input.kind;
    const { stanza } = input;
    return `${stanza.name} ${(stanza.attrs['id'] as string | undefined) ?? (stanza.attrs['type'] as string | undefined) ?? ''}`.trim();
  }
}
