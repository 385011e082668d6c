/** What leaves the service and comes into it: rooms as documents, what is known of people, and people who are to be known no more. */
import * as z from 'zod';
import { asHtml } from '../../transfer/person-page';
import { inWords } from '../../words';
import { stanzaError } from '../../xmpp/stanza-error';
import { domainOf } from '../../xmpp/jid';
import type { BareJid } from '../../xmpp/fold';
import type { ErasureState } from '../../admin/erasures';
import { mistaken, problemOf } from '../problem';
import type { ApiParts } from '../parts';
import { route, type Route } from '../route';
import { person } from '../schemas';
import { dateOf } from '../../xmpp/dates';

const JSON_TYPE = 'application/json; charset=utf-8';
const HTML = 'text/html';
const HTML_TYPE = `${HTML}; charset=utf-8`;

const erasure = z.strictObject({
  jid: z.string(),
  askedBy: z.string().nullable(),
  askedAt: z.iso.datetime(),
  finished: z.boolean(),
  rooms: z.int().describe('Rooms that were looked at.'),
  messages: z.int(),
  failed: z.int().describe('Rooms in which it failed; ask for it again.'),
});

const erasureAnswer = ({ jid, askedBy, askedAt, finished, rooms, messages, failed }: ErasureState): z.output<typeof erasure> => ({
  jid,
  askedBy: askedBy.name,
  askedAt: dateOf(askedAt),
  finished,
  rooms,
  messages,
  failed,
});

/** Throws Problem for an address of a room: what rooms said is no person's. */
function somebody(jid: BareJid, { domain }: Pick<ApiParts, 'domain'>): BareJid {
  if (domainOf(jid) === domain) throw mistaken('itemJid', { jid });
  return jid;
}

const whose = z.strictObject({ jid: person });

export const transferring: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/rooms/:room/export',
    scope: 'administer',
    summary: 'The room as one JSON document: options, lists, archive, and what else travels with a room.',
    answer: 'stream',
    async run({ room }, { transfers }) {
      const pieces = await transfers.exportRoom(room);
      if (!pieces) throw problemOf(stanzaError('item-not-found', inWords('noRoom')));
      return { mediaType: JSON_TYPE, pieces };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/rooms/:room/import',
    scope: 'administer',
    summary:
      'Makes the room from such a document, which is the content of the request. It appears whole or not at all, and is persistent, since nobody is in it yet.',
    takes: 'stream',
    answer: z.strictObject({
      room: z.string(),
      messages: z.int(),
      left: z.array(z.string()).describe('Names of rows of features that do not run here, which were left out.'),
    }),
    async run({ actor, room, body }, { transfers }) {
      const outcome = await transfers.importRoom(body as AsyncIterable<Uint8Array>, { to: room, by: actor });
      if (!outcome.ok) throw problemOf(outcome.error);
      return { room: outcome.room, messages: outcome.messages, left: outcome.left };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/people/:jid/export',
    scope: 'administer',
    summary: 'Everything that rooms hold of somebody, as one JSON document, or as a page for people in the language of Accept-Language.',
    params: whose,
    mediaTypes: [HTML],
    query: z.strictObject({ format: z.enum(['json', 'html'], { error: 'takes json or html' }).optional() }),
    answer: 'stream',
    async run({ params, query, language }, parts) {
      const pieces = parts.transfers.exportPerson(somebody(params.jid, parts));
      return query.format === 'html' ? { mediaType: HTML_TYPE, pieces: asHtml(pieces, language) } : { mediaType: JSON_TYPE, pieces };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/forgotten-accounts',
    scope: 'administer',
    summary: 'Forgets an account that was deleted: its affiliations, nicks and wishes go from all rooms, bans and what it said stay.',
    commands: ['forget'],
    body: whose,
    answer: z.strictObject({ rooms: z.int(), failed: z.int() }),
    run: async ({ actor, body }, parts) => parts.transfers.forget(somebody(body.jid, parts), actor),
  }),
  route({
    method: 'GET',
    path: '/v1/erasures',
    scope: 'read',
    summary: 'People who are being erased from all rooms, how far that is, and the latest results.',
    answer: z.strictObject({ entries: z.array(erasure) }),
    run: async (_, { erasures }) => ({ entries: erasures.list().map(erasureAnswer) }),
  }),
  route({
    method: 'POST',
    path: '/v1/erasures',
    scope: 'administer',
    summary: 'Erases somebody and all that they said from all rooms. `finished` is false if it takes longer: then GET /v1/erasures tells.',
    commands: ['erase-person'],
    body: whose,
    answer: erasure,
    async run({ actor, body }, parts) {
      const jid = somebody(body.jid, parts);
      parts.log.info({ event: 'erasure.started', by: actor.name, person: jid }, 'somebody is to be erased from all rooms');
      await parts.erasures.erase(jid, actor);
      const state = parts.erasures.list().find((one) => one.jid === jid);
      if (!state) throw new Error('An erasure that was begun is not known');
      return erasureAnswer(state);
    },
  }),
];
