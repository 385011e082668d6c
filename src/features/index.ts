/** Every feature, and the order in which they run at each stage: read here, not computed from priorities. */
import type { Policy, RoomLimits } from '../room/env';
import type { Facts, Feature, FeatureSet } from '../room/feature';
import { PEOPLE_FIELDS } from '../room/configure';
import type { DataPolicy } from '../room/data-policy';
import { ROOM_REQUESTS } from '../room/iq';
import type { RoomOptions } from '../room/options';
import { NO_BOUNDS, type Retention } from '../room/retention';
import { absenceNotices } from './absence-notices';
import { archive, isArchived } from './archive';
import { archiveAccess, archiveAccessOf } from './archive-access';
import { banned } from './banned';
import { contactInfo } from './contacts';
import { events } from './events';
import { dataPolicyFeature } from './data-policy';
import { history, historyLimit } from './history';
import { identifiers } from './identifiers';
import { invitations } from './invitations';
import { invitedMembers } from './invited-members';
import { keptRoles } from './kept-roles';
import { knownIds } from './known-ids';
import { language } from './language';
import { locked } from './locked';
import { logging } from './logging';
import { mam } from './mam';
import { markers } from './markers';
import { maxUsers } from './max-users';
import { listReaders, memberList } from './member-list';
import { visits } from './last-visits';
import { visitedFeature } from './visited';
import { isMembersOnly, membersOnly } from './members-only';
import { messageActivity } from './message-activity';
import { messageApproval } from './message-approval';
import { mentionNotices } from './mention-notices';
import { mentionPermissions } from './mention-permissions';
import { moderation } from './moderation';
import { isModerated, moderated } from './moderated';
import { nameFeature } from './name';
import { noticeQueue } from './notice-queue';
import { nickLock } from './nick-lock';
import { isOccupantListPublic, occupantList } from './occupant-list';
import { fieldsOf, onePerKey } from './one-per-key';
import { offlineDelivery } from './offline-delivery';
import { password, passwordOf } from './password';
import { isPersistent, persistent } from './persistent';
import { broadcastRoles, presenceBroadcast, showsAbsent } from './presence-broadcast';
import { privateMessages } from './private-messages';
import { isPublic, publicRoom } from './public';
import { registration } from './registration';
import { registrationApproval } from './registration-approval';
import { passesRequestsOn, requests } from './requests';
import { reservedNicks } from './reserved-nicks';
import { retentionFeature } from './retention';
import { retraction } from './retraction';
import { roomCommands } from './room-commands';
import { subject } from './subject';
import { trimFeature } from './trim';
import { vcard } from './vcard';
import { hasVoiceByDefault, mayVisitorsSendStatus, visitors } from './visitors';
import { voiceRequests } from './voice-requests';
import { isNonAnonymous, whois } from './whois';

/** What the operator says about archives. */
interface ArchiveRules extends Retention {
  /** Whether owners may trim theirs; they may unless the operator forbids it. */
  readonly ownersTrim?: boolean;
}

/** The features of this service, within the operator's limits. */
export function createFeatures(limits: RoomLimits, rules: ArchiveRules = NO_BOUNDS, policy: DataPolicy = {}): FeatureSet {
  const { feature: name, nameOf } = nameFeature(limits);
  const { feature: retained, keepOf } = retentionFeature(rules);
  // Order of the owner's form and of disco.
  const all: readonly Feature[] = [
    name,
    language,
    publicRoom,
    occupantList,
    persistent,
    membersOnly,
    memberList,
    password,
    maxUsers,
    whois,
    presenceBroadcast,
    moderated,
    visitors,
    voiceRequests,
    messageApproval,
    subject,
    invitations,
    invitedMembers,
    noticeQueue,
    privateMessages,
    requests,
    registration,
    registrationApproval,
    reservedNicks,
    nickLock,
    history,
    archive,
    mam,
    mentionNotices,
    mentionPermissions,
    archiveAccess,
    retained,
    trimFeature(rules.ownersTrim ?? true),
    retraction,
    moderation,
    roomCommands,
    logging,
    contactInfo,
    vcard,
    banned,
    identifiers,
    locked,
    keptRoles,
    absenceNotices,
    offlineDelivery,
    visits,
    visitedFeature,
    messageActivity,
    markers,
    knownIds,
    events,
    dataPolicyFeature(policy, rules),
  ];
  onePerKey(all, 'form field', fieldsOf, Object.keys(PEOPLE_FIELDS));
  // What was said, once everybody in the room has it.
  const said: readonly Feature[] = [offlineDelivery, mentionNotices, messageActivity, markers];
  return {
    all,
    // Who is banned learns nothing else about the room; a password is asked only of those who could use it.
    entry: [banned, membersOnly, password, maxUsers],
    // As for entering; the number of people in the room is no matter.
    read: [banned, membersOnly, password, archiveAccess],
    speak: [moderated, retraction, messageApproval, mentionPermissions],
    // After all that refuse.
    detain: [messageApproval, retraction],
    changeSubject: [subject, retraction],
    whisper: [privateMessages],
    appear: [nickLock, visitors],
    assignNick: [nickLock],
    roleOnEntry: [keptRoles],
    message: [invitations, voiceRequests, messageApproval, registrationApproval],
    bounced: [invitations, offlineDelivery],
    entered: [visitedFeature, invitations, invitedMembers, archiveAccess, offlineDelivery],
    joined: [voiceRequests, messageApproval, registrationApproval],
    promoted: [voiceRequests, messageApproval],
    left: [archiveAccess, voiceRequests, messageApproval, keptRoles, offlineDelivery, visits, reservedNicks, mentionNotices],
    affiliated: [
      archiveAccess,
      keptRoles,
      absenceNotices,
      registrationApproval,
      invitedMembers,
      invitations,
      offlineDelivery,
      visits,
      markers,
      knownIds,
      reservedNicks,
      mentionNotices,
      events,
    ],
    reconfigured: [keptRoles, offlineDelivery, messageActivity, markers, mentionPermissions],
    timed: [locked, invitations, noticeQueue, reservedNicks, mentionNotices],
    nodes: onePerKey(all, 'node', (feature) => feature.nodes ?? {}),
    iq: onePerKey(all, 'request', (feature) => feature.iq ?? {}, ROOM_REQUESTS),
    facts: (options: RoomOptions, policy: Policy): Facts => ({
      name: nameOf(options),
      listed: isPublic(options),
      persistent: isPersistent(options),
      membersOnly: isMembersOnly(options),
      moderated: isModerated(options),
      visitorsByDefault: isModerated(options) && !hasVoiceByDefault(options),
      visitorStatus: mayVisitorsSendStatus(options),
      jidsVisible: isNonAnonymous(options),
      history: historyLimit(options, policy.limits),
      archived: isArchived(options),
      archiveAccess: archiveAccessOf(options),
      ...keepOf(options),
      broadcast: broadcastRoles(options),
      absentShown: showsAbsent(options),
      listReaders: listReaders(options),
      occupantsPublic: isOccupantListPublic(options),
      relaysIq: passesRequestsOn(options),
      password: passwordOf(options),
      listeners: said.filter((feature) => feature.listens?.(options) ?? true),
    }),
  };
}
