/** What a room answers to typed questions, whoever asks: never more than the protocol would tell them. */
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { inWords } from '../words';
import { configurationFields } from './configuring/owner-iq';
import {
  MOST_ENTRIES,
  type AffiliationAnswer,
  type Answer,
  type Answers,
  type LimitAnswer,
  type Listed,
  type NumbersAnswer,
  type OccupantAnswer,
  type RoomQuery,
} from './contract/asking';
import { mayReadAffiliations, type Actor } from './governing/rights';
import { isAdmin } from './governing/roles';
import type { RoomState } from './state';

/** Answers a question, or says why the asker is not answered. */
export function answerQuery(state: RoomState, actor: Actor, query: RoomQuery): Answer | StanzaError {
  // §17.2: until it is configured, a room is not there for those outside.
  if (state.locked && actor.affiliation !== 'owner') return stanzaError('item-not-found', inWords('noRoom'));
  switch (query.what) {
    case 'room':
      return room(state, actor);
    case 'occupants':
      if (!isInside(actor) && !state.facts.occupantsPublic) return stanzaError('forbidden', inWords('notOccupant'));
      return part(
        query,
        [...state.occupants.all()].filter(({ visible, jid }) => visible || actor.jid === null || actor.jid === jid),
        ({ nick }) => nick,
        (occupant): OccupantAnswer => ({
          nick: occupant.nick,
          occupantId: occupant.id,
          jid: seesJids(state, actor) || occupant.jid === actor.jid ? occupant.jid : null,
          affiliation: state.affiliationOf(occupant.jid),
          role: occupant.role,
          sessions: occupant.sessions.length,
        }),
      );
    case 'affiliations':
      if (!mayReadAffiliations(state, actor, query.affiliation)) return stanzaError('forbidden', inWords('adminsOnly'));
      return part(
        query,
        state.affiliations.of(query.affiliation),
        ({ jid }) => jid,
        ({ jid, affiliation, nick, reason, setBy, setByName, setAt, expiresAt, afterwards }): AffiliationAnswer => ({
          ...{ jid, affiliation, nick, reason, setBy, setByName, setAt },
          until: expiresAt,
          afterwards: expiresAt === null ? null : (afterwards ?? 'none'),
        }),
      );
    case 'options':
      return actor.affiliation === 'owner' ? configurationFields(state) : stanzaError('forbidden', inWords('ownersOnly'));
    case 'queues':
      if (actor.role !== 'moderator' && !isAdmin(actor.affiliation)) return stanzaError('forbidden', inWords('moderatorsOnly'));
      return state.env.features.all.flatMap((feature) => feature.waiting?.(state, actor) ?? []);
    case 'limits':
      if (actor.role !== 'moderator' && !isAdmin(actor.affiliation)) return stanzaError('forbidden', inWords('moderatorsOnly'));
      return limitsOf(state, actor);
    case 'hats': {
      for (const feature of state.env.features.all) if (feature.hats) return feature.hats(state, actor);
      return [];
    }
    case 'numbers':
      return isAdmin(actor.affiliation) ? numbers(state) : stanzaError('forbidden', inWords('adminsOnly'));
  }
}

/** Whoever runs the service sees what those inside see. */
const isInside = ({ jid, role }: Actor): boolean => jid === null || role !== 'none';

const seesJids = (state: RoomState, { role, affiliation }: Actor): boolean => state.seesJids(role) || isAdmin(affiliation);

function room(state: RoomState, actor: Actor): Answers['room'] {
  const { facts, subject, row } = state;
  const creator = row?.creator === undefined || row.creator === '' || actor.affiliation !== 'owner' ? null : row.creator;
  return {
    jid: state.jid,
    name: facts.name,
    locked: state.locked,
    createdAt: row?.createdAt ?? 0,
    creator,
    persistent: facts.persistent,
    listed: state.listed,
    membersOnly: facts.membersOnly,
    moderated: facts.moderated,
    protected: facts.password !== undefined,
    nonAnonymous: facts.jidsVisible,
    archived: facts.archived,
    subject: subject && { text: subject.text, nick: subject.nick, setAt: subject.setAt },
    occupants: state.occupants.count,
  };
}

/** What holds for somebody for a time, as far as the actor may know it, the first end first. */
export function limitsOf(state: RoomState, actor: Actor): LimitAnswer[] {
  const found = state.env.features.all.flatMap((feature) => feature.limits?.(state, actor) ?? []);
  return found.sort((one, other) => (one.until ?? Infinity) - (other.until ?? Infinity));
}

function numbers(state: RoomState): NumbersAnswer {
  let sessions = 0;
  for (const occupant of state.occupants.all()) sessions += occupant.sessions.length;
  const { affiliations } = state;
  return {
    occupants: state.occupants.count,
    sessions,
    affiliations: {
      owner: affiliations.count('owner'),
      admin: affiliations.count('admin'),
      member: affiliations.count('member'),
      outcast: affiliations.count('outcast'),
    },
    rows: state.kept.count,
    seq: state.seq,
    latest: state.lastUsed,
  };
}

/** A part of a list, in the order of its keys: what comes or goes between two parts moves nothing else. */
function part<Row, Entry>(
  { after, limit = MOST_ENTRIES }: { readonly after?: string; readonly limit?: number },
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  entryOf: (row: Row) => Entry,
): Listed<Entry> {
  const most = Math.max(1, Math.min(limit, MOST_ENTRIES));
  const behind = after === undefined ? [...rows] : rows.filter((row) => keyOf(row) > after);
  behind.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const shown = behind.slice(0, most);
  const last = shown.at(-1);
  return { entries: shown.map(entryOf), ...(last !== undefined && behind.length > shown.length ? { next: keyOf(last) } : {}) };
}
