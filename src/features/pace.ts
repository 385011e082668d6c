/** How much one occupant may say at once (§14.6): messages and presence flow from a bucket that fills again, where the operator wants it. */
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import type { Feature, Speech } from '../room/feature';
import type { Occupant } from '../room/occupants';
import { isAdmin } from '../room/roles';
import { say } from '../words';

/** What may be said in one go is what flows in this many seconds. */
const BURST_SECONDS = 5;

interface Bucket {
  /** Stanzas that may still be said. */
  left: number;
  /** The room's time when that was. */
  at: number;
}

/** A stage's check with buckets of its own. They are not remembered: who comes back, or a restart, begins with a full one. */
function paced(rateOf: (speech: Speech) => number | null): (speech: Speech) => StanzaError | undefined {
  const buckets = new WeakMap<Occupant, Bucket>();
  return (speech) => {
    const rate = rateOf(speech);
    const { room, occupant } = speech;
    if (rate === null || isAdmin(room.affiliationOf(occupant.jid))) return undefined;
    const bucket = buckets.get(occupant) ?? { left: rate * BURST_SECONDS, at: room.stamp };
    buckets.set(occupant, bucket);
    bucket.left = Math.min(rate * BURST_SECONDS, bucket.left + ((room.stamp - bucket.at) / 1000) * rate);
    bucket.at = room.stamp;
    if (bucket.left < 1) return stanzaError('policy-violation', say('tooFast'), { type: 'wait' });
    bucket.left -= 1;
    return undefined;
  };
}

const ofMessages = paced(({ room }) => room.env.policy.limits.messagesPerSecond);
const ofPresence = paced(({ room }) => room.env.policy.limits.presencePerSecond);

export const pace: Feature = { name: 'pace', speak: ofMessages, changeSubject: ofMessages, whisper: ofMessages, appear: ofPresence };
