/** All features of a room, and which of them are asked at each stage, in which order; `features/index.ts` states it. */
import type { StanzaError } from '../../xmpp/stanza-error';
import type { CarryOut, Feature, IqRequest, NodeContent, NodeRequest } from './feature';
import type { Facts } from './facts';
import type { Policy } from './env';
import type { RoomOptions } from './options';
import type { RowDeclaration } from './row-declaration';

/** All features, with the order of each stage written out (features/index.ts). */
export interface FeatureSet {
  /** Order of the form's fields and of disco. */
  readonly all: readonly Feature[];
  readonly entry: readonly Feature[];
  readonly read: readonly Feature[];
  /** Of these a room asks those that its configuration needs (`facts.judges`). */
  readonly speak: readonly Feature[];
  readonly detain: readonly Feature[];
  readonly changeSubject: readonly Feature[];
  readonly whisper: readonly Feature[];
  readonly appear: readonly Feature[];
  readonly beforeAffiliation: readonly Feature[];
  readonly beforeRole: readonly Feature[];
  readonly addToPresence: readonly Feature[];
  readonly addToMessage: readonly Feature[];
  readonly assignNick: readonly Feature[];
  readonly silences: readonly Feature[];
  readonly roleOnEntry: readonly Feature[];
  readonly message: readonly Feature[];
  readonly bounced: readonly Feature[];
  readonly told: readonly Feature[];
  readonly entered: readonly Feature[];
  readonly joined: readonly Feature[];
  readonly appeared: readonly Feature[];
  readonly promoted: readonly Feature[];
  readonly roleGiven: readonly Feature[];
  /** Those with something that ends, and the bits of their rows (`feature-values.ts`). */
  readonly lapsing: readonly Feature[];
  readonly lapsingBits: number;
  readonly left: readonly Feature[];
  readonly affiliated: readonly Feature[];
  readonly listedAgain: readonly Feature[];
  readonly reconfigured: readonly Feature[];
  readonly created: readonly Feature[];
  readonly ended: readonly Feature[];
  readonly buried: readonly Feature[];
  readonly renamed: readonly Feature[];
  /** Those with deadlines. */
  readonly timed: readonly Feature[];
  /** Every declaration of rows, by name. */
  readonly rows: ReadonlyMap<string, RowDeclaration>;
  /** Those whose rows are over by themselves, with whose they are. */
  readonly passing: ReadonlyMap<RowDeclaration, Feature>;
  /** Nodes of the room's service discovery. */
  readonly nodes: ReadonlyMap<string, (request: NodeRequest) => NodeContent | StanzaError>;
  /** Who carries out which command, beside those of the room itself. */
  readonly commands: ReadonlyMap<string, CarryOut<never>>;
  /** What only the room says, by `name namespace`. */
  readonly reserved: ReadonlySet<string>;
  /** Handlers of IQs to the room by `name namespace`. */
  readonly iq: ReadonlyMap<string, (request: IqRequest) => StanzaError | undefined>;
  facts(options: RoomOptions, policy: Policy): Facts;
}

/** The first refusal of a stage. */
export function firstRefusal<T>(
  features: readonly Feature[],
  hook: 'enter' | 'read' | 'speak' | 'changeSubject' | 'whisper' | 'appear' | 'beforeAffiliation' | 'beforeRole',
  subject: T,
): StanzaError | undefined {
  for (const feature of features) {
    const refusal = (feature[hook] as ((subject: T) => StanzaError | undefined) | undefined)?.call(feature, subject);
    if (refusal) return refusal;
  }
  return undefined;
}

// The room's state imports nothing of its features: here is what it has of them.
declare module './env' {
  interface RoomEnv {
    readonly features: FeatureSet;
  }
}

declare module './facts' {
  interface Facts {
    /** Features that hear what is said, in their order. */
    readonly listeners: readonly Feature[];
    /** Features that may refuse what somebody says, in their order. */
    readonly judges: readonly Feature[];
  }
}
