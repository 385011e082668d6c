/** Tells of decisions of rooms that kept everything else waiting: which kind of input held the loop for how long. */
import type { Input } from '../../room/contract/machine';
import type { RoomJid } from '../../xmpp/fold';
import { childElements, localName, namespaceOf } from '../../xmpp/xml';
import type { Log } from '../../log';

/** Milliseconds from which on it is told. */
const LONG_MS = 200;

/** Logs one line if an input took long. No bodies: the kind, and the payload's name. */
export function watch(log: Log, room: RoomJid, input: Input, ms: number): void {
  if (ms > LONG_MS) log.warn({ event: 'room.slow', room, kind: kindFor(input), ms: Math.round(ms) }, 'one input blocked the event loop');
}

function kindFor(input: Input): string {
  if (input.kind === 'command') return `command ${input.command.name}`;
  if (input.kind !== 'stanza') return input.kind;
  const { stanza } = input;
  const payload = stanza.name === 'message' ? undefined : childElements(stanza)[0];
  const type = stanza.attrs['type'] as string | undefined;
  return [stanza.name, type, payload && `${localName(payload)} ${namespaceOf(payload)}`].filter(Boolean).join(' ').slice(0, 200);
}
