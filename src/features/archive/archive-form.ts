/** The form by which an archive is searched (XEP-0313 §4.1, XEP-0431): what it offers, and what somebody filled in. */
import type { FullJid } from '../../xmpp/fold';
import { parseDateTime } from '../../xmpp/dates';
import { formXml, parseForm, type Field } from '../../xmpp/forms';
import { NS } from '../../xmpp/ns';
import { prepareJid } from '../../xmpp/prepare';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { child, type Element } from '../../xmpp/xml';
import { inWords, type Language, type Text } from '../../words';
import { LONGEST_SEARCH, type ArchiveFilter } from '../../room/contract/archive-query';

/** An archive query before the asker's rights are known. All fields that are given apply together. */
export interface ArchiveWish extends Pick<ArchiveFilter, 'start' | 'end' | 'afterId' | 'beforeId' | 'ids' | 'text'> {
  /** Prepared: who said it. */
  readonly with?: FullJid;
}

/** The field of XEP-0431, and what servers called it before there was one (ejabberd, MongooseIM, others): clients send them still. */
const TEXT_FIELDS = [`{${NS.fullText}}fulltext`, 'fulltext', 'withtext', 'search', 'full-text-search'] as const;
/** In UTF-16 units, as the store counts them. */
const LONGEST_TEXT = LONGEST_SEARCH;

const text = (name: string, label: Text): Field => ({ var: name, type: 'text-single', label, values: [] });

// §4.1.5: of `ids` no options are given, but anything may be entered; nothing is required (§4.1).
const FIELDS: readonly Field[] = [
  { var: 'with', type: 'jid-single', label: inWords('labelArchiveWith'), values: [] },
  text('start', inWords('labelArchiveStart')),
  text('end', inWords('labelArchiveEnd')),
  text('before-id', inWords('labelArchiveBefore')),
  text('after-id', inWords('labelArchiveAfter')),
  { var: 'ids', type: 'list-multi', label: inWords('labelArchiveIds'), values: [], validate: { datatype: 'xs:string', open: true } },
  ...TEXT_FIELDS.map((name) => text(name, inWords('labelArchiveWords'))),
];
const KNOWN = new Set(FIELDS.map((field) => field.var));

/** The form, finished XML in a language (§4.1.5). */
export const archiveForm = (language: Language): string => formXml({ type: 'form', formType: NS.mam, fields: FIELDS }, language);

/** What a query asks for. `maxIds`: most messages that may be named. A field that is left empty counts as not given. */
export function readWish(query: Element, maxIds: number): ArchiveWish | StanzaError {
  const x = child(query, 'x', NS.forms);
  if (!x) return {};
  const form = parseForm(x);
  if ('problem' in form) return stanzaError('bad-request', inWords('formMalformed', { problem: form.problem }));
  if (form.type !== 'submit') return stanzaError('bad-request', inWords('archiveSubmit'));
  if (form.formType !== NS.mam) return stanzaError('bad-request', inWords('formType'));
  const values = new Map<string, readonly string[]>();
  for (const [field, given] of form.values) {
    // §4.1.5: "If a client includes a form field that the server does not recognise, the server MUST respond with … feature-not-implemented".
    if (!KNOWN.has(field)) return stanzaError('feature-not-implemented', inWords('archiveField', { field }));
    const filled = given.filter((value) => value !== '');
    if (field !== 'ids' && given.length > 1) return stanzaError('bad-request', inWords('fieldSingle', { field }));
    if (filled.length > 0) values.set(field, filled);
  }
  return wishOf(values, maxIds);
}

function wishOf(values: ReadonlyMap<string, readonly string[]>, maxIds: number): ArchiveWish | StanzaError {
  const wish: { -readonly [K in keyof ArchiveWish]: ArchiveWish[K] } = {};
  const rawWith = values.get('with')?.[0]?.trim();
  if (rawWith) {
    const jid = prepareJid(rawWith);
    if (jid === undefined) return stanzaError('bad-request', inWords('ownerJid', { jid: rawWith, field: 'with' }));
    wish.with = jid;
  }
  for (const field of ['start', 'end'] as const) {
    const value = values.get(field)?.[0];
    if (value === undefined) continue;
    // §4.1.2: "a server MUST only return messages whose timestamp is equal to or later than the given timestamp".
    const stamp = parseDateTime(value, field === 'start' ? 'not before' : 'cut');
    if (stamp === undefined) return stanzaError('bad-request', inWords('archiveTime', { value, field }));
    wish[field] = stamp;
  }
  const afterId = values.get('after-id')?.[0];
  const beforeId = values.get('before-id')?.[0];
  if (afterId !== undefined) wish.afterId = afterId;
  if (beforeId !== undefined) wish.beforeId = beforeId;
  const ids = values.get('ids');
  if (ids && ids.length > maxIds) return stanzaError('not-acceptable', inWords('archiveIds', { max: maxIds, field: 'ids' }));
  if (ids) wish.ids = [...new Set(ids)];
  const words = new Set<string>();
  for (const field of TEXT_FIELDS) {
    const value = values.get(field)?.[0];
    if (value === undefined) continue;
    words.add(value);
    // Their sum counts: each word costs a look-up.
    if ([...words].reduce((sum, one) => sum + one.length + 1, -1) > LONGEST_TEXT)
      return stanzaError('not-acceptable', inWords('archiveText', { max: LONGEST_TEXT, field }));
  }
  // Clients that know several of the names put the same words into each.
  if (words.size > 0) wish.text = [...words].join(' ');
  return wish;
}
