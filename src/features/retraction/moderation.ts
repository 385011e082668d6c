/** Moderators retract messages of others (XEP-0425): asked for by IQ, said by the room. */
import { purgeCommands } from './purge-command';
import { NS } from '../../xmpp/ns';
import { child, textOf, type Element } from '../../xmpp/xml';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { bareOf } from '../../xmpp/jid';
import { audit } from '../../room/audit';
import { actorOf } from '../../room/governing/admin-iq';
import type { Actor } from '../../room/governing/rights';
import type { Feature, IqRequest, Order } from '../../room/contract/feature';
import { findById, findVersionsOf, whenCertain, type Search } from './find-messages';
import { isRetracted } from '../../room/retracting/retract';
import { moderate, moderationBy, moderationForbidden, moderationRefusal, reasonRefusal } from './retraction-rules';
import type { MessageRow } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { inWords } from '../../words';

export const moderation: Feature = {
  name: 'moderation',
  commands: { moderate: byCommand, ...purgeCommands },
  disco: () => [NS.moderate, NS.moderate0],
  iq: {
    [`moderate ${NS.moderate}`]: (request) => {
      const { payload } = request;
      return ask(request, payload.attrs['id'], child(payload, 'retract', NS.retract), child(payload, 'reason', NS.moderate));
    },
    // Version 0 of XEP-0425.
    [`apply-to ${NS.fasten}`]: (request) => {
      const { payload } = request;
      const element = child(payload, 'moderate', NS.moderate0);
      if (!element) return stanzaError('service-unavailable', inWords('iqUnknown'));
      return ask(request, payload.attrs['id'], child(element, 'retract', NS.retract0), child(element, 'reason', NS.moderate0));
    },
  },
};

/** What a moderator wants. */
interface Wish {
  readonly search: Search;
  /** Whoever wants it, in the room as it then is. */
  readonly actorIn: (room: RoomState) => Actor;
  readonly reason: string | undefined;
  /** It is decided. */
  readonly done: (turn: Turn) => void;
}

function ask(
  { room, turn, stanza, from }: IqRequest,
  id: unknown,
  retract: Element | undefined,
  reasonElement: Element | undefined,
): StanzaError | undefined {
  const forbidden = moderationForbidden(actorOf(room, from));
  if (forbidden) return forbidden;
  if (stanza.attrs['type'] !== 'set' || typeof id !== 'string' || id === '') return stanzaError('bad-request', inWords('retractWhich'));
  if (!retract) return stanzaError('feature-not-implemented', inWords('moderateHow'));
  const text = reasonElement ? textOf(reasonElement) : '';
  const reason = text === '' ? undefined : text;
  const tooLong = reasonRefusal(room, reason);
  if (tooLong) return tooLong;
  const wish: Wish = {
    search: { turn, stanza, upToSeq: room.seq },
    actorIn: (then) => actorOf(then, from),
    reason,
    done: (later) => {
      later.say(iqResult(stanza, ''));
    },
  };
  findById(wish.search, id, (then, later, found) => check(then, later, wish, found));
  return undefined;
}

/** By a command, which goes on over two questions to the archive. */
function byCommand({ room, turn, command, actor, actorIn, done }: Order<'moderate'>): StanzaError | undefined {
  const refusal = moderationForbidden(actor) ?? reasonRefusal(room, command.reason);
  if (refusal) return refusal;
  const search: Search = {
    turn,
    stanza: null,
    upToSeq: room.seq,
    refused: (error) => {
      done({ ok: false, error });
    },
  };
  const wish: Wish = {
    search,
    actorIn,
    reason: command.reason,
    // What was decided is certain when a question that is asked behind it is answered.
    done: (later) => {
      whenCertain(search, later, () => {
        done({ ok: true });
      });
    },
  };
  findById(search, command.id, (then, later, found) => check(then, later, wish, found));
  return undefined;
}

function check(room: RoomState, turn: Turn, wish: Wish, row: MessageRow | undefined): StanzaError | undefined {
  const { search } = wish;
  if (!row) return moderationForbidden(wish.actorIn(room)) ?? stanzaError('item-not-found', inWords('retractMissing'));
  return (
    refusalOf(room, wish, row) ??
    findVersionsOf(room, { ...search, turn }, row, (then, later, versions) => {
      const refusal = refusalOf(then, wish, row);
      if (refusal) return refusal;
      // What is so already succeeds without effect, as an equal item does (§9.2).
      if (!isRetracted(then, row)) {
        const actor = wish.actorIn(then);
        moderate(then, later, { row, versions }, moderationBy(then, actor, wish.reason), true);
        audit(then, later, actor, 'moderate', [{ object: row.id, after: row.sender && bareOf(row.sender), reason: wish.reason ?? null }]);
      }
      wish.done(later);
      return undefined;
    })
  );
}

/** Access is looked at again whenever the archive has answered: the room has gone on meanwhile. */
function refusalOf(room: RoomState, { actorIn }: Wish, row: MessageRow): StanzaError | undefined {
  const actor = actorIn(room);
  return moderationForbidden(actor) ?? moderationRefusal(room, row, actor);
}
