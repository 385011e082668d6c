/** The commands by which moderators mute and warn people in their room. */
import { commandRefusal } from '../../xmpp/ad-hoc';
import type { Answers } from '../../xmpp/answers';
import type { FullJid } from '../../xmpp/fold';
import type { Field } from '../../xmpp/forms';
import { short } from '../../xmpp/short';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords, Sentence } from '../../words';
import type { Target } from '../../room/contract/commands';
import type { IqRequest, RoomAdHocCommand } from '../../room/contract/feature';
import { actorOf } from '../../room/governing/admin-iq';
import { isAdmin } from '../../room/governing/roles';
import { writtenAddress } from '../../room/governing/written-jid';
import type { RoomState } from '../../room/state';
import { orderOf, sayDone } from '../commands/room-command';
import { readDuration } from '../ends/duration-field';
import { mute, unmute } from './mutes';
import { unwarn, warn } from './warnings';

const MUTE = 'urn:parlour:mute';
const WARN = 'urn:parlour:warn';

const forbidden = (room: RoomState, from: FullJid): StanzaError | undefined => {
  const { role, affiliation } = actorOf(room, from);
  return role === 'moderator' || isAdmin(affiliation) ? undefined : stanzaError('forbidden', inWords('moderatorsOnly'));
};

const textOf = (answers: Answers, field: string): string => (answers.get(field)?.[0] ?? '').trim();

const fields = (reasonNeeded: boolean): Field[] => [
  { var: 'who', type: 'text-single', label: inWords('restraintWho'), required: true, values: [] },
  { var: 'for', type: 'text-single', label: inWords('affiliateFor'), values: [] },
  { var: 'reason', type: 'text-single', label: inWords('auditReason'), required: reasonNeeded, values: [] },
];

/** A nickname of somebody present, an occupant JID as clients show it, or an address. */
function targetOf(room: RoomState, text: string): Target | StanzaError {
  const address = text.includes('@') ? writtenAddress(room, text) : 'malformed';
  if (address === 'nobody') return stanzaError('item-not-found', inWords('noSuchNick'));
  // What is an address is nobody's nickname here: whoever goes by somebody's address must not stand in for them.
  if (address !== 'malformed') return address.occupant ? { nick: address.occupant.nick } : { jid: address.jid };
  if (room.occupants.withNick(text)) return { nick: text };
  return text.includes('@')
    ? commandRefusal('bad-payload', inWords('itemJid', { jid: short(text) }))
    : stanzaError('item-not-found', inWords('noSuchNick'));
}

/** Answers that it is done, or hands on the refusal. */
function answered(request: IqRequest, node: string, sessionid: string, refusal: StanzaError | undefined): StanzaError | undefined {
  if (!refusal) sayDone(request, node, sessionid);
  return refusal;
}

const muteCommand: RoomAdHocCommand = {
  node: MUTE,
  title: 'muteTitle',
  refuse: forbidden,
  form: () => ({
    type: 'form',
    formType: MUTE,
    title: inWords('muteTitle'),
    instructions: inWords('muteInstructions'),
    fields: fields(false),
  }),
  run: (request, answers, sessionid) => {
    const target = targetOf(request.room, textOf(answers, 'who'));
    if ('condition' in target) return target;
    if (textOf(answers, 'for') === '0') return answered(request, MUTE, sessionid, unmute(orderOf(request, { name: 'unmute', target })));
    const lasts = readDuration(textOf(answers, 'for'));
    if (lasts instanceof Sentence) return commandRefusal('bad-payload', lasts);
    const reason = textOf(answers, 'reason');
    const more = { ...(lasts === undefined ? {} : { for: lasts }), ...(reason === '' ? {} : { reason }) };
    return answered(request, MUTE, sessionid, mute(orderOf(request, { name: 'mute', target, ...more })));
  },
};

const warnCommand: RoomAdHocCommand = {
  node: WARN,
  title: 'warnTitle',
  refuse: forbidden,
  form: () => ({
    type: 'form',
    formType: WARN,
    title: inWords('warnTitle'),
    instructions: inWords('warnInstructions'),
    fields: fields(false),
  }),
  run: (request, answers, sessionid) => {
    const target = targetOf(request.room, textOf(answers, 'who'));
    if ('condition' in target) return target;
    if (textOf(answers, 'for') === '0') return answered(request, WARN, sessionid, unwarn(orderOf(request, { name: 'unwarn', target })));
    const lasts = readDuration(textOf(answers, 'for'));
    if (lasts instanceof Sentence) return commandRefusal('bad-payload', lasts);
    const command = { name: 'warn', target, reason: textOf(answers, 'reason'), ...(lasts === undefined ? {} : { for: lasts }) } as const;
    return answered(request, WARN, sessionid, warn(orderOf(request, command)));
  },
};

/** In the order in which they are listed. */
export const restraintCommands: readonly RoomAdHocCommand[] = [muteCommand, warnCommand];
