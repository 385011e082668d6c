/** Wake-ups that came while there was no connection: told together when there is one again. */
import type { WakeUp, Woken } from '../../room/contract/machine';
import { isOwnDomain, type RoomJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';

/** People of a room who wait, each once; of more, those of other servers find no place, or lose theirs to people of our own. */
const MOST = 10_000;

interface Late extends Omit<WakeUp, 'people'> {
  readonly room: RoomJid;
  readonly one: Woken;
}

export class LaterWakeUps {
  private readonly late = new Map<string, Late>();
  /** Those of them whose accounts are on other servers. */
  private readonly foreign = new Set<string>();

  /** Returns how many find no place. */
  add(room: RoomJid, { people, ...rest }: WakeUp): number {
    let left = 0;
    for (const one of people) {
      const key = `${room} ${one.jid}`;
      const before = this.late.get(key);
      const isOwn = isOwnDomain(domainOf(one.jid));
      if (!before && this.late.size >= MOST) {
        left++;
        if (!isOwn || !this.dropForeign()) continue;
      }
      this.late.set(key, before ? { ...before, content: null, one: together(before.one, one) } : { ...rest, room, one });
      if (!isOwn) this.foreign.add(key);
    }
    return left;
  }

  /** All of them, of which none waits any more. */
  take(): { readonly room: RoomJid; readonly wakeUp: WakeUp }[] {
    const groups = new Map<string, { room: RoomJid; wakeUp: WakeUp & { people: Woken[] } }>();
    for (const { room, one, ...rest } of this.late.values()) {
      const key = `${room} ${rest.content ?? ''}`;
      const group = groups.get(key);
      if (group) group.wakeUp.people.push(one);
      else groups.set(key, { room, wakeUp: { ...rest, people: [one] } });
    }
    this.late.clear();
    this.foreign.clear();
    return [...groups.values()];
  }

  /** One of another server loses its place. False: there is none. */
  private dropForeign(): boolean {
    for (const key of this.foreign) {
      this.foreign.delete(key);
      this.late.delete(key);
      return true;
    }
    return false;
  }
}

const together = (one: Woken, other: Woken): Woken => ({
  ...one,
  messages: one.messages + other.messages,
  mentions: one.mentions + other.mentions,
});
