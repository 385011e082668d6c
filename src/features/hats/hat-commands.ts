/** The commands by which admins make, destroy, assign and take hats (XEP-0317 §3.2-3.7). */
import { commandRefusal } from '../../xmpp/ad-hoc';
import type { Answers } from '../../xmpp/answers';
import type { BareJid, FullJid } from '../../xmpp/fold';
import type { Field, FormOut } from '../../xmpp/forms';
import { bareOf } from '../../xmpp/jid';
import { isLongerThan } from '../../xmpp/lengths';
import { short } from '../../xmpp/short';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { say, type Key } from '../../words';
import { audit } from '../../room/audit';
import type { AuditItem } from '../../room/contract/audit';
import type { IqRequest, RoomCommand } from '../../room/contract/feature';
import { actorOf } from '../../room/governing/admin-iq';
import { isAdmin } from '../../room/governing/roles';
import { isOfService, writtenAddress } from '../../room/governing/written-jid';
import { askersLanguage } from '../../room/language';
import { STATUS } from '../../room/occupants/status';
import type { RoomState } from '../../room/state';
import { notify } from '../../room/talking/notices';
import { completed } from '../commands/room-command';
import { fitRole } from './hat-roles';
import { hats, MAX_HATS, MAX_WEARERS, MAX_WORN, roleByHats, worn, type Hat } from './worn';

/** The FORM_TYPE of all of them, and how their nodes begin. */
export const HAT_COMMANDS = 'urn:xmpp:hats:commands';

const MAX_TITLE = 100;
const MAX_URI_BYTES = 1_000;
/** Degrees with at most six decimals (XEP-0392 §5.1: 0 to 360). */
const HUE = /^(?:[0-9]|[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9])(?:\.[0-9]{1,6})?$|^360(?:\.0{1,6})?$/;
/** A scheme and no blank. */
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"]+$/;

const admins = (room: RoomState, from: FullJid): StanzaError | undefined =>
  isAdmin(room.affiliationOf(bareOf(from))) ? undefined : stanzaError('forbidden', say('adminsOnly'));

const text = (answers: Answers, field: string): string => (answers.get(field)?.[0] ?? '').trim();

const form = (title: Key, instructions: Key, fields: readonly Field[]): FormOut => ({
  type: 'form',
  formType: HAT_COMMANDS,
  title: say(title),
  instructions: say(instructions),
  fields,
});

/** Which hat, of those that there are. */
const which = (room: RoomState): Field => ({
  var: 'hats#uri',
  type: 'list-single',
  label: say('hatWhich'),
  required: true,
  values: [],
  options: hats.entries(room).map(([value, { title }]) => ({ value, label: title })),
});

const who: Field = { var: 'hats#jid', type: 'jid-single', label: say('hatWho'), required: true, values: [] };

function done(request: IqRequest, node: string, sessionid: string, items: readonly Partial<AuditItem>[]): undefined {
  const { room, turn, stanza, from } = request;
  audit(room, turn, actorOf(room, from), 'hats', items);
  turn.say(completed(stanza, node, sessionid, say('affiliateDone'), askersLanguage(room, stanza, from)));
}

/** What a hat is, as the audit trail tells it. */
const told = ({ title, role, mentions }: Hat): string =>
  [title, ...(role === null ? [] : [role]), ...(mentions ? ['mentions'] : [])].join(', ');

/** Who wears a hat: at most `MAX_WEARERS`. */
const wearers = (room: RoomState, uri: string): BareJid[] => worn.keys(room).filter((jid) => worn.get(room, jid)?.includes(uri));

function readHat(answers: Answers): { readonly uri: string; readonly hat: Hat } | StanzaError {
  const [title, uri, hue] = [text(answers, 'hats#title'), text(answers, 'hats#uri'), text(answers, 'hats#hue')];
  if (isLongerThan(title, MAX_TITLE)) return commandRefusal('bad-payload', say('badLength', { field: 'hats#title', max: MAX_TITLE }));
  if (!URI.test(uri) || Buffer.byteLength(uri) > MAX_URI_BYTES) return commandRefusal('bad-payload', say('hatUri', { uri: short(uri) }));
  if (hue !== '' && !HUE.test(hue)) return commandRefusal('bad-payload', say('hatHue', { hue: short(hue) }));
  const role = text(answers, ROLE);
  const mentions = ['1', 'true'].includes(text(answers, MENTIONS));
  return {
    uri,
    hat: { title, hue: hue === '' ? null : hue, role: role === 'participant' || role === 'moderator' ? role : null, mentions },
  };
}

const ROLE = '{urn:parlour:hats}role';
const MENTIONS = '{urn:parlour:hats}mentionall';

/** §3.2: makes a hat, or makes one of that URI another. */
const create: RoomCommand = {
  node: `${HAT_COMMANDS}:create`,
  title: 'hatCreate',
  direct: true,
  refuse: admins,
  form: () =>
    form('hatCreate', 'hatCreateFill', [
      { var: 'hats#title', type: 'text-single', label: say('hatTitle'), required: true, values: [] },
      { var: 'hats#uri', type: 'text-single', label: say('hatAddress'), required: true, values: [] },
      { var: 'hats#hue', type: 'text-single', label: say('hatColour'), values: [] },
      {
        var: ROLE,
        type: 'list-single',
        label: say('hatRole'),
        values: ['none'],
        options: [
          { value: 'none', label: say('choiceNoRole') },
          { value: 'participant', label: say('choiceHatVoice') },
          { value: 'moderator', label: say('choiceHatModerator') },
        ],
      },
      { var: MENTIONS, type: 'boolean', label: say('hatMentions'), values: ['0'] },
    ]),
  run: (request, answers, sessionid) => {
    const { room, turn, from } = request;
    const read = readHat(answers);
    if ('condition' in read) return read;
    const { uri, hat } = read;
    const before = hats.get(room, uri);
    if (!before && hats.count(room) >= MAX_HATS) return stanzaError('resource-constraint', say('hatsFull', { max: MAX_HATS }));
    const affected = before ? wearers(room, uri).map((jid) => [jid, roleByHats(room, jid)] as const) : [];
    hats.set(room, turn, uri, hat);
    done(request, create.node, sessionid, [{ object: uri, before: before ? told(before) : null, after: told(hat) }]);
    for (const [jid, role] of affected) fitRole(room, turn, jid, role, actorOf(room, from).nick);
    notify(room, turn, [STATUS.configurationChanged]);
    return undefined;
  },
};

/** §3.3: nobody wears it any more. */
const destroy: RoomCommand = {
  node: `${HAT_COMMANDS}:destroy`,
  title: 'hatDestroy',
  direct: true,
  refuse: admins,
  form: (room) => form('hatDestroy', 'hatDestroyFill', [which(room)]),
  run: (request, answers, sessionid) => {
    const { room, turn, from } = request;
    const uri = text(answers, 'hats#uri');
    const hat = hats.get(room, uri) as Hat;
    const affected = wearers(room, uri).map((jid) => [jid, roleByHats(room, jid)] as const);
    hats.set(room, turn, uri, null);
    for (const [jid] of affected) takeOff(room, request, jid, uri);
    done(request, destroy.node, sessionid, [{ object: uri, before: told(hat), after: null }]);
    for (const [jid, role] of affected) fitRole(room, turn, jid, role, actorOf(room, from).nick);
    notify(room, turn, [STATUS.configurationChanged]);
    return undefined;
  },
};

function takeOff(room: RoomState, { turn }: IqRequest, jid: BareJid, uri: string): void {
  const rest = (worn.get(room, jid) ?? []).filter((one) => one !== uri);
  worn.set(room, turn, jid, rest.length === 0 ? null : rest);
}

/** Somebody by address, or in the room as clients show them. */
function personOf(room: RoomState, written: string): BareJid | StanzaError {
  const address = writtenAddress(room, written);
  if (address === 'nobody') return stanzaError('item-not-found', say('noSuchNick'));
  if (address === 'malformed' || !address.jid.includes('@')) return commandRefusal('bad-payload', say('itemJid', { jid: short(written) }));
  return address.jid;
}

/** §3.5 */
const assign: RoomCommand = {
  node: `${HAT_COMMANDS}:assign`,
  title: 'hatAssign',
  direct: true,
  refuse: admins,
  form: (room) => form('hatAssign', 'hatAssignFill', [who, which(room)]),
  run: (request, answers, sessionid) => {
    const { room, turn, from } = request;
    const uri = text(answers, 'hats#uri');
    const jid = personOf(room, text(answers, 'hats#jid'));
    if (typeof jid !== 'string') return jid;
    if (isOfService(room, jid)) return stanzaError('not-acceptable', say('itemService'));
    if (room.affiliationOf(jid) === 'outcast') return stanzaError('not-allowed', say('hatOutcast'));
    const wears = worn.get(room, jid);
    if (wears?.includes(uri)) return stanzaError('conflict', say('hatWorn'));
    if (!wears && worn.count(room) >= MAX_WEARERS) return stanzaError('resource-constraint', say('hatWearers', { max: MAX_WEARERS }));
    if ((wears?.length ?? 0) >= MAX_WORN) return stanzaError('resource-constraint', say('hatMany', { max: MAX_WORN }));
    const before = roleByHats(room, jid);
    worn.set(room, turn, jid, [...(wears ?? []), uri]);
    done(request, assign.node, sessionid, [{ object: jid, before: null, after: uri }]);
    fitRole(room, turn, jid, before, actorOf(room, from).nick);
    return undefined;
  },
};

/** §3.6 */
const unassign: RoomCommand = {
  node: `${HAT_COMMANDS}:unassign`,
  title: 'hatUnassign',
  direct: true,
  refuse: admins,
  form: (room) => form('hatUnassign', 'hatUnassignFill', [who, which(room)]),
  run: (request, answers, sessionid) => {
    const { room, turn, from } = request;
    const uri = text(answers, 'hats#uri');
    const jid = personOf(room, text(answers, 'hats#jid'));
    if (typeof jid !== 'string') return jid;
    if (!worn.get(room, jid)?.includes(uri)) return stanzaError('item-not-found', say('hatNotWorn'));
    const before = roleByHats(room, jid);
    takeOff(room, request, jid, uri);
    done(request, unassign.node, sessionid, [{ object: jid, before: uri, after: null }]);
    fitRole(room, turn, jid, before, actorOf(room, from).nick);
    return undefined;
  },
};

/** In the order in which they are listed. */
export const hatCommands: readonly RoomCommand[] = [create, destroy, assign, unassign];
