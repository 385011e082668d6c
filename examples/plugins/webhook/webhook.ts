/**
 * Posts what is said in chosen rooms to an HTTP address, as JSON, one message after the other; what is retracted is posted too, so that whoever keeps messages
 * can remove them. What cannot be posted is posted later, also after a restart. The same event may come twice: it has the same `number` then.
 */
import { definePlugin, z } from 'parlour/plugin';

/** What a server says to whom it wants to try again later (RFC 9110 §15.5.9, RFC 6585 §4). */
const LATER = [408, 429];

export default definePlugin({
  name: 'webhook',
  apiVersion: 1,
  config: z.strictObject({
    url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
    /** Addresses of rooms. */
    rooms: z.array(z.string()).min(1),
    /** Sent with each request, for example to show who asks. */
    headers: z.record(z.string(), z.string()).default({}),
    timeoutSeconds: z.number().int().min(1).max(60).default(10),
  }),
  setup: (first, host) => {
    let config = first;
    return {
      // From the next event on. What was not posted yet of rooms that are no longer named is left out.
      reconfigure(next) {
        config = next;
      },
      events: {
        kinds: ['message', 'retracted'],
        get rooms() {
          return config.rooms;
        },
        async handle(event, ending) {
          const { url, headers, timeoutSeconds } = config;
          const answer = await fetch(url, {
            method: 'POST',
            headers: { ...headers, 'content-type': 'application/json' },
            body: JSON.stringify(event),
            redirect: 'error',
            signal: AbortSignal.any([ending, AbortSignal.timeout(timeoutSeconds * 1000)]),
          });
          // What the answer says does not matter; unread, its connection would stay taken.
          await answer.body?.cancel();
          if (answer.ok) return;
          if (answer.status >= 500 || LATER.includes(answer.status)) throw new Error(`${answer.status} ${answer.statusText}`);
          // It would refuse the same again, and everything behind it would wait.
          host.log.warn(
            { status: answer.status, number: event.number },
            'an event was refused by the address that it was posted to; leaving it out',
          );
        },
      },
    };
  },
});
