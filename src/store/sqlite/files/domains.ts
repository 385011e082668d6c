/** To which domains the rooms of a database belong. */
import type { Database } from 'better-sqlite3';
import type { Domain } from '../../../xmpp/fold';
import { domainOf } from '../../../xmpp/jid';
import { StoreRefused } from '../../failures';

/** The domains of all rooms, as they are stored; none: there are no rooms. Reads an index of rooms. */
export function domainsOfRooms(db: Database): string[] {
  if (db.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'room'").pluck().get() === 0) return [];
  return db.prepare("SELECT DISTINCT substr(jid, instr(jid, '@') + 1) FROM room ORDER BY 1").pluck().all() as string[];
}

/**
 * Throws StoreRefused if there are rooms and none of them belongs to this domain: nobody would ever find them.
 *
 * @param folded brings an address to the form in which it is compared: the rooms may be of a version that stored another one.
 */
export function requireDomain(db: Database, file: string, domain: Domain, folded: (jid: string) => string): void {
  const domains = domainsOfRooms(db);
  if (domains.length === 0 || domains.includes(domain) || domains.some((one) => domainOf(folded(`x@${one}`)) === domain)) return;
  const [first = ''] = domains;
  throw new StoreRefused(
    'not-ours',
    `The rooms of the database "${file}" are at ${domains.join(', ')}, and component.domain is "${domain}". If it was another one before, stop here and move them: ` +
      `\`parlour change-domain ${first} --config FILE\`. Otherwise set component.domain back, or name another file in database.path.`,
  );
}
