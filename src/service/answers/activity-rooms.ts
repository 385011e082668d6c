/** The rooms of one subscriber to activity: those to be told of, those they are in, and those already told of. */
import type { RoomJid } from '../../xmpp/fold';
import type { RoomActivity } from '../../store/directory';

/**
 * What happened in a room, as far as one subscriber is concerned. `belongs`, `strange`: has an affiliation, or none. `renamed`: it has another address, and
 * nobody is in it.
 */
export type RoomEvent =
  | { readonly kind: 'said' | 'belongs' | 'strange' | 'entered' | 'left'; readonly room: RoomJid }
  | { readonly kind: 'renamed'; readonly room: RoomJid; readonly to: RoomJid };

/** Told whenever the next message in a room becomes, or ceases to be, news for the subscriber. */
export interface Watcher {
  awaits(room: RoomJid): void;
  rests(room: RoomJid): void;
}

export class RoomsOfOne {
  private readonly belongs = new Set<RoomJid>();
  private readonly present = new Set<RoomJid>();
  /** Rooms with something new of which the subscriber was told, or is about to be. */
  private readonly told = new Set<RoomJid>();
  private owed: RoomJid[] = [];
  /** What happened while the rooms were being read, the latest of each kind for each room; null: they are known. */
  private meanwhile: Map<string, RoomEvent> | null = new Map();

  constructor(private readonly watcher: Watcher) {}

  /** The store's answers: the rooms in which this session is, and those to which the account belongs. */
  known(present: readonly RoomJid[], activity: readonly RoomActivity[]): void {
    const events = this.meanwhile ?? [];
    this.meanwhile = null;
    for (const room of present) this.present.add(room);
    for (const { room, active } of activity) {
      this.belongs.add(room);
      this.watch(room);
      if (active) this.happened({ kind: 'said', room });
    }
    // The answers may have it already, or not: each of these is right twice as well.
    for (const event of events.values()) this.happened(event);
  }

  /** Whether the room concerns, or may concern, the subscriber. */
  concerns(room: RoomJid): boolean {
    return this.meanwhile !== null || this.belongs.has(room) || this.present.has(room);
  }

  happened(event: RoomEvent): void {
    const { kind, room } = event;
    if (this.meanwhile) {
      const key = `${kind} ${room}`;
      this.meanwhile.delete(key);
      this.meanwhile.set(key, event);
      return;
    }
    switch (kind) {
      case 'said':
        if (!this.isNews(room)) return;
        this.told.add(room);
        this.owed.push(room);
        break;
      case 'belongs':
        this.belongs.add(room);
        break;
      case 'strange':
        this.belongs.delete(room);
        this.told.delete(room);
        break;
      case 'entered':
        this.present.add(room);
        break;
      case 'renamed': {
        const isTold = this.told.delete(room);
        const isOwed = isTold && this.owed.includes(room);
        this.present.delete(room);
        if (!this.belongs.delete(room)) break;
        this.belongs.add(event.to);
        if (isTold) this.told.add(event.to);
        if (isOwed) this.owed.push(event.to);
        this.watch(event.to);
        break;
      }
      case 'left':
        // After a visit, further messages are news again ("since the last time a given affiliated user was joined").
        this.present.delete(room);
        this.told.delete(room);
    }
    this.watch(room);
  }

  /** Rooms of which the subscriber has not been told yet, without those that no longer concern them. */
  takeOwed(): RoomJid[] {
    const rooms = this.owed.filter((room) => this.told.has(room) && !this.present.has(room));
    this.owed = [];
    return rooms;
  }

  /** The subscription ends. */
  forget(): void {
    for (const room of this.belongs) this.watcher.rests(room);
  }

  private isNews(room: RoomJid): boolean {
    return this.belongs.has(room) && !this.present.has(room) && !this.told.has(room);
  }

  private watch(room: RoomJid): void {
    if (this.isNews(room)) this.watcher.awaits(room);
    else this.watcher.rests(room);
  }
}
