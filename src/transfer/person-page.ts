/** The export of a person as a page for people: the same rows, in the same order, in words and tables. Nothing in it is run or fetched. */
import { dateOf } from '../xmpp/dates';
import { escapeText, parseContent, textOf } from '../xmpp/xml';
import { reading } from './document';

/** What each kind of row is to people. */
const KINDS: Readonly<Record<string, string>> = {
  people: 'The room itself',
  affiliation: 'Affiliation',
  stay: 'Time in the room',
  feature: 'Kept for a feature of the room',
  occupant: 'Being in the room',
  session: 'Session in the room',
  message: 'Message',
  woken: 'Wake-ups of their phones since their last sign of life',
  audit: 'Change, from the audit trail',
};

/** Members that are times, in milliseconds since 1970. */
const TIMES = new Set(['at', 'createdAt', 'setAt', 'stamp', 'joinedAt', 'expiresAt', 'askedAt', 'since']);

const STYLE =
  'body{font:1rem/1.4 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;margin:.3rem 0 1rem}th,td{text-align:start;vertical-align:top;padding:.1rem .8rem .1rem 0;white-space:pre-wrap;overflow-wrap:anywhere}th{font-weight:normal;color:#555}';

/** A page in pieces of text, of a document in pieces of text. Throws BadDocument, and what reading the document throws. */
export async function* asHtml(document: AsyncIterable<string>): AsyncGenerator<string> {
  const found = reading(document);
  const { jid, exportedAt } = await found.head();
  const whose = escapeText(String(jid));
  yield (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">` +
    `<title>What rooms hold of ${whose}</title><style>${STYLE}</style></head><body><h1>What rooms hold of <bdi>${whose}</bdi></h1><p>As of ${timeOf(exportedAt)}.</p>`
  );
  let at: unknown;
  let number = 0;
  for await (const row of found.rows()) {
    const { room, ...kinds } = row as Record<string, unknown>;
    const [[kind, value] = ['', undefined]] = Object.entries(kinds);
    // What is of no room is of the service.
    const where = [room, (value as { room?: unknown } | undefined)?.room].find((one) => typeof one === 'string') ?? 'The service';
    if (where !== at) yield `<h2><bdi>${escapeText(where)}</bdi></h2>`;
    at = where;
    number++;
    yield `<h3>${escapeText(KINDS[kind] ?? kind)}</h3>${kind === 'message' ? wordsOf(value) : ''}${rowsOf(value)}`;
  }
  yield `${number === 0 ? '<p>Nothing.</p>' : ''}</body></html>\n`;
}

/** What a message says, before all that belongs to it. */
function wordsOf(message: unknown): string {
  const { payload } = message as { payload?: unknown };
  if (typeof payload !== 'string') return '';
  const body = parseContent(payload).find((element) => element.name === 'body');
  return body ? `<blockquote><bdi>${escapeText(textOf(body))}</bdi></blockquote>` : '';
}

function rowsOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `<p><bdi>${escapeText(String(value))}</bdi></p>`;
  const rows = Object.entries(value).map(
    ([name, one]) => `<tr><th scope="row">${escapeText(name)}</th><td><bdi>${escapeText(shown(name, one))}</bdi></td></tr>`,
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
