/** Who was in which room lately: whoever comes back meets no bucket at the door. In memory, and bounded. */

/** How long it counts, in milliseconds, and how many are remembered. */
const LATELY_MS = 24 * 3600_000;
const MOST = 100_000;

/** Returns of one account to one room: one in five seconds, five at once. */
const RETURN_MS = 5_000;
const RETURNS = 5;

export class Recent {
  /** When an account's returns to a room are all free again, by both. */
  private readonly returns = new Map<string, number>();

  /** Times by room and account, the oldest first. */
  private readonly left = new Map<string, number>();

  /** `account` left `room` at `now`. */
  add(room: string, account: string, now: number): void {
    const key = `${room} ${account}`;
    this.left.delete(key);
    this.left.set(key, now);
    if (this.left.size <= MOST) return;
    for (const oldest of this.left.keys()) {
      this.left.delete(oldest);
      return;
    }
  }

  has(room: string, account: string, now: number): boolean {
    const at = this.left.get(`${room} ${account}`);
    return at !== undefined && now - at < LATELY_MS;
  }

  /** Whether it comes back to that room no more often than people do; counts it. */
  mayReturn(room: string, account: string, now: number): boolean {
    const key = `${room} ${account}`;
    const full = Math.max(this.returns.get(key) ?? 0, now) + RETURN_MS;
    if (full - now > RETURNS * RETURN_MS) return false;
    this.returns.delete(key);
    this.returns.set(key, full);
    for (const [oldest, at] of this.returns) {
      if (at > now && this.returns.size <= MOST) break;
      this.returns.delete(oldest);
    }
    return true;
  }
}
