/** The way by which what rooms say reaches people, and how it is known that it has got there. */
import type { Link } from '../../link/link';

export interface Route {
  /** Whether anything can be said now. */
  readonly open: boolean;
  /** Resolves true once everything said before this call has reached the server; false if the way was lost first. Never rejects. */
  reached(): Promise<boolean>;
}

/** The connection to the server: a ping behind everything that was written before. */
export function linkRoute(link: Pick<Link, 'barrier' | 'online'>): Route {
  return {
    get open() {
      return link.online;
    },
    reached: () => link.barrier(),
  };
}
