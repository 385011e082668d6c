/** How accounts were woken, and in which form those of a domain are: what the service knows of them over restarts. */
import type { Millis } from '../room/contract/rows';
import type { BareJid, Domain } from '../xmpp/fold';

/** What was sent to an account that has shown no sign of life since. */
export interface WokenRow {
  readonly jid: BareJid;
  /** The first wake-up since their last sign of life. */
  readonly since: Millis;
  readonly tries: number;
  /** Those among them that the account's server keeps. */
  readonly waiting: number;
  /** The server had no more room for them then; 0: it has not said so. */
  readonly full: Millis;
}

/** What is known of a domain. */
export interface WakeFormRow {
  readonly domain: Domain;
  /** The name of its software; '': it has not said. */
  readonly software: string;
  readonly askedAt: Millis;
  /** It took the form of its software for a mistake, and gets the other one. */
  readonly moved: boolean;
}

/** Rows to write, and those that go. */
export interface WakeUpChanges {
  readonly woken: readonly WokenRow[];
  readonly seen: readonly BareJid[];
  readonly forms: readonly WakeFormRow[];
  readonly formsOver: readonly Domain[];
}

/** Callers rely on this: what was answered survives the death of the process, though not of the machine. Erasing a person (`noteErasure`) removes their row. */
export interface WakeUpStore {
  /** All of it or nothing. Throws StoreFailed. */
  keepWakeUps(changes: WakeUpChanges): Promise<void>;
  /** Rows of accounts behind this one, by JID. */
  wokenAfter(after: BareJid | '', limit: number): Promise<WokenRow[]>;
  /** The row of one account. */
  woken(jid: BareJid): Promise<WokenRow | null>;
  /** All of them, the first asked first. */
  wakeForms(): Promise<WakeFormRow[]>;
}
