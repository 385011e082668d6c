/** Who was in which room lately: whoever comes back meets no bucket at the door. In memory, and bounded. */

/** How long it counts, in milliseconds, and how many are remembered. */
const LATELY_MS = 24 * 3600_000;
const MOST = 100_000;

export class Recent {
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
}
