/** Finding rooms with `jabber:iq:search` (XEP-0055): for clients that know no other search. It finds what XEP-0433 does. */
import { inWords, type Language } from '../../words';
import { formXml, parseForm, tableXml, type Column } from '../../xmpp/forms';
import { fitting } from '../../xmpp/list-bytes';
import { NS } from '../../xmpp/ns';
import { parseRsm, rsmResult } from '../../xmpp/rsm';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { attributes, child, escapeText, textOf, type Element } from '../../xmpp/xml';
import type { Directory, FoundChannel } from '../../store/directory';
import { pageAsked, searchWords, uidOf } from './channel-search';
import { shownName } from './discovery';

const FORM = 'jabber:iq:search';
/** Not among the registered fields, which are of people (§6.2). */
const WORDS = '{urn:parlour:service}words';

const COLUMNS: readonly Column[] = [
  { var: 'jid', type: 'jid-single', label: inWords('labelAddress') },
  { var: '{urn:parlour:service}name', type: 'text-single', label: inWords('labelName') },
  { var: '{urn:parlour:service}description', type: 'text-single', label: inWords('labelDescription') },
  { var: '{urn:parlour:service}occupants', type: 'text-single', label: inWords('labelOccupants') },
];

/** §2.1: the fields: a form, and `<nick/>` for clients without forms, of the four that they know the one that is a name. */
export function searchFields(language: Language): string {
  const instructions = inWords('searchInstructions');
  const form = formXml(
    {
      type: 'form',
      formType: FORM,
      instructions,
      fields: [{ var: WORDS, type: 'text-single', label: inWords('labelSearchFor'), values: [] }],
    },
    language,
  );
  return `<query xmlns="${NS.search}"><instructions>${escapeText(instructions.in(language))}</instructions><nick/>${form}</query>`;
}

/** A search: the rooms found, most people first, in the form in which it was asked, a page of them (XEP-0059). Rejects if the store fails. */
export async function jabberSearch(
  query: Element,
  store: Pick<Directory, 'findChannels'>,
  language: Language,
): Promise<string | StanzaError> {
  const x = child(query, 'x', NS.forms);
  const form = x && parseForm(x);
  if (form && 'problem' in form) return stanzaError('bad-request', form.problem);
  if (form && (form.type !== 'submit' || (form.formType ?? FORM) !== FORM))
    return stanzaError('bad-request', inWords('searchForm', { type: FORM }));
  const nick = child(query, 'nick', NS.search);
  const words = searchWords(form ? (form.values.get(WORDS)?.[0] ?? '') : nick ? textOf(nick) : '');
  if (words === undefined) return stanzaError('bad-request', inWords('searchNothing'));
  const rsm = parseRsm(query);
  if (rsm && 'problem' in rsm) return stanzaError('bad-request', rsm.problem);
  const page = pageAsked(rsm ?? {}, 'occupants');
  if ('condition' in page) return page;
  const within = form ? (['name', 'description', 'address'] as const) : (['name'] as const);
  const { channels, count } = await store.findChannels({ words, within, by: 'occupants', ...page });
  // A row has four fields, whose elements have less than 400 bytes.
  const backwards = page.before !== undefined || page.last;
  const shown = fitting(channels, (one) => escapeText(cells(one).join('')) + ' '.repeat(400), backwards);
  const [first, last] = [shown[0], shown.at(-1)];
  // §2.1: "If there are no matching directory entries, the service MUST return an empty <query/> element".
  if (count === 0 || (count === undefined && !first)) return `<query xmlns="${NS.search}"/>`;
  const partial = rsm !== undefined || count === undefined || shown.length < count;
  const ends = first && last ? { first: uidOf(first, 'occupants'), last: uidOf(last, 'occupants') } : {};
  const set = partial ? rsmResult({ ...ends, ...(count === undefined ? {} : { count }) }) : '';
  const items = form ? tableXml(COLUMNS, shown.map(cells), language) : shown.map(itemXml).join('');
  return `<query xmlns="${NS.search}">${items}${set}</query>`;
}

const cells = ({ jid, occupants, channel }: FoundChannel): readonly string[] => [
  jid,
  shownName({ jid, name: channel.name }),
  channel.description,
  String(occupants),
];

/** §9: an item has all four. */
const itemXml = ({ jid, channel }: FoundChannel): string =>
  `<item${attributes({ jid })}><first/><last/><nick>${escapeText(shownName({ jid, name: channel.name }))}</nick><email/></item>`;
