/** What only asks: deciding it writes nothing, so that it can be answered from what is saved while nothing can be saved. */
import { NS } from '../../xmpp/ns';
import { childElements, localName, namespaceOf, type Element } from '../../xmpp/xml';
import type { Input } from './machine';

/** The node of the ad-hoc command that shows the audit trail. */
export const AUDIT_NODE = 'urn:parlour:audit';

/** The node of the ad-hoc command that shows what has an end. */
export const ENDS_NODE = 'urn:parlour:ends';

/** Nodes of ad-hoc commands that change nothing, even when they are completed. */
const ASKING_NODES: ReadonlySet<unknown> = new Set([AUDIT_NODE, ENDS_NODE]);

/**
 * Whether deciding an input writes nothing: an IQ get, any IQ to an occupant (it is passed on, §17.4), a query to the archive, which is a set
 * (XEP-0313 §4.1), an ad-hoc command that is begun or canceled (XEP-0050: a form is handed out, and the room keeps no sessions) or that only
 * asks, a typed question (`asking.ts`), and what is answered to any of them. Whoever runs rooms counts on it.
 */
export function isQuery(input: Input): boolean {
  switch (input.kind) {
    case 'relayed':
      return true;
    case 'command':
      return input.command.name === 'ask' || input.command.name === 'ask-archive';
    case 'stanza':
      return onlyAsks(input.stanza, input.nick);
    case 'archive':
      return input.effect.asks === true || (input.effect.stanza !== null && onlyAsks(input.effect.stanza, ''));
    default:
      return false;
  }
}

function onlyAsks(stanza: Element, nick: string): boolean {
  if (stanza.name !== 'iq') return false;
  if (stanza.attrs['type'] === 'get') return true;
  if (stanza.attrs['type'] !== 'set') return false;
  const payload = childElements(stanza)[0];
  return nick !== '' || (payload !== undefined && (asksArchive(payload) || asksByCommand(payload)));
}

function asksArchive(payload: Element): boolean {
  return localName(payload) === 'query' && namespaceOf(payload) === NS.mam;
}

/** Without a session a command begins; whatever its form is sent back with is another step. */
function asksByCommand(payload: Element): boolean {
  if (localName(payload) !== 'command' || namespaceOf(payload) !== NS.commands) return false;
  const { node, sessionid, action } = payload.attrs as Record<string, string | undefined>;
  return sessionid === undefined || action === 'cancel' || ASKING_NODES.has(node);
}
