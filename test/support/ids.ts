/** Branded ids and nicks of literals, as they stand: tests write them as no maker would. */
import type { OccupantId, StanzaId } from '../../src/room/contract/rows';
import type { Nick } from '../../src/xmpp/nick';

type Written<T extends string | null | undefined, Made> = Made | Exclude<T, string>;

export const asOccupantId = <T extends string | null | undefined>(text: T): Written<T, OccupantId> => text as Written<T, OccupantId>;
export const asStanzaId = <T extends string | null | undefined>(text: T): Written<T, StanzaId> => text as Written<T, StanzaId>;
export const asNick = <T extends string | null | undefined>(text: T): Written<T, Nick> => text as Written<T, Nick>;
