/** Every feature, and the order in which they run at each stage: read here, not computed from priorities. */
import type { Policy, RoomLimits } from '../room/env';
import type { Facts, FeatureSet } from '../room/feature';
import type { RoomOptions } from '../room/options';
import { banned } from './banned';
import { history, historyLimit } from './history';
import { identifiers } from './identifiers';
import { language } from './language';
import { logging } from './logging';
import { maxUsers } from './max-users';
import { isMembersOnly, membersOnly } from './members-only';
import { isModerated, moderated } from './moderated';
import { nameFeature } from './name';
import { password } from './password';
import { isPersistent, persistent } from './persistent';
import { privateMessages } from './private-messages';
import { isPublic, publicRoom } from './public';
import { subject } from './subject';
import { isNonAnonymous, whois } from './whois';

/** The features of this service, within the operator's limits. */
export function createFeatures(limits: RoomLimits): FeatureSet {
  const { feature: name, nameOf } = nameFeature(limits);
  return {
    // Order of the owner's form and of disco.
    all: [
      name,
      language,
      publicRoom,
      persistent,
      membersOnly,
      password,
      maxUsers,
      whois,
      moderated,
      subject,
      privateMessages,
      history,
      logging,
      banned,
      identifiers,
    ],
    // Who is banned learns nothing else about the room; a password is asked only of those who could use it.
    entry: [banned, membersOnly, password, maxUsers],
    speak: [moderated],
    changeSubject: [subject],
    whisper: [privateMessages],
    facts: (options: RoomOptions, policy: Policy): Facts => ({
      name: nameOf(options),
      listed: isPublic(options),
      persistent: isPersistent(options),
      membersOnly: isMembersOnly(options),
      moderated: isModerated(options),
      jidsVisible: isNonAnonymous(options),
      history: historyLimit(options, policy.limits),
    }),
  };
}
