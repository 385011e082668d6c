/** What is asked of a room's archive and what it answers, as XML (XEP-0313). */
import { child, textOf } from '../../src/xmpp/xml';
import { parse, type Conversation } from '../support/conversation';
import { iq, ROOM } from './expected';

export const MAM = 'urn:xmpp:mam:2';

export interface Asked {
  /** Fields of the form; none: no form. */
  readonly fields?: Readonly<Record<string, string | readonly string[]>>;
  /** Content of the `<set/>`; undefined: none. */
  readonly page?: string;
  readonly queryid?: string;
  readonly flip?: boolean;
}

/** A query. */
export function query({ fields, page, queryid, flip }: Asked = {}): string {
  const value = (one: string): string => `<value>${one}</value>`;
  const values = (given: string | readonly string[]): string => (typeof given === 'string' ? [given] : given).map(value).join('');
  const filled = Object.entries(fields ?? {}).map(([name, given]) => `<field var="${name}">${values(given)}</field>`);
  const form = fields
    ? `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE" type="hidden"><value>${MAM}</value></field>${filled.join('')}</x>`
    : '';
  const set = page === undefined ? '' : `<set xmlns="http://jabber.org/protocol/rsm">${page}</set>`;
  const id = queryid === undefined ? '' : ` queryid="${queryid}"`;
  return `<query xmlns="${MAM}"${id}>${form}${set}${flip ? '<flip-page/>' : ''}</query>`;
}

/** Asks the archive of the room. */
export function ask(c: Conversation, from: string, asked: Asked = {}, id = 'q'): void {
  iq(c, from, 'set', id, query(asked));
}

/** Somebody says this, one message after the other, and everybody has heard it; their stanza-ids. */
export function says(c: Conversation, from: string, ...bodies: readonly string[]): string[] {
  return bodies.map((body, i) => {
    c.take();
    c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="c${i}"><body>${body}</body></message>`);
    return stanzaIdOf(c.take()[0] as string);
  });
}

/** The id that the room gave a message. */
export function stanzaIdOf(message: string): string {
  return child(parse(message), 'stanza-id', 'urn:xmpp:sid:0')?.attrs['id'] as string;
}

export interface Archived {
  readonly nick: string;
  readonly id: string;
  readonly payload: string;
  readonly clientId?: string;
  readonly queryid?: string;
  readonly stamp?: string;
  /** The real JID, where it is shown. */
  readonly jid?: string;
  readonly lang?: string;
}

/** One result, to whom it is for. */
export function result(to: string, { nick, id, payload, clientId, queryid, stamp = '{stamp}', jid, lang }: Archived): string {
  const query = queryid === undefined ? '' : ` queryid="${queryid}"`;
  const own = (clientId === undefined ? '' : ` id="${clientId}"`) + (lang === undefined ? '' : ` xml:lang="${lang}"`);
  const x = jid === undefined ? '' : `<x xmlns="http://jabber.org/protocol/muc#user"><item jid="${jid}"/></x>`;
  return (
    `<message from="${ROOM}" to="${to}"><result xmlns="${MAM}"${query} id="${id}"><forwarded xmlns="urn:xmpp:forward:0">` +
    `<delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="${stamp}"/>` +
    `<message xmlns="jabber:client" from="${ROOM}/${nick}" type="groupchat"${own}>${payload}${x}` +
    `<occupant-id xmlns="urn:xmpp:occupant-id:0" id="{occ:${nick}}"/><stanza-id xmlns="urn:xmpp:sid:0" id="${id}" by="${ROOM}"/>` +
    `</message></forwarded></result></message>`
  );
}

export interface End {
  readonly complete?: boolean;
  readonly first?: string | undefined;
  readonly index?: number;
  readonly last?: string | undefined;
  readonly count?: number;
}

/** The IQ that says that all of the page was sent. */
export function fin(to: string, { complete, first, index, last, count }: End, id = 'q'): string {
  const position = index === undefined ? '' : ` index="${index}"`;
  const set =
    (first === undefined ? '' : `<first${position}>${first}</first>`) +
    (last === undefined ? '' : `<last>${last}</last>`) +
    (count === undefined ? '' : `<count>${count}</count>`);
  const inner = `<set xmlns="http://jabber.org/protocol/rsm">${set}</set>`;
  const head = `<fin xmlns="${MAM}"${complete ? ' complete="true"' : ''}>`;
  return `<iq from="${ROOM}" to="${to}" type="result" id="${id}">${head}${inner}</fin></iq>`;
}

/** What came of a query: the bodies in the order in which they came, and the end; or the condition that refuses it. */
export interface Answer extends End {
  readonly bodies: string[];
  readonly ids: string[];
  readonly refused?: string;
}

/** Asks and reads the answer, of which nothing may go to anybody else. */
export function answerTo(c: Conversation, from: string, asked: Asked = {}): Answer {
  c.take();
  ask(c, from, asked);
  return readAnswer(c.take(), from);
}

/** Reads the answer to one query. */
export function readAnswer(stanzas: readonly string[], to: string): Answer {
  const bodies: string[] = [];
  const ids: string[] = [];
  for (const [i, text] of stanzas.entries()) {
    const stanza = parse(text);
    expect(stanza.attrs['to']).toBe(to);
    if (stanza.name === 'iq') {
      expect(i).toBe(stanzas.length - 1);
      return { bodies, ids, ...end(text) };
    }
    const wrapped = stanza.getChild('result', MAM);
    const message = wrapped?.getChild('forwarded')?.getChild('message');
    ids.push(wrapped?.attrs['id'] as string);
    bodies.push(message?.getChildText('body') ?? '');
    expect(message?.attrs['to']).toBeUndefined();
  }
  throw new Error(`No answer among:\n${stanzas.join('\n')}`);
}

function end(text: string): End & { refused?: string } {
  const stanza = parse(text);
  const error = stanza.getChild('error');
  if (error) return { refused: error.getChildElements()[0]?.name ?? '' };
  const fin = stanza.getChild('fin', MAM);
  const set = fin?.getChild('set', 'http://jabber.org/protocol/rsm');
  const first = set?.getChild('first');
  const last = set?.getChild('last');
  const count = set?.getChild('count');
  return {
    complete: fin?.attrs['complete'] === 'true',
    ...(first ? { first: textOf(first) } : {}),
    ...(first?.attrs['index'] === undefined ? {} : { index: Number(first.attrs['index']) }),
    ...(last ? { last: textOf(last) } : {}),
    ...(count ? { count: Number(textOf(count)) } : {}),
  };
}
