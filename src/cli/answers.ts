/** Whether an answer is one that the API gives, by the schema of its route. It is read when an answer came over the network. */
import { ROUTES } from '../api/routes';

/** `route`: as `GET /v1/status`. Throws Error for a route that answers no JSON. */
export function isAnswer(route: string, answer: unknown): boolean {
  const declared = ROUTES.find(({ method, path }) => `${method} ${path}` === route)?.answer;
  if (declared === undefined || typeof declared === 'string') throw new Error(`${route} has no schema of its answer`);
  const read = declared.safeParse(answer);
  // A newer Parlour may say more.
  return read.success || read.error.issues.every(({ code }) => code === 'unrecognized_keys');
}
