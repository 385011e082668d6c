/**
 * Errors that come back for what rooms sent: a session that is gone is removed from all its rooms; one that may be gone is asked first.
 *
 * What counts is an error to presence or to a groupchat message, from the JID that a session has: that address got it from us and could not take it.
 * A hard condition means that there is nobody at the address; a soft one may come from a client that blocks somebody, or a server
 * in trouble (`remote-server-not-found` too: a name may fail to resolve once), so it only makes the session suspect: it is asked after a delay. Three kinds are ignored:
 * errors to IQs; errors from bare JIDs and servers, unless that address is itself in a room, as components may be; and errors that repeat a `muc#user` element in a message, which
 * answer a private message or an invitation that somebody else wrote (§7.5, §7.8).
 */
import { NS } from '../../xmpp/ns';
import { child, childElements, type Element } from '../../xmpp/xml';
import type { FullJid } from '../../xmpp/fold';
import { localOf, resourceOf } from '../../xmpp/jid';
import { conditionOf, isCondition } from '../../xmpp/stanza-error';
import type { Bounce } from '../../room/contract/machine';
import type { Clock } from '../clock';

/** Conditions that say: nobody is at this address. */
const HARD = new Set(['gone', 'item-not-found', 'jid-malformed', 'recipient-unavailable', 'redirect']);
/** Conditions that may mean it. */
const SOFT = new Set([
  'service-unavailable',
  'remote-server-not-found',
  'remote-server-timeout',
  'internal-server-error',
  'undefined-condition',
]);

/** Whether an error says that nobody is at the address. */
export function isHard(condition: string | undefined): boolean {
  return condition !== undefined && HARD.has(condition);
}

/**
 * A message to somebody who is not in the room that came back: what an occupant said, sent to an account that wants it; or what the room
 * itself wrote, so that it may tell whoever asked for it (§7.8.2: a failed invitation). The latter is known by the `muc#user` element that
 * the error repeats; of an error that repeats nothing, the room has to find out.
 */
export function bounceToRoom(stanza: Element, from: FullJid, to: FullJid): Bounce | undefined {
  if (stanza.name !== 'message' || localOf(to) === '') return undefined;
  const found = conditionOf(stanza);
  const condition = found !== undefined && isCondition(found) ? found : 'undefined-condition';
  const x = child(stanza, 'x', NS.mucUser);
  const nick = resourceOf(to);
  // Sessions get what is said at their full JID, and private messages with an element of `muc#user`.
  if (nick !== '') return resourceOf(from) !== '' || x ? undefined : { jid: from, nick, condition };
  const others = childElements(stanza).filter((element) => element.name !== 'error');
  if (others.length > 0 && !(x && child(x, 'invite', NS.mucUser))) return undefined;
  return { jid: from, condition };
}

/** Sessions suspected at the same time that no room in memory has. Those that one has need no bound: there are at most as many as sessions. */
const MOST_STRAY_SUSPECTS = 1_000;

export class Bounces {
  private readonly suspects = new Set<FullJid>();
  private strays = 0;

  constructor(
    private readonly clock: Clock,
    private readonly suspectMs: number,
    private readonly owner: { gone(jid: FullJid, text: string, known: boolean): void; probe(address: string, condition: string): void },
  ) {}

  /** A message or presence of type error, and whom it came back from; `known`: they are in a room. */
  bounced(stanza: Element, jid: FullJid, known: boolean): void {
    if (stanza.name === 'message' && child(stanza, 'x', NS.mucUser)) return;
    const condition = conditionOf(stanza);
    if (isHard(condition)) this.owner.gone(jid, condition as string, known);
    else if (condition !== undefined && SOFT.has(condition) && resourceOf(jid) !== '')
      this.suspect(jid, stanza.attrs['from'] as string, condition, known);
  }

  private suspect(jid: FullJid, address: string, condition: string, known: boolean): void {
    if (this.suspects.has(jid)) return;
    // Above the bound some are found by the next round of verification instead: made-up addresses take no place from people.
    if (!known && this.strays >= MOST_STRAY_SUSPECTS) return;
    if (!known) this.strays++;
    this.suspects.add(jid);
    this.clock.after(this.suspectMs, () => {
      this.suspects.delete(jid);
      if (!known) this.strays--;
      this.owner.probe(address, condition);
    });
  }
}
