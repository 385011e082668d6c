/** Who was in which room lately: whoever comes back meets no bucket at the door. In memory, and bounded. */
import type { BareJid, RoomJid } from '../../xmpp/fold';

/** How long it counts, in milliseconds, and how many are remembered. */
const LATELY_MS = 24 * 3600_000;
const MOST = 100_000;

/** Returns of one account to one room: one in five seconds, five at once. */
const RETURN_MS = 5_000;
const RETURNS = 5;

/** Times by room and account, in two generations: to look for the oldest of one large map costs more the longer it is in use. */
class Times {
  private young = new Map<string, number>();
  private old = new Map<string, number>();

  get(key: string): number | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  set(key: string, at: number): void {
    this.young.set(key, at);
    if (this.young.size < MOST / 2) return;
    this.old = this.young;
    this.young = new Map();
  }
}

export class Recent {
  private readonly left = new Times();
  /** When an account's returns to a room are all free again. */
  private readonly returns = new Times();

  /** `account` left `room` at `now`. */
  add(room: RoomJid, account: BareJid, now: number): void {
    this.left.set(`${room} ${account}`, now);
  }

  has(room: RoomJid, account: BareJid, now: number): boolean {
    const at = this.left.get(`${room} ${account}`);
    return at !== undefined && now - at < LATELY_MS;
  }

  /** Whether it comes back to that room no more often than people do; counts it. */
  mayReturn(room: RoomJid, account: BareJid, now: number): boolean {
    const key = `${room} ${account}`;
    const full = Math.max(this.returns.get(key) ?? 0, now) + RETURN_MS;
    if (full - now > RETURNS * RETURN_MS) return false;
    this.returns.set(key, full);
    return true;
  }
}
