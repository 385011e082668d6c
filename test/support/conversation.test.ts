/** The conversation itself, with rooms that only echo: a harness that lets everything pass would prove nothing. */
import { createHash } from 'node:crypto';
import type { RoomJid } from '../../src/xmpp/fold';
import { outgoing } from '../../src/xmpp/outgoing';
import { serializeChildren } from '../../src/xmpp/xml';
import type { Decision, Input, Machine } from '../../src/room/contract/machine';
import type { Counters, Millis, RoomRow, RoomRows } from '../../src/room/contract/rows';
import { conversation, type Conversation } from './conversation';
import { canonical } from './canonical';
import { asRoom } from './jids';
import { asStanzaId } from './ids';

/** Answers each stanza to its sender with a number that only rows can carry over a restart, after asking the archive. */
class Echo implements Machine {
  private said: number;
  readonly exists = true;
  readonly occupied = true;

  constructor(
    readonly jid: RoomJid,
    rows: RoomRows | null,
  ) {
    this.said = rows?.counters.seq ?? 0;
  }

  get counters(): Counters {
    return { rev: this.said, deliveredRev: 0, seq: this.said, stamp: 0, used: 0 };
  }

  decide(input: Input, now: Millis): Decision {
    const decision = { writes: [], out: [], effects: [], counters: this.counters };
    if (input.kind === 'messages') {
      const inner = input.rows.map((row) => `<old>${row.payload}</old>`).join('');
      return { ...decision, out: [outgoing('message', this.jid, input.effect.session, {}, inner)] };
    }
    if (input.kind !== 'stanza') return decision;
    const seq = ++this.said;
    const id = asStanzaId(createHash('sha256').update(String(seq)).digest('hex'));
    const payload = serializeChildren(input.stanza);
    const message = {
      seq,
      rev: seq,
      stamp: now,
      id,
      nick: null,
      sender: null,
      jidShown: false,
      occupantId: null,
      clientId: null,
      lang: null,
      inHistory: true,
      payload,
    };
    const room: RoomRow = {
      jid: asRoom(this.jid),
      state: 'open',
      options: '{}',
      name: '',
      listed: false,
      subject: null,
      secret: '',
      creator: '',
      createdAt: now,
      archiveFrom: 0,
      deadline: null,
      keepDays: null,
      keepMessages: null,
      tombstone: null,
    };
    return {
      writes: [
        { table: 'room', row: room },
        { table: 'message', row: message },
      ],
      out: [
        outgoing(
          'message',
          this.jid,
          [input.from, 'spy@home'].map((jid) => ({ jid, wire: Buffer.from(jid) })),
          { id, n: String(seq) },
          payload,
        ),
      ],
      effects:
        payload === '' ? [{ kind: 'read-messages', purpose: 'history', session: input.from, token: 1, upToSeq: seq - 1, limit: 10 }] : [],
      counters: this.counters,
    };
  }

  delivered(): void {}

  refuse(): never {
    throw new Error('Nothing is refused here.');
  }
}

let c: Conversation;
beforeEach(() => {
  c = conversation({ makeRoom: (jid, rows) => new Echo(jid, rows) });
});
const hello = '<message from="a@home/x" to="room@muc"><body>hi</body></message>';
const answer = (to: string, n: number, id = `{sid:${n}}`): string =>
  `<message from="room@muc" to="${to}" id="${id}" n="${n}"><body>hi</body></message>`;

test('attributes may come in any order, a name stands for one value', () => {
  c.send(hello);
  c.expect('<message n="1" to="a@home/x" id="{sid:one}" from="room@muc"><body>hi</body></message>', answer('spy@home', 1, '{sid:one}'));
});

test('nothing was said: only nothing is expected', () => {
  c.expect();
  expect(() => c.expect(answer('a@home/x', 1))).toThrow();
});

test.each<[string, (n: number) => string[]]>([
  ['a stanza missing', (n) => [answer('a@home/x', n)]],
  ['one too many', (n) => [answer('a@home/x', n), answer('spy@home', n), answer('spy@home', n)]],
  ['another order', (n) => [answer('spy@home', n), answer('a@home/x', n)]],
  ['another text', (n) => [answer('a@home/x', n).replace('hi', 'ho'), answer('spy@home', n)]],
  ['a child too many', (n) => [answer('a@home/x', n).replace('<body>', '<x/><body>'), answer('spy@home', n)]],
  ['another child', (n) => [answer('a@home/x', n).replace(/body/g, 'boby'), answer('spy@home', n)]],
  ['an attribute missing', (n) => [answer('a@home/x', n).replace(' from="room@muc"', ''), answer('spy@home', n)]],
  ['an attribute too many', (n) => [answer('a@home/x', n).replace('<body', '<body lang="en"'), answer('spy@home', n)]],
  ['two names for one value', (n) => [answer('a@home/x', n), answer('spy@home', n, '{sid:other}')]],
])('%s is noticed', (_, wanted) => {
  c.send(hello);
  expect(() => c.expect(...wanted(1))).toThrow();
});

test('a name remembered from one look holds in the next', () => {
  c.send(hello);
  c.expect(answer('a@home/x', 1, '{sid:x}'), answer('spy@home', 1, '{sid:x}'));
  c.send(hello);
  expect(() => c.expect(answer('a@home/x', 2, '{sid:x}'), answer('spy@home', 2, '{sid:x}'))).toThrow();
});

test('one recipient is looked at alone, and what is forgotten is not seen', () => {
  c.send(hello);
  c.expectTo('spy@home', answer('spy@home', 1));
  c.send(hello);
  c.forget();
  c.expect();
});

test('after a restart a room knows what its rows know, each room its own', () => {
  c.send(hello);
  c.forget();
  c.restart();
  c.send(hello);
  c.expectTo('a@home/x', answer('a@home/x', 2));
  c.send(hello.replace('room@muc', 'other@muc'));
  c.expectTo('a@home/x', answer('a@home/x', 1, '{sid:1}').replace('room@muc', 'other@muc'));
});

test('what a room asks of the archive comes back as an input', () => {
  c.send(hello);
  c.forget();
  c.send('<message from="a@home/x" to="room@muc"/>');
  c.expectTo(
    'a@home/x',
    '<message from="room@muc" to="a@home/x" id="{sid:2}" n="2"/>',
    '<message from="room@muc" to="a@home/x"><old><body>hi</body></old></message>',
  );
});

test('a difference is shown one stanza a line, attributes sorted', () => {
  expect(canonical('<a z="1" b="2"><c/>t</a>')).toBe('<a b="2" z="1"><c></c>t</a>');
  c.send(hello);
  expect(() => c.expect()).toThrow(/<message from='room@muc' id='[0-9a-f]{64}' n='1' to='a@home\/x'><body>hi<\/body><\/message>/);
});
