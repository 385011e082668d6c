/** Commands from other faces than XMPP: each calls what the protocol calls (design rule 5). */
import { askArchive } from './ask-archive';
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { say } from '../words';
import { foldFull } from '../xmpp/fold';
import { bareOf } from '../xmpp/jid';
import { actorOf } from './governing/admin-iq';
import { affiliationsRefusal, setAffiliations, withoutWornNicks } from './governing/affiliations';
import type { Actor } from './governing/rights';
import { BY_ITSELF, type By } from './contract/audit';
import { configure, readConfiguration } from './configuring/configure';
import { destroy } from './configuring/destroy';
import { create } from './occupants/enter';
import { erasePerson } from './governing/erase-person';
import { LONG_COMMANDS, type Command } from './contract/commands';
import { endIfEmpty, remove } from './occupants/leave';
import type { CommandInput } from './contract/machine';
import { beginPurge, type PurgeAsker } from './retracting/purge';
import { unregister } from './registering/registration';
import { rename } from './configuring/rename';
import { rolesRefusal, setRoles } from './governing/role-changes';
import type { RoomState } from './state';
import { trim, type TrimAsker } from './retracting/trim';
import type { Turn } from './turn';

/** Those who run the service, and what they made: allowed everything that the specification does not forbid to all. */
function service(by: By): Actor {
  return { jid: null, affiliation: 'owner', role: 'moderator', nick: undefined, by };
}

/** What an actor may do: people in the room, and accounts, what they may there; all others everything. */
function actorIn(state: RoomState, by: By): Actor {
  const { kind, name, face } = by;
  if ((kind !== 'occupant' && kind !== 'account') || name === null) return service(by);
  const jid = foldFull(name);
  return { ...actorOf(state, jid), by: { kind, name: bareOf(jid), face } };
}

/** Decides a command and tells its outcome through `done`; whoever runs the room passes that on when it is committed. */
export function runCommand(state: RoomState, turn: Turn, input: CommandInput): void {
  const refusal = run(state, turn, input);
  if (refusal || !LONG_COMMANDS.has(input.command.name)) input.done(refusal ? { ok: false, error: refusal } : { ok: true });
}

function run(state: RoomState, turn: Turn, { command, done, by = BY_ITSELF }: CommandInput): StanzaError | undefined {
  const actor = actorIn(state, by);
  if (actor.jid !== null && !FOR_PEOPLE.has(command.name)) return stanzaError('forbidden', say('adminsOnlyHere'));
  if (command.name === 'create') return createRoom(state, turn, actor, command);
  if (command.name === 'erase') return eraseRoom(state, turn, actor);
  if (command.name === 'erase-person') {
    erasePerson(state, turn, command.jid, actor, (outcome) => {
      done(typeof outcome === 'number' ? { ok: true, erased: outcome } : { ok: false, error: outcome });
    });
    return undefined;
  }
  if (!state.exists) return stanzaError('item-not-found', say('noRoom'));
  switch (command.name) {
    case 'set-affiliations': {
      const [items] = withoutWornNicks(state, command.items);
      const refusal = affiliationsRefusal(state, actor, items);
      if (!refusal) setAffiliations(state, turn, actor, items)();
      endIfEmpty(state, turn);
      return refusal;
    }
    case 'set-roles': {
      const refusal = rolesRefusal(state, actor, command.items);
      if (!refusal) setRoles(state, turn, actor, command.items)();
      endIfEmpty(state, turn);
      return refusal;
    }
    case 'configure': {
      if (actor.affiliation !== 'owner') return stanzaError('forbidden', say('ownersOnly'));
      const configuration = readConfiguration(state, actor, command.values);
      if ('condition' in configuration) return configuration;
      configure(state, turn, actor, configuration);
      return undefined;
    }
    case 'destroy':
      if (actor.affiliation !== 'owner') return stanzaError('forbidden', say('ownersOnly'));
      destroy(state, turn, command, { by: actor });
      return undefined;
    case 'rename':
      return rename(state, turn, actor, command.to, command.reason);
    case 'shut-down':
      shutDown(state, turn, command.reason);
      return undefined;
    case 'unregister':
      if (actor.jid !== null && actor.jid !== command.jid) return stanzaError('forbidden', say('adminsOnly'));
      unregister(state, turn, command.jid);
      return undefined;
    case 'ban-and-retract':
      return beginPurge(state, turn, command, purgeAsker(by, done));
    case 'trim':
      return trim(state, turn, command.upToId, trimAsker(by, done));
  }
}

/** Commands that people in a room may have the right to; the others are for those who run the service. */
const FOR_PEOPLE: ReadonlySet<Command['name']> = new Set([
  'set-affiliations',
  'set-roles',
  'configure',
  'destroy',
  'unregister',
  'ban-and-retract',
  'trim',
]);

/** A question to the archive is answered when what was decided before it is committed: then it can be told. */
function trimAsker(by: By, done: CommandInput['done']): TrimAsker {
  return {
    refusal: (room) => (actorIn(room, by).affiliation === 'owner' ? undefined : stanzaError('forbidden', say('ownersOnly'))),
    actor: (room) => actorIn(room, by),
    stanza: null,
    done: (room, turn) => {
      askArchive(turn, {
        stanza: null,
        query: { want: 'ends', filter: { upToSeq: room.seq } },
        answered: () => {
          done({ ok: true });
          return undefined;
        },
      });
    },
    failed: (error) => {
      done({ ok: false, error });
    },
  };
}

/** As by its owner, but nothing is remembered of it. */
function eraseRoom(state: RoomState, turn: Turn, actor: Actor): StanzaError | undefined {
  if (state.exists) destroy(state, turn, {}, { forgotten: true, by: actor, act: 'erase' });
  else if (state.row?.tombstone == null) return stanzaError('item-not-found', say('noRoom'));
  else state.writeRoom(turn, { tombstone: null, deadline: null });
  return undefined;
}

/** It is over in a decision that writes nothing, when all that was retracted is committed: so it can be told at once. */
function purgeAsker(by: By, done: CommandInput['done']): PurgeAsker {
  return {
    actor: (room) => actorIn(room, by),
    stanza: null,
    finish: (_, outcome) => {
      done(typeof outcome === 'number' ? { ok: true, retracted: outcome } : { ok: false, error: outcome });
      return undefined;
    },
  };
}

/** §11.2: one presence with 110 and 332 to each session. Nobody is left to hear of the others. */
function shutDown(state: RoomState, turn: Turn, reason: string | undefined): void {
  const why = { codes: [332], ...(reason === undefined ? {} : { reason }) };
  const removed = [...state.occupants.all()].map((occupant) =>
    remove(state, turn, occupant, { affiliation: state.affiliationOf(occupant.jid), ...why }),
  );
  // With everybody out this only remembers the farewells, until they are delivered.
  for (const remember of removed) remember();
  endIfEmpty(state, turn);
}

function createRoom(
  state: RoomState,
  turn: Turn,
  actor: Actor,
  { owner, values }: Extract<Command, { name: 'create' }>,
): StanzaError | undefined {
  if (state.exists) return stanzaError('conflict', say('roomExists'));
  const configuration = readConfiguration(state, actor, values);
  if ('condition' in configuration) return configuration;
  // A temporary room ends when nobody is in it (§7.14), and nobody is in it yet.
  if (!state.env.features.facts(state.options.with(configuration.changes), state.env.policy).persistent) {
    return stanzaError('not-acceptable', say('createTemporary'));
  }
  create(state, turn, owner, actor);
  configure(state, turn, actor, configuration);
  return undefined;
}
