/** Ad-hoc commands at a room (XEP-0050): which there are, who is shown them, and their sessions. How a request is read stands in xmpp/ad-hoc.ts. */
import type { FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { attributes } from '../../xmpp/xml';
import { askingXml, commandXml, nextStep, type SessionState } from '../../xmpp/ad-hoc';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import type { Feature, IqRequest, NodeContent, NodeRequest } from '../../room/contract/feature';
import { seal } from '../../room/talking/ids';
import type { Millis } from '../../room/contract/rows';
import { endOf } from '../../room/periods';
import { askersLanguage } from '../../room/language';
import type { RoomState } from '../../room/state';
import { say } from '../../words';
import { auditCommand } from './audit-command';
import { mentionCommand } from '../mentions/mention-command';
import { purgeCommand } from '../retraction/purge-command';
import type { RoomCommand } from './room-command';

/** In the order in which they are listed. */
const COMMANDS: readonly RoomCommand[] = [purgeCommand, auditCommand, mentionCommand];
const BY_NODE = new Map(COMMANDS.map((command) => [command.node, command]));

/** How long a form may be filled in, in milliseconds. */
const LIFETIME_MS = 15 * 60_000;

const identity = (type: string, name: string, ...features: string[]): string =>
  `<identity${attributes({ category: 'automation', type, name })}/>${features.map((feature) => `<feature var="${feature}"/>`).join('')}`;

export const roomCommands: Feature = {
  name: 'room-commands',
  disco: () => [NS.commands],
  nodes: {
    [NS.commands]: ({ room, from, language }) => ({
      info: identity('command-list', say('commandList').in(language), NS.commands),
      items: COMMANDS.filter((command) => command.refuse(room, from) === undefined)
        .map(({ node, title }) => `<item${attributes({ jid: room.jid, node, name: say(title).in(language) })}/>`)
        .join(''),
    }),
    ...Object.fromEntries(COMMANDS.map((command) => [command.node, (request: NodeRequest) => nodeOf(command, request)])),
  },
  iq: { [`command ${NS.commands}`]: execute },
};

function nodeOf(command: RoomCommand, { room, from, language }: NodeRequest): NodeContent | StanzaError {
  return (
    command.refuse(room, from) ?? { info: identity('command-node', say(command.title).in(language), NS.commands, NS.forms), items: '' }
  );
}

/** A session is its time and the room's seal on it, so that the room keeps none: run twice, a command finds nothing left to do. */
function sessionId(room: RoomState, node: string, from: FullJid, stamp: Millis): string {
  return `${stamp.toString(36)}-${seal(room.row?.secret ?? '', `${node}\n${from}\n${stamp}`)}`;
}

function execute(request: IqRequest): StanzaError | undefined {
  const { room, turn, stanza, from, payload } = request;
  const { node = '' } = payload.attrs as Record<string, string | undefined>;
  if (stanza.attrs['type'] !== 'set') return stanzaError('bad-request', say('iqMalformed'));
  const command = BY_NODE.get(node);
  if (!command) return stanzaError('item-not-found', say('noCommand'));
  const forbidden = command.refuse(room, from);
  if (forbidden) return forbidden;
  const form = command.form(room, from);
  const language = askersLanguage(room, stanza, from);
  const step = nextStep(payload, form, (sessionid) => stateOf(room, node, from, sessionid, turn.stamp));
  switch (step.kind) {
    case 'refuse':
      return step.error;
    case 'begin':
      turn.say(iqResult(stanza, askingXml(node, sessionId(room, node, from, turn.stamp), form, language)));
      return undefined;
    case 'cancel':
      turn.say(iqResult(stanza, commandXml(node, step.sessionid, 'canceled', '', language)));
      return undefined;
    case 'run':
      return command.run(request, step.answers, step.sessionid);
  }
}

function stateOf(room: RoomState, node: string, from: FullJid, sessionid: string, now: Millis): SessionState {
  const begun = Number.parseInt(sessionid, 36);
  if (sessionid !== sessionId(room, node, from, begun)) return 'unknown';
  return endOf(begun, LIFETIME_MS, now) < now ? 'ended' : 'open';
}
