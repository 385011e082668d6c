/** Finding rooms by searching (XEP-0433 0.1.0): its form, a page of what was found, and each of its refusals. */
import { inWords, type Language, type Text } from '../../words';
import { formXml, parseBoolean, parseForm, type Field } from '../../xmpp/forms';
import { fitting } from '../../xmpp/list-bytes';
import { NS } from '../../xmpp/ns';
import { parseRsm, rsmResult, type RsmRequest } from '../../xmpp/rsm';
import { stanzaError, type Condition, type ErrorType, type StanzaError } from '../../xmpp/stanza-error';
import { attributes, child, childElements, escapeText, type Element } from '../../xmpp/xml';
import type { ChannelPart, ChannelPlace, ChannelQuery, Directory, FoundChannel } from '../../store/directory';
import { shownName } from './discovery';

const PARAMS = 'urn:xmpp:channel-search:0:search-params';
const ERRORS = 'urn:xmpp:channel-search:0:error';
/** What `key` may say. */
const KEYS = {
  '{urn:xmpp:channel-search:0:order}nusers': 'occupants',
  '{urn:xmpp:channel-search:0:order}address': 'address',
} as const satisfies Record<string, ChannelQuery['by']>;
const [BY_OCCUPANTS, BY_ADDRESS] = Object.keys(KEYS) as [string, string];
const PARTS = { sinname: 'name', sindescription: 'description', sinaddress: 'address' } as const satisfies Record<string, ChannelPart>;
const SERVICE_TYPE = 'xep-0045';

/** Rooms of one answer at most. */
const MAX_PAGE = 100;
/** Longest search, in UTF-16 units, and most words of it. */
const MAX_SEARCH = 200;
const MAX_WORDS = 10;

/** The condition of an error beside the stanza's own (§4.2.2). */
const refusal = (condition: Condition, type: ErrorType, own: string, text: Text, inner = ''): StanzaError =>
  stanzaError(condition, text, {
    type,
    extra: inner === '' ? `<${own} xmlns="${ERRORS}"/>` : `<${own} xmlns="${ERRORS}">${inner}</${own}>`,
  });

/** §5: all fields with what they are if left out. The places to search have no value: with none of them all count, and one that is chosen counts alone. */
const FIELDS: readonly Field[] = [
  { var: 'q', type: 'text-single', label: inWords('labelSearchFor'), values: [] },
  { var: 'all', type: 'boolean', label: inWords('labelSearchAll'), values: [] },
  { var: 'sinname', type: 'boolean', label: inWords('labelSearchName'), values: [] },
  { var: 'sindescription', type: 'boolean', label: inWords('labelSearchDescription'), values: [] },
  { var: 'sinaddress', type: 'boolean', label: inWords('labelSearchAddress'), values: [] },
  {
    var: 'types',
    type: 'list-multi',
    label: inWords('labelSearchTypes'),
    values: [SERVICE_TYPE],
    options: [{ value: SERVICE_TYPE, label: inWords('choiceMuc') }],
  },
  {
    var: 'key',
    type: 'list-single',
    label: inWords('labelSearchKey'),
    values: [BY_OCCUPANTS],
    options: [
      { value: BY_OCCUPANTS, label: inWords('choiceByOccupants') },
      { value: BY_ADDRESS, label: inWords('labelAddress') },
    ],
  },
];

/**
 * Answers a request of XEP-0433: the form to an empty one, else a page of what was found (XEP-0059), or the refusal.
 * @returns the content of the result, finished XML. Rejects if the store fails.
 */
export async function channelSearch(
  search: Element,
  store: Pick<Directory, 'findChannels'>,
  language: Language,
): Promise<string | StanzaError> {
  // §4.2.1: an empty element asks for the form.
  if (childElements(search).length === 0)
    return `<search xmlns="${NS.channelSearch}">${formXml({ type: 'form', formType: PARAMS, fields: FIELDS }, language)}</search>`;
  const asked = askedBy(search);
  if ('condition' in asked) return asked;
  const rsm = parseRsm(search) ?? {};
  if ('problem' in rsm) return stanzaError('bad-request', rsm.problem);
  const page = pageAsked(rsm, asked.by);
  if ('condition' in page) return page;
  // §6.2: "a Search Service MUST NOT return service types the client has not asked for".
  if (!asked.here) return result('');
  const { channels, count, index } = await store.findChannels({ words: asked.words, within: asked.within, by: asked.by, ...page });
  const backwards = page.before !== undefined || page.last;
  const shown = fitting(channels, itemXml, backwards);
  const [first, last] = [shown[0], shown.at(-1)];
  // XEP-0059 §2.2: of nothing there is no page.
  if (count === 0 || (count === undefined && first === undefined)) return result('');
  const cut = backwards ? channels.length - shown.length : 0;
  const set = rsmResult({
    ...(first && last ? { first: uidOf(first, asked.by), last: uidOf(last, asked.by) } : {}),
    ...(first && index !== undefined ? { firstIndex: index + cut } : {}),
    ...(count === undefined ? {} : { count }),
  });
  return result(shown.map(itemXml).join('') + set);
}

const result = (inner: string): string =>
  inner === '' ? `<result xmlns="${NS.channelSearch}"/>` : `<result xmlns="${NS.channelSearch}">${inner}</result>`;

interface Asked extends Pick<ChannelQuery, 'words' | 'within' | 'by'> {
  /** Whether rooms of our kind are wanted. */
  readonly here: boolean;
}

/** §4.2.2, §6.1: what the form asks for. Fields that are not known are ignored (§5). */
function askedBy(search: Element): Asked | StanzaError {
  const x = child(search, 'x', NS.forms);
  // A page alone names nothing to be searched.
  if (!x) return nothingAsked();
  const form = parseForm(x);
  if ('problem' in form) return stanzaError('bad-request', form.problem);
  const { values } = form;
  if (form.type !== 'submit' || (form.formType ?? PARAMS) !== PARAMS)
    return stanzaError('bad-request', inWords('searchForm', { type: PARAMS }));
  const given = (field: string): string => values.get(field)?.[0] ?? '';
  const all = booleans(values, ['all']);
  if ('condition' in all) return all;
  const places = booleans(values, Object.keys(PARTS));
  if ('condition' in places) return places;
  const q = given('q');
  const wantsAll = all.get('all') === true;
  if (wantsAll && q.trim() !== '')
    return refusal('bad-request', 'modify', 'conflicting-fields', inWords('searchBoth'), '<var>all</var><var>q</var>');
  if (!wantsAll && q === '') return nothingAsked();
  const by = given('key') === '' ? 'occupants' : Object.hasOwn(KEYS, given('key')) ? KEYS[given('key') as keyof typeof KEYS] : undefined;
  if (by === undefined)
    return refusal(
      'feature-not-implemented',
      'modify',
      'invalid-sort-key',
      inWords('searchKey', { allowed: Object.keys(KEYS).join(', ') }),
    );
  const words = wantsAll ? [] : searchWords(q);
  if (words === undefined)
    return refusal('bad-request', 'modify', 'invalid-search-terms', inWords('searchWords', { max: MAX_SEARCH, words: MAX_WORDS }));
  const types = values.get('types') ?? [];
  return { words, within: within(places), by, here: types.length === 0 || types.includes(SERVICE_TYPE) };
}

const nothingAsked = (): StanzaError => refusal('bad-request', 'cancel', 'no-search-conditions', inWords('searchNothing'));

/** The words of a search; undefined: it has none, too many, or is too long. A word has a letter, a digit or a symbol. */
export function searchWords(q: string): readonly string[] | undefined {
  if (q.length > MAX_SEARCH) return undefined;
  const words = [...new Set(q.split(/\s+/).filter((word) => /[\p{L}\p{N}\p{S}]/u.test(word)))];
  return words.length === 0 || words.length > MAX_WORDS ? undefined : words;
}

/** Those of these fields that say something. */
function booleans(values: ReadonlyMap<string, readonly string[]>, fields: readonly string[]): ReadonlyMap<string, boolean> | StanzaError {
  const found = new Map<string, boolean>();
  for (const field of fields) {
    const text = values.get(field)?.[0];
    if (text === undefined || text === '') continue;
    const value = parseBoolean(text);
    if (value === undefined) return stanzaError('bad-request', inWords('badBoolean', { field, value: text.slice(0, 100) }));
    found.set(field, value);
  }
  return found;
}

/** Where is searched: the chosen places; where only some are ruled out, the others. */
function within(places: ReadonlyMap<string, boolean>): readonly ChannelPart[] {
  const named = Object.entries(PARTS);
  const chosen = named.filter(([field]) => places.get(field) === true);
  return (chosen.length > 0 ? chosen : named.filter(([field]) => places.get(field) !== false)).map(([, part]) => part);
}

type Page = Pick<ChannelQuery, 'max' | 'after' | 'before'> & { readonly last: boolean };

/** The page that is asked for (XEP-0059), or why there is none. */
export function pageAsked({ max, after, before, index }: RsmRequest, by: ChannelQuery['by']): Page | StanzaError {
  // XEP-0059 §2.6: by index is optional; rooms come and go, so a position is no stable place.
  if (index !== undefined) return stanzaError('feature-not-implemented', inWords('rsmIndex'));
  const places = [after, before === '' ? undefined : before].map((uid) => (uid === undefined ? undefined : placeOf(uid, by)));
  // XEP-0059 §2.4: a place that is none of ours is in no order.
  if (places.includes(null)) return stanzaError('item-not-found', inWords('searchPlace'));
  const [behind, until] = places as (ChannelPlace | undefined)[];
  return { max: Math.min(max ?? MAX_PAGE, MAX_PAGE), after: behind, before: until, last: before === '' };
}

/** A place in the list by itself, so that the next page begins right also when the room is gone. */
export const uidOf = ({ jid, occupants }: FoundChannel, by: ChannelQuery['by']): string => (by === 'address' ? jid : `${occupants} ${jid}`);

function placeOf(uid: string, by: ChannelQuery['by']): ChannelPlace | null {
  if (by === 'address') return { jid: uid, occupants: 0 };
  const [, occupants, jid] = /^(\d{1,9}) (.+)$/s.exec(uid) ?? [];
  return jid === undefined ? null : { jid, occupants: Number(occupants) };
}

const element = (name: string, text: string): string => (text === '' ? '' : `<${name}>${escapeText(text)}</${name}>`);

/** §6.2 */
function itemXml({ jid, occupants, channel }: FoundChannel): string {
  return (
    `<item${attributes({ address: jid })}>` +
    element('name', shownName({ jid, name: channel.name })) +
    element('description', channel.description) +
    element('language', channel.language) +
    `<nusers>${occupants}</nusers><service-type>${SERVICE_TYPE}</service-type>` +
    (channel.open ? '<is-open>true</is-open>' : '') +
    `<anonymity-mode>${channel.nonAnonymous ? '{urn:xmpp:channel-search:0:anonymity}none' : 'muc_semianonymous'}</anonymity-mode></item>`
  );
}

/** §4.2.2.4: the refusal of a search that came too fast, and after how many seconds the next may be tried. */
export const searchTooFast = (seconds: number, text: Text): StanzaError =>
  stanzaError('resource-constraint', text, {
    type: 'wait',
    extra: `<rate-limit xmlns="${ERRORS}"${attributes({ 'retry-after': seconds })}/>`,
  });
