/** What somebody who enters is shown of what was said, for tests of what the archive keeps. */
import type { Conversation } from '../support/conversation';
import { canonical, matchStanza, type Names } from '../support/canonical';
import { hecate, join, ROOM } from './expected';

/** Says something to everybody; answers its stanza-id. */
export function said(c: Conversation, from: string, payload: string, id = 'q1'): string {
  c.forget();
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="${id}">${payload}</message>`);
  const found = new RegExp(`<stanza-id xmlns="urn:xmpp:sid:0" id="([^"]*)" by="${ROOM}"/>`).exec(c.take()[0] ?? '');
  if (!found) throw new Error('It was not archived.');
  return found[1] as string;
}

/** Hecate comes, looks and goes: the messages she was shown, without the subject. */
export function shown(c: Conversation): string[] {
  c.forget();
  join(c, hecate, 'hecate');
  const messages = c.take().filter((stanza) => stanza.startsWith('<message') && stanza.includes(` to="${hecate}"`));
  c.send(`<presence from="${hecate}" to="${ROOM}/hecate" type="unavailable"/>`);
  c.forget();
  return messages.slice(0, -1);
}

/** She is shown exactly these. */
export function expectShown(c: Conversation, ...wanted: string[]): void {
  const actual = shown(c);
  const names: Names = new Map();
  if (actual.length === wanted.length && wanted.every((stanza, i) => matchStanza(stanza, actual[i] as string, names))) return;
  expect(actual.map((stanza) => canonical(stanza))).toEqual(wanted.map((stanza) => canonical(stanza)));
  throw new Error('The stanzas look alike but a name stands for two values.');
}
