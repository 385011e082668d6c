/** Who waits for something that a room has decided and the store has not taken yet: only they could tell that a refusal overtook it. */
import type { FullJid } from '../../xmpp/fold';
import type { Input } from '../../room/contract/machine';
import type { Part } from '../life/slot';

/** Who asked for the first `seen` inputs of a part. */
interface Seen {
  seen: number;
  readonly askers: Set<FullJid>;
}

export class Askers {
  private readonly parts = new WeakMap<Part, Seen>();

  /** Whether something of the part, or of one before it, was asked for by this JID. Each input is looked at once. */
  has(latest: Part, jid: FullJid): boolean {
    const { slot } = latest;
    if (latest !== slot.flying && this.of(latest).has(jid)) return true;
    for (let part = slot.flying; part; part = part.before) if (this.of(part).has(jid)) return true;
    return false;
  }

  private of(part: Part): ReadonlySet<FullJid> {
    let known = this.parts.get(part);
    if (!known) this.parts.set(part, (known = { seen: 0, askers: new Set() }));
    for (; known.seen < part.inputs.length; known.seen++) {
      const input = part.inputs[known.seen] as Input;
      if (input.kind === 'stanza') known.askers.add(input.from);
    }
    return known.askers;
  }
}
