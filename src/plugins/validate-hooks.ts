/** Whether what `setup` returned can be used: every part is known and of the right kind, since a misspelt hook would never be called. */
import { EVENT_KINDS } from '../room/contract/events';
import { prepareBareJid } from '../xmpp/prepare';

type Kind = 'function' | 'object' | 'array' | 'check' | 'closed-check';

const PARTS: Readonly<Record<string, Kind>> = {
  checkEntry: 'closed-check',
  checkMessage: 'check',
  checkPrivateMessage: 'check',
  checkPresence: 'check',
  checkAffiliation: 'check',
  checkRole: 'check',
  addToPresence: 'array',
  addToMessages: 'array',
  disco: 'array',
  reserves: 'array',
  fields: 'object',
  iq: 'object',
  commands: 'array',
  rows: 'object',
  events: 'object',
  entered: 'function',
  left: 'function',
  said: 'function',
  affiliationChanged: 'function',
  created: 'function',
  configured: 'function',
  destroyed: 'function',
  deadline: 'function',
  due: 'function',
  start: 'function',
  stop: 'function',
  reconfigure: 'function',
};

/** What is wrong, as the rest of a sentence that begins with the plug-in's name, or undefined. */
export function hooksMistake(hooks: unknown): string | undefined {
  if (hooks instanceof Promise) {
    hooks.catch(() => undefined);
    return 'has an asynchronous setup; do what takes time in start().';
  }
  if (typeof hooks !== 'object' || hooks === null) return 'returned no hooks from setup.';
  for (const [key, part] of Object.entries(hooks)) {
    const kind = Object.hasOwn(PARTS, key) ? PARTS[key] : undefined;
    if (kind === undefined) return `returned "${key}" from setup, which is no hook; allowed: ${Object.keys(PARTS).join(', ')}.`;
    if (part !== undefined && !isOf(kind, part)) return `returned "${key}" from setup, which is no ${WORDS[kind]}.`;
  }
  const { due, deadline, rows, events, reserves } = hooks as Record<string, unknown>;
  if (events !== undefined) {
    const mistake = eventsMistake(events as Record<string, unknown>);
    if (mistake !== undefined) return mistake;
  }
  const mine: unknown = reserves === undefined ? undefined : (reserves as unknown[]).find((one) => !isPayload(one));
  if (mine !== undefined) return `reserves ${JSON.stringify(mine)}, which is no "name namespace" of an element of its own.`;
  if (rows !== undefined && !isDeclaration(rows)) return 'declares "rows" without all of says, key, value, most and until.';
  if ((due === undefined) !== (deadline === undefined)) return 'has one of "deadline" and "due" without the other.';
  return undefined;
}

/** An element with a namespace of its own: what every client says, such as `body`, is nobody's. */
const isPayload = (one: unknown): boolean => typeof one === 'string' && /^[^\s<>]+ (?!jabber:client$)[^\s<>]+$/.test(one);

const WORDS: Readonly<Record<Kind, string>> = {
  function: 'function',
  object: 'object',
  array: 'list',
  check: 'object with a function "check" and "failing" as "pass" or "refuse"',
  'closed-check': 'object with a function "check"',
};

function isOf(kind: Kind, part: unknown): boolean {
  if (kind === 'function') return typeof part === 'function';
  if (kind === 'array') return Array.isArray(part);
  if (typeof part !== 'object' || part === null) return false;
  if (kind === 'object') return true;
  const { check, failing } = part as { check?: unknown; failing?: unknown };
  return typeof check === 'function' && (kind === 'closed-check' || failing === 'pass' || failing === 'refuse');
}

/** What is wrong with what a plug-in wants to be told of, behind its name; undefined: nothing. */
export function eventsMistake({ kinds, rooms, handle }: Record<string, unknown>): string | undefined {
  const known: readonly unknown[] = EVENT_KINDS;
  if (typeof handle !== 'function') return 'takes "events" without a function "handle".';
  if (!Array.isArray(kinds) || kinds.length === 0) return `takes "events" of no kind; allowed in "kinds": ${EVENT_KINDS.join(', ')}.`;
  const unknown: unknown = (kinds as unknown[]).find((kind) => !known.includes(kind));
  if (unknown !== undefined) return `takes "events" of the kind ${JSON.stringify(unknown)}; allowed: ${EVENT_KINDS.join(', ')}.`;
  if (rooms === undefined) return undefined;
  const isAddress = (room: unknown): boolean => typeof room === 'string' && prepareBareJid(room)?.includes('@') === true;
  if (!Array.isArray(rooms)) return 'takes "events" of "rooms" that are no list.';
  const wrong: unknown = (rooms as unknown[]).find((room) => !isAddress(room));
  return wrong === undefined ? undefined : `takes "events" of ${JSON.stringify(wrong)}, which is no address of a room.`;
}

/** With a shorter lifetime a room would do nothing but remove rows. */
const LEAST_LIFETIME_MS = 1_000;

function isLifetime(until: unknown): boolean {
  if (typeof until !== 'object' || until === null) return false;
  const { ms, since, renewed } = until as Record<string, unknown>;
  const isMember = typeof since === 'object' && since !== null && typeof (since as { member?: unknown }).member === 'string';
  return (
    Number.isInteger(ms) &&
    (ms as number) >= LEAST_LIFETIME_MS &&
    (since === 'value' || isMember) &&
    (renewed === undefined || renewed === 'by presence')
  );
}

function isDeclaration(rows: unknown): boolean {
  const { says, key, value, most, until } = rows as Record<string, unknown>;
  const isText = (one: unknown): boolean => typeof one === 'string' && one !== '';
  return (
    isText(says) &&
    (isText(until) || isLifetime(until)) &&
    Array.isArray(key) &&
    key.length > 0 &&
    value !== undefined &&
    Number.isInteger(most)
  );
}
