/** Everything that lasts goes through a store, which is four interfaces; each caller takes the narrowest part. Every method is asynchronous, and every implementation answers alike. */
import type { Archive } from './archive';
import type { Directory } from './directory';
import type { Maintenance } from './maintenance';
import type { RoomStore } from './room-store';

/** A store that can copy itself has `Copies` beside them: the part of maintenance that a store may lack. */
export interface Store extends RoomStore, Archive, Directory, Maintenance {
  /** Opens, and brings what is stored up to date. Throws StoreRefused. */
  open(): Promise<void>;
  /** Finishes what was accepted, then closes. The claims end. */
  close(): Promise<void>;
}
