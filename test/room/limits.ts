/** Limits of the rooms in these tests. */
import type { RoomLimits } from '../../src/room/contract/env';

export const LIMITS: RoomLimits = {
  history: 100,
  nick: 20,
  subject: 100,
  name: 100,
  description: 100,
  affiliationsPerRoom: 4000,
  listBytes: 400_000,
  presenceBytes: 16_384,
  occupants: 100,
  heldForEntering: 50,
  destroyedDays: 30,
  lockedMinutes: 60,
  vcardBytes: 20_000,
  waiting: 20,
  archivePage: 250,
  stanzaBytes: 262_144,
};
