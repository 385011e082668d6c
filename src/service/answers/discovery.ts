/** What the service tells about itself (§6.1-6.3, XEP-0128, XEP-0157) and its list of rooms, in pages (XEP-0059). */
import { NS } from '../../xmpp/ns';
import { attributes, escapeAttribute, type Element } from '../../xmpp/xml';
import { formXml, type Field } from '../../xmpp/forms';
import { fitting } from '../../xmpp/list-bytes';
import { parseRsm, rsmResult } from '../../xmpp/rsm';
import { localOf, unescapeLocal } from '../../xmpp/jid';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords, type Language } from '../../words';
import { dataPolicyForm, serviceHours, type DataPolicy } from '../../features/data-policy';
import type { Retention } from '../../room/configuring/retention';
import type { Directory, ListedRoom } from '../../store/directory';

/** How the service presents itself. */
export interface ServiceInfo {
  readonly name: string;
  readonly description?: string | undefined;
  /** Contact addresses as URIs, by kind: abuse, admin, support, … (XEP-0157 §2). */
  readonly contact: Readonly<Record<string, readonly string[] | undefined>>;
  /** What the operator states about people's data (XEP-0504). */
  readonly dataPolicy?: DataPolicy;
}

const FEATURES = [
  NS.muc,
  NS.mucUnique,
  NS.mucStableId,
  NS.discoInfo,
  NS.discoItems,
  NS.forms,
  NS.rsm,
  NS.ping,
  NS.version,
  NS.time,
  NS.register,
  NS.search,
  NS.channelSearch,
  NS.last,
  // XEP-0506 §4: what people write to the service itself is answered with an error.
  NS.noReply,
  NS.vcard,
  NS.rai,
  // XEP-0106 §6: an escaped address is taken as it is, and none that leaves is unescaped (§4); names for people are.
  'jid\\20escaping',
];

/** Rooms in one answer: complete without RSM up to several hundred; more come in pages, which keeps a stanza below servers' limits. */
const MAX_PAGE = 500;

/** The `<query/>` of disco#info. `more`: features of what is not always there. */
export function serviceInfo(info: ServiceInfo, more: readonly string[], retention: Retention, language: Language): string {
  const identity = `<identity${attributes({ category: 'conference', type: 'text', name: info.name })}/>`;
  const features = [...FEATURES, ...more].map((feature) => `<feature var="${escapeAttribute(feature)}"/>`).join('');
  const fields: Field[] = Object.entries(info.contact)
    .filter(([, uris]) => uris !== undefined && uris.length > 0)
    .map(([kind, uris]) => ({ var: `${kind}-addresses`, type: 'list-multi', values: uris as readonly string[] }));
  if (info.description !== undefined)
    fields.push({ var: '{urn:parlour:service}description', type: 'text-single', values: [info.description] });
  const form = fields.length === 0 ? '' : formXml({ type: 'result', formType: NS.serverInfo, fields }, language);
  const policy = formXml(dataPolicyForm(info.dataPolicy ?? {}, serviceHours(retention), language), language);
  return `<query xmlns="${NS.discoInfo}">${identity}${features}${form}${policy}</query>`;
}

/** The `<query/>` of disco#items: public rooms from committed state, ordered by JID, cut by number and bytes; or why the page asked for cannot be given. */
export async function serviceItems(query: Element, store: Pick<Directory, 'listRooms'>): Promise<string | StanzaError> {
  return roomItems(query, (asked) => store.listRooms(asked));
}

/** The same of those rooms in which somebody is (the node `nonemptyrooms`, as other services have it): of the first 50,000 by when they were made. */
export async function nonEmptyRooms(query: Element, store: Pick<Directory, 'listOccupied'>): Promise<string | StanzaError> {
  return roomItems(query, (asked) => store.listOccupied(asked));
}

async function roomItems(query: Element, list: Directory['listRooms']): Promise<string | StanzaError> {
  const rsm = parseRsm(query);
  if (rsm && 'problem' in rsm) return stanzaError('bad-request', rsm.problem);
  // §2.7: by index is optional; rooms come and go, so a position is no stable place.
  if (rsm?.index !== undefined) return stanzaError('feature-not-implemented', inWords('rsmIndex'));
  const max = Math.min(rsm?.max ?? MAX_PAGE, MAX_PAGE);
  const page = await list({
    max,
    ...(rsm?.after === undefined ? {} : { after: rsm.after }),
    ...(rsm?.before === undefined ? {} : rsm.before === '' ? { last: true } : { before: rsm.before }),
  });
  const rooms = fitting(page.rooms, itemXml, rsm?.before !== undefined);
  const first = rooms[0]?.jid;
  const last = rooms.at(-1)?.jid;
  // Of a page that goes backwards the beginning is cut.
  const cut = rsm?.before === undefined ? 0 : page.rooms.length - rooms.length;
  const firstIndex = page.index === undefined ? {} : { firstIndex: page.index + cut };
  const partial = rsm !== undefined || rooms.length < page.count;
  const set = rsmResult({
    count: page.count,
    ...(first === undefined || last === undefined ? {} : { first, last, ...firstIndex }),
  });
  const head = attributes({ xmlns: NS.discoItems, node: query.attrs['node'] as string | undefined });
  return `<query${head}>${rooms.map(itemXml).join('')}${partial ? set : ''}</query>`;
}

/** What a room goes by where it stands in a list: its name, else its address as people read it (XEP-0106). */
export const shownName = ({ jid, name }: { readonly jid: string; readonly name: string }): string =>
  name === '' ? unescapeLocal(localOf(jid)) : name;

function itemXml({ jid, name }: ListedRoom): string {
  return `<item${attributes({ jid, name: shownName({ jid, name }) })}/>`;
}
