/** Wake-ups that came while there was no connection: told together when there is one again. */
import type { WakeUp, Woken } from '../../room/contract/machine';
import type { RoomJid } from '../../xmpp/fold';

/** People of a room who wait, each once; more find no place. */
const MOST = 10_000;

interface Late extends Omit<WakeUp, 'people'> {
  readonly room: RoomJid;
  readonly one: Woken;
}

export class LaterWakeUps {
  private readonly late = new Map<string, Late>();

  /** Returns how many find no place. */
  add(room: RoomJid, { people, ...rest }: WakeUp): number {
    let left = 0;
    for (const one of people) {
      const key = `${room} ${one.jid}`;
      const before = this.late.get(key);
      if (!before && this.late.size >= MOST) left++;
      else this.late.set(key, before ? { ...before, content: null, one: together(before.one, one) } : { ...rest, room, one });
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
    return [...groups.values()];
  }
}

const together = (one: Woken, other: Woken): Woken => ({
  ...one,
  messages: one.messages + other.messages,
  mentions: one.mentions + other.mentions,
});
