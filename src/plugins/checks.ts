/** A plug-in's checks: what it answers, and what its answer is when it throws, or is disabled. */
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { say } from '../words';
import type { AffiliationWish, CheckStage, Feature, RoleWish } from '../room/contract/feature';
import type { Actor } from '../room/governing/rights';
import type { RoomState } from '../room/state';
import type { ActorView, Check, ClosedCheck, Refusal, RoomHooks, Verdict } from './api-hooks';
import type { RoomView } from './api-room';
import type { Parts } from './parts';
import { bodyIn, shown } from './markup-out';
import { occupantView, View } from './view';

/** Longest sentence of a refusal, in UTF-16 units. */
const MOST_TEXT = 1_000;

/** The stanza error that a plug-in's refusal is. Throws TypeError if it is no refusal. */
export function errorOf(refusal: Refusal): StanzaError {
  if (refusal.verdict !== 'refuse' || typeof refusal.text !== 'string')
    throw new TypeError('A check answers nothing, or what refuse() makes');
  return stanzaError(refusal.condition, refusal.text.slice(0, MOST_TEXT), refusal.wait ? { type: 'wait' } : {});
}

/** What is answered for a plug-in that threw, and for one that is disabled and must be asked. */
export const failedError = (): StanzaError => stanzaError('internal-server-error', say('pluginFailed'), { type: 'wait' });
export const offError = (): StanzaError => stanzaError('resource-constraint', say('pluginOff'), { type: 'wait' });

/** The checks as hooks of a feature. */
export function checksOf(hooks: RoomHooks, parts: Parts): Partial<Feature> {
  const { checkEntry, checkMessage, checkPrivateMessage, checkPresence, checkAffiliation, checkRole } = hooks;
  const after: Partial<Record<CheckStage, string>> = {};
  const place = (stage: CheckStage, check: ClosedCheck<never> | undefined): void => {
    if (check?.after !== undefined) after[stage] = check.after;
  };
  place('entry', checkEntry);
  place('speak', checkMessage);
  place('whisper', checkPrivateMessage);
  place('appear', checkPresence);
  return {
    after,
    ...(checkEntry && {
      enter: ({ room: state, stanza, jid, affiliation, joinsOwnOccupant }) =>
        ask(parts, 'checkEntry', checkEntry, jid, state, (room) => ({
          room,
          jid,
          affiliation,
          again: joinsOwnOccupant,
          stanza: shown(stanza),
        })),
      read: ({ room: state, jid, affiliation, present }) =>
        present
          ? undefined
          : ask(parts, 'checkEntry', checkEntry, jid, state, (room) => ({ room, jid, affiliation, again: false, stanza: undefined })),
    }),
    ...(checkMessage && {
      speak: ({ room: state, stanza, occupant }) =>
        ask(parts, 'checkMessage', checkMessage, occupant.jid, state, (room) => ({
          room,
          from: occupantView(state, occupant),
          body: bodyIn(stanza),
          stanza: shown(stanza),
        })),
    }),
    ...(checkPrivateMessage && {
      whisper: ({ room: state, stanza, occupant, recipient }) =>
        ask(parts, 'checkPrivateMessage', checkPrivateMessage, occupant.jid, state, (room) => ({
          room,
          from: occupantView(state, occupant),
          to: occupantView(state, recipient),
          body: bodyIn(stanza),
          stanza: shown(stanza),
        })),
    }),
    ...(checkPresence && {
      appear: ({ room: state, stanza, occupant, nick }) =>
        ask(parts, 'checkPresence', checkPresence, occupant.jid, state, (room) => ({
          room,
          from: occupantView(state, occupant),
          nick,
          stanza: shown(stanza),
        })),
    }),
    ...(checkAffiliation && {
      beforeAffiliation: ({ room: state, actor, jid, before, after: next, reason }: AffiliationWish) =>
        ask(parts, 'checkAffiliation', checkAffiliation, actor.jid ?? '', state, (room) => ({
          room,
          actor: actorView(actor),
          jid,
          before,
          after: next,
          reason,
        })),
    }),
    ...(checkRole && {
      beforeRole: ({ room: state, actor, occupant, after: next, reason }: RoleWish) =>
        ask(parts, 'checkRole', checkRole, actor.jid ?? '', state, (room) => ({
          room,
          actor: actorView(actor),
          occupant: occupantView(state, occupant),
          after: next,
          reason,
        })),
    }),
  };
}

const actorView = ({ jid, affiliation, role }: Actor): ActorView => Object.freeze({ jid, affiliation, role });

function ask<T>(
  { own, guard }: Parts,
  hook: string,
  check: ClosedCheck<T> | Check<T>,
  account: string,
  state: RoomState,
  attempt: (room: RoomView) => T,
): StanzaError | undefined {
  const room = new View(state, own);
  const called = guard.call(hook, account, () => {
    const verdict: Verdict = check.check(Object.freeze(attempt(room)));
    return verdict === undefined ? undefined : errorOf(verdict);
  });
  room.end();
  if (called.is === 'done') return called.value;
  if (called.is === 'failed') return failedError();
  return 'failing' in check && check.failing === 'pass' ? undefined : offError();
}
