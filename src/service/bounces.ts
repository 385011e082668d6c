/**
 * Errors that come back for what rooms sent: who is gone is removed from all his rooms; who may be gone is asked first.
 *
 * An error to a message or presence tells about the full JID that bounced it. A hard condition means that there is nobody at that
 * address, whatever it answers; a soft one may come from a client that blocks somebody, or a server in trouble, so it only makes
 * the session suspect: it is asked after a delay. Errors to IQs tell nothing and are not counted.
 */
import { NS } from '../xmpp/ns';
import { childElements, namespaceOf, type Element } from '../xmpp/xml';
import { resourceOf } from '../xmpp/jid';
import type { Clock } from './clock';

/** Conditions that say: nobody is at this address. */
const HARD = new Set(['gone', 'item-not-found', 'jid-malformed', 'recipient-unavailable', 'redirect', 'remote-server-not-found']);
/** Conditions that may mean it. */
const SOFT = new Set(['service-unavailable', 'remote-server-timeout', 'internal-server-error', 'undefined-condition']);

/** The defined condition of an error stanza (RFC 6120 §8.3.3), or undefined. */
export function conditionOf(stanza: Element): string | undefined {
  const error = childElements(stanza).find((element) => element.name === 'error');
  return error && childElements(error).find((element) => namespaceOf(element) === NS.stanzas && element.name !== 'text')?.name;
}

/** Whether an error says that nobody is at the address. */
export function isHard(condition: string | undefined): boolean {
  return condition !== undefined && HARD.has(condition);
}

export class Bounces {
  private readonly suspects = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly suspectMs: number,
    private readonly owner: { gone(jid: string, text: string): void; probe(jid: string): void },
  ) {}

  /** A message or presence of type error. */
  bounced(stanza: Element): void {
    const jid = stanza.attrs['from'] as string;
    if (resourceOf(jid) === '') return;
    const condition = conditionOf(stanza);
    if (isHard(condition)) this.owner.gone(jid, condition as string);
    else if (condition !== undefined && SOFT.has(condition)) this.suspect(jid);
  }

  private suspect(jid: string): void {
    if (this.suspects.has(jid)) return;
    this.suspects.add(jid);
    this.clock.after(this.suspectMs, () => {
      this.suspects.delete(jid);
      this.owner.probe(jid);
    });
  }
}
