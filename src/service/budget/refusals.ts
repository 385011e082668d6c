/** Which inputs can be refused, and the errors that do it where no room can speak for itself. */
import type { Input } from '../../room/contract/machine';
import type { RoomJid } from '../../xmpp/fold';
import type { Outgoing } from '../../xmpp/outgoing';
import { errorReply, stanzaError, takesError, type StanzaError } from '../../xmpp/stanza-error';
import { languageOf } from '../../xmpp/language';
import { Element } from '../../xmpp/xml';
import { inWords, type Text } from '../../words';
import { AwaitedCommand } from '../pipeline/awaited-command';

/** Why the work of a room was not taken; `Machine.refuse` takes the same. */
export interface Refusal {
  readonly condition: 'resource-constraint' | 'internal-server-error' | 'not-allowed' | 'policy-violation';
  readonly text: Text;
}

export const TOO_BUSY: Refusal = { condition: 'resource-constraint', text: inWords('tooBusy') };
export const STORE_FAILED: Refusal = { condition: 'resource-constraint', text: inWords('storeFailed') };
export const STORE_BROKEN: Refusal = { condition: 'internal-server-error', text: inWords('storeFailed') };
export const SHUTTING_DOWN: Refusal = { condition: 'resource-constraint', text: inWords('shuttingDown') };
export const INTERNAL: Refusal = { condition: 'internal-server-error', text: inWords('internal') };
export const TOO_FAST: Refusal = { condition: 'policy-violation', text: inWords('tooFast') };
/** Of entering and creating: clients give up on any other condition. */
export const TOO_FAST_IN: Refusal = { condition: 'resource-constraint', text: inWords('tooFast') };
/** Waits of at most so many seconds are a moment. */
const MOMENT_S = 10;

/** The same refusal for somebody who can try again after `ms` milliseconds, if that is no moment. */
export function afterWait(why: Refusal, ms: number): Refusal {
  const seconds = Math.ceil(ms / 1000);
  return seconds <= MOMENT_S ? why : { ...why, text: inWords('tooFastFor', { seconds }) };
}

export const TOO_MANY_ROOMS: Refusal = { condition: 'not-allowed', text: inWords('roomsFull') };

/** Bytes of memory that an input takes while it waits; `bytes`: its size on the wire. */
export function memoryOf(input: Input, bytes: number): number {
  return input.kind === 'stanza' ? Math.max(bytes, input.memory ?? 0) : bytes;
}

/** Whether somebody waits for an answer that an error can be. Leaving, bounces, answers and timers cannot be refused. */
export function isRefusable(input: Input): boolean {
  if (input.kind === 'stanza') return takesError(input.stanza);
  if (input.kind === 'archive') return input.effect.stanza !== null && takesError(input.effect.stanza);
  return input.kind === 'command';
}

/** The stanza error of a refusal. `internal-server-error` and `policy-violation` are `wait` here: the same request may succeed later. */
export function refusalError(why: Refusal): StanzaError {
  const waits = why.condition === 'internal-server-error' || why.condition === 'policy-violation';
  return stanzaError(why.condition, why.text, waits ? { type: 'wait' } : {});
}

/** Refuses an input in the room's name, without the room: what to send, if anything. Tells a command's asker itself. Never throws. */
export function refuseInput(room: RoomJid, input: Input, why: Refusal): readonly Outgoing[] {
  const stanza = input.kind === 'stanza' ? input.stanza : input.kind === 'archive' ? input.effect.stanza : null;
  if (stanza) {
    const reply = errorReply(stanza, refusalError(why), room);
    return reply ? [reply] : [];
  }
  if (input instanceof AwaitedCommand) input.refuse(refusalError(why));
  return [];
}

/** The input with no more of its stanza than a refusal needs: its name and its own attributes. */
export function withoutContent(input: Input): Input {
  if (input.kind !== 'stanza') return input;
  const { type, id, from, to } = input.stanza.attrs as Record<string, string | undefined>;
  const lang = languageOf(input.stanza);
  const attrs: Record<string, string> = {};
  for (const [name, value] of Object.entries({ type, id, from, to, 'xml:lang': lang })) if (value !== undefined) attrs[name] = value;
  return { ...input, memory: 0, stanza: new Element(input.stanza.name, attrs) };
}
