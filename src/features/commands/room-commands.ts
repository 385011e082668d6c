/** Ad-hoc commands at a room (XEP-0050): which there are, who is shown them, and their sessions. How a request is read and answered stands in xmpp/ad-hoc.ts. */
import type { FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { attributes } from '../../xmpp/xml';
import { commandInfo, commandListInfo, SESSION_MS, takeStep, type CommandSessionState } from '../../xmpp/ad-hoc';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import type { Feature, IqRequest, NodeContent, NodeRequest, RoomAdHocCommand } from '../../room/contract/feature';
import { seal } from '../../room/talking/ids';
import type { Millis } from '../../room/contract/rows';
import { endOf } from '../../room/room-times';
import { askersLanguage } from '../../room/language';
import type { RoomState } from '../../room/state';
import { inWords, type Language } from '../../words';
import { onePerKey } from '../one-per-key';
import { auditCommand } from './audit-command';
import { affiliateCommand } from '../ends/affiliate-command';
import { endsCommand } from '../ends/list-command';
import { restraintCommands } from '../restraints/restraint-commands';
import { mentionCommand } from '../mentions/mention-command';
import { hatCommands } from '../hats/hat-commands';
import { hatLists } from '../hats/hat-lists';
import { wakeCommand } from '../wake-ups/wake-command';
import { purgeCommand } from '../retraction/purge-command';

/** In the order in which they are listed. */
const COMMANDS: readonly RoomAdHocCommand[] = [
  purgeCommand,
  affiliateCommand,
  ...restraintCommands,
  endsCommand,
  auditCommand,
  wakeCommand,
  mentionCommand,
  ...hatCommands,
  ...hatLists,
];

const titleOf = ({ title }: RoomAdHocCommand, language: Language): string =>
  typeof title === 'string' ? inWords(title).in(language) : title.text;

/** The feature with the room's own commands, and those of features from outside behind them. Throws FeatureClash for two with one node. */
export function roomCommandsFeature(others: readonly Feature[]): Feature {
  const own: Feature = { name: 'room-commands', adHoc: COMMANDS };
  const byNode = onePerKey([own, ...others], 'ad-hoc command', (feature) =>
    Object.fromEntries((feature.adHoc ?? []).map((command) => [command.node, command])),
  );
  const commands = [...byNode.values()];
  return {
    ...own,
    disco: () => [NS.commands],
    nodes: {
      [NS.commands]: ({ room, from, language }) => ({
        info: commandListInfo(language),
        items: commands
          .filter((command) => command.refuse(room, from) === undefined)
          .map((command) => `<item${attributes({ jid: room.jid, node: command.node, name: titleOf(command, language) })}/>`)
          .join(''),
      }),
      ...Object.fromEntries(commands.map((command) => [command.node, (request: NodeRequest) => nodeOf(command, request)])),
    },
    iq: { [`command ${NS.commands}`]: (request) => execute(request, byNode) },
  };
}

function nodeOf(command: RoomAdHocCommand, { room, from, language }: NodeRequest): NodeContent | StanzaError {
  return command.refuse(room, from) ?? { info: commandInfo(titleOf(command, language)), items: '' };
}

/** A session is its time and the room's seal on it, so that the room keeps none: run twice, a command finds nothing left to do. */
function sessionId(room: RoomState, node: string, from: FullJid, stamp: Millis): string {
  return `${stamp.toString(36)}-${seal(room.row?.secret ?? '', `${node}\n${from}\n${stamp}`)}`;
}

function execute(request: IqRequest, byNode: ReadonlyMap<string, RoomAdHocCommand>): StanzaError | undefined {
  const { room, turn, stanza, from, payload } = request;
  const { node = '' } = payload.attrs as Record<string, string | undefined>;
  if (stanza.attrs['type'] !== 'set') return stanzaError('bad-request', inWords('iqMalformed'));
  const command = byNode.get(node);
  if (!command) return stanzaError('item-not-found', inWords('noCommand'));
  const forbidden = command.refuse(room, from);
  if (forbidden) return forbidden;
  const form = command.form(room, from);
  const language = askersLanguage(room, stanza, from);
  const sessions = {
    begin: () => sessionId(room, node, from, turn.stamp),
    look: (sessionid: string) => stateOf(room, node, from, sessionid, turn.stamp),
    end: () => undefined,
  };
  const step = takeStep({ element: payload, form, direct: command.direct ?? false, sessions, language });
  if (step.kind === 'refuse') return step.error;
  if (step.kind === 'run') return command.run(request, step.answers, step.sessionid);
  turn.say(iqResult(stanza, step.xml));
  return undefined;
}

function stateOf(room: RoomState, node: string, from: FullJid, sessionid: string, now: Millis): CommandSessionState {
  const begun = Number.parseInt(sessionid, 36);
  if (sessionid !== sessionId(room, node, from, begun)) return 'unknown';
  return endOf(begun, SESSION_MS, now) < now ? 'ended' : 'open';
}
