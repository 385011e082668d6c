/** Parlour's own rooms for a service in a test, where the small ones of `fake-room.ts` do not do. */
import type { RoomJid } from '../../src/xmpp/fold';
import { createFeatures } from '../../src/features';
import { createRoomFactory } from '../../src/room/room';
import type { Feature } from '../../src/room/contract/feature';
import type { RoomLimits } from '../../src/room/contract/env';
import type { Machine } from '../../src/room/contract/machine';
import type { RoomRows } from '../../src/room/contract/rows';
import { LIMITS } from '../room/limits';
import { keepsDeclared } from '../support/declared';

/** Rooms that anybody may create; `persistent` is what an unconfigured room is. */
export function realRooms(
  persistent: boolean,
  more: Partial<RoomLimits> = {},
  plugins: readonly Feature[] = [],
): (jid: RoomJid, rows: RoomRows | null) => Machine {
  const limits = { ...LIMITS, ...more };
  let drawn = 0;
  const features = createFeatures(limits, undefined, undefined, plugins);
  const make = createRoomFactory({
    // Never the same twice, also for messages of one instant.
    random: {
      bytes: (count) => {
        const bytes = Buffer.alloc(count, (++drawn * 37) % 251);
        if (count >= 4) bytes.writeUInt32BE(drawn, 0);
        return bytes;
      },
    },
    policy: {
      mayCreate: () => true,
      isServiceAdmin: () => false,
      defaults: new Map(persistent ? [['muc#roomconfig_persistentroom', ['1']]] : []),
      limits,
      creation: { roomsPerCreator: null, rooms: null },
      kept: { markers: false, events: false },
      rooms: { conditions: false, ownersNeedPassword: false, avatarPresence: true },
    },
    features,
  });
  return (jid, rows) => keepsDeclared(make(jid, rows), features.rows, { limits, begun: rows });
}

const MUC = 'http://jabber.org/protocol/muc';
export const enter = (from: string, room: string, nick: string): string =>
  `<presence from="${from}" to="${room}/${nick}"><x xmlns="${MUC}"/></presence>`;
export const instant = (from: string, room: string): string =>
  `<iq from="${from}" to="${room}" type="set" id="instant"><query xmlns="${MUC}#owner"><x xmlns="jabber:x:data" type="submit"/></query></iq>`;
export const affiliate = (from: string, room: string, item: string): string =>
  `<iq from="${from}" to="${room}" type="set" id="item"><query xmlns="${MUC}#admin">${item}</query></iq>`;
