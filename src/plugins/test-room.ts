/** What a room in memory looks like that runs a plug-in, for the plug-in's own tests: people enter, speak and hear. */
import type { FormValues } from './api';

/** What a room for tests is made with. */
export interface TestRoomOptions {
  /** The plug-in's part of the configuration. */
  readonly config?: unknown;
  /** Its address; without it room@rooms.example.com. */
  readonly jid?: string;
  /** What its owner chose, by field of the form. */
  readonly values?: FormValues;
}

/** Somebody who is in the room, or wanted to be. */
export interface TestPerson {
  /** Full JID. */
  readonly jid: string;
  readonly nick: string;
  /** Says something to all. */
  say(body: string): void;
  /** Says something to one. */
  whisper(nick: string, body: string): void;
  /** Sends a stanza to the room as XML; `from` is added. */
  send(xml: string): void;
  leave(): void;
  /** What was sent to this client since it was last asked: stanzas as XML, in their order. */
  heard(): readonly string[];
}

/** A room with the plug-in in it. */
export interface TestRoom {
  readonly jid: string;
  /** Who made it: owner@example.com, in under the nick `owner`. */
  readonly owner: TestPerson;
  /** A client enters; the nick is the local part of its JID unless given. */
  enter(jid: string, nick?: string): TestPerson;
  /** Time passes, in milliseconds; what is due by then happens. */
  advance(ms: number): void;
  /** The operator reloads with another configuration. Throws with a sentence if Parlour would refuse it, or would wait for the next start. */
  reconfigure(config: unknown): void;
  /** Resolves when what the plug-in asked the room for is done. */
  settle(): Promise<void>;
  /** Ends it: `stop` of the plug-in is called. */
  end(): Promise<void>;
}
