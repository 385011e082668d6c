/** Ad-hoc commands at a room (XEP-0050), for its moderators: retracting everything that somebody said lately, and banning him. */
import { NS } from '../xmpp/ns';
import { attributes, child, escapeText } from '../xmpp/xml';
import { ACTIONS, commandRefusal, commandXml, ONE_STEP } from '../xmpp/ad-hoc';
import { readAnswers } from '../xmpp/answers';
import { formXml, type FormOut } from '../xmpp/forms';
import { iqResult, stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { actorOf } from '../room/admin-iq';
import type { Feature, IqRequest } from '../room/feature';
import { seal } from '../room/ids';
import { beginPurge } from '../room/purge';
import { moderationForbidden } from '../room/retract';
import { isAdmin } from '../room/roles';
import type { Millis } from '../room/rows';
import type { RoomState } from '../room/state';
import { say } from '../words';
import { purgeFields, purgeNote, readPurge } from './purge-form';

/** The node of the command, and the FORM_TYPE of its form. */
export const PURGE = 'urn:parlour:ban-and-retract';

/** How long a form may be filled in, in milliseconds. */
const LIFETIME_MS = 15 * 60_000;

const identity = (type: string, name: string, ...features: string[]): string =>
  `<identity${attributes({ category: 'automation', type, name })}/>${features.map((feature) => `<feature var="${feature}"/>`).join('')}`;

const mayRun = (room: RoomState, from: string): boolean => moderationForbidden(actorOf(room, from)) === undefined;

export const roomCommands: Feature = {
  name: 'room-commands',
  disco: () => [NS.commands],
  nodes: {
    [NS.commands]: ({ room, from }) => ({
      info: identity('command-list', say('commandList'), NS.commands),
      items: mayRun(room, from) ? `<item${attributes({ jid: room.jid, node: PURGE, name: say('purgeTitle') })}/>` : '',
    }),
    [PURGE]: ({ room, from }) =>
      moderationForbidden(actorOf(room, from)) ?? { info: identity('command-node', say('purgeTitle'), NS.commands, NS.forms), items: '' },
  },
  iq: { [`command ${NS.commands}`]: execute },
};

function purgeForm(room: RoomState, from: string): FormOut {
  const fields = purgeFields(isAdmin(actorOf(room, from).affiliation));
  return { type: 'form', formType: PURGE, title: say('purgeTitle'), instructions: say('purgeInstructions'), fields };
}

/** A session is its time and the room's seal on it, so that the room keeps none: run twice, the command finds nothing left to do. */
function sessionId(room: RoomState, from: string, stamp: Millis): string {
  return `${stamp.toString(36)}-${seal(room.row?.secret ?? '', `${PURGE}\n${from}\n${stamp}`)}`;
}

function execute(request: IqRequest): StanzaError | undefined {
  const { room, turn, stanza, from, payload } = request;
  const { node, sessionid, action = 'execute' } = payload.attrs as Record<string, string | undefined>;
  if (stanza.attrs['type'] !== 'set') return stanzaError('bad-request', say('iqMalformed'));
  if (node !== PURGE) return stanzaError('item-not-found', say('noCommand'));
  const forbidden = moderationForbidden(actorOf(room, from));
  if (forbidden) return forbidden;
  if (!ACTIONS.has(action)) return commandRefusal('malformed-action', say('commandAction', { action }));
  if (sessionid === undefined) {
    if (action !== 'execute') return commandRefusal('bad-sessionid', say('commandSession'));
    const id = sessionId(room, from, turn.stamp);
    turn.say(iqResult(stanza, commandXml(PURGE, id, 'executing', ONE_STEP + formXml(purgeForm(room, from)))));
    return undefined;
  }
  const begun = Number.parseInt(sessionid, 36);
  if (sessionid !== sessionId(room, from, begun)) return commandRefusal('bad-sessionid', say('commandSession'));
  if (turn.stamp - begun > LIFETIME_MS) return commandRefusal('session-expired', say('commandExpired'));
  if (action === 'cancel') {
    turn.say(iqResult(stanza, commandXml(PURGE, sessionid, 'canceled', '')));
    return undefined;
  }
  if (action === 'prev' || action === 'next') return commandRefusal('bad-action', say('commandActionNow'));
  return submit(request, sessionid);
}

function submit({ room, turn, stanza, from, payload }: IqRequest, sessionid: string): StanzaError | undefined {
  const answers = readAnswers(child(payload, 'x', NS.forms), purgeForm(room, from));
  const purge = 'problem' in answers ? answers : readPurge(answers);
  if ('problem' in purge) return commandRefusal('bad-payload', purge.problem);
  return beginPurge(room, turn, purge, {
    actor: (then) => actorOf(then, from),
    stanza,
    finish: (later, outcome) => {
      if (typeof outcome !== 'number') return outcome;
      const note = `<note type="info">${escapeText(purgeNote(purge, outcome))}</note>`;
      later.say(iqResult(stanza, commandXml(PURGE, sessionid, 'completed', note)));
      return undefined;
    },
  });
}
