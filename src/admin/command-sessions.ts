/** Sessions of ad-hoc commands (XEP-0050 §3.3): between the form and its submission. Bounded in number and time. */
import type { FullJid } from '../xmpp/fold';
import type { Random } from '../room/contract/env';
import type { Clock } from '../service/clock';
import { SESSION_MS, type CommandSessions, type CommandSessionState } from '../xmpp/ad-hoc';

/** Most sessions at a time: the oldest ends for a new one. */
const MAX_OPEN = 200;
/** Ids of ended sessions that are remembered, so that they are not called unknown. */
const MAX_ENDED = 1_000;
const ID_BYTES = 12;

interface CommandSession {
  /** Full JID. */
  readonly from: FullJid;
  readonly node: string;
  readonly until: number;
}

export class KeptCommandSessions {
  /** In order of their beginning, and so of their end. */
  private readonly open = new Map<string, CommandSession>();
  private readonly ended = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Those of one asker with one command. Sessions of others are `unknown`. */
  of(from: FullJid, node: string): CommandSessions {
    return {
      begin: () => this.begin(from, node),
      look: (id) => this.look(id, from, node),
      end: (id) => {
        this.end(id);
      },
    };
  }

  private begin(from: FullJid, node: string): string {
    this.sweep(MAX_OPEN - 1);
    const id = Buffer.from(this.random.bytes(ID_BYTES)).toString('hex');
    this.open.set(id, { from, node, until: this.clock.elapsed() + SESSION_MS });
    return id;
  }

  private look(id: string, from: FullJid, node: string): CommandSessionState {
    this.sweep(MAX_OPEN);
    if (this.ended.has(id)) return 'ended';
    const session = this.open.get(id);
    return session?.from === from && session.node === node ? 'open' : 'unknown';
  }

  private end(id: string): void {
    if (!this.open.delete(id)) return;
    this.ended.add(id);
    for (const oldest of this.ended) {
      if (this.ended.size <= MAX_ENDED) break;
      this.ended.delete(oldest);
    }
  }

  private sweep(most: number): void {
    const now = this.clock.elapsed();
    for (const [id, { until }] of this.open) {
      if (until > now && this.open.size <= most) break;
      this.end(id);
    }
  }
}
