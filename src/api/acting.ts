/** Routes that run one command in a room and answer that it is done: most acts are no more than that. */
import type * as z from 'zod';
import type { Command, CommandName } from '../room/contract/commands';
import { carriedOut } from './asked';
import { route, type Route } from './route';
import { done, DONE } from './schemas';
import { COMMAND_SCOPES, type Scope } from './scopes';

/** What of a route differs from one command to the next. */
interface Acting<B extends z.ZodType> extends Pick<Route, 'method' | 'summary'> {
  /** Behind the room's. */
  readonly path: string;
  readonly command: Exclude<CommandName, 'ask' | 'ask-archive' | 'shut-down' | 'unregister' | 'post'>;
  readonly body: B;
  readonly commandOf: (body: z.output<B>) => Command;
}

/** A route that runs one command in a room and answers that it is done. */
export function acting<B extends z.ZodType>({ method, path, command, summary, body, commandOf }: Acting<B>): Route {
  return route({
    method,
    path: `/v1/rooms/:room${path}`,
    scope: COMMAND_SCOPES[command] as Scope,
    summary,
    commands: [command],
    body,
    answer: done,
    async run(call, parts) {
      await carriedOut(call, parts, commandOf(call.body));
      return DONE;
    },
  });
}
