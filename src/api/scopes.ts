/** What each command and question of a room takes: the scope that a token needs. A command that is not here does not compile. */
import type { Query } from '../room/contract/asking';
import type { CommandName } from '../room/contract/commands';

/** From the least to the most: each has what those before it have. */
export const SCOPES = ['read', 'moderate', 'administer'] as const;

/** read: sees everything but secrets, and changes nothing. moderate: what admins of a room may. administer: everything. */
export type Scope = (typeof SCOPES)[number];

/** What a token may be for: a scope, or to post in one room under a name, and nothing else. */
export type TokenScope = Scope | 'post';

/** `inside`: no face of its own; another act or question runs it. */
export const COMMAND_SCOPES: Readonly<Record<CommandName, TokenScope | 'inside'>> = {
  create: 'administer',
  'set-affiliations': 'moderate',
  'set-roles': 'moderate',
  configure: 'administer',
  destroy: 'administer',
  rename: 'administer',
  'change-nick': 'moderate',
  'set-subject': 'moderate',
  say: 'moderate',
  'allow-posting': 'administer',
  'end-posting': 'administer',
  post: 'post',
  invite: 'moderate',
  'answer-registration': 'moderate',
  'answer-message': 'moderate',
  'answer-voice': 'moderate',
  moderate: 'moderate',
  mute: 'moderate',
  unmute: 'moderate',
  warn: 'moderate',
  unwarn: 'moderate',
  'set-hat': 'moderate',
  'destroy-hat': 'moderate',
  'assign-hat': 'moderate',
  'unassign-hat': 'moderate',
  'set-vcard': 'inside',
  'ban-and-retract': 'moderate',
  trim: 'administer',
  erase: 'administer',
  'erase-person': 'administer',
  ask: 'inside',
  forget: 'administer',
  'ask-archive': 'inside',
  'shut-down': 'inside',
  unregister: 'inside',
};

export const QUERY_SCOPES: Readonly<Record<Query['what'], Scope>> = {
  room: 'read',
  occupants: 'read',
  affiliations: 'read',
  options: 'read',
  queues: 'read',
  limits: 'read',
  hats: 'read',
  numbers: 'read',
  archive: 'read',
};

/** Whether who has this scope may do what needs that one. */
export function suffices(has: TokenScope, needed: TokenScope): boolean {
  if (has === 'post' || needed === 'post') return has === needed;
  return SCOPES.indexOf(has) >= SCOPES.indexOf(needed);
}
