/** Rooms: found, looked at. */
import * as z from 'zod';
import { problemOf } from '../problem';
import { route, type Route } from '../route';
import { affiliationAnswer, flag, foundRoom, listedAffiliation, occupantAnswer, paged, pageOf, roomAnswer, text, whole } from '../schemas';
import { asked, given } from '../asked';
import { searchOf, sought } from '../room-search';
import { writtenRoom } from '../written-room';
import { dateOf } from '../../xmpp/dates';

/** By what rooms are found. */
const filter = {
  listed: flag.optional(),
  empty: flag.optional(),
  orphaned: flag.optional(),
  ...sought,
};

export const looking: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/rooms',
    scope: 'read',
    summary: 'Rooms, hidden ones too, by what they are: listed, empty, without an owner, by their creator, or idle for some days.',
    query: z.strictObject({ ...filter, after: text(3_071).optional(), limit: whole(1, 500).optional() }),
    answer: pageOf(foundRoom),
    async run({ actor, query: { after, limit = 500, ...search } }, parts) {
      const behind = after === undefined ? ('' as const) : writtenRoom(after, parts.domain);
      const found = await parts.findRooms(actor, { ...searchOf(search, parts), after: behind, limit });
      if (!found.ok) throw problemOf(found.error);
      return {
        entries: found.rooms.map((room) => ({ ...room, createdAt: dateOf(room.createdAt), latest: dateOf(room.latest) })),
        next: found.next,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/rooms/:room',
    scope: 'read',
    summary: 'What kind of room it is, and how it is.',
    asks: ['room'],
    answer: roomAnswer,
    async run(call, parts) {
      const { createdAt, subject, ...room } = await asked(call, parts, { what: 'room' });
      return { ...room, createdAt: dateOf(createdAt), subject: subject && { ...subject, setAt: dateOf(subject.setAt) } };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/rooms/:room/occupants',
    scope: 'read',
    summary: 'Who is in the room, by nickname.',
    asks: ['occupants'],
    query: z.strictObject(paged),
    answer: pageOf(occupantAnswer),
    async run(call, parts) {
      const { entries, next = null } = await asked(call, parts, { what: 'occupants', ...given(call.query) });
      return { entries, next };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/rooms/:room/affiliations',
    scope: 'read',
    summary: 'Who has this affiliation, by JID.',
    asks: ['affiliations'],
    query: z.strictObject({ affiliation: listedAffiliation, ...paged }),
    answer: pageOf(affiliationAnswer),
    async run(call, parts) {
      const { entries, next = null } = await asked(call, parts, { what: 'affiliations', ...given(call.query) });
      return {
        entries: entries.map((entry) => ({
          ...entry,
          setAt: dateOf(entry.setAt),
          until: entry.until === null ? null : dateOf(entry.until),
        })),
        next,
      };
    },
  }),
];
