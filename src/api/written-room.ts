/** A room as somebody wrote it in a request. */
import type { Domain, RoomJid } from '../xmpp/fold';
import { isRoomOf } from '../xmpp/jid';
import { prepareBareJid } from '../xmpp/prepare';
import { short } from '../xmpp/short';
import { inWords } from '../words';
import { mistaken, Problem } from './problem';
import type { Call } from './route';

/** The room of this address, or of this name alone. Throws Problem. */
export function writtenRoom(text: string, domain: Domain): RoomJid {
  const raw = text.trim();
  if (raw.includes('/')) throw mistaken('roomResource', { domain });
  const room = prepareBareJid(raw.includes('@') ? raw : `${raw}@${domain}`);
  if (room === undefined) throw mistaken('itemJid', { jid: short(raw) });
  if (!isRoomOf(room, domain)) throw mistaken('roomElsewhere', { domain });
  return room;
}

/** Throws Problem if the asker's token is not for this room, which stands beside that of the path. */
export function mayTouch({ rooms, mayTouch: may }: Pick<Call, 'rooms' | 'mayTouch'>, room: RoomJid): void {
  if (!may(room)) throw new Problem('out-of-scope', inWords('apiElsewhere', { rooms }), { rooms });
}
