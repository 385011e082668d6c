/** Which hats there are in a room, and who wears them (XEP-0317). */
import { createHash } from 'node:crypto';
import { accountKey, type BareJid } from '../../xmpp/fold';
import { storedBare } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';
import { attributes } from '../../xmpp/xml';
import { featureRows } from '../../room/contract/feature-rows';
import type { Role } from '../../room/governing/roles';
import type { RoomState } from '../../room/state';

/** Hats of one room. */
export const MAX_HATS = 50;
/** People with hats in one room: whatever is done to a hat is shown for each of them who is in. */
export const MAX_WEARERS = 200;
/** Hats of one person. */
export const MAX_WORN = 10;

export interface Hat {
  readonly title: string;
  /** Degrees (XEP-0392), as they were written. */
  readonly hue: string | null;
  /** What its wearers are at least. */
  readonly role: 'participant' | 'moderator' | null;
  /** Whether its wearers may mention the whole room (XEP-0513). */
  readonly mentions: boolean;
}

/** By URI. */
export const hats = featureRows<Hat>({
  name: 'hats',
  says: 'which hats there are, and what each allows',
  key: ['plain'],
  value: { members: { title: 'text', hue: 'text', role: 'text', mentions: 'flag' }, optional: ['hue', 'role'] },
  travels: ['room'],
  erasing: { keeps: 'a hat is the room’s, whoever wears it' },
  folding: 'present',
  most: MAX_HATS,
  lifetime: { until: 'an admin destroys it' },
});

/** URIs of hats by bare JID, in groups by account, in the order in which they were assigned. */
export const worn = featureRows<readonly string[], BareJid>(
  {
    name: 'hats-worn',
    says: 'which hats somebody wears',
    key: ['jid'],
    value: { each: 'text' },
    travels: ['room', 'person'],
    erasing: 'forgets',
    folding: 'present',
    most: MAX_WEARERS,
    lifetime: { until: 'they are taken off or destroyed, or their wearer loses their affiliation' },
  },
  (jid) => accountKey(storedBare(jid)),
);

/** What somebody wears, of the hats that there are. */
export function hatsOf(room: RoomState, jid: BareJid): readonly (readonly [uri: string, hat: Hat])[] {
  if (worn.count(room) === 0) return [];
  return (worn.get(room, jid) ?? []).flatMap((uri) => {
    const hat = hats.get(room, uri);
    return hat ? [[uri, hat] as const] : [];
  });
}

/** The highest role that somebody's hats give, if any. */
export function roleByHats(room: RoomState, jid: BareJid): Exclude<Role, 'none' | 'visitor'> | undefined {
  const roles = hatsOf(room, jid).map(([, { role }]) => role);
  if (roles.includes('moderator')) return 'moderator';
  return roles.includes('participant') ? 'participant' : undefined;
}

/** Whether one of somebody's hats lets them mention the whole room. */
export const mayMentionAll = (room: RoomState, jid: BareJid): boolean => hatsOf(room, jid).some(([, hat]) => hat.mentions);

/** §3.1: what is shown of somebody, '' if they wear none. */
export function hatsXml(room: RoomState, jid: BareJid): string {
  const shown = hatsOf(room, jid).map(([uri, { title, hue }]) => `<hat${attributes({ title, uri, hue })}/>`);
  return shown.length === 0 ? '' : `<hats xmlns="${NS.hats}">${shown.join('')}</hats>`;
}

/** §2: another text whenever the list is another; undefined: there is none. */
export function hatsHash(room: RoomState): string | undefined {
  if (hats.count(room) === 0) return undefined;
  const list = hats.entries(room).map(([uri, { title, hue }]) => [uri, title, hue]);
  return createHash('sha1').update(JSON.stringify(list.sort())).digest('hex');
}
