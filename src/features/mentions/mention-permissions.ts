/** Who may mention whom (XEP-0513): the room's permissions, their form beside the owner's, and messages that go against them. */
import type { FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { formXml, submittedForm, type Field } from '../../xmpp/forms';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import type { Element } from '../../xmpp/xml';
import { actorOf } from '../../room/governing/admin-iq';
import { configure, readConfiguration } from '../../room/configuring/configure';
import type { Feature, IqRequest, Speech } from '../../room/contract/feature';
import { choiceOption, numberOption, optionField, type Option, type RoomOptions } from '../../room/contract/options';
import { sayToAll } from '../../room/occupants/presence';
import { askersLanguage } from '../../room/language';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { inWords, type Text } from '../../words';
import { mayMentionAll } from '../hats/worn';
import { kindOf, mentionsIn } from './mentioned';

type Who = 'participants' | 'moderators' | 'none';

/** The least role for one kind of mention. */
const permission = (kind: string, label: Text, initial: Who): Option<Who> =>
  choiceOption<Who>({
    var: `{${NS.mentions}}${kind}`,
    label,
    initial,
    choices: [
      { value: 'participants', label: inWords('choiceParticipants') },
      { value: 'moderators', label: inWords('choiceMentionModerators') },
      { value: 'none', label: inWords('choiceNobody') },
    ],
  });

const count = numberOption({
  var: `{${NS.mentions}}count`,
  label: inWords('labelMentionCount'),
  initial: 10,
  min: 0,
  max: 100,
});
const WHO = {
  individual: permission('individual', inWords('labelMentionPeople'), 'participants'),
  // Whoever may do this disturbs everybody.
  channel: permission('channel', inWords('labelMentionRooms'), 'moderators'),
  associations: permission('associations', inWords('labelMentionRoles'), 'participants'),
} as const;
const ALL: readonly Option<unknown>[] = [count, ...Object.values(WHO)];

/** In the owner's form a field of another form has its namespace in its name (XEP-0068 §3.1), here it is called as XEP-0513 has it. */
const nameOf = (option: Option<unknown>): string => option.var.replace(`{${NS.mentions}}`, 'mentions#');

function fieldsOf(options: RoomOptions, which: readonly Option<unknown>[] = ALL): Field[] {
  return which.map((option) => ({ ...optionField(option, options), var: nameOf(option) }));
}

export const mentionPermissions: Feature = {
  name: 'mention-permissions',
  options: ALL,
  // §3: of the groups those are advertised that the room knows; §4.3.1: spaces, servers and §4.3.3 hats are none of its business.
  disco: () => [NS.mentions, `${NS.mentions}#channel`, `${NS.mentions}#associations`],
  info: ({ options }) => fieldsOf(options),
  speak,
  iq: { [`query ${NS.mentions}`]: permissionsIq },
  reconfigured: announce,
};

/** §9: "Servers MAY filter mentions which violate the configured permissions". Refused, so that whoever wrote it knows. */
function speak({ room, stanza, occupant }: Speech): StanzaError | undefined {
  const mentions = mentionsIn(stanza);
  if (mentions.length === 0) return undefined;
  const max = room.options.get(count);
  if (mentions.length > max) return stanzaError('policy-violation', inWords('mentionsMany', { max }));
  for (const mention of mentions) {
    const kind = kindOf(mention);
    if (kind === undefined) continue;
    const who = room.options.get(WHO[kind]);
    const may = who === 'none' ? false : occupant.role === 'moderator' || (who === 'participants' && occupant.role === 'participant');
    if (!may && !(kind === 'channel' && mayMentionAll(room, occupant.jid)))
      return stanzaError('forbidden', inWords(who === 'moderators' ? 'mentionModerators' : 'mentionNobody'));
  }
  return undefined;
}

/** §4.7 the form, to whoever asks, and its submission, by owners. */
function permissionsIq({ room, turn, stanza, payload, from }: IqRequest): StanzaError | undefined {
  if (stanza.attrs['type'] === 'get') {
    const form = formXml(
      {
        type: 'form',
        formType: NS.mentions,
        title: inWords('mentionsTitle'),
        instructions: inWords('mentionsInstructions'),
        fields: fieldsOf(room.options).map((field) => ({ ...field, required: true })),
      },
      askersLanguage(room, stanza, from),
    );
    turn.say(iqResult(stanza, `<query xmlns="${NS.mentions}">${form}</query>`));
    return undefined;
  }
  if (room.affiliationOf(from) !== 'owner') return stanzaError('forbidden', inWords('ownersOnly'));
  // What is set here must not be what opens the room.
  if (room.locked) return stanzaError('not-allowed', inWords('mentionsLocked'));
  return submit(room, turn, stanza, payload, from);
}

function submit(room: RoomState, turn: Turn, iq: Element, query: Element, from: FullJid): StanzaError | undefined {
  const form = submittedForm(query, NS.mentions);
  if ('condition' in form) return form;
  if (form.type === 'cancel') {
    turn.say(iqResult(iq, ''));
    return undefined;
  }
  const values = new Map<string, readonly string[]>();
  for (const option of ALL) {
    const given = form.values.get(nameOf(option));
    if (given) values.set(option.var, given);
  }
  const actor = actorOf(room, from);
  const configuration = readConfiguration(room, actor, values);
  if ('condition' in configuration) return configuration;
  turn.say(iqResult(iq, ''));
  configure(room, turn, actor, configuration);
  return undefined;
}

/** §4.7: "the service SHOULD broadcast the changes to all users. The message SHOULD include only those fields which have been modified." */
function announce(room: RoomState, turn: Turn, before: RoomOptions): void {
  const changed = ALL.filter((option) => room.options.get(option) !== before.get(option));
  if (changed.length === 0) return;
  const form = formXml(
    { type: 'result', formType: NS.mentions, title: inWords('mentionsChanged'), fields: fieldsOf(room.options, changed) },
    room.facts.language,
  );
  const { everyone, entering } = room.occupants.audiences;
  sayToAll(room, turn, { name: 'message', from: room.jid, rest: ` type="groupchat">${form}</message>` }, everyone, entering);
}
