/** Commands from other faces than XMPP: each calls what the protocol calls (architecture.md, rule 5). */
import { answerQuery } from './run-query';
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { inWords } from '../words';
import { foldFull } from '../xmpp/fold';
import { isLongerThan } from '../xmpp/lengths';
import { tidyNick } from '../xmpp/nick';
import { prepareResource } from '../xmpp/prepare';
import { Element, escapeText } from '../xmpp/xml';
import { audit } from './audit';
import { bareOf } from '../xmpp/jid';
import { actorOf } from './governing/admin-iq';
import { affiliationsRefusal, changedBy, setAffiliations, thatHold, withoutWornNicks } from './governing/affiliations';
import type { Actor } from './governing/rights';
import { BY_ITSELF, type By } from './contract/audit';
import { configure, readConfiguration, unknownField, type Configuration } from './configuring/configure';
import { destroy } from './configuring/destroy';
import { PERSISTENT_FIELD } from './configuring/presets';
import { create } from './occupants/enter';
import { rename as changeNickTo } from './occupants/nick-change';
import { assignedNick, nickRefusal } from './occupants/nicks';
import { LONG_COMMANDS, TELLING_COMMANDS, type Command, type CommandName, type CommandOf, type DestroyedOnly } from './contract/commands';
import type { CarryOut } from './contract/feature';
import { firstRefusal } from './contract/feature-set';
import { endIfEmpty, remove } from './occupants/leave';
import type { CommandInput } from './contract/machine';
import { rename } from './configuring/rename';
import { absence } from './configuring/tombstone';
import { rolesRefusal, setRoles } from './governing/kick-and-voice';
import type { RoomState } from './state';
import { sayAsRoom } from './talking/speak';
import { setSubject } from './talking/subject';
import type { Turn } from './turn';
import { STATUS } from './occupants/status';
import { short } from '../xmpp/short';

/** Those who run the service, and what they made: allowed everything that the specification does not forbid to all, or what an admin may. */
function service(by: By): Actor {
  return { jid: null, affiliation: by.rank ?? 'owner', role: 'moderator', nick: undefined, by };
}

/** What an actor may do: people in the room, and accounts, what they may there; all others everything. */
function actorIn(state: RoomState, by: By): Actor {
  const { kind, name, face } = by;
  if ((kind !== 'occupant' && kind !== 'account') || name === null) return service(by);
  const jid = foldFull(name);
  const actor = actorOf(state, jid);
  // By their account, who is in the room is there with whichever session.
  const occupant = actor.jid === jid && state.exists ? state.occupants.withId(state.idOf(bareOf(jid))) : undefined;
  return { ...actor, ...(occupant ? { role: occupant.role, nick: occupant.nick } : {}), by: { kind, name: bareOf(jid), face } };
}

/** Decides a command and tells its outcome through `done`; whoever runs the room passes that on when it is committed. */
export function runCommand(state: RoomState, turn: Turn, input: CommandInput): void {
  const refusal = run(state, turn, input);
  const { name } = input.command;
  if (refusal || (!LONG_COMMANDS.has(name) && !TELLING_COMMANDS.has(name)))
    input.done(refusal ? { ok: false, error: refusal } : { ok: true });
}

function run(state: RoomState, turn: Turn, { command, done, by = BY_ITSELF }: CommandInput): StanzaError | undefined {
  if (!state.exists && !WITHOUT_ROOM.has(command.name))
    return command.name === 'ask' ? absence(state, turn) : stanzaError('item-not-found', inWords('noRoom'));
  const actor = actorIn(state, by);
  const carryOut = state.env.features.commands.get(command.name) as CarryOut<CommandName> | undefined;
  if (carryOut) return carryOut({ room: state, turn, command, actor, actorIn: (room) => actorIn(room, by), done });
  if (actor.jid !== null && !FOR_PEOPLE.has(command.name)) return stanzaError('forbidden', inWords('adminsOnlyHere'));
  switch (command.name) {
    case 'create':
      return createRoom(state, turn, actor, command);
    case 'erase':
      return eraseRoom(state, turn, actor);
    case 'set-affiliations': {
      const [items] = withoutWornNicks(state, thatHold(state, command.items, turn.stamp));
      const refusal = affiliationsRefusal(state, actor, items);
      if (refusal) return refusal;
      const changed = command.items.some(({ only }) => only !== undefined) ? { changed: changedBy(state, items) } : {};
      setAffiliations(state, turn, actor, items)();
      endIfEmpty(state, turn);
      done({ ok: true, ...changed });
      return undefined;
    }
    case 'set-roles': {
      const refusal = rolesRefusal(state, actor, command.items);
      if (!refusal) setRoles(state, turn, actor, command.items)();
      endIfEmpty(state, turn);
      return refusal;
    }
    case 'configure': {
      if (actor.affiliation !== 'owner') return stanzaError('forbidden', inWords('ownersOnly'));
      const configuration = namedConfiguration(state, actor, command.values);
      if ('condition' in configuration) return configuration;
      configure(state, turn, actor, configuration);
      return undefined;
    }
    case 'destroy':
      if (actor.affiliation !== 'owner') return stanzaError('forbidden', inWords('ownersOnly'));
      if (command.only && !isStill(state, command.only)) return stanzaError('conflict', inWords('roomChanged'));
      destroy(state, turn, command, { by: actor });
      return undefined;
    case 'rename':
      return rename(state, turn, actor, command.to, command.reason);
    case 'set-subject':
      return setSubject(state, turn, actor, command.text, command.lang);
    case 'change-nick':
      return giveNick(state, turn, actor, command);
    case 'say':
      return sayText(state, turn, actor, command);
    case 'ask': {
      const answer = answerQuery(state, actor, command.query);
      if ('condition' in answer) return answer;
      done({ ok: true, answer });
      return undefined;
    }
    case 'shut-down':
      shutDown(state, turn, actor, command.reason);
      return undefined;
    default:
      return stanzaError('feature-not-implemented', inWords('noCommand'));
  }
}

/** Whether the room is what it was found to be: somebody may have come since. */
function isStill(state: RoomState, { listed, empty, orphaned, creator, idleSince }: DestroyedOnly): boolean {
  return (
    (listed === undefined || state.listed === listed) &&
    (empty === undefined || (state.occupants.count === 0) === empty) &&
    (orphaned === undefined || (state.affiliations.count('owner') === 0) === orphaned) &&
    (creator === undefined || state.row?.creator === creator) &&
    (idleSince === undefined || state.lastUsed <= idleSince)
  );
}

/** Another nick for somebody present, as it was asked for: nobody sees another than whoever gave it. */
function giveNick(state: RoomState, turn: Turn, actor: Actor, { nick, to }: CommandOf<'change-nick'>): StanzaError | undefined {
  const occupant = state.occupants.withNick(nick);
  if (actor.jid !== null && actor.jid !== occupant?.jid) return stanzaError('forbidden', inWords('adminsOnlyHere'));
  if (!occupant) return stanzaError('item-not-found', inWords('noSuchNick'));
  const wanted = prepareResource(tidyNick(to));
  if (wanted === undefined) return stanzaError('jid-malformed', inWords('nickMalformed'));
  if (wanted === occupant.nick) return undefined;
  const assigned = assignedNick(state, occupant.jid);
  if (assigned !== undefined && assigned !== wanted) return stanzaError('not-acceptable', inWords('nickLocked', { nick: assigned }));
  // By themselves it is as if their client asked; whoever may do everything is asked by nobody.
  const stanza = new Element('presence', { from: occupant.jid, to: `${state.jid}/${wanted}` });
  const appearance = { room: state, stanza, occupant, nick: wanted };
  const checked = actor.jid === null ? undefined : firstRefusal(state.env.features.appear, 'appear', appearance);
  const refusal = checked ?? nickRefusal(state, occupant.jid, wanted);
  if (refusal) return refusal;
  audit(state, turn, actor, 'change-nick', [{ object: occupant.jid, before: occupant.nick, after: wanted }]);
  changeNickTo(state, turn, occupant, tidyNick(wanted));
  return undefined;
}

/** Longest text that the room says by command, in code points. */
const MAX_SAID = 10_000;

/** What was said stands in the archive; the trail tells who had it said. */
function sayText(state: RoomState, turn: Turn, actor: Actor, { body, lang }: CommandOf<'say'>): StanzaError | undefined {
  if (body.trim() === '') return stanzaError('bad-request', inWords('sayEmpty'));
  if (isLongerThan(body, MAX_SAID)) return stanzaError('not-acceptable', inWords('sayLong', { max: MAX_SAID }));
  const row = sayAsRoom(state, turn, { clientId: null, lang: lang ?? null, payload: `<body>${escapeText(body)}</body>`, inHistory: true });
  audit(state, turn, actor, 'say', [{ object: row.id }]);
  return undefined;
}

/** Commands of the room itself that people in it may have the right to; the others are for those who run the service. Features say of theirs who may. */
const FOR_PEOPLE: ReadonlySet<CommandName> = new Set([
  'ask',
  'set-affiliations',
  'set-roles',
  'configure',
  'destroy',
  'set-subject',
  'change-nick',
]);

/** Commands that make a room, or end what is left of one. */
const WITHOUT_ROOM: ReadonlySet<CommandName> = new Set(['create', 'erase', 'erase-person', 'forget']);

/** As by its owner, but nothing is remembered of it. */
function eraseRoom(state: RoomState, turn: Turn, actor: Actor): StanzaError | undefined {
  if (state.exists) destroy(state, turn, {}, { forgotten: true, by: actor, act: 'erase' });
  else if (state.row?.tombstone == null) return stanzaError('item-not-found', inWords('noRoom'));
  else state.writeRoom(turn, { tombstone: null, deadline: null });
  return undefined;
}

/** §11.2: one presence with 110 and 332 to each session. Nobody is left to hear of the others. */
function shutDown(state: RoomState, turn: Turn, actor: Actor, reason: string | undefined): void {
  const present = [...state.occupants.all()];
  audit(
    state,
    turn,
    actor,
    'shut-down',
    present.map(({ jid }) => ({ object: jid, ...(reason === undefined ? {} : { reason }) })),
  );
  const why = { codes: [STATUS.serviceShutDown], ...(reason === undefined ? {} : { reason }) };
  const removed = present.map((occupant) => remove(state, turn, occupant, { affiliation: state.affiliationOf(occupant.jid), ...why }));
  // With everybody out this only remembers the farewells, until they are delivered.
  for (const remember of removed) remember();
  endIfEmpty(state, turn);
}

/** Of fields that somebody named one by one: one that there is not refuses all of them. */
function namedConfiguration(state: RoomState, actor: Actor, values: ReadonlyMap<string, readonly string[]>): Configuration | StanzaError {
  const unknown = unknownField(state, values);
  if (unknown !== undefined) return stanzaError('bad-request', inWords('fieldUnknown', { field: short(unknown) }));
  return readConfiguration(state, actor, values);
}

function createRoom(
  state: RoomState,
  turn: Turn,
  actor: Actor,
  { owner, values }: Extract<Command, { name: 'create' }>,
): StanzaError | undefined {
  if (state.exists) return stanzaError('conflict', inWords('roomExists'));
  const isPersistent = ({ changes }: Configuration): boolean =>
    state.env.features.facts(state.options.with(changes), state.env.policy).persistent;
  const asked = namedConfiguration(state, actor, values);
  if ('condition' in asked) return asked;
  // A temporary room ends when nobody is in it (§7.14), and nobody is in it yet: it is persistent unless whoever makes it says otherwise.
  const isSaid = isPersistent(asked) || values.has(PERSISTENT_FIELD);
  const configuration = isSaid ? asked : readConfiguration(state, actor, new Map([...values, [PERSISTENT_FIELD, ['1']]]));
  if ('condition' in configuration) return configuration;
  if (!isPersistent(configuration)) return stanzaError('not-acceptable', inWords('createTemporary'));
  create(state, turn, owner, actor);
  configure(state, turn, actor, configuration);
  return undefined;
}
