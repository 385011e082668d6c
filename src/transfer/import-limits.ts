/** What a document may say by the limits of this service: an import takes nothing that a room here would refuse, and nothing in it is cut. */
import { parseContent, textOf } from '../xmpp/xml';
import { isLongerThan } from '../xmpp/lengths';
import { inWords } from '../words';
import type { RoomLimits } from '../room/contract/env';
import type { PortableRoom } from '../room/contract/own-rows';
import type { RowDeclaration } from '../room/contract/row-declaration';
import type { AffiliationRow, FeatureRow } from '../room/contract/rows';
import { BadDocument } from './document';

/** The limits that imports know. */
export type ImportLimits = Pick<RoomLimits, 'affiliationsPerRoom' | 'waiting' | 'nick' | 'subject' | 'name' | 'description' | 'vcardBytes'>;

const DESCRIPTION = 'muc#roomconfig_roomdesc';
const NAME = 'muc#roomconfig_roomname';

type Limit = keyof ImportLimits;

/** Throws BadDocument for what has more than its limit allows. `what`: its place in the document. */
function refuseLong(what: string, isLong: boolean, limit: Limit, limits: ImportLimits): void {
  if (isLong) throw new BadDocument(inWords('importLong', { what, max: limits[limit], key: `limits.${limit}` }));
}

/** Throws BadDocument for a room whose texts are longer than those of a room here. */
export function roomWithin({ name, options, subject }: PortableRoom, limits: ImportLimits): void {
  for (const text of [name, ...(options[NAME] ?? [])]) refuseLong('name', isLongerThan(text, limits.name), 'name', limits);
  for (const text of options[DESCRIPTION] ?? []) refuseLong('description', isLongerThan(text, limits.description), 'description', limits);
  if (subject === null) return;
  // As whoever sets one: of all languages together.
  const all = parseContent(subject.xml).map(textOf).join('');
  for (const text of [subject.text, all]) refuseLong('subject', isLongerThan(text, limits.subject), 'subject', limits);
}

/** The same of a row of lists. `count`: of those with this affiliation, with this one. */
export function affiliationWithin({ nick, affiliation }: AffiliationRow, count: number, limits: ImportLimits): void {
  if (nick !== null) refuseLong('affiliation.nick', isLongerThan(nick, limits.nick), 'nick', limits);
  if (count > limits.affiliationsPerRoom)
    throw new BadDocument(inWords('importRows', { max: limits.affiliationsPerRoom, what: affiliation }));
}

/** The same of a row of a feature, whose declaration says which of its members has a limit. */
export function featureWithin({ name, longest }: RowDeclaration, { value }: FeatureRow, limits: ImportLimits): void {
  if (!longest) return;
  const text = (JSON.parse(value) as Readonly<Record<string, unknown>>)[longest.member];
  if (typeof text !== 'string') return;
  const isLong = longest.limit === 'vcardBytes' ? Buffer.byteLength(text) > limits.vcardBytes : isLongerThan(text, limits[longest.limit]);
  refuseLong(`${name}.${longest.member}`, isLong, longest.limit, limits);
}
