/** Events of `testRoom`: what a store would keep of them, without one. */
import { withoutWords } from '../room/contract/events';
import type { Write } from '../room/contract/machine';
import type { EventEntry, EventPage, Events } from '../store/events';
import type { RoomJid } from '../xmpp/fold';

export class TestEvents implements Events {
  private events: EventEntry[] = [];
  private latest = 0;
  private isNew = false;
  private listener: (() => void) | undefined;

  /** What a decision of the room writes. */
  take(room: RoomJid, write: Write): void {
    if (write.table === 'event') {
      this.events.push({ ...write.row, number: ++this.latest, room });
      this.isNew = true;
    } else if (write.table === 'retraction' || write.table === 'clear') {
      const concerns = ({ value }: EventEntry): boolean => write.table === 'clear' || value.id === write.id;
      this.events = this.events.map((event) => (concerns(event) ? { ...event, value: withoutWords(event.value) } : event));
    }
  }

  /** The decision is committed. */
  tell(): void {
    if (this.isNew) this.listener?.();
    this.isNew = false;
  }

  subscribe(names: readonly string[]): Promise<number[]> {
    return Promise.resolve(names.map(() => 0));
  }

  eventsAfter(number: number, limit: number): Promise<EventPage> {
    return Promise.resolve({ events: this.events.filter((event) => event.number > number).slice(0, limit), removedUpTo: 0 });
  }

  moveCursor(_: string, number: number): Promise<void> {
    this.events = this.events.filter((event) => event.number > number);
    return Promise.resolve();
  }

  boundEvents(): Promise<boolean> {
    return Promise.resolve(false);
  }

  onEvents(listener: (() => void) | undefined): void {
    this.listener = listener;
  }
}
