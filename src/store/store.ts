/** Everything that lasts goes through a store: eight interfaces (copies of the whole beside these seven), so that each caller takes the narrowest. Every method is asynchronous, and every implementation answers alike. */
import type { Archive } from './archive';
import type { Directory } from './directory';
import type { Events } from './events';
import type { Maintenance } from './maintenance';
import type { RoomStore } from './room-store';
import type { TokenStore } from './tokens';
import type { WakeUpStore } from './wake-ups';

export interface Store extends RoomStore, Archive, Directory, Maintenance, Events, TokenStore, WakeUpStore {
  /** Opens, and brings what is stored up to date. Throws StoreRefused. */
  open(): Promise<void>;
  /** Finishes what was accepted, then closes. The claims end. */
  close(): Promise<void>;
}
