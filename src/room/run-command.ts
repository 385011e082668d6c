/** Commands from other faces than XMPP: each calls what the protocol calls (design rule 5). */
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { say } from '../words';
import { affiliationsRefusal, setAffiliations, withoutWornNicks, type Actor } from './affiliations';
import { configure, readConfiguration } from './configure';
import { destroy } from './destroy';
import { create } from './enter';
import { erasePerson } from './erase-person';
import { LONG_COMMANDS, type Command } from './commands';
import { endIfEmpty, remove } from './leave';
import type { CommandInput } from './machine';
import { beginPurge, type PurgeAsker } from './purge';
import { unregister } from './registration';
import { rolesRefusal, setRoles } from './role-changes';
import type { RoomState } from './state';
import { trim, type TrimAsker } from './trim';
import type { Turn } from './turn';

/** The service itself: allowed everything that the specification does not forbid to all. */
const SERVICE: Actor = { jid: null, affiliation: 'owner', role: 'moderator', nick: undefined };

/** Decides a command and tells its outcome through `done`; whoever runs the room passes that on when it is committed. */
export function runCommand(state: RoomState, turn: Turn, input: CommandInput): void {
  const refusal = run(state, turn, input);
  if (refusal || !LONG_COMMANDS.has(input.command.name)) input.done(refusal ? { ok: false, error: refusal } : { ok: true });
}

function run(state: RoomState, turn: Turn, { command, done }: CommandInput): StanzaError | undefined {
  if (command.name === 'create') return createRoom(state, turn, command);
  if (command.name === 'erase') return eraseRoom(state, turn);
  if (command.name === 'erase-person') {
    erasePerson(state, turn, command.jid, SERVICE, (outcome) => {
      done(typeof outcome === 'number' ? { ok: true, erased: outcome } : { ok: false, error: outcome });
    });
    return undefined;
  }
  if (!state.exists) return stanzaError('item-not-found', say('noRoom'));
  switch (command.name) {
    case 'set-affiliations': {
      const [items] = withoutWornNicks(state, command.items);
      const refusal = affiliationsRefusal(state, SERVICE, items);
      if (!refusal) setAffiliations(state, turn, SERVICE, items)();
      endIfEmpty(state, turn);
      return refusal;
    }
    case 'set-roles': {
      const refusal = rolesRefusal(state, SERVICE, command.items);
      if (!refusal) setRoles(state, turn, SERVICE, command.items)();
      endIfEmpty(state, turn);
      return refusal;
    }
    case 'configure': {
      const configuration = readConfiguration(state, SERVICE, command.values);
      if ('condition' in configuration) return configuration;
      configure(state, turn, SERVICE, configuration);
      return undefined;
    }
    case 'destroy':
      destroy(state, turn, command);
      return undefined;
    case 'shut-down':
      shutDown(state, turn, command.reason);
      return undefined;
    case 'unregister':
      unregister(state, turn, command.jid);
      return undefined;
    case 'ban-and-retract':
      return beginPurge(state, turn, command, purgeAsker(done));
    case 'trim':
      return trim(state, turn, command.upToId, trimAsker(done));
  }
}

/** A question to the archive is answered when what was decided before it is committed: then it can be told. */
function trimAsker(done: CommandInput['done']): TrimAsker {
  return {
    refusal: () => undefined,
    stanza: null,
    done: (room, turn) => {
      turn.effects.push({
        kind: 'read-archive',
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
function eraseRoom(state: RoomState, turn: Turn): StanzaError | undefined {
  if (state.exists) destroy(state, turn, {}, { forgotten: true });
  else if (state.row?.tombstone == null) return stanzaError('item-not-found', say('noRoom'));
  else state.writeRoom(turn, { tombstone: null, deadline: null });
  return undefined;
}

/** It is over in a decision that writes nothing, when all that was retracted is committed: so it can be told at once. */
function purgeAsker(done: CommandInput['done']): PurgeAsker {
  return {
    actor: () => SERVICE,
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

function createRoom(state: RoomState, turn: Turn, { owner, values }: Extract<Command, { name: 'create' }>): StanzaError | undefined {
  if (state.exists) return stanzaError('conflict', say('roomExists'));
  const configuration = readConfiguration(state, SERVICE, values);
  if ('condition' in configuration) return configuration;
  // A temporary room ends when nobody is in it (§7.14), and nobody is in it yet.
  if (!state.env.features.facts(state.options.with(configuration.changes), state.env.policy).persistent) {
    return stanzaError('not-acceptable', say('createTemporary'));
  }
  create(state, turn, owner);
  configure(state, turn, SERVICE, configuration);
  return undefined;
}
