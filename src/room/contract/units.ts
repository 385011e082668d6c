/**
 * Times, numbers and ids that only their makers make: a text or number that is something else does not compile in their place. At run time they are what they
 * are made of.
 */

declare const kind: unique symbol;

/**
 * Milliseconds since 1970-01-01 UTC, as in every `…At`, `stamp` and `deadline` here, or how many. A plain number is taken for it, since arithmetic gives one; a value of
 * another unit is not.
 */
export type Millis = number & { readonly [kind]?: 'ms' };

/** Which of the changes of a room that others see it is: they are counted by the room's state alone. */
export type Rev = number & { readonly [kind]?: 'rev' };

/** Who somebody is in a room (XEP-0421), as `talking/ids.ts` makes it. */
export type OccupantId = string & { readonly [kind]: 'occupant-id' };

/** What the room calls an archived message (XEP-0359), as `talking/ids.ts` makes it. */
export type StanzaId = string & { readonly [kind]: 'stanza-id' };
