/** The room's archive for whoever may read it (XEP-0313 Message Archive Management at the room's bare JID, XEP-0431 full-text search). */
import { askByCommand } from './archive-question';
import type { FullJid } from '../../xmpp/fold';
import { formatDateTime } from '../../xmpp/dates';
import { foldFull } from '../../xmpp/fold';
import { withoutQuery } from '../../xmpp/bytes-in-memory';
import { NS } from '../../xmpp/ns';
import { parseRsm, type RsmRequest } from '../../xmpp/rsm';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { attributes, child, type Element } from '../../xmpp/xml';
import { readablePart } from '../../room/talking/archive-readers';
import { saidBy } from './archive-author';
import { archiveForm, readWish, type ArchiveWish } from './archive-form';
import type { ArchiveFilter, ArchivePaging } from '../../room/contract/archive-query';
import { readArchive, readingRefusal } from './archive-reading';
import { pageStanzas } from './archive-result';
import type { Feature, IqRequest } from '../../room/contract/feature';
import type { MessageRow } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';
import { askersLanguage } from '../../room/language';
import { inWords } from '../../words';

/** Messages of a page whose size nobody asked for. */
const DEFAULT_PAGE = 50;
/** Longest name of a query, in UTF-16 units: it is repeated with each result. */
const LONGEST_QUERY_ID = 1000;

/** An IQ with `<query xmlns='urn:xmpp:mam:2'/>`: a get asks for the form (§4.1.5), a set for messages. */
function queryIq(request: IqRequest): StanzaError | undefined {
  const { room, turn, stanza, from, payload } = request;
  const refusal = readingRefusal(room, turn, from);
  if (refusal) return refusal;
  // §6.1.3: nodes are for pubsub.
  if (payload.attrs['node'] !== undefined) return stanzaError('item-not-found', inWords('noNode'));
  if (stanza.attrs['type'] === 'set') return query(request);
  turn.say(iqResult(stanza, `<query xmlns="${NS.mam}">${archiveForm(askersLanguage(room, stanza, from))}</query>`));
  return undefined;
}

function query({ room, turn, stanza: asked, payload }: IqRequest): StanzaError | undefined {
  const { archivePage } = room.env.policy.limits;
  const queryId = payload.attrs['queryid'] as string | undefined;
  if (queryId !== undefined && queryId.length > LONGEST_QUERY_ID)
    return stanzaError('not-acceptable', inWords('archiveQueryId', { max: LONGEST_QUERY_ID }));
  const wish = readWish(payload, archivePage);
  if ('condition' in wish) return wish;
  const paging = readPaging(payload, archivePage);
  if ('condition' in paging) return paging;
  // What waits for the archive is small, whatever else stood in the request, and keeps nothing of it alive.
  const stanza = withoutQuery(asked);
  const from = foldFull(stanza.attrs['from'] as string);
  const kept = structuredClone({ wish, paging, queryId });
  const order = {
    queryId: kept.queryId,
    flipped: child(payload, 'flip-page', NS.mam) !== undefined,
    backwards: paging.before !== undefined,
  };
  return readArchive(room, turn, {
    stanza,
    from,
    query: (present) => ({ want: 'page', filter: filterOf(present, from, kept.wish), paging: kept.paging }),
    answered: (present, later, page) => {
      const { results, fin } = pageStanzas(present, stanza.attrs['from'] as string, page, order);
      for (const result of results) later.say(result);
      later.say(iqResult(stanza, fin));
    },
  });
}

/** The page asked for (XEP-0059), within the operator's bound. */
function readPaging(payload: Element, bound: number): ArchivePaging | StanzaError {
  const rsm: ReturnType<typeof parseRsm> = parseRsm(payload) ?? ({} satisfies RsmRequest);
  if ('problem' in rsm) return stanzaError('bad-request', rsm.problem);
  // XEP-0059 §2.6: by index is optional; a position in an archive is found by counting all before it.
  if (rsm.index !== undefined) return stanzaError('feature-not-implemented', inWords('archiveIndex'));
  return {
    max: Math.min(rsm.max ?? DEFAULT_PAGE, bound),
    ...(rsm.after === undefined ? {} : { after: rsm.after }),
    ...(rsm.before === undefined ? {} : { before: rsm.before }),
  };
}

/** What of the archive somebody gets who wishes for that. */
function filterOf(room: RoomState, from: FullJid, wish: ArchiveWish): ArchiveFilter {
  const { with: author, ...rest } = wish;
  return { ...rest, ...(author === undefined ? {} : saidBy(room, from, author)), ...readablePart(room, from) };
}

/** The first and the last message that somebody may read (§5). */
function metadataIq({ room, turn, stanza, from }: IqRequest): StanzaError | undefined {
  if (stanza.attrs['type'] === 'set') return stanzaError('bad-request', inWords('archiveMetadata'));
  const end = (name: string, row: MessageRow): string => `<${name}${attributes({ id: row.id, timestamp: formatDateTime(row.stamp) })}/>`;
  return readArchive(room, turn, {
    stanza,
    from,
    query: (present) => ({ want: 'ends', filter: filterOf(present, from, {}) }),
    answered: (_, later, { first, last }) => {
      const inner = first && last ? end('start', first) + end('end', last) : '';
      later.say(iqResult(stanza, `<metadata xmlns="${NS.mam}">${inner}</metadata>`));
    },
  });
}

export const mam: Feature = {
  name: 'mam',
  commands: { 'ask-archive': askByCommand },
  // Also where nothing is kept any more: what was kept before can still be read.
  disco: (_, room) => (room.facts.archived || room.seq > (room.row?.archiveFrom ?? 0) ? [NS.mam, NS.mamExtended, NS.fullText] : []),
  iq: {
    [`query ${NS.mam}`]: queryIq,
    [`metadata ${NS.mam}`]: metadataIq,
    // XEP-0441: an archive of many is nobody's own.
    [`prefs ${NS.mam}`]: () => stanzaError('feature-not-implemented', inWords('archivePreferences')),
  },
};
