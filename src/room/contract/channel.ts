/** What channel search shows of a room (XEP-0433 §6.2): part of its own row, as JSON. */

/** All of it was said by the room's owner, or follows from the options. */
export interface Channel {
  /** '': it has none. */
  readonly name: string;
  readonly description: string;
  /** A language tag; '': not said. */
  readonly language: string;
  /** Anybody may enter, without a password. */
  readonly open: boolean;
  /** Everybody in it sees real JIDs. */
  readonly nonAnonymous: boolean;
}
