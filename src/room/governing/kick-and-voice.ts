/** Changing roles (§8.2-8.5, §9.6-9.8): kick, voice and moderator status, checked all together first, applied all or nothing. */
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import type { Actor } from './rights';
import { type AuditItem } from '../contract/audit';
import { audit } from '../audit';
import { firstRefusal } from '../contract/feature-set';
import type { RoleItem } from '../contract/commands';
import { remove } from '../occupants/leave';
import type { Occupant } from '../occupants/occupants';
import { roleRefusal } from './rights';
import { isAdmin, type Role } from './roles';
import { isPresent, showChange, welcomeModerator } from './show-change';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { isRevoked, noteVoice } from './voice';
import { STATUS } from '../occupants/status';

/** Whether somebody already has this role. A visitor who is only muted or new does not count: that ends by itself, while voice that a moderator took stays taken. */
function isSame(state: RoomState, { jid, role }: Occupant, wanted: Role): boolean {
  return role === wanted && !(role === 'visitor' && state.isSilenced(jid) && !isRevoked(state, jid));
}

/** Why these changes cannot be made, or undefined. */
export function rolesRefusal(state: RoomState, actor: Actor, items: readonly RoleItem[]): StanzaError | undefined {
  // Who may not change roles at all is told just that, whatever the present state: else each answer would tell a role.
  const mayKnow = actor.jid === null || actor.role === 'moderator' || isAdmin(actor.affiliation);
  if (!mayKnow && items.length > 0) return stanzaError('forbidden', inWords('moderatorsOnly'));
  for (const item of items) {
    const target = state.occupants.withNick(item.nick);
    if (!target) return stanzaError('item-not-found', inWords('noSuchNick'));
    // An item equal to the present state never spoils the request.
    if (isSame(state, target, item.role)) continue;
    const refusal = roleRefusal(actor, { jid: target.jid, affiliation: state.affiliationOf(target.jid), role: target.role }, item.role);
    if (refusal) return refusal;
    const stage = state.env.features.beforeRole;
    const wish = { room: state, actor, occupant: target, after: item.role, reason: item.reason };
    const refused = stage.length === 0 ? undefined : firstRefusal(stage, 'beforeRole', wish);
    if (refused) return refused;
  }
  return undefined;
}

/**
 * Makes changes that were not refused. The kicked are told at once, the others by the function returned (§8.2: result first).
 * The room may be empty after it (`endIfEmpty`).
 */
export function setRoles(state: RoomState, turn: Turn, actor: Actor, items: readonly RoleItem[]): () => void {
  const later: (() => void)[] = [];
  const changed: AuditItem[] = [];
  for (const item of items) {
    const target = state.occupants.withNick(item.nick);
    if (!target || isSame(state, target, item.role)) continue;
    changed.push({ object: target.jid, before: target.role, after: item.role, reason: item.reason ?? null });
    const why = {
      ...(actor.nick === undefined ? {} : { actorNick: actor.nick }),
      ...(item.reason === undefined ? {} : { reason: item.reason }),
    };
    if (item.role === 'none') {
      later.push(remove(state, turn, target, { affiliation: state.affiliationOf(target.jid), codes: [STATUS.kicked], ...why }));
      continue;
    }
    later.push(change(state, turn, target, item.role, why));
  }
  audit(state, turn, actor, 'set-roles', changed);
  return () => {
    for (const tell of later) tell();
  };
}

function change(
  state: RoomState,
  turn: Turn,
  target: Occupant,
  role: Occupant['role'],
  why: { actorNick?: string; reason?: string },
): () => void {
  state.occupants.setRole(target, role);
  noteVoice(state, turn, target.jid, role);
  for (const feature of state.env.features.roleGiven) feature.roleGiven?.(state, turn, target.jid, role);
  return () => {
    // A later item of the same request may have kicked them.
    if (!isPresent(state, target)) return;
    showChange(state, turn, target, why);
    if (target.role === 'moderator') welcomeModerator(state, turn, target);
  };
}
