/** A plug-in's checks: what it answers, and what its answer is when it throws, or is disabled. */
import { isCondition, stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { inWords } from '../words';
import type { AffiliationWish, CheckStage, Feature, RoleWish } from '../room/contract/feature';
import type { Actor } from '../room/governing/rights';
import type { RoomState } from '../room/state';
import type { ActorView, Check, ClosedCheck, Hold, Refusal, RoomHooks, SlowVerdict } from './api-hooks';
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
  // A plug-in in plain JavaScript may say anything; this becomes the name of an element.
  if (!isCondition(refusal.condition)) throw new TypeError('A refusal has a condition of RFC 6120 §8.3.3');
  return stanzaError(refusal.condition, refusal.text.slice(0, MOST_TEXT), refusal.wait ? { type: 'wait' } : {});
}

/** What is answered for a plug-in that threw, and for one that is disabled and must be asked. */
export const failedError = (): StanzaError => stanzaError('internal-server-error', inWords('pluginFailed'), { type: 'wait' });
export const offError = (): StanzaError => stanzaError('resource-constraint', inWords('pluginOff'), { type: 'wait' });
const lateError = (): StanzaError => stanzaError('resource-constraint', inWords('pluginLate'), { type: 'wait' });
/** For what cannot wait: reading from outside, and other faces than the room's own. */
const cannotWait = (): StanzaError => stanzaError('resource-constraint', inWords('pluginSlow'), { type: 'wait' });

/** The checks as hooks of a feature. */
export function checksOf(hooks: RoomHooks, parts: Parts): Partial<Feature> {
  const { checkEntry, checkMessage, checkPrivateMessage, checkPresence, checkAffiliation, checkRole } = hooks;
  const after: Partial<Record<CheckStage, string>> = {};
  const place = (stage: CheckStage, check: ClosedCheck<never, SlowVerdict> | undefined): void => {
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
        ask({ parts, hook: 'checkEntry', check: checkEntry }, jid, state, (room) => ({
          room,
          jid,
          affiliation,
          again: joinsOwnOccupant,
          stanza: shown(stanza),
        })),
      read: ({ room: state, jid, affiliation, present }) =>
        present
          ? undefined
          : ask({ parts, hook: 'checkEntry', check: checkEntry, mayWait: false }, jid, state, (room) => ({
              room,
              jid,
              affiliation,
              again: false,
              stanza: undefined,
            })),
    }),
    ...(checkMessage && {
      speak: ({ room: state, stanza, occupant }) =>
        ask({ parts, hook: 'checkMessage', check: checkMessage }, occupant.jid, state, (room) => ({
          room,
          from: occupantView(state, occupant),
          body: bodyIn(stanza),
          stanza: shown(stanza),
        })),
    }),
    ...(checkPrivateMessage && {
      whisper: ({ room: state, stanza, occupant, recipient }) =>
        ask({ parts, hook: 'checkPrivateMessage', check: checkPrivateMessage }, occupant.jid, state, (room) => ({
          room,
          from: occupantView(state, occupant),
          to: occupantView(state, recipient),
          body: bodyIn(stanza),
          stanza: shown(stanza),
        })),
    }),
    ...(checkPresence && {
      appear: ({ room: state, stanza, occupant, nick }) =>
        ask({ parts, hook: 'checkPresence', check: checkPresence }, occupant.jid, state, (room) => ({
          room,
          from: occupantView(state, occupant),
          nick,
          stanza: shown(stanza),
        })),
    }),
    ...(checkAffiliation && {
      beforeAffiliation: ({ room: state, actor, jid, before, after: next, reason }: AffiliationWish) =>
        ask({ parts, hook: 'checkAffiliation', check: checkAffiliation }, actor.jid ?? '', state, (room) => ({
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
        ask({ parts, hook: 'checkRole', check: checkRole }, actor.jid ?? '', state, (room) => ({
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

/** A check of a plug-in. */
interface Asking<T> {
  readonly parts: Parts;
  readonly hook: string;
  readonly check: ClosedCheck<T, SlowVerdict> | Check<T, SlowVerdict>;
  /** What is checked cannot wait for the answer. */
  readonly mayWait?: false;
}

/** What the check answers to an attempt of that account. */
function ask<T>(
  { parts, hook, check, mayWait }: Asking<T>,
  account: string,
  state: RoomState,
  attempt: (room: RoomView) => T,
): StanzaError | undefined {
  const { own, guard } = parts;
  const name = `${own.name} ${hook}`;
  const answer = state.checks.answerTo(name);
  if (answer !== undefined) return answer ?? undefined;
  const opens = 'failing' in check && check.failing === 'pass';
  const room = new View(state, own);
  const called = guard.call(hook, account, () => {
    const verdict = check.check(Object.freeze(attempt(room)));
    if (verdict === undefined) return undefined;
    return verdict.verdict === 'hold' ? verdict : errorOf(verdict);
  });
  room.end();
  if (called.is === 'failed') return failedError();
  if (called.is === 'disabled') return opens ? undefined : offError();
  const { value } = called;
  if (value === undefined || !('effect' in value)) return value;
  const otherwise = (error: () => StanzaError): StanzaError | null => (opens ? null : error());
  const asked = {
    name,
    ms: value.seconds * 1000,
    late: otherwise(lateError),
    run: (ending: AbortSignal) => answerOf(value, parts, hook, ending, otherwise),
  };
  return (mayWait === false ? undefined : state.checks.wait(asked)) ?? cannotWait();
}

/** What an effect answers; a plug-in that is disabled meanwhile, or whose effect fails, answers as it declares. Outside programs fail: that disables nothing. */
async function answerOf(
  held: Hold,
  { guard }: Parts,
  hook: string,
  ending: AbortSignal,
  otherwise: (error: () => StanzaError) => StanzaError | null,
): Promise<StanzaError | null> {
  try {
    const verdict = await held.effect(ending);
    const error = verdict === undefined ? null : errorOf(verdict);
    return guard.state.disabled ? otherwise(offError) : error;
  } catch (error) {
    if (!ending.aborted) guard.lateFailure(hook, error);
    return otherwise(failedError);
  }
}
