/** Result Set Management (XEP-0059): which page of a long result is asked for, and which one an answer is. */
import { inWords, type Text } from '../words';
import { NS } from './ns';
import { short } from './short';
import { attributes, child, childElements, escapeText, localName, textOf, type Element } from './xml';

/** The page asked for. None of `after`, `before` and `index`: the first one. */
export interface RsmRequest {
  /** Most items wanted; 0 asks for the count alone (§2.7). */
  max?: number;
  after?: string;
  /** '' asks for the last page (§2.5). */
  before?: string;
  index?: number;
}

/** Why a request cannot be understood: a sentence for its sender. */
export interface RsmProblem {
  readonly problem: Text;
}

/** An `<index/>` or `<max/>`: a plain integer (xs:unsignedInt in the schema); undefined if it is something else. */
function count(text: string): number | undefined {
  const trimmed = text.trim();
  return /^\d{1,10}$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** The `<set/>` inside a query; undefined if it has none. */
export function parseRsm(parent: Element): RsmRequest | undefined | RsmProblem {
  const set = child(parent, 'set', NS.rsm);
  if (!set) return undefined;
  const request: RsmRequest = {};
  for (const element of childElements(set)) {
    const name = localName(element);
    const text = textOf(element);
    if (name === 'after') {
      // An empty <after/> names no item: the page after nothing is the first one.
      if (text !== '') request.after = text;
    } else if (name === 'before') request.before = text;
    else if (name === 'max' || name === 'index') {
      const value = count(text);
      if (value === undefined) return { problem: inWords('rsmNumber', { name, value: short(text) }) };
      request[name] = value;
    }
  }
  const starts = [request.after, request.before, request.index].filter((start) => start !== undefined);
  // An archive may be asked for what lies between two items (XEP-0313 §4.3.4); a position together with an item has no meaning.
  if (request.index !== undefined && starts.length > 1) return { problem: inWords('rsmBoth') };
  return request;
}

/** What is known of the page sent. A page without items has neither `first` nor `last` (§2.2). */
export interface RsmResult {
  readonly first?: string;
  /** Position of the first item in the whole result, from 0. */
  readonly firstIndex?: number;
  readonly last?: string;
  /** Number of items in the whole result. */
  readonly count?: number;
}

/** The `<set/>` of an answer, finished XML. */
export function rsmResult(page: RsmResult): string {
  let inner = '';
  if (page.first !== undefined) inner += `<first${attributes({ index: page.firstIndex })}>${escapeText(page.first)}</first>`;
  if (page.last !== undefined) inner += `<last>${escapeText(page.last)}</last>`;
  if (page.count !== undefined) inner += `<count>${page.count}</count>`;
  return inner === '' ? `<set xmlns="${NS.rsm}"/>` : `<set xmlns="${NS.rsm}">${inner}</set>`;
}
