/** The export of a person as a page for people: the same rows, in the same order, in words and tables. Nothing in it is run or fetched. */
import { dateOf } from '../xmpp/dates';
import { escapeText, parseContent, textOf, type Element } from '../xmpp/xml';
import { inLanguage, inWords, wordsOf as wordsIn, type Key, type Language, type Text } from '../words';
import { reading } from './document';

/** What each kind of row is to people. */
const KINDS: Readonly<Record<string, Key>> = {
  people: 'pagePeople',
  affiliation: 'pageAffiliation',
  stay: 'pageStay',
  feature: 'pageFeature',
  occupant: 'pageOccupant',
  session: 'pageSession',
  message: 'pageMessage',
  woken: 'pageWoken',
  audit: 'pageAudit',
  unreadable: 'pageUnreadable',
};

/** What members are to people. Others are shown as the document calls them. */
const MEMBERS: Readonly<Record<string, Key>> = {
  creator: 'pageCreator',
  createdAt: 'pageCreatedAt',
  contacts: 'pageContacts',
  subject: 'labelSubject',
  jid: 'pageJid',
  affiliation: 'pageAffiliation',
  nick: 'pageNick',
  askedNick: 'pageNick',
  reason: 'auditReason',
  setBy: 'pageSetBy',
  setByName: 'pageSetBy',
  setAt: 'pageSetAt',
  expiresAt: 'pageUntil',
  afterwards: 'pageAfterwards',
  role: 'pageRole',
  joinedAt: 'pageJoinedAt',
  sender: 'pageSender',
  stamp: 'auditWhen',
  at: 'auditWhen',
  since: 'pageSince',
  lang: 'pageLang',
  payload: 'pagePayload',
  act: 'auditWhat',
  by: 'auditWho',
  room: 'auditRoom',
  feature: 'pageOfFeature',
  value: 'pageValue',
};

/** Stands in a sentence for the address, which is put there as markup. It is no character of any address. */
const MARK = '\ue000';

/** Members that are times, in milliseconds since 1970. */
const TIMES = new Set(['at', 'createdAt', 'setAt', 'stamp', 'joinedAt', 'expiresAt', 'askedAt', 'since']);

const STYLE =
  'body{font:1rem/1.4 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;margin:.3rem 0 1rem}th,td{text-align:start;vertical-align:top;padding:.1rem .8rem .1rem 0;white-space:pre-wrap;overflow-wrap:anywhere}th{font-weight:normal;color:#555}';

/** A page in pieces of text, of a document in pieces of text; `language`: of what is ours in it. Throws BadDocument, and what reading the document throws. */
export async function* asHtml(document: AsyncIterable<string>, language: Language): AsyncGenerator<string> {
  const words = (text: Text): string => escapeText(inLanguage(text, language));
  const found = reading(document);
  const { jid, exportedAt } = await found.head();
  const whose = escapeText(String(jid));
  yield (
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">` +
    `<title>${words(inWords('pageTitle', { jid: String(jid) }))}</title><style>${STYLE}</style></head><body>` +
    `<h1>${words(inWords('pageTitle', { jid: MARK })).replace(MARK, () => `<bdi>${whose}</bdi>`)}</h1>` +
    `<p>${words(inWords('pageAsOf', { time: timeOf(exportedAt) }))}</p>`
  );
  let at: unknown;
  let number = 0;
  for await (const row of found.rows()) {
    const { room, ...kinds } = row as Record<string, unknown>;
    const [[kind, value] = ['', undefined]] = Object.entries(kinds);
    // What is of no room is of the service.
    const where = [room, (value as { room?: unknown } | undefined)?.room].find((one) => typeof one === 'string');
    if (where !== at) yield `<h2><bdi>${where === undefined ? words(inWords('pageService')) : escapeText(where)}</bdi></h2>`;
    at = where;
    number++;
    const title = named(KINDS, kind, language);
    yield `<h3>${escapeText(title)}</h3>${kind === 'message' ? wordsOf(value) : ''}${rowsOf(value, language)}`;
  }
  yield `${number === 0 ? `<p class="nothing">${words(inWords('pageNothing'))}</p>` : ''}</body></html>\n`;
}

/** What something is called, in words if there are any. A document may call things as it wants. */
function named(names: Readonly<Record<string, Key>>, name: string, language: Language): string {
  const key = Object.hasOwn(names, name) ? names[name] : undefined;
  return key === undefined ? name : (wordsIn(language)[key] as string);
}

/** What a message says, before all that belongs to it. */
function wordsOf(message: unknown): string {
  const { payload } = message as { payload?: unknown };
  if (typeof payload !== 'string') return '';
  let body: Element | undefined;
  try {
    body = parseContent(payload).find((element) => element.name === 'body');
  } catch {
    // The content of an earlier import: all of it stands in the table below, as it is.
  }
  return body ? `<blockquote><bdi>${escapeText(textOf(body))}</bdi></blockquote>` : '';
}

function rowsOf(value: unknown, language: Language): string {
  if (typeof value !== 'object' || value === null) return `<p><bdi>${escapeText(String(value))}</bdi></p>`;
  const rows = Object.entries(value).map(
    ([name, one]) =>
      `<tr><th scope="row">${escapeText(named(MEMBERS, name, language))}</th><td><bdi>${escapeText(shown(name, one))}</bdi></td></tr>`,
  );
  return `<table>${rows.join('')}</table>`;
}

function shown(name: string, value: unknown): string {
  if (typeof value === 'number' && TIMES.has(name)) return timeOf(value);
  if (typeof value === 'string') return value;
  return value === null ? '-' : JSON.stringify(value);
}

function timeOf(millis: unknown): string {
  return dateOf(Number(millis));
}
