/** Answers an archive query from rows in memory: the plain statement of what every store must answer. */
import type { ArchiveAnswer, ArchiveFilter, ArchivePaging, MessagesAsked } from '../../src/room/contract/archive-query';
import { correctedIds, ownNames } from '../../src/room/retracting/retraction-xml';
import type { MessageRow } from '../../src/room/contract/rows';
import type { Stays } from './archive-rows';

/** Whether a message holds what is searched for; how well is each store's own matter. */
export type Finds = (row: MessageRow, text: string) => boolean;

/** `rows`: the readable messages of a room, oldest first. */
export function answerQuery(rows: readonly MessageRow[], stays: Stays, query: MessagesAsked, finds: Finds): ArchiveAnswer {
  const readable = rows.filter((row) => isReadable(row, stays, query.filter));
  if (query.want === 'versions') return versions(readable, query.occupantId, query.name);
  const unknown = idsOf(query).find((id) => !readable.some((row) => row.id === id));
  if (unknown !== undefined) return { kind: 'item-not-found', id: unknown };
  const seqOf = (id: string): number => readable.find((row) => row.id === id)?.seq as number;
  const left = readable.filter((row) => fits(row, query.filter, seqOf, finds));
  if (query.want === 'ends') return { kind: 'ends', first: left[0] ?? null, last: left.at(-1) ?? null };
  return page(left, query.paging, seqOf);
}

function isReadable(row: MessageRow, stays: Stays, { upToSeq, stayOf }: ArchiveFilter): boolean {
  if (row.seq > upToSeq) return false;
  return stayOf === undefined || stays.include(stayOf, row.seq);
}

/** The ids a query names: each must be in the archive (XEP-0313 §4.1.3, §4.1.4, §4.3.1). */
function idsOf(query: MessagesAsked): string[] {
  const { afterId, beforeId, ids = [] } = query.filter;
  const cursors = query.want === 'page' ? [query.paging.after, query.paging.before] : [];
  return [afterId, beforeId, ...ids, ...cursors].filter((id): id is string => id !== undefined && id !== '');
}

function fits(row: MessageRow, filter: ArchiveFilter, seqOf: (id: string) => number, finds: Finds): boolean {
  const { start = -Infinity, end = Infinity, afterId, beforeId, ids, occupantId, sender, jidShown, text } = filter;
  return (
    row.stamp >= start &&
    row.stamp <= end &&
    (afterId === undefined || row.seq > seqOf(afterId)) &&
    (beforeId === undefined || row.seq < seqOf(beforeId)) &&
    (ids === undefined || ids.includes(row.id)) &&
    (occupantId === undefined || row.occupantId === occupantId) &&
    (sender === undefined || row.sender === sender) &&
    (jidShown === undefined || row.jidShown) &&
    (text === undefined || finds(row, text))
  );
}

function page(left: readonly MessageRow[], paging: ArchivePaging, seqOf: (id: string) => number): ArchiveAnswer {
  const { max, after, before } = paging;
  const lower = after === undefined ? -Infinity : seqOf(after);
  const upper = before === undefined || before === '' ? Infinity : seqOf(before);
  const between = left.filter((row) => row.seq > lower && row.seq < upper);
  const rows = max === 0 ? [] : before === undefined ? between.slice(0, max) : between.slice(-max);
  const first = rows[0];
  return {
    kind: 'page',
    rows,
    complete: rows.length === between.length,
    count: left.length,
    ...(first ? { index: left.indexOf(first) } : {}),
  };
}

const STEPS = 5;

function versions(readable: readonly MessageRow[], occupantId: string, name: string): ArchiveAnswer {
  const own = readable.filter((row) => row.occupantId === occupantId);
  const called = (wanted: string, before: number): MessageRow | undefined => {
    const rows = own.filter(({ seq }) => seq < before);
    return rows.find(({ id }) => id === wanted) ?? rows.findLast((row) => ownNames(row).includes(wanted));
  };
  const start = called(name, Infinity);
  const found = new Set<MessageRow>();
  let original = start;
  for (let step = 0; original && step <= STEPS && !found.has(original); step++) {
    const { seq, payload }: MessageRow = original;
    found.add(original);
    original = correctedIds(payload)
      .map((id) => called(id, seq))
      .find((row) => row !== undefined);
  }
  const addCorrections = (names: readonly string[], behind: number): void => {
    for (const row of own) if (row.seq > behind && correctedIds(row.payload).some((id) => names.includes(id))) found.add(row);
  };
  addCorrections([name], start?.seq ?? 0);
  for (const row of found) addCorrections([row.id, ...ownNames(row)], row.seq);
  return { kind: 'versions', start: start ?? null, rows: [...found].sort((a, b) => a.seq - b.seq) };
}
