/** Events: what happened in a room, for those who are told of it after the commit. A row is written only for what somebody asked for. */
import type { BareJid } from '../../xmpp/fold';
import type { DeclarationOf } from './row-declaration';
import type { Millis } from './units';

/** What an event can tell of. */
export const EVENT_KINDS = [
  'message',
  'subject',
  'retracted',
  'entered',
  'left',
  'affiliation',
  'created',
  'configured',
  'destroyed',
  'renamed',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** What an event says; which members it has depends on its kind. */
export interface EventValue {
  /** Of whom it tells: who spoke, entered, left, made the room, or has another affiliation. */
  readonly jid?: BareJid;
  readonly nick?: string;
  readonly occupantId?: string;
  /** stanza-id of the message; of one that is not archived there is none. */
  readonly id?: string;
  /** What was said, or the text of the subject. */
  readonly body?: string;
  /** The body is gone: it was taken back, or the room is over. */
  readonly taken?: true;
  /** `left`: somebody else's act. */
  readonly removed?: boolean;
  readonly before?: string;
  readonly after?: string;
  /** `renamed`: the address that the room has from then on. */
  readonly to?: string;
}

export interface EventRow {
  readonly at: Millis;
  readonly kind: EventKind;
  readonly value: EventValue;
}

/**
 * What an event holds. Its key is the room. Erasing a person, another name of the room and another fold are computed from it (`declared-rows.ts`), as for
 * rows of features; events are no rows of a room, since they outlive it, so the store applies it.
 */
export const EVENTS: DeclarationOf<EventValue> = {
  name: 'event',
  says: 'what happened in it, for plug-ins that asked for it and have not been told yet: who entered, left or spoke, and what they said',
  key: ['room'],
  value: {
    members: {
      jid: 'jid',
      nick: 'nick',
      occupantId: 'occupant-id',
      id: 'plain',
      body: 'plain',
      taken: 'plain',
      removed: 'plain',
      before: 'plain',
      after: 'plain',
      to: 'former-room',
    },
  },
  travels: [],
  erasing: 'forgets',
  folding: 'present',
  most: { each: 'event within `events.rows` and `events.bytes`' },
  lifetime: { until: 'every plug-in has been told, or `events.days` are over' },
};

/** An event without what was said; the same if nothing was. */
export function withoutWords(value: EventValue): EventValue {
  if (value.body === undefined) return value;
  const { body, ...rest } = value;
  return body === undefined ? value : { ...rest, taken: true };
}
