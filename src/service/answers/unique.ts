/** Unique room names (XEP-0307). */
import type { Random } from '../../room/contract/env';
import type { Directory } from '../../store/directory';
import type { Domain, RoomJid } from '../../xmpp/fold';
import { roomNamed } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';

/** 128 bits, so that no two ever meet and nobody guesses one. */
const BYTES = 16;

export interface UniqueOptions {
  readonly domain: Domain;
  readonly random: Random;
  readonly store: Pick<Directory, 'hasRoom'>;
  /** Whether there is such a room that the store may not have yet. */
  readonly isAwake: (room: RoomJid) => boolean;
}

/** `<unique/>` with a name that no room has; the room is not created. */
export async function uniqueName({ domain, random, store, isAwake }: UniqueOptions): Promise<string> {
  for (;;) {
    const name = Buffer.from(random.bytes(BYTES)).toString('hex');
    const room = roomNamed(name, domain);
    if (!isAwake(room) && !(await store.hasRoom(room))) return `<unique xmlns="${NS.mucUnique}">${name}</unique>`;
  }
}
