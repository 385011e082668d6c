/** Asks a room, or has it do something, for a call. */
import type { Answers, Query } from '../room/contract/asking';
import type { Command, CommandOutcome } from '../room/contract/commands';
import type { ApiParts } from './parts';
import { problemOf } from './problem';
import type { Call } from './route';

/** The answer. Throws Problem. */
export async function asked<Asked extends Query>(
  { actor, room }: Pick<Call, 'actor' | 'room'>,
  { query }: Pick<ApiParts, 'query'>,
  question: Asked,
): Promise<Answers[Asked['what']]> {
  // The scope has said what may be asked: a token's rank binds what it changes.
  const { kind, name, face } = actor;
  const outcome = await query({ actor: { kind, name, face }, room, query: question });
  if (!outcome.ok) throw problemOf(outcome.error);
  return outcome.answer;
}

/** What came of it. Throws Problem. */
export async function carriedOut(
  { actor, room }: Pick<Call, 'actor' | 'room'>,
  { execute }: Pick<ApiParts, 'execute'>,
  command: Command,
): Promise<Extract<CommandOutcome, { ok: true }>> {
  const outcome = await execute({ actor, room, command });
  if (!outcome.ok) throw problemOf(outcome.error);
  return outcome;
}

/** An object without what is undefined in it. */
export function given<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}
