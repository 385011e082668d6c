/** What a plug-in is: its definition, what it is given, and the events it can follow. With the other `api-` files this is `parlour/plugin`. */
import type * as z from 'zod';
import type { Affiliation, Role } from './api-room';
import type { Condition, Refusal, RoomHooks } from './api-hooks';

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
  | { readonly name: 'say'; readonly body: string };

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
}

/** What every event has. */
interface Happened {
  /** One numbering for the whole service: later events have higher numbers. */
  readonly id: number;
  /** Bare JID, as it was then. */
  readonly room: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Something about one person. What is null was erased. */
interface OfPerson extends Happened {
  /** Bare JID. */
  readonly jid: string | null;
  readonly nick: string | null;
}

/** What happened in a room, after it is committed. */
export type PluginEvent =
  /** An archived message with a text. What was retracted before the event was handled has no `body` any more (null). */
  | (OfPerson & {
      readonly kind: 'message';
      /** XEP-0359: the archive's id. */
      readonly stanzaId: string;
      readonly occupantId: string | null;
      readonly body: string | null;
      readonly lang: string | null;
    })
  /** A message was retracted or moderated, or its author was erased. */
  | (Happened & { readonly kind: 'retracted'; readonly stanzaId: string })
  | (OfPerson & { readonly kind: 'entered'; readonly occupantId: string | null })
  | (OfPerson & { readonly kind: 'left'; readonly occupantId: string | null; readonly removed: boolean })
  | (OfPerson & { readonly kind: 'affiliation'; readonly before: Affiliation; readonly after: Affiliation })
  | (Happened & { readonly kind: 'created'; readonly jid: string | null })
  | (Happened & { readonly kind: 'configured' })
  | (Happened & { readonly kind: 'destroyed' })
  /** Events up to this number were given up before this plug-in handled them: it was away for too long, or too slow. */
  | { readonly kind: 'gap'; readonly id: number; readonly at: number };

export type EventKind = Exclude<PluginEvent['kind'], 'gap'>;

/** Which events a plug-in wants, and what it does about them. */
export interface EventHandler {
  readonly kinds: readonly EventKind[];
  /** Whether it wants those of this room (bare JID); without it those of all. It depends on nothing that changes. */
  rooms?(room: string): boolean;
  /**
   * Called for one event after the other, in their order. The next one waits until this is done. If it throws, it is called again with the
   * same event, after a second at first and later a minute; so it may see an event more than once, also after a restart.
   */
  handle(event: PluginEvent): Promise<void> | void;
}

/** Everything that a plug-in contributes. */
export interface Hooks extends RoomHooks {
  readonly events?: EventHandler;
  /** Parlour runs, and commands are taken. */
  start?(): Promise<void> | void;
  /** Parlour ends: finish within five seconds. */
  stop?(): Promise<void> | void;
}

/** What a plug-in's module exports. */
export interface Plugin<C extends z.ZodType = z.ZodType> {
  /** Lower-case letters, digits and hyphens, 32 at most. Its rows, its place among the events and its acts in the audit trail go by it. */
  readonly name: string;
  readonly apiVersion: typeof API_VERSION;
  /** The schema of its part of the configuration; without it there is none. */
  readonly config?: C;
  /** Called once at start, also by `parlour check`: it says what the plug-in does, and does nothing yet. */
  setup(config: z.output<C>, host: Host): Hooks;
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
