/** What is done in many rooms at once: bans everywhere, and destroying those that are found by what they are. */
import * as z from 'zod';
import type { RoomSearch } from '../../store/directory';
import type { RoomJid } from '../../xmpp/fold';
import { inWords } from '../../words';
import { stanzaError } from '../../xmpp/stanza-error';
import { carriedOut, given } from '../asked';
import type { ApiParts } from '../parts';
import { noDoubt } from '../doubts';
import { Problem, problemOf } from '../problem';
import { route, type Call, type Route } from '../route';
import { searchOf, sought } from '../room-search';
import { ending, ENDS_ONCE, endsOnce, jid, reason, text, trueOrFalse, whole } from '../schemas';
import { writtenRoom } from '../written-room';

/** Rooms of one request that bans. */
const MOST_BANNED_IN = 500;
/** Rooms of one request that destroys. */
const MOST_DESTROYED = 10_000;
/** People of one request. */
const MOST_PEOPLE = 50;

const failures = z
  .array(z.strictObject({ room: z.string(), code: z.string(), detail: z.string() }))
  .describe('The rooms in which it was refused, and why.');

export const inMany: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/bans',
    scope: 'moderate',
    summary:
      'Bans people or domains from every room that there is, for good or with an end, or lifts their bans: 500 rooms a request, in order. A ban with an end leaves bans as they are that last longer. `rooms` were looked at; in `changed` of them something changed. `next`: what to send as `after` to go on. Of who administers the service, or the domain of its people, it wants `confirmed`.',
    commands: ['set-affiliations'],
    body: z
      .strictObject({
        jids: z.array(jid).min(1).max(MOST_PEOPLE),
        lift: trueOrFalse.optional(),
        confirmed: trueOrFalse.optional(),
        reason,
        ...ending,
        after: text(3_071).optional(),
        limit: whole(1, MOST_BANNED_IN).optional(),
      })
      .refine(endsOnce, ENDS_ONCE)
      .refine((one) => one.lift !== true || (one.until === undefined && one.for === undefined), {
        error: 'takes no end with lift',
      }),
    answer: z.strictObject({ rooms: z.int(), changed: z.int(), failures, next: z.string().nullable() }),
    async run(call, parts) {
      const { actor, language, body } = call;
      const { jids, lift = false, limit = MOST_BANNED_IN } = body;
      if (!lift) noDoubt(jids, body.confirmed, call, parts);
      const after = body.after === undefined ? ('' as const) : writtenRoom(body.after, parts.domain);
      const found = await parts.findRooms(actor, { after, limit });
      if (!found.ok) throw problemOf(found.error);
      const failed: z.output<typeof failures> = [];
      const [affiliation, only] = lift ? (['none', 'banned'] as const) : (['outcast', 'longer'] as const);
      const items = jids.map((one) => ({
        jid: one,
        affiliation,
        only,
        ...given({ reason: body.reason, until: body.until, for: body.for }),
      }));
      let changed = 0;
      for (const { jid: room } of found.rooms) {
        try {
          const { changed: whose = [] } = await carriedOut({ actor, room }, parts, { name: 'set-affiliations', items });
          if (whose.length > 0) changed++;
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          // It ended since it was found.
          if (error.code !== 'item-not-found') failed.push({ room, code: error.code, detail: error.body(language).detail });
        }
      }
      return { rooms: found.rooms.length, changed, failures: failed, next: found.next };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/destructions',
    scope: 'administer',
    summary:
      'Destroys all rooms that are as described (as GET /v1/rooms finds them), if they are as many as `number` says: 10,000 at most. One that is not so any more when its turn comes is left, and named.',
    commands: ['destroy'],
    body: z
      .strictObject({
        listed: trueOrFalse.optional(),
        empty: trueOrFalse.optional(),
        orphaned: trueOrFalse.optional(),
        ...sought,
        number: whole(0, MOST_DESTROYED),
        reason,
      })
      .refine((one) => [one.listed, one.empty, one.orphaned, one.creator, one.idleDays].some((given) => given !== undefined), {
        error: 'takes at least one of listed, empty, orphaned, creator and idleDays',
      }),
    answer: z.strictObject({ destroyed: z.int(), failures }),
    async run({ actor, language, body }, parts) {
      const { number, reason: why, ...search } = body;
      const only = searchOf(search, parts);
      const rooms = await allFound(actor, parts, only);
      if (rooms.length !== number)
        throw new Problem('number-differs', inWords('apiNumber', { found: rooms.length, given: number }), { number: rooms.length });
      const failed: z.output<typeof failures> = [];
      for (const room of rooms) {
        const outcome = await parts.execute({ actor, room, command: { name: 'destroy', only, ...given({ reason: why }) } });
        if (outcome.ok) continue;
        const problem = problemOf(outcome.error);
        failed.push({ room, code: problem.code, detail: problem.body(language).detail });
      }
      return { destroyed: rooms.length - failed.length, failures: failed };
    },
  }),
];

/** Every room that is so. Throws Problem for too many. */
async function allFound(actor: Call['actor'], { findRooms }: ApiParts, search: Omit<RoomSearch, 'after' | 'limit'>): Promise<RoomJid[]> {
  const rooms: RoomJid[] = [];
  for (let after: RoomJid | '' | null = ''; after !== null;) {
    const found: Awaited<ReturnType<typeof findRooms>> = await findRooms(actor, { ...search, after, limit: 500 });
    if (!found.ok) throw problemOf(found.error);
    rooms.push(...found.rooms.map((room) => room.jid));
    if (rooms.length > MOST_DESTROYED)
      throw problemOf(stanzaError('resource-constraint', inWords('apiTooManyRooms', { max: MOST_DESTROYED })));
    after = found.next;
  }
  return rooms;
}
