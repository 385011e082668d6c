/** What `testRoom` is made of beside the room: the limits of a service whose operator set none, and stanzas read from text. */
import xmpp from '@xmpp/xml';
import type { Policy } from '../room/contract/env';
import type { Element } from '../xmpp/xml';

export const LIMITS: Policy['limits'] = {
  history: 200,
  nick: 64,
  subject: 1000,
  name: 100,
  description: 1000,
  affiliationsPerRoom: 4000,
  listBytes: 400_000,
  presenceBytes: 16_384,
  occupants: 5000,
  heldForEntering: 1000,
  destroyedDays: 30,
  lockedMinutes: 60,
  vcardBytes: 131_072,
  waiting: 200,
  archivePage: 250,
  stanzaBytes: 262_144,
};

/** A stanza from its text. Throws if there is none. */
export function parse(text: string): Element {
  const parser = new xmpp.Parser();
  let parsed: Element | undefined;
  parser.on('element', (element: Element) => (parsed = element));
  parser.on('error', (error: Error) => {
    throw error;
  });
  parser.write(`<stream>${text}</stream>`);
  if (!parsed) throw new Error(`There is no stanza in: ${text}`);
  parsed.parent = null;
  return parsed;
}
