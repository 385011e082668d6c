/** Accounts that the service had presence or a request from since it started: they exist. Bounded; the longest unseen are forgotten. */
const MOST = 100_000;

export class SeenAccounts {
  private readonly seen = new Set<string>();

  add(account: string): void {
    // Anew at the end: the first is the one unseen for longest.
    this.seen.delete(account);
    this.seen.add(account);
    if (this.seen.size <= MOST) return;
    for (const first of this.seen) {
      this.seen.delete(first);
      return;
    }
  }

  has(account: string): boolean {
    return this.seen.has(account);
  }
}
