/** What the rows of a feature hold: erasing, renaming and folding are computed from it (`declared-rows.ts`), and rows without one are refused. */
import type { Millis } from './units';

/**
 * What one text of a row is. `jid`: bare or full, folded. `address`: a JID in the spelling in which it came; stanzas go there. `nick`: of somebody.
 * `room`: the address of this room or an occupant's, which follows a renaming; `former-room`: one that it had, which stays. `xml`: finished XML that may
 * name people or the room. `plain`: none of these; also a whole value that names nobody. What names nobody and comes from elsewhere, in a document, says what it is:
 * `text`, `number`, `time` (milliseconds since 1970, which a date can tell), `flag`, or `content`, finished XML that stays as it is.
 */
export type Part = 'jid' | 'address' | 'occupant-id' | 'nick' | 'room' | 'former-room' | 'xml' | 'plain' | Kind | 'content';

type Kind = 'text' | 'number' | 'time' | 'flag';

/**
 * What a value is: one part, a list, or an object of which every member is declared. `optional`: the members that may be missing or null; where it is
 * left out any may, and where it stands no other.
 */
export type Shape =
  Part | { readonly each: Shape } | { readonly members: Readonly<Record<string, Shape>>; readonly optional?: readonly string[] };

/** The shapes that fit values of type `T`: a member that is not declared does not compile. */
export type ShapeOf<T> =
  | 'plain'
  | (T extends string
      ? Part
      : T extends number
        ? 'number' | 'time'
        : T extends boolean
          ? 'flag'
          : T extends readonly (infer E)[]
            ? { readonly each: ShapeOf<E> }
            : T extends object
              ? {
                  readonly members: { readonly [M in keyof T]-?: ShapeOf<NonNullable<T[M]>> };
                  readonly optional?: readonly Nullable<T>[];
                }
              : 'plain');

/** The members that may be missing or null. */
type Nullable<T> = { [M in keyof T]-?: null extends T[M] ? M & string : undefined extends T[M] ? M & string : never }[keyof T];

/** When a row is over by itself, and is removed (`room/kept-rows.ts`). */
export interface Lifetime {
  /** Milliseconds behind the time that the value, or this member of it, tells. Rows stand in the order of these times. */
  readonly ms: Millis;
  readonly since: 'value' | { readonly member: string };
  /** The key begins with an account, and the lifetime begins anew when that account leaves the room: while it is there, the row does not end. */
  readonly renewed?: 'by presence';
  /** It matters to nobody but its feature, which has it removed when it looks: the room is not woken for it. */
  readonly wakes?: false;
}

/** Rows of one feature. It is plain data: it passes between threads. */
export interface RowDeclaration {
  /** The name under which they are stored: no two declarations have the same. */
  readonly name: string;
  /** What one of them says, as the end of the sentence "For each room Parlour keeps ...". */
  readonly says: string;
  /** The parts of a key, with a blank between. The last one is all that is left, blanks included. */
  readonly key: readonly Part[];
  readonly value: Shape;
  /** Whether they belong to an export of their room, and those that name a person to an export of that person. */
  readonly travels: readonly ('room' | 'person')[];
  /**
   * What erasing a person does to a row that names them. `forgets`: they are taken out of the lists in it, and where they stand anywhere else,
   * or a list is left empty, the row goes. Otherwise it stays, and this is why.
   */
  readonly erasing: 'forgets' | { readonly keeps: string };
  /** What forgetting an account does that was deleted: the same, unless the row stays, and this is why. Whoever gets the address later is somebody else. */
  readonly forgetting?: { readonly keeps: string };
  /**
   * Which row stays when the keys of two become one, because two spellings of an address are one account. `present`: the one that stood under the folded
   * address, else the first. `latest`: the one whose value, or this member of it, is the greatest number.
   */
  readonly folding: 'present' | { readonly latest: 'value' | { readonly member: string } };
  /** Most rows of one room: a number, a limit of the configuration, or one for each of these. */
  readonly most: number | 'limits.affiliationsPerRoom' | 'limits.waiting' | { readonly each: string };
  /** A text in it that a limit of the configuration bounds: what comes with a document is held to that too. */
  readonly longest?: { readonly member: string; readonly limit: 'vcardBytes' | 'nick' };
  /** After how long a row is removed by itself, or what ends it. */
  readonly lifetime: Lifetime | { readonly until: string };
}

/** A declaration of rows whose values are of type `T`. */
export type DeclarationOf<T> = RowDeclaration & { readonly value: ShapeOf<T> };
