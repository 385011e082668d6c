/** A typed question to the archive (`contract/asking.ts`): whoever asks gets what they would by XEP-0313. */
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import type { BareJid } from '../../xmpp/fold';
import { bareOf } from '../../xmpp/jid';
import { inWords } from '../../words';
import { askArchive } from '../../room/ask-archive';
import { LONGEST_SEARCH, type ArchiveAnswer, type ArchiveFilter } from '../../room/contract/archive-query';
import type { ArchiveQuestion, MessageAnswer } from '../../room/contract/asking';
import type { Order } from '../../room/contract/feature';
import type { Actor } from '../../room/governing/rights';
import type { RoomState } from '../../room/state';
import { isRetracted } from '../../room/retracting/retract';
import { readablePart } from '../../room/talking/archive-readers';
import { unanswered } from '../retraction/find-messages';
import { saidBy, saidByNick, seesAllJids, showsJid, type AuthorFilter } from './archive-author';
import { readingRefusal } from './archive-reading';

/** Asks. The right to read is checked again when the archive has answered. Returns the refusal, if any. */
export function askByCommand({ room, turn, command, actor, actorIn, done }: Order<'ask-archive'>): StanzaError | undefined {
  const { query } = command;
  const refusal = actor.jid === null ? undefined : readingRefusal(room, turn, actor.jid);
  if (refusal) return refusal;
  if (query.text !== undefined && query.text.length > LONGEST_SEARCH)
    return stanzaError('not-acceptable', inWords('archiveText', { max: LONGEST_SEARCH, field: 'text' }));
  const asked = essence(room, actor, query);
  const max = Math.max(1, Math.min(query.paging.max, room.env.policy.limits.archivePage));
  askArchive(turn, {
    stanza: null,
    asks: true,
    ...(actor.jid === null ? {} : { asker: actor.jid, stranger: actor.affiliation === 'none' && actor.role === 'none' }),
    query: { want: 'page', filter: filterOf(room, actor, query), paging: { ...query.paging, max } },
    answered: (then, later, answer) => {
      const asker = actorIn(then);
      const late = !then.exists
        ? stanzaError('item-not-found', inWords('noRoom'))
        : asker.jid === null
          ? undefined
          : readingRefusal(then, later, asker.jid);
      const error =
        late ??
        failure(answer) ??
        (essence(then, asker, query) === asked ? undefined : stanzaError('resource-constraint', inWords('tooBusy')));
      done(error ? { ok: false, error } : { ok: true, answer: messagesOf(then, asker, answer as Page) });
      return undefined;
    },
  });
  return undefined;
}

type Page = Extract<ArchiveAnswer, { kind: 'page' }>;

function failure(answer: ArchiveAnswer): StanzaError | undefined {
  if (answer.kind === 'item-not-found') return stanzaError('item-not-found', inWords('archiveNoMessage', { id: answer.id }));
  return unanswered(answer);
}

/** What the asker may read by this, in this room: if that has changed when the archive has answered, they ask again. */
function essence(room: RoomState, actor: Actor, query: ArchiveQuestion): string {
  return JSON.stringify([room.row?.archiveFrom, { ...filterOf(room, actor, query), upToSeq: 0 }]);
}

function filterOf(room: RoomState, { jid }: Actor, query: ArchiveQuestion): ArchiveFilter {
  const { text, start, end, ids } = query;
  return {
    ...(text === undefined ? {} : { text }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(ids === undefined ? {} : { ids }),
    ...authorOf(room, jid, query),
    ...(jid === null ? { upToSeq: room.seq } : readablePart(room, jid)),
  };
}

/** Whose messages. Whoever runs the service is told of everybody. */
function authorOf(room: RoomState, reader: BareJid | null, { with: author, nick, occupantId }: ArchiveQuestion): AuthorFilter {
  if (occupantId !== undefined) return { occupantId };
  if (nick !== undefined) return saidByNick(room, reader, nick);
  if (author === undefined) return {};
  return reader === null ? { occupantId: room.idOf(author) } : saidBy(room, reader, author);
}

function messagesOf(room: RoomState, { jid }: Actor, { rows, complete }: Page): { messages: MessageAnswer[]; complete: boolean } {
  const seesAll = jid === null || seesAllJids(room, jid);
  const messages = rows.map((row) => ({
    id: row.id,
    at: row.stamp,
    nick: row.nick,
    occupantId: row.occupantId,
    jid: row.sender !== null && showsJid(room, seesAll, row) ? bareOf(row.sender) : null,
    payload: row.payload,
    retracted: isRetracted(room, row),
  }));
  return { messages, complete };
}
