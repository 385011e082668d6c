/** Lists of the store, read page by page. */
import type { RoomJid } from '../xmpp/fold';

/** Rooms of one page. */
export const PAGE = 1_000;

/** All rooms of a list, between whose pages others have their turns. */
export async function allRooms(page: (after: RoomJid | '', limit: number) => Promise<RoomJid[]>): Promise<RoomJid[]> {
  const all: RoomJid[] = [];
  for (let after: RoomJid | '' = ''; ;) {
    const rooms = await page(after, PAGE);
    for (const room of rooms) all.push(room);
    const last = rooms.at(-1);
    if (rooms.length < PAGE || last === undefined) return all;
    after = last;
  }
}
