/** Who said what in an archive, as far as a reader may know it: the filter `with` (XEP-0313 §4.1.1), and the real JIDs in results (§6.1.2). */
import type { FullJid } from '../../xmpp/fold';
import { bareOf, resourceOf } from '../../xmpp/jid';
import type { ArchiveFilter } from '../../room/contract/archive-query';
import { isAdmin } from '../../room/governing/roles';
import type { MessageRow } from '../../room/contract/rows';
import { posterNamed } from '../../room/occupants/posters';
import { holderOf } from '../../room/occupants/reserved-nicks';
import { writtenOccupantId } from '../../room/talking/ids';
import type { RoomState } from '../../room/state';

/** What a filter says of the author. */
export type AuthorFilter = Pick<ArchiveFilter, 'occupantId' | 'sender' | 'jidShown'>;

/** No occupant has this id: what nobody said. */
const NOBODY: AuthorFilter = { occupantId: writtenOccupantId('') };

/** Whether somebody may see the real JID behind every message: admins and owners, and who is a moderator now. */
export function seesAllJids(room: RoomState, reader: FullJid): boolean {
  const jid = bareOf(reader);
  return isAdmin(room.affiliationOf(jid)) || room.occupants.withId(room.idOf(jid))?.role === 'moderator';
}

/** Whether somebody may see whose message it was: others than those only if everybody sees JIDs today, and saw them when it was said. */
export function showsJid(room: RoomState, seesAll: boolean, row: MessageRow): boolean {
  return row.sender !== null && (seesAll || (room.facts.jidsVisible && row.jidShown));
}

/**
 * What `jid` (prepared) has said, for a reader:
 * - the room's own JID is the bare JID of everybody's occupant JID, and so matches all;
 * - an occupant JID is the person who has that nick now, under whatever nick they spoke;
 * - a bare JID is the account, a full JID one client.
 * What the reader may not know is answered like somebody who never spoke.
 */
export function saidBy(room: RoomState, reader: FullJid, jid: FullJid): AuthorFilter {
  const bare = bareOf(jid);
  const resource = resourceOf(jid);
  if (bare === room.jid) return resource === '' ? {} : saidByNick(room, reader, resource);
  const open = bare === bareOf(reader) || seesAllJids(room, reader);
  if (!open && !room.facts.jidsVisible) return NOBODY;
  return {
    occupantId: room.idOf(bare),
    ...(resource === '' ? {} : { sender: jid }),
    ...(open ? {} : { jidShown: true }),
  };
}

/**
 * A nick means an occupant whom the reader sees, or the holder of a reserved nick, if the reader may know the holder or is the holder; or a program that posts.
 * `reader`: null for those who run the service, who see everybody.
 */
export function saidByNick(room: RoomState, reader: FullJid | null, nick: string): AuthorFilter {
  const own = reader === null ? undefined : room.idOf(bareOf(reader));
  const seesAll = reader === null || seesAllJids(room, reader);
  const occupant = room.occupants.withNick(nick);
  if (occupant) {
    const watches = (own !== undefined && room.occupants.withId(own) !== undefined) || room.facts.occupantsPublic;
    return occupant.id === own || seesAll || (occupant.visible && watches) ? { occupantId: occupant.id } : NOBODY;
  }
  const program = posterNamed(room, nick);
  if (program) return { occupantId: program.occupantId };
  const holder = holderOf(room, nick);
  return holder && (seesAll || room.idOf(holder.jid) === own) ? { occupantId: room.idOf(holder.jid) } : NOBODY;
}
