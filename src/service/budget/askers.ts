/** Who waits for something that a room has decided and the store has not taken yet: only they could tell that a refusal overtook it. */
import type { FullJid } from '../../xmpp/fold';
import type { Input } from '../../room/contract/machine';
import type { Part } from '../life/slot';

/** Whether something of the part, or of one before it, was asked for by this JID. */
export function hasAsker(latest: Part, jid: FullJid): boolean {
  const { slot } = latest;
  if (latest !== slot.flying && askersOf(latest).has(jid)) return true;
  for (let part = slot.flying; part; part = part.before) if (askersOf(part).has(jid)) return true;
  return false;
}

/** Each input is looked at once. */
function askersOf(part: Part): ReadonlySet<FullJid> {
  const known = (part.seen ??= { inputs: 0, askers: new Set() });
  for (; known.inputs < part.inputs.length; known.inputs++) {
    const input = part.inputs[known.inputs] as Input;
    if (input.kind === 'stanza') known.askers.add(input.from);
  }
  return known.askers;
}
