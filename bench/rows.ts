/** Batches of messages as many rooms say them, for what is measured at the store. */
import { randomBytes } from 'node:crypto';
import { messageId } from '../src/room/talking/ids';
import { emptyColumns, type Batch } from '../src/store/room-store';
import type { Change } from '../src/room/contract/rows';
import { asBare, asFull, asRoom } from '../test/support/jids';
import { asNick, asOccupantId } from '../test/support/ids';

export const PAYLOAD = `<body>${'x'.repeat(480)}</body><origin-id xmlns='urn:xmpp:sid:0' id='0123456789abcdef'/>`;

/** Occupants of each room. */
const OCCUPANTS = 10;
const random = { bytes: (count: number): Uint8Array => randomBytes(count) };

/** A batch of `size` messages, spread over all rooms in turn. */
export class Source {
  private number = 0;
  private readonly seqs: number[];

  /** `name`: how the rooms' names begin. */
  constructor(
    private readonly roomCount: number,
    private readonly name = 'room',
    private readonly domain = 'rooms.example.org',
  ) {
    this.seqs = new Array<number>(roomCount).fill(0);
  }

  private jid(room: number): string {
    return `${this.name}${room}@${this.domain}`;
  }

  /** The batch that creates the rooms. */
  first(): Batch {
    const rooms = this.seqs.map((_, i) => this.jid(i));
    const changes = rooms.map((jid): Change[] => [
      {
        table: 'room',
        row: {
          jid: asRoom(jid),
          state: 'open',
          options: '{}',
          name: '',
          listed: true,
          subject: null,
          secret: '00',
          creator: asBare('a@example.org'),
          createdAt: 1,
          archiveFrom: 0,
          deadline: null,
          keepDays: null,
          keepMessages: null,
          tombstone: null,
        },
      },
    ]);
    const zero = rooms.map(() => 0);
    return {
      knows: this.number,
      number: ++this.number,
      rooms: rooms.map(asRoom),
      counters: { rev: zero, deliveredRev: zero, seq: zero, stamp: zero, used: zero },
      changes,
      messages: emptyColumns(),
    };
  }

  next(size: number): Batch {
    const count = Math.min(size, this.roomCount);
    const start = (this.number * size) % this.roomCount;
    const indexes = Array.from({ length: count }, (_, i) => (start + i) % this.roomCount);
    const messages = emptyColumns();
    const stamp = Date.now();
    for (let j = 0; j < size; j++) {
      const room = j % count;
      const index = indexes[room] as number;
      const seq = (this.seqs[index] ?? 0) + 1;
      this.seqs[index] = seq;
      messages.room.push(room);
      messages.seq.push(seq);
      messages.rev.push(seq);
      messages.stamp.push(stamp);
      messages.id.push(messageId(stamp, random));
      messages.nick.push(asNick('Somebody'));
      messages.sender.push(asFull('somebody@example.org/somewhere'));
      messages.jidShown.push(false);
      messages.occupantId.push(asOccupantId(`occupant${String(index).padStart(6, '0')}-${String((seq * 7) % OCCUPANTS).padStart(7, '0')}`));
      messages.clientId.push(`client-${j}`);
      messages.lang.push(null);
      messages.inHistory.push(true);
      messages.payload.push(PAYLOAD);
    }
    const seqs = indexes.map((index) => this.seqs[index] as number);
    const rooms = indexes.map((index) => this.jid(index));
    return {
      knows: this.number,
      number: ++this.number,
      rooms: rooms.map(asRoom),
      counters: {
        rev: seqs,
        deliveredRev: seqs.map((seq) => seq - 1),
        seq: seqs,
        stamp: seqs.map(() => stamp),
        used: seqs.map(() => stamp),
      },
      changes: rooms.map(() => null),
      messages,
    };
  }
}
