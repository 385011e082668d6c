/** Branded JIDs of literals, as they stand: tests write them folded, and some on purpose as no fold would leave them. */
import type { BareJid, Domain, FullJid, RoomJid } from '../../src/xmpp/fold';

export const asBare = (text: string): BareJid => text as BareJid;
export const asDomain = (text: string): Domain => text as Domain;
export const asFull = (text: string): FullJid => text as FullJid;
export const asRoom = (text: string): RoomJid => text as RoomJid;
