/** What a plug-in is: its definition, and what it is given. With the other `api-` files this is `parlour/plugin`. */
import type * as z from 'zod';
import type { Affiliation, Role } from './api-room';
import type { EventSubscription } from './api-events';
import type { Answered, PluginQuery } from './api-queries';
import type { Condition, Hold, Refusal, RoomHooks } from './api-hooks';

/** The version of this interface. A plug-in says for which one it was written. */
export const API_VERSION = 1;

/** What a plug-in can make a room do from outside, at any time. JIDs are as people write them. */
export type PluginCommand =
  | { readonly name: 'create'; readonly owner: string; readonly values?: FormValues }
  | { readonly name: 'configure'; readonly values: FormValues }
  | { readonly name: 'destroy'; readonly reason?: string; readonly alternate?: string }
  | {
      readonly name: 'set-affiliations';
      readonly items: readonly { readonly jid: string; readonly affiliation: Affiliation; readonly reason?: string }[];
    }
  | { readonly name: 'set-roles'; readonly items: readonly { readonly nick: string; readonly role: Role; readonly reason?: string }[] }
  /** The room itself says something to all. */
  | { readonly name: 'say'; readonly body: string }
  /** Another nick for somebody in the room. */
  | { readonly name: 'change-nick'; readonly nick: string; readonly to: string }
  /** '' clears it. */
  | { readonly name: 'set-subject'; readonly text: string }
  /** Makes a member where only members come in. */
  | { readonly name: 'invite'; readonly jid: string; readonly reason?: string }
  /** Retracts one message, by its stanza-id. */
  | { readonly name: 'moderate'; readonly id: string; readonly reason?: string }
  /** Answers what waits, as the query `queues` tells it. */
  | { readonly name: 'answer-registration' | 'answer-voice'; readonly jid: string; readonly allow: boolean }
  | { readonly name: 'answer-message'; readonly id: string; readonly allow: boolean }
  /** Another address of the same service, which no room has; the old one leads there. */
  | { readonly name: 'rename'; readonly to: string; readonly reason?: string }
  /** Takes voice from somebody, or gives it back. `minutes`: until then; without it, until somebody gives it back. */
  | ({ readonly name: 'mute'; readonly minutes?: number; readonly reason?: string } & Whom)
  | ({ readonly name: 'unmute' } & Whom)
  /** The room tells somebody; moderators see it for so many minutes, 30 days without. */
  | ({ readonly name: 'warn'; readonly minutes?: number; readonly reason: string } & Whom)
  | ({ readonly name: 'unwarn' } & Whom)
  /** Makes a hat (XEP-0317), or another of the one with this URI. `hue`: degrees, as text. */
  | {
      readonly name: 'set-hat';
      readonly uri: string;
      readonly title: string;
      readonly hue?: string;
      readonly role?: 'participant' | 'moderator';
      readonly mentions?: boolean;
    }
  | { readonly name: 'destroy-hat'; readonly uri: string }
  | ({ readonly name: 'assign-hat' | 'unassign-hat'; readonly uri: string } & Whom);

/** Somebody in the room by nickname, or anybody by JID. */
export type Whom = { readonly nick: string } | { readonly jid: string };

/** Values of the owner's form, by field. */
export type FormValues = Readonly<Record<string, boolean | number | string | readonly string[]>>;

/** What came of a command, once it is certain. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly condition: string; readonly text: string };

/** What a plug-in is given by Parlour, for as long as it runs. */
export interface Host {
  /** The name under which it runs: that of its definition, or the one in the configuration. */
  readonly name: string;
  /** Lines in the log of Parlour; never put messages or secrets into them. */
  readonly log: {
    info(fields: object, text: string): void;
    warn(fields: object, text: string): void;
    error(fields: object, text: string): void;
  };
  /** Runs a command in a room. Answers when it is committed, or refused; throws while the plug-in is set up. */
  execute(room: string, command: PluginCommand): Promise<Outcome>;
  /** Asks a room. Answers when what was decided before is committed; throws while the plug-in is set up. */
  query<Q extends PluginQuery>(room: string, query: Q): Promise<Answered<Q>>;
}

/** Everything that a plug-in contributes. */
export interface Hooks<Config = unknown> extends RoomHooks {
  /** What it is told of after the commit. */
  readonly events?: EventSubscription;
  /** Parlour runs, and commands are taken. */
  start?(): Promise<void> | void;
  /** Parlour ends: finish within five seconds. */
  stop?(): Promise<void> | void;
  /** The operator has another configuration for it, which its schema has read: it holds from here on. Without this hook it holds from the next start. What it wants to be told of may be of other rooms then. */
  reconfigure?(config: Config): void;
}

/** What a plug-in's module exports. */
export interface Plugin<C extends z.ZodType = z.ZodType> {
  /** Lower-case letters, digits and hyphens, 32 at most. Its rows and its acts in the audit trail go by it. */
  readonly name: string;
  readonly apiVersion: typeof API_VERSION;
  /** The schema of its part of the configuration; without it there is none. */
  readonly config?: C;
  /** Called once at start, also by `parlour check`: it says what the plug-in does, and does nothing yet. */
  setup(config: z.output<C>, host: Host): Hooks<z.output<C>>;
}

const BRAND = Symbol.for('parlour.plugin');

/** A plug-in's definition, for `export default`. */
export function definePlugin<C extends z.ZodType>(plugin: Plugin<C>): Plugin<C> {
  return Object.freeze(Object.defineProperty({ ...plugin }, BRAND, { value: true }));
}

/** Whether something is what `definePlugin` returned. */
export function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** The answer of a check that lets something not happen, with a sentence for the person. `wait`: they may try the same again later. */
export function refuse(condition: Condition, text: string, { wait = false }: { readonly wait?: boolean } = {}): Refusal {
  return Object.freeze({ verdict: 'refuse', condition, text, wait });
}

/**
 * The answer of a check that lets something wait: `effect` is begun when the room has decided, may take its time, and answers as the check would. What the same client
 * sends to the room afterwards waits too (twenty stanzas at most), and the room decides then, by all checks anew.
 *
 * @param effect `ending` is aborted when nobody waits any more: the client has left, Parlour ends, or the time is over.
 * @param seconds after which the check counts as failed: 1 to 600.
 */
export function hold(effect: Hold['effect'], { seconds = 10 }: { readonly seconds?: number } = {}): Hold {
  if (typeof effect !== 'function' || !(seconds >= 1 && seconds <= 600))
    throw new RangeError('hold() takes a function, and 1 to 600 seconds');
  return Object.freeze({ verdict: 'hold', seconds, effect });
}
