/** What a room says beside messages and presence of those who are in, as it is kept until it is delivered. */
import type { Additions } from './additions';
import type { Nick } from '../../xmpp/nick';
import type { OccupantId } from './units';
import type { BareJid, FullJid } from '../../xmpp/fold';
import type { Affiliation, Role } from '../governing/roles';
import type { StatusCode } from '../occupants/status';

/** Whose listed affiliation has changed, and with which version (XEP-0463): from one to the next, for each reach that knows of it (`governing/list-versions.ts`). */
export interface ListChange {
  readonly jid: BareJid;
  readonly steps: Readonly<Partial<Record<'a' | 'b' | 'g', { readonly since: string; readonly until: string }>>>;
  /** It stood in a stanza that those get who have a version. */
  said: boolean;
  /** It stood in the person's own presence. */
  own?: boolean;
}

/** What a presence says beyond who it is from: an item (§16.2), status codes, and for unavailable ones why. */
export interface PresenceFacts {
  readonly unavailable?: boolean;
  readonly affiliation: Affiliation;
  readonly role: Role;
  /** Full JID, shown to those entitled. */
  readonly realJid?: FullJid;
  /** The new nick, with 303. */
  readonly newNick?: string;
  readonly actorNick?: string;
  readonly actorJid?: BareJid;
  readonly reason?: string;
  /** Finished `<destroy/>`. */
  readonly destroy?: string;
  readonly codes: readonly StatusCode[];
  /** Codes for the occupant's own sessions, without 110. */
  readonly selfCodes?: readonly StatusCode[];
  readonly occupantId: OccupantId | null;
  /** Finished XML of the client's own children. */
  readonly content: string;
  /** What features from outside add to it. */
  readonly added?: Additions | undefined;
  /** The change of the lists that it tells; kept nowhere. */
  readonly lists?: ListChange | undefined;
}

/** What an owner said about the end of a room; passed on as given, of a long reason the start. */
export interface Destruction {
  readonly alternate?: BareJid;
  readonly reason?: string;
  readonly password?: string;
}

/** One recipient of the end of a room. */
export interface Farewell {
  readonly jid: string;
  readonly nick: Nick;
  readonly occupantId: OccupantId;
}

/** An affiliation of somebody who is not there. The item names a real JID, so in a semi-anonymous room only moderators get it. */
export interface Announcement {
  readonly jid: BareJid;
  readonly affiliation: Affiliation;
  readonly reason?: string | undefined;
}

/** What was said and leaves no other row; kept until it is delivered. */
export type Saying =
  /** Somebody left or changed nick: unavailable presence from the former nick. */
  | {
      readonly kind: 'presence';
      readonly nick: Nick;
      readonly facts: PresenceFacts;
      /** The sessions that get it as their own, with 110: full JIDs as they are spelt. */
      readonly jids: readonly string[];
      readonly role: Role;
      /** One of several sessions ended: the others in the room do not hear of it. */
      readonly selfOnly?: true;
    }
  /** Somebody who is still in went out of the others' sight (§7.2.2). */
  | { readonly kind: 'vanished'; readonly nick: Nick; readonly facts: PresenceFacts }
  | { readonly kind: 'destroyed'; readonly xml: string; readonly farewells: readonly Farewell[] }
  /** Status codes of a change of configuration (§10.2.1). */
  | {
      readonly kind: 'notice';
      readonly codes: readonly StatusCode[];
      /** They are messages too, which are said again themselves. */
      readonly archived?: true;
    }
  /** The subject changed, and no message of the archive tells it: it was not kept, or was trimmed away at once. */
  | { readonly kind: 'subject' }
  /** The room's own presence changed. */
  | { readonly kind: 'room-presence'; readonly content: string }
  /** The room had an address that another had in another spelling: where it is now, for its owners. */
  | { readonly kind: 'set-aside'; readonly former: string; readonly present: string; readonly owners: readonly string[] }
  /** The room told somebody in it alone: `rest` is the message behind its addresses. */
  | { readonly kind: 'told'; readonly jid: BareJid; readonly rest: string }
  /** The lists of affiliations changed, and what was said then had their version: said again, it has none. */
  | { readonly kind: 'lists' }
  /** An affiliation changed of somebody who is not there. */
  | ({ readonly kind: 'affiliation' } & Announcement);
