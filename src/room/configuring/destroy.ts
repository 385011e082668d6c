/** Destroying a room (§10.9): one presence to each session, and nothing is left but what must still be delivered. */
import type { Destruction, Farewell } from '../contract/saying';
import type { RoomJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { attributes, child, escapeText, textOf, type Element } from '../../xmpp/xml';
import { prepareBareJid } from '../../xmpp/prepare';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import type { Actor } from '../governing/rights';
import { audit } from '../audit';
import type { Session } from '../occupants/occupants';
import { presenceRest } from '../occupants/presence';
import { saidReason } from '../governing/reasons';
import type { RoomState } from '../state';
import { tombstoneOf } from './tombstone';
import type { Turn } from '../turn';

/** Longest password of the alternate venue: everybody is sent it. */
const MAX_PASSWORD = 1000;

/** Reads `<destroy/>`; a venue that is no JID, or the room itself, is refused. */
export function readDestruction(element: Element, room: RoomJid): Destruction | StanzaError {
  const raw = (element.attrs['jid'] as string | undefined)?.trim();
  const alternate = raw ? prepareBareJid(raw) : undefined;
  if (raw && alternate === undefined) return stanzaError('jid-malformed', inWords('alternateJid', { jid: raw }));
  if (alternate === room) return stanzaError('not-acceptable', inWords('alternateSelf'));
  const reason = child(element, 'reason', NS.mucOwner);
  const password = child(element, 'password', NS.mucOwner);
  if (password && textOf(password).length > MAX_PASSWORD)
    return stanzaError('not-acceptable', inWords('venuePassword', { max: MAX_PASSWORD }));
  return {
    ...(alternate === undefined ? {} : { alternate }),
    ...(reason ? { reason: saidReason(textOf(reason)) } : {}),
    ...(password ? { password: textOf(password) } : {}),
  };
}

/** `<destroy/>` for the occupants. */
export function destroyXml(how: Destruction): string {
  const password = how.password === undefined ? '' : `<password>${escapeText(how.password)}</password>`;
  const reason = how.reason === undefined ? '' : `<reason>${escapeText(how.reason)}</reason>`;
  const head = `<destroy${attributes({ jid: how.alternate })}`;
  return password + reason === '' ? `${head}/>` : `${head}>${password}${reason}</destroy>`;
}

/** How a room ends beside what its owner says. */
interface Ending {
  /** Its creator gave it up while it was locked, by presence with this id. */
  readonly request?: { readonly session: Session; readonly id: string | undefined };
  /** It is not remembered. */
  readonly forgotten?: boolean;
  /** Who wants it; without one the room ends by itself. */
  readonly by?: Actor;
  readonly act?: 'destroy' | 'erase';
}

/** Ends the room for everybody in it. */
export function destroy(
  state: RoomState,
  turn: Turn,
  how: Destruction,
  { request, forgotten = false, by, act = 'destroy' }: Ending = {},
): void {
  const xml = destroyXml(how);
  const farewells: Farewell[] = [];
  for (const occupant of state.occupants.all()) {
    for (const session of occupant.sessions) {
      const to: Farewell = { jid: session.address.jid, nick: occupant.nick, occupantId: occupant.id };
      farewells.push(to);
      sayDestroyed(state, turn, to, xml, request?.session === session ? request.id : undefined);
    }
  }
  if (by) audit(state, turn, by, act, [{ before: state.facts.name, after: how.alternate ?? null, reason: how.reason ?? null }]);
  state.end(turn, forgotten ? null : tombstoneOf(state, turn, how));
  state.writeSaying(turn, { kind: 'destroyed', xml, farewells });
}

/** The one unavailable presence of §10.9. */
export function sayDestroyed(state: RoomState, turn: Turn, to: Farewell, xml: string, id: string | undefined): void {
  const facts = {
    unavailable: true,
    affiliation: 'none',
    role: 'none',
    destroy: xml,
    codes: [],
    occupantId: to.occupantId,
    content: '',
  } as const;
  const rest = presenceRest(state, facts, { jid: false, self: true, id });
  turn.say({ name: 'presence', from: `${state.jid}/${to.nick}`, to: to.jid, rest, kind: 'farewell' });
}
