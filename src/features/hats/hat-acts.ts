/** What is done with hats, whoever asks: making, destroying, assigning and taking them (XEP-0317 §3.2-3.6). */
import { commandRefusal } from '../../xmpp/ad-hoc';
import type { BareJid } from '../../xmpp/fold';
import { isLongerThan } from '../../xmpp/lengths';
import { short } from '../../xmpp/short';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import { clean } from '../../xmpp/xml';
import { audit } from '../../room/audit';
import type { HatAnswer } from '../../room/contract/asking';
import type { Target } from '../../room/contract/commands';
import type { Commands, Order } from '../../room/contract/feature';
import type { Actor } from '../../room/governing/rights';
import { isAdmin } from '../../room/governing/roles';
import { isOfService } from '../../room/governing/written-jid';
import { watchCapabilities } from '../../room/occupants/room-presence';
import { STATUS } from '../../room/occupants/status';
import { notify } from '../../room/talking/notices';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { fitRole } from './hat-roles';
import { hats, MAX_HATS, MAX_WEARERS, MAX_WORN, roleByHats, worn, type Hat } from './worn';

const MAX_TITLE = 100;
const MAX_URI_BYTES = 1_000;
/** Degrees with at most six decimals (XEP-0392 §5.1: 0 to 360). */
const HUE = /^(?:[0-9]|[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9])(?:\.[0-9]{1,6})?$|^360(?:\.0{1,6})?$/;
/** A scheme and no blank. */
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"]+$/;

/** What was done is written; this shows it to the room. Whoever asked is answered before. */
type Show = () => void;

/** What carries a command out: the refusal, or what shows it. */
type Act<Name extends 'set-hat' | 'destroy-hat' | 'assign-hat' | 'unassign-hat'> = (order: Order<Name>) => StanzaError | Show;

/** Why this actor does nothing with hats, or undefined. */
const refused = ({ affiliation }: Actor): StanzaError | undefined =>
  isAdmin(affiliation) ? undefined : stanzaError('forbidden', inWords('adminsOnly'));

/** What a hat is, as the audit trail tells it. */
const told = ({ title, hue, role, mentions }: Hat): string =>
  [title, ...(role === null ? [] : [role]), ...(mentions ? ['mentions'] : []), ...(hue === null ? [] : [`hue ${hue}`])].join(', ');

/** Who wears a hat: at most `MAX_WEARERS`. */
const wearers = (room: RoomState, uri: string): BareJid[] => worn.keys(room).filter((jid) => worn.get(room, jid)?.includes(uri));

const rolesOf = (room: RoomState, uri: string): readonly (readonly [BareJid, ReturnType<typeof roleByHats>])[] =>
  wearers(room, uri).map((jid) => [jid, roleByHats(room, jid)] as const);

const isSame = (one: Hat, other: Hat): boolean =>
  one.title === other.title && one.hue === other.hue && one.role === other.role && one.mentions === other.mentions;

const noSuchHat = (uri: string): StanzaError => stanzaError('item-not-found', inWords('hatUnknown', { uri: short(uri) }));

/** §3.2: makes a hat, or makes one of that URI another. */
export const setHat: Act<'set-hat'> = ({ room, turn, command, actor }) => {
  const { uri, hue = null, role = null, mentions = false } = command;
  // What XML cannot say would make two hats look alike.
  const title = clean(command.title).trim();
  const forbidden = refused(actor);
  if (forbidden) return forbidden;
  if (title === '') return commandRefusal('bad-payload', inWords('fieldMissing', { field: 'hats#title' }));
  if (isLongerThan(title, MAX_TITLE)) return commandRefusal('bad-payload', inWords('badLength', { field: 'hats#title', max: MAX_TITLE }));
  if (!URI.test(uri) || clean(uri) !== uri || Buffer.byteLength(uri) > MAX_URI_BYTES)
    return commandRefusal('bad-payload', inWords('hatUri', { uri: short(uri) }));
  if (hue !== null && !HUE.test(hue)) return commandRefusal('bad-payload', inWords('hatHue', { hue: short(hue) }));
  const before = hats.get(room, uri);
  if (!before && hats.count(room) >= MAX_HATS) return stanzaError('resource-constraint', inWords('hatsFull', { max: MAX_HATS }));
  const hat: Hat = { title, hue, role, mentions };
  if (before && isSame(before, hat)) return () => undefined;
  const affected = before ? rolesOf(room, uri) : [];
  const tellCapabilities = watchCapabilities(room);
  hats.set(room, turn, uri, hat);
  audit(room, turn, actor, 'hats', [{ object: uri, before: before ? told(before) : null, after: told(hat) }]);
  return () => {
    for (const [jid, roleBefore] of affected) fitRole(room, turn, jid, roleBefore, actor.nick);
    notify(room, turn, [STATUS.configurationChanged]);
    tellCapabilities(turn);
  };
};

/** §3.3: nobody wears it any more. */
export const destroyHat: Act<'destroy-hat'> = ({ room, turn, command: { uri }, actor }) => {
  const forbidden = refused(actor);
  if (forbidden) return forbidden;
  const hat = hats.get(room, uri);
  if (!hat) return noSuchHat(uri);
  const affected = rolesOf(room, uri);
  const tellCapabilities = watchCapabilities(room);
  hats.set(room, turn, uri, null);
  for (const [jid] of affected) takeOff(room, turn, jid, uri);
  audit(room, turn, actor, 'hats', [{ object: uri, before: told(hat), after: null }]);
  return () => {
    for (const [jid, role] of affected) fitRole(room, turn, jid, role, actor.nick);
    notify(room, turn, [STATUS.configurationChanged]);
    tellCapabilities(turn);
  };
};

function takeOff(room: RoomState, turn: Turn, jid: BareJid, uri: string): void {
  const rest = (worn.get(room, jid) ?? []).filter((one) => one !== uri);
  worn.set(room, turn, jid, rest.length === 0 ? null : rest);
}

/** Somebody in the room by nickname, or anybody by address. */
function personOf(room: RoomState, target: Target): BareJid | StanzaError {
  if ('jid' in target) return target.jid.includes('@') ? target.jid : stanzaError('not-acceptable', inWords('restraintPerson'));
  return room.occupants.withNick(target.nick)?.jid ?? stanzaError('item-not-found', inWords('noSuchNick'));
}

/** §3.5 */
export const assignHat: Act<'assign-hat'> = ({ room, turn, command: { uri, target }, actor }) => {
  const forbidden = refused(actor);
  if (forbidden) return forbidden;
  const jid = personOf(room, target);
  if (typeof jid !== 'string') return jid;
  if (!hats.get(room, uri)) return noSuchHat(uri);
  if (isOfService(room, jid)) return stanzaError('not-acceptable', inWords('itemService'));
  if (room.affiliationOf(jid) === 'outcast') return stanzaError('not-allowed', inWords('hatOutcast'));
  const wears = worn.get(room, jid);
  if (wears?.includes(uri)) return stanzaError('conflict', inWords('hatWorn'));
  if (!wears && worn.count(room) >= MAX_WEARERS) return stanzaError('resource-constraint', inWords('hatWearers', { max: MAX_WEARERS }));
  if ((wears?.length ?? 0) >= MAX_WORN) return stanzaError('resource-constraint', inWords('hatMany', { max: MAX_WORN }));
  const before = roleByHats(room, jid);
  worn.set(room, turn, jid, [...(wears ?? []), uri]);
  audit(room, turn, actor, 'hats', [{ object: jid, before: null, after: uri }]);
  return () => fitRole(room, turn, jid, before, actor.nick);
};

/** §3.6 */
export const unassignHat: Act<'unassign-hat'> = ({ room, turn, command: { uri, target }, actor }) => {
  const forbidden = refused(actor);
  if (forbidden) return forbidden;
  const jid = personOf(room, target);
  if (typeof jid !== 'string') return jid;
  if (!worn.get(room, jid)?.includes(uri)) return stanzaError('item-not-found', inWords('hatNotWorn'));
  const before = roleByHats(room, jid);
  takeOff(room, turn, jid, uri);
  audit(room, turn, actor, 'hats', [{ object: jid, before: uri, after: null }]);
  return () => fitRole(room, turn, jid, before, actor.nick);
};

/** For a command that nobody in the room asked for: it is shown at once. Returns the refusal, if any. */
function shown(outcome: StanzaError | Show): StanzaError | undefined {
  if (typeof outcome !== 'function') return outcome;
  outcome();
  return undefined;
}

export const hatActs: Commands = {
  'set-hat': (order) => shown(setHat(order)),
  'destroy-hat': (order) => shown(destroyHat(order)),
  'assign-hat': (order) => shown(assignHat(order)),
  'unassign-hat': (order) => shown(unassignHat(order)),
};

/** Which hats there are, for whoever is in the room or belongs to it; and who wears them, for whoever may see real JIDs. */
export function hatsAnswer(room: RoomState, actor: Actor): readonly HatAnswer[] | StanzaError {
  const refusal = insideRefusal(actor);
  if (refusal) return refusal;
  const mayKnow = wearersRefusal(room, actor) === undefined;
  const byHat = new Map<string, BareJid[]>();
  if (mayKnow)
    for (const [jid, uris] of worn.entries(room))
      for (const uri of uris) {
        const wearing = byHat.get(uri);
        if (wearing) wearing.push(jid);
        else byHat.set(uri, [jid]);
      }
  return hats.entries(room).map(([uri, hat]) => ({ uri, ...hat, wearers: mayKnow ? (byHat.get(uri) ?? []) : null }));
}

/** Why this actor is not told which hats there are: whoever is in the room or belongs to it is. */
export function insideRefusal({ role, affiliation }: Actor): StanzaError | undefined {
  const isIn = role !== 'none' || (affiliation !== 'none' && affiliation !== 'outcast');
  return isIn ? undefined : stanzaError('forbidden', inWords('notOccupant'));
}

/** Why this actor is not told who wears them: whoever may see real JIDs is. */
export function wearersRefusal(room: RoomState, actor: Actor): StanzaError | undefined {
  if (isAdmin(actor.affiliation) || actor.role === 'moderator') return undefined;
  return room.facts.jidsVisible ? insideRefusal(actor) : stanzaError('forbidden', inWords('moderatorsOnly'));
}
