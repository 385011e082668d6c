/** What holds in a room whatever people, servers and bad luck do, and whenever the process dies. */
import fc, { runs } from '../support/property';
import { make, move, type Move } from './play';
import { waitingRegistrations } from '../../src/features/registration/registration';
import { isAdmin } from '../../src/room/governing/roles';
import type { RoomState } from '../../src/room/state';
import { nickKey } from '../../src/xmpp/nick';
import { NS } from '../../src/xmpp/ns';
import { bareOf } from '../../src/xmpp/jid';
import { CROWD, World } from './world';
import { asFull } from '../support/jids';

/** Games to play: as many as the environment asks for, for a night, else the few that a daily run has time for. */
jest.setTimeout(30 * 60_000);

/** A room with an owner and a few people, so that play begins in the middle. */
const OPENING: readonly Move[] = [
  { do: 'join', who: 'anna@users.lit/1', nick: 'A', inX: '', content: '' },
  {
    do: 'send',
    who: 'anna@users.lit/1',
    xml: '<iq from="{who}" to="coven@chat.lit" type="set" id="i"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"/></query></iq>',
  },
  { do: 'join', who: 'bert@users.lit/1', nick: 'B', inX: '', content: '' },
];
/** One game in fifty begins in a crowd, of whom some are entering still. */
const crowd = fc.integer({ min: 0, max: 49 }).map((n) => (n === 49 ? 1_000 : 0));
const game = fc.record({ held: fc.constantFrom(50, 50, 2), crowd, moves: fc.array(move, { minLength: 1, maxLength: 50, size: 'max' }) });

interface Game {
  readonly held: number;
  readonly crowd: number;
  readonly moves: readonly Move[];
}

/** In a crowd not every move is looked at: that would take a night by itself. */
const LOOKS = 5;

/** So many of a crowd come while the play begins. */
const LATE = 40;
const enter = (world: World, i: number): void => make(world, { do: 'join', who: `p${i}@${CROWD}/1`, nick: `p${i}`, inX: '', content: '' });
/** Rooms with a crowd in them, by what is held: each game with one goes on from there, as after a restart. */
const CROWDS = new Map<number, World>();

function begun(held: number, crowd: number): World {
  const settled = CROWDS.get(held);
  const world = crowd > 0 && settled ? settled.copy() : new World(held, Math.max(100, crowd * 2));
  if (crowd === 0 || !settled) for (const one of OPENING) make(world, one);
  if (crowd === 0) return world;
  if (!settled) {
    for (let i = 0; i < crowd - LATE; i++) enter(world, i);
    world.settle();
    CROWDS.set(held, world);
    return begun(held, crowd);
  }
  for (let i = crowd - LATE; i < crowd; i++) enter(world, i);
  return world;
}

function play({ held, crowd, moves }: Game, check: (world: World) => void): World {
  const world = begun(held, crowd);
  for (const [i, one] of moves.entries()) {
    make(world, one);
    if (crowd === 0 || i % Math.ceil(moves.length / LOOKS) === 0) check(world);
  }
  return world;
}

/** What a state comes to, for comparing it with its rows. Order of arrival does not count, nor whether an entry is known to be over. */
function dump(state: RoomState): unknown {
  const occupants = [...state.occupants.all()].map(({ id, jid, nick, role, rev, sessions }) => ({
    ...{ id, jid, nick, role, rev },
    sessions: sessions.map(({ jid, address, presence, priority, askedNick, joinedAt }) => ({
      jid,
      spelling: address.jid,
      presence,
      priority,
      askedNick,
      joinedAt,
    })),
  }));
  return {
    row: state.row,
    options: state.options.toJson(),
    facts: state.facts,
    subject: state.subject,
    rev: state.rev,
    seq: state.seq,
    sayings: state.sayings.filter(({ rev }) => rev > state.deliveredRev),
    affiliations: [...state.affiliationRows()].sort((a, b) => (a.jid < b.jid ? -1 : 1)),
    registrations: waitingRegistrations.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)),
    occupants: occupants.sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

function sound(world: World): void {
  const { state } = world;
  const occupants = [...state.occupants.all()];
  const wrong: string[] = [];
  const must = (holds: boolean, what: string): void => void (holds || wrong.push(what));
  must(new Set(occupants.map(({ nick }) => nickKey(nick))).size === occupants.length, 'one nick, one occupant');
  must(new Set(occupants.map(({ jid }) => jid)).size === occupants.length, 'one account, one occupant');
  for (const occupant of occupants) {
    const affiliation = state.affiliationOf(occupant.jid);
    must(occupant.sessions.length > 0, 'no occupant without a session');
    must(
      occupant.sessions.every(({ jid }) => bareOf(jid) === occupant.jid),
      'sessions are of the account',
    );
    must(occupant.role !== 'none' && affiliation !== 'outcast', 'who is in may be in');
    must(!isAdmin(affiliation) || occupant.role === 'moderator', 'admins are moderators');
    must(!state.facts.membersOnly || affiliation !== 'none', 'only members in a members-only room');
  }
  const reserved = [...state.affiliationRows()].flatMap(({ nick }) => nick ?? []);
  must(new Set(reserved.map(nickKey)).size === reserved.length, 'one reserved nick, one holder');
  must(
    waitingRegistrations.entries(state).every(([jid]) => state.affiliationRow(jid) === undefined),
    'nobody waits to register who is listed',
  );
  must(
    !state.exists || world.personErased || [...state.affiliationRows()].some(({ affiliation }) => affiliation === 'owner'),
    'a room has an owner',
  );
  must(state.exists || occupants.length === 0, 'nobody is in no room');
  must(!state.exists || state.facts.persistent || occupants.length > 0, 'a temporary room has somebody in it');
  const rows = world.allMessages();
  const retractions = new Set(
    rows.filter(({ payload }) => payload.includes(`<retract xmlns="${NS.retract}" `)).map(({ clientId }) => clientId),
  );
  for (const { payload } of rows) {
    const tombstone = /^<retracted [^>]*id="([^"]*)"/.exec(payload);
    must(!tombstone || world.personErased || retractions.has(tombstone[1] as string), 'a tombstone names a retraction that is kept');
    for (const [body] of payload.matchAll(/<body>[^<]*<\/body>/g)) must(!world.retracted.has(body), 'what was retracted is in no row');
  }
  expect(wrong).toEqual([]);
  const [inMemory, inRows] = [dump(state), dump(world.reloaded())];
  if (JSON.stringify(inMemory) !== JSON.stringify(inRows)) expect(inRows).toEqual(inMemory);
}

/** With nothing under way, everybody who is in believes what is. */
function agreed(world: World): void {
  const { state } = world;
  const rows = world.allMessages().filter(({ inHistory }) => inHistory);
  for (const occupant of state.occupants.all()) {
    if (occupant.jid.endsWith(`@${CROWD}`)) continue;
    for (const { jid } of occupant.sessions) {
      const client = world.client(jid);
      const entitled = state.facts.jidsVisible || occupant.role === 'moderator';
      const seen = [...state.occupants.all()].filter((other) => other === occupant || state.facts.broadcast.has(other.role));
      const roster = seen.map((other) => ({
        nick: other.nick,
        affiliation: state.affiliationOf(other.jid),
        role: other.role,
        ...(entitled && other !== occupant ? { jid: other.sessions[0]?.jid } : {}),
      }));
      const believed = [...client.roster].map(([nick, { affiliation, role, jid }]) => ({
        ...{ nick, affiliation, role },
        ...(entitled && nick !== occupant.nick ? { jid } : {}),
      }));
      const byNick = (a: { nick: string }, b: { nick: string }): number => (a.nick < b.nick ? -1 : 1);
      expect({ of: jid, nick: client.nick, roster: believed.sort(byNick) }).toEqual({
        of: jid,
        nick: occupant.nick,
        roster: roster.sort(byNick),
      });
      expect({ of: jid, subject: client.subject, entered: client.entered }).toEqual({
        of: jid,
        subject: state.subject?.text ?? '',
        entered: true,
      });
      const since = world.cameAt.get(jid) ?? 0;
      const missed = rows.filter(({ seq }) => seq > since && !client.seen.has(seq));
      expect({ of: jid, missed }).toEqual({ of: jid, missed: [] });
    }
  }
  for (const client of world.clients.values())
    if (client.nick !== undefined) expect(state.occupants.session(asFull(client.jid))?.jid).toBe(client.jid);
}

test('the state is sound and equals its rows after every input; nobody is shown a JID they may not see; an IQ gets one answer', () => {
  fc.assert(
    fc.property(game, (one) => void play(one, sound)),
    runs(40),
  );
});

test('when everything has arrived, everybody believes what is', () => {
  fc.assert(
    fc.property(game, (one) => {
      const world = play(one, () => undefined);
      world.settle();
      agreed(world);
    }),
    runs(100),
  );
});

test('…also when the process died with any part of it undelivered', () => {
  fc.assert(
    fc.property(game, fc.double({ min: 0, max: 1, noNaN: true }), (one, part) => {
      const world = play(one, () => undefined);
      world.crash(Math.floor(part * world.underWay));
      world.settle();
      agreed(world);
      sound(world);
    }),
    runs(100),
  );
});

test('the same inputs give the same outputs', () => {
  fc.assert(
    fc.property(game, (one) => {
      const [once, twice] = [play(one, () => undefined), play(one, () => undefined)];
      expect(twice.log).toEqual(once.log);
    }),
    runs(20),
  );
});
