/** The last look at what leaves: for whatever is not ours, or not XML, the server would close the stream of every room. */
import type { Log } from '../log';
import { foldBare } from '../xmpp/fold';
import type { Outgoing } from '../xmpp/outgoing';
import { clean } from '../xmpp/xml';

/** Ours: the domain, and where mistakes of ours are told. */
interface Ours {
  readonly domain: string;
  readonly log: Log;
}

/** The stanza as it may leave, without what XML forbids; undefined, and logged: its `from` is not ours, or it has no `to`. */
export function mayLeave(out: Outgoing, { domain, log }: Ours): Outgoing | undefined {
  if (!isOurs(out.from, domain) || out.to === '') {
    log.error(
      { event: 'link.not-sent', name: out.name, from: out.from },
      'a stanza that must not be sent was thrown away: its from is not ours, or it has no to',
    );
    return undefined;
  }
  const rest = clean(out.rest);
  if (rest === out.rest) return out;
  log.warn({ event: 'link.cleaned', name: out.name, from: out.from }, 'characters that XML forbids were taken out of a stanza');
  return { ...out, rest };
}

function isOurs(from: string, domain: string): boolean {
  const slash = from.indexOf('/');
  const end = slash < 0 ? from.length : slash;
  const at = end - domain.length;
  // An answer goes out from the address that was asked, in that spelling.
  if (at < 0 || !from.startsWith(domain, at)) {
    const bare = foldBare(from);
    return bare !== from.slice(0, end) && isOurs(bare, domain);
  }
  return at === 0 || (at > 1 && from.indexOf('@') === at - 1);
}
