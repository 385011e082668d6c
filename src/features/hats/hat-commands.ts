/** The commands by which admins make, destroy, assign and take hats in their clients (XEP-0317 §3.2-3.7). */
import { commandRefusal } from '../../xmpp/ad-hoc';
import type { Answers } from '../../xmpp/answers';
import type { FullJid } from '../../xmpp/fold';
import type { Field, FormOut } from '../../xmpp/forms';
import { bareOf } from '../../xmpp/jid';
import { short } from '../../xmpp/short';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords, type Key } from '../../words';
import type { CommandOf, Target } from '../../room/contract/commands';
import type { IqRequest, RoomAdHocCommand } from '../../room/contract/feature';
import { isAdmin } from '../../room/governing/roles';
import { writtenAddress } from '../../room/governing/written-jid';
import type { RoomState } from '../../room/state';
import { orderOf, sayDone } from '../commands/room-command';
import { assignHat, destroyHat, setHat, unassignHat } from './hat-acts';
import { hats } from './worn';

/** The FORM_TYPE of all of them, and how their nodes begin. */
export const HAT_COMMANDS = 'urn:xmpp:hats:commands';

const admins = (room: RoomState, from: FullJid): StanzaError | undefined =>
  isAdmin(room.affiliationOf(bareOf(from))) ? undefined : stanzaError('forbidden', inWords('adminsOnly'));

const text = (answers: Answers, field: string): string => (answers.get(field)?.[0] ?? '').trim();

const form = (title: Key, instructions: Key, fields: readonly Field[]): FormOut => ({
  type: 'form',
  formType: HAT_COMMANDS,
  title: inWords(title),
  instructions: inWords(instructions),
  fields,
});

/** Which hat, of those that there are. */
const which = (room: RoomState): Field => ({
  var: 'hats#uri',
  type: 'list-single',
  label: inWords('hatWhich'),
  required: true,
  values: [],
  options: hats.entries(room).map(([value, { title }]) => ({ value, label: title })),
});

const who: Field = { var: 'hats#jid', type: 'jid-single', label: inWords('hatWho'), required: true, values: [] };

/** The hat of a form that is filled in. What only our form asks for stays as it is where a client leaves it out: it knows no more than XEP-0317. */
function readHat(room: RoomState, answers: Answers): CommandOf<'set-hat'> {
  const [title, uri, hue] = [text(answers, 'hats#title'), text(answers, 'hats#uri'), text(answers, 'hats#hue')];
  const before = hats.get(room, uri);
  const role = text(answers, ROLE) || before?.role;
  const mentions = ['1', 'true'].includes(text(answers, MENTIONS) || (before?.mentions ? '1' : '0'));
  return {
    name: 'set-hat',
    ...{ uri, title, mentions },
    ...(hue === '' ? {} : { hue }),
    ...(role === 'participant' || role === 'moderator' ? { role } : {}),
  };
}

const ROLE = '{urn:parlour:hats}role';
const MENTIONS = '{urn:parlour:hats}mentionall';

/** Answers that it is done, and shows it; or hands on the refusal. */
function answered(request: IqRequest, node: string, sessionid: string, outcome: StanzaError | (() => void)): StanzaError | undefined {
  if (typeof outcome !== 'function') return outcome;
  sayDone(request, node, sessionid);
  outcome();
  return undefined;
}

/** Somebody by address, or in the room as clients show them. */
function personOf(room: RoomState, answers: Answers): Target | StanzaError {
  const written = text(answers, 'hats#jid');
  const address = writtenAddress(room, written);
  if (address === 'nobody') return stanzaError('item-not-found', inWords('noSuchNick'));
  if (address === 'malformed' || !address.jid.includes('@'))
    return commandRefusal('bad-payload', inWords('itemJid', { jid: short(written) }));
  return { jid: address.jid };
}

/** §3.2: makes a hat, or makes one of that URI another. */
const create: RoomAdHocCommand = {
  node: `${HAT_COMMANDS}:create`,
  title: 'hatCreate',
  direct: true,
  refuse: admins,
  form: () =>
    form('hatCreate', 'hatCreateFill', [
      { var: 'hats#title', type: 'text-single', label: inWords('hatTitle'), required: true, values: [] },
      { var: 'hats#uri', type: 'text-single', label: inWords('hatAddress'), required: true, values: [] },
      { var: 'hats#hue', type: 'text-single', label: inWords('hatColour'), values: [] },
      {
        var: ROLE,
        type: 'list-single',
        label: inWords('hatRole'),
        values: [],
        options: [
          { value: 'none', label: inWords('choiceNoRole') },
          { value: 'participant', label: inWords('choiceHatVoice') },
          { value: 'moderator', label: inWords('choiceHatModerator') },
        ],
      },
      { var: MENTIONS, type: 'boolean', label: inWords('hatMentions'), values: [] },
    ]),
  run: (request, answers, sessionid) => answered(request, create.node, sessionid, setHat(orderOf(request, readHat(request.room, answers)))),
};

/** §3.3: nobody wears it any more. */
const destroy: RoomAdHocCommand = {
  node: `${HAT_COMMANDS}:destroy`,
  title: 'hatDestroy',
  direct: true,
  refuse: admins,
  form: (room) => form('hatDestroy', 'hatDestroyFill', [which(room)]),
  run: (request, answers, sessionid) =>
    answered(request, destroy.node, sessionid, destroyHat(orderOf(request, { name: 'destroy-hat', uri: text(answers, 'hats#uri') }))),
};

/** §3.5 */
const assign: RoomAdHocCommand = {
  node: `${HAT_COMMANDS}:assign`,
  title: 'hatAssign',
  direct: true,
  refuse: admins,
  form: (room) => form('hatAssign', 'hatAssignFill', [who, which(room)]),
  run: (request, answers, sessionid) => {
    const target = personOf(request.room, answers);
    if ('condition' in target) return target;
    const order = orderOf(request, { name: 'assign-hat', uri: text(answers, 'hats#uri'), target });
    return answered(request, assign.node, sessionid, assignHat(order));
  },
};

/** §3.6 */
const unassign: RoomAdHocCommand = {
  node: `${HAT_COMMANDS}:unassign`,
  title: 'hatUnassign',
  direct: true,
  refuse: admins,
  form: (room) => form('hatUnassign', 'hatUnassignFill', [who, which(room)]),
  run: (request, answers, sessionid) => {
    const target = personOf(request.room, answers);
    if ('condition' in target) return target;
    const order = orderOf(request, { name: 'unassign-hat', uri: text(answers, 'hats#uri'), target });
    return answered(request, unassign.node, sessionid, unassignHat(order));
  },
};

/** In the order in which they are listed. */
export const hatCommands: readonly RoomAdHocCommand[] = [create, destroy, assign, unassign];
