/** The largest stanza that leaves: servers close the stream of a component that sends a larger one, for all of its rooms. */
import { bareOf } from '../xmpp/jid';
import type { Outgoing } from '../xmpp/outgoing';
import { errorXml, stanzaError } from '../xmpp/stanza-error';
import { DEFAULT_LANGUAGE, inWords } from '../words';

/** Longest that addresses, name and the server's own additions may be. */
const HEAD_BYTES = 8_192;

/** Whether a stanza with this content is small enough to leave. */
export function fits(content: string, maxBytes: number): boolean {
  const room = maxBytes - HEAD_BYTES;
  // A UTF-16 unit is at most three bytes: nearly everything is known to fit without counting.
  return content.length * 3 <= room || Buffer.byteLength(content) <= room;
}

/** The stanza if it is small enough; otherwise an error if it answers a request, else undefined. */
export function withinSize(out: Outgoing, maxBytes: number): Outgoing | undefined {
  if (fits(out.rest, maxBytes)) return out;
  const head = out.rest.slice(0, out.rest.indexOf('>'));
  const id = / id="([^"]*)"/.exec(head)?.[1];
  if (out.name !== 'iq' || id === undefined || !head.includes(' type="result"')) return undefined;
  const error = stanzaError('resource-constraint', inWords('answerLong'), { type: 'cancel' });
  return { ...out, rest: ` type="error" id="${id}">${errorXml(error, bareOf(out.from), DEFAULT_LANGUAGE)}</iq>` };
}
