/** Every feature, and the order in which they run at each stage: read here, not computed from priorities. */
import type { Policy, RoomLimits } from '../room/contract/env';
import type { Facts } from '../room/contract/facts';
import type { CarryOut, CheckStage, Feature } from '../room/contract/feature';
import type { FeatureSet } from '../room/contract/feature-set';
import { PEOPLE_FIELDS } from '../room/configuring/configure';
import { PRESET_FIELD } from '../room/configuring/presets';
import type { DataPolicy } from './data-policy';
import { erasing } from './erasing/erasing';
import { formerNames } from '../room/configuring/former-names';
import { capsRows } from '../room/occupants/room-presence';
import { OWN_COMMANDS } from '../room/contract/commands';
import { ROOM_REQUESTS } from '../room/iq';
import type { RoomOptions } from '../room/contract/options';
import { bitsOf } from '../room/contract/feature-values';
import type { RowDeclaration } from '../room/contract/row-declaration';
import { NO_BOUNDS, type Retention } from '../room/configuring/retention';
import { absenceNotices } from './invitations/absence-notices';
import { archive, isArchived } from './archive/archive';
import { archiveAccess, archiveAccessOf } from './archive/archive-access';
import { banned } from './entry/banned';
import { bookmarks } from './bookmarks';
import { contactInfo } from './contacts';
import { timedAffiliations } from './ends/timed-affiliations';
import { events } from './affiliation-messages';
import { dataPolicyFeature } from './room-data-policy';
import { firstNicks } from './registration/first-nicks';
import { hatsFeature } from './hats/hats';
import { history, historyLimit } from './archive/history-limit';
import { identifiers } from './identifiers';
import { invitations } from './invitations/invitations';
import { invitedMembers } from './invitations/invited-members';
import { keptRoles } from './voice/kept-roles';
import { knownIds } from './archive/known-ids';
import { language, languageOf, languageTagOf } from './room-language';
import { isPassing } from '../room/kept-rows';
import { lifetimes } from './expiring-rows';
import { locked } from './entry/never-configured';
import { areListsVersioned, listVersions } from './member-list-versions';
import { logging } from './logging';
import { mam } from './archive/mam';
import { markers } from './archive/markers';
import { maxUsers } from './entry/max-users';
import { listReaders, memberList } from './entry/member-list';
import { visits } from './noting-visits';
import { visitedFeature } from './noting-visitors';
import { isMembersOnly, membersOnly } from './entry/members-only';
import { messageActivity } from './message-activity';
import { messageApproval } from './voice/message-approval';
import { mentionNotices } from './mentions/mention-notices';
import { mentionPermissions } from './mentions/mention-permissions';
import { moderation } from './retraction/moderation';
import { isModerated, moderated } from './voice/moderated';
import { nameFeature } from './name';
import { noticeQueue } from './invitations/sending-notices';
import { nickLock } from './registration/nick-lock';
import { isOccupantListPublic, occupantList } from './occupant-list';
import { FeatureClash, fieldsOf, onePerKey, rowsOf } from './one-per-key';
import { posting } from './posting/posting';
import { password, passwordOf } from './entry/password';
import { isPersistent, persistent } from './persistent';
import { broadcastRoles, presenceBroadcast, showsAbsent } from './presence-broadcast';
import { privateMessages } from './private-messages';
import { isPublic, publicRoom } from './public';
import { registration } from './registration/registering';
import { registrationApproval } from './registration/registration-approval';
import { passesRequestsOn, requests } from './requests';
import { reservedNicks } from './registration/reserving-nicks';
import { retentionFeature } from './archive/archive-bounds';
import { retraction } from './retraction/retraction';
import { channelOf, search } from './search';
import { roomCommandsFeature } from './commands/room-commands';
import { muting } from './restraints/mutes';
import { newcomers } from './restraints/newcomers';
import { slowMode } from './restraints/slow-mode';
import { warning } from './restraints/warnings';
import { subject } from './changing-subject';
import { trimFeature } from './archive/trim';
import { vcard } from './vcard';
import { hasVoiceByDefault, mayVisitorsSendStatus, visitors } from './voice/visitors';
import { voiceRequests } from './voice/voice-requests';
import { wakeUps } from './wake-ups/wake-ups';
import { isNonAnonymous, whois } from './whois';

/** What the operator says about archives. */
interface ArchiveRules extends Retention {
  /** Whether owners may trim theirs; they may unless the operator forbids it. */
  readonly ownersTrim?: boolean;
}

/** What rooms keep by themselves, with no feature to it. */
const OWN_ROWS: Readonly<Record<string, RowDeclaration>> = rowsOf({ rows: [formerNames, capsRows] });

/**
 * The features of this service, within the operator's limits. `plugins`: those from outside, in the operator's order; at each stage they stand behind the
 * built-in ones, unless they name their place. Throws FeatureClash.
 */
export function createFeatures(
  limits: RoomLimits,
  rules: ArchiveRules = NO_BOUNDS,
  policy: DataPolicy = {},
  plugins: readonly Feature[] = [],
): FeatureSet {
  const { feature: name, nameOf, descriptionOf } = nameFeature(limits);
  const { feature: retained, keepOf } = retentionFeature(rules);
  // Order of the owner's form and of disco.
  const all: readonly Feature[] = [
    name,
    language,
    publicRoom,
    search,
    occupantList,
    persistent,
    membersOnly,
    memberList,
    listVersions,
    password,
    maxUsers,
    whois,
    presenceBroadcast,
    moderated,
    visitors,
    voiceRequests,
    messageApproval,
    slowMode,
    muting,
    newcomers,
    warning,
    hatsFeature,
    subject,
    invitations,
    invitedMembers,
    noticeQueue,
    privateMessages,
    requests,
    posting,
    registration,
    registrationApproval,
    reservedNicks,
    nickLock,
    firstNicks,
    history,
    archive,
    mam,
    mentionNotices,
    wakeUps,
    mentionPermissions,
    archiveAccess,
    retained,
    trimFeature(rules.ownersTrim ?? true),
    retraction,
    moderation,
    roomCommandsFeature(plugins),
    logging,
    contactInfo,
    vcard,
    banned,
    timedAffiliations,
    identifiers,
    locked,
    lifetimes,
    keptRoles,
    absenceNotices,
    bookmarks,
    visits,
    visitedFeature,
    messageActivity,
    markers,
    knownIds,
    events,
    erasing,
    dataPolicyFeature(policy, rules),
    ...plugins,
  ];
  onePerKey(all, 'form field', fieldsOf, [PRESET_FIELD, ...Object.keys(PEOPLE_FIELDS)]);
  const their = (hook: keyof Feature): readonly Feature[] => plugins.filter((feature) => feature[hook] !== undefined);
  const checks = (stage: CheckStage, hook: keyof Feature, own: readonly Feature[]): readonly Feature[] => placed(stage, own, their(hook));
  const speak = checks('speak', 'speak', [muting, newcomers, moderated, slowMode, retraction, messageApproval, mentionPermissions]);
  const lapsing: readonly Feature[] = [muting, newcomers, warning];
  // What was said, once everybody in the room has it.
  const said: readonly Feature[] = [slowMode, wakeUps, mentionNotices, messageActivity, markers, ...their('said')];
  return {
    all,
    // Who is banned learns nothing else about the room; a password is asked only of those who could use it.
    entry: checks('entry', 'enter', [banned, membersOnly, password, maxUsers]),
    // As for entering; the number of people in the room is no matter.
    read: [banned, membersOnly, password, archiveAccess, ...their('read')],
    speak,
    // After all that refuse.
    detain: [slowMode, messageApproval, retraction],
    changeSubject: [subject, retraction],
    whisper: checks('whisper', 'whisper', [privateMessages]),
    appear: checks('appear', 'appear', [nickLock, visitors]),
    beforeAffiliation: their('beforeAffiliation'),
    beforeRole: their('beforeRole'),
    addToPresence: [hatsFeature, ...their('addToPresence')],
    addToMessage: their('addToMessage'),
    assignNick: [nickLock],
    silences: [muting, newcomers],
    roleOnEntry: [hatsFeature, keptRoles],
    message: [invitations, voiceRequests, messageApproval, registrationApproval],
    bounced: [wakeUps, invitations],
    told: [bookmarks, wakeUps],
    entered: [visitedFeature, firstNicks, newcomers, warning, invitations, invitedMembers, archiveAccess, wakeUps, ...their('entered')],
    joined: [voiceRequests, messageApproval, registrationApproval, wakeUps],
    appeared: [wakeUps],
    promoted: [voiceRequests, messageApproval],
    roleGiven: [muting, newcomers],
    lapsing,
    lapsingBits: bitsOf(lapsing.flatMap((feature) => Object.keys(rowsOf(feature)))),
    left: [archiveAccess, voiceRequests, messageApproval, keptRoles, wakeUps, visits, reservedNicks, ...their('left')],
    affiliated: [
      archiveAccess,
      keptRoles,
      muting,
      newcomers,
      hatsFeature,
      absenceNotices,
      registrationApproval,
      invitedMembers,
      invitations,
      bookmarks,
      wakeUps,
      visits,
      markers,
      knownIds,
      reservedNicks,
      firstNicks,
      events,
      ...their('affiliated'),
    ],
    listedAgain: [invitedMembers],
    reconfigured: [
      listVersions,
      keptRoles,
      firstNicks,
      slowMode,
      newcomers,
      messageActivity,
      markers,
      mentionPermissions,
      vcard,
      ...their('reconfigured'),
    ],
    created: their('created'),
    ended: [bookmarks, ...their('ended')],
    buried: their('buried'),
    renamed: [bookmarks, ...their('renamed')],
    timed: [
      locked,
      timedAffiliations,
      muting,
      newcomers,
      warning,
      lifetimes,
      wakeUps,
      bookmarks,
      noticeQueue,
      registrationApproval,
      messageApproval,
      voiceRequests,
      ...their('due'),
    ],
    passing: new Map(
      all.flatMap((feature) => (feature.rows ?? []).filter(isPassing).map((declaration) => [declaration, feature] as const)),
    ),
    rows: new Map([...onePerKey(all, 'name of rows', rowsOf, Object.keys(OWN_ROWS)), ...Object.entries(OWN_ROWS)]),
    nodes: onePerKey(all, 'node', (feature) => feature.nodes ?? {}),
    commands: onePerKey(all, 'command', (feature) => (feature.commands ?? {}) as Readonly<Record<string, CarryOut<never>>>, OWN_COMMANDS),
    reserved: new Set(
      onePerKey(all, 'payload', (feature) => Object.fromEntries((feature.reserves ?? []).map((key) => [key, true]))).keys(),
    ),
    iq: onePerKey(all, 'request', (feature) => feature.iq ?? {}, ROOM_REQUESTS),
    facts: sharedFacts((options: RoomOptions, policy: Policy): Facts => ({
      name: nameOf(options),
      language: languageOf(options),
      listed: isPublic(options),
      channel: channelOf(options, () => ({
        name: nameOf(options),
        description: descriptionOf(options),
        language: languageTagOf(options),
        open: !isMembersOnly(options) && passwordOf(options) === undefined,
        nonAnonymous: isNonAnonymous(options),
      })),
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
      listVersions: areListsVersioned(options),
      occupantsPublic: isOccupantListPublic(options),
      relaysIq: passesRequestsOn(options),
      password: passwordOf(options),
      judges: speak.filter((feature) => feature.judges?.(options) ?? true),
      listeners: said.filter((feature) => feature.listens?.(options) ?? true),
    })),
  };
}

/** Configurations whose facts are kept at most. */
const MOST_FACTS = 1_000;

/** Rooms that are configured alike share what that comes to: a thousand copies of it would be in no cache, and each message needs it. */
function sharedFacts(make: FeatureSet['facts']): FeatureSet['facts'] {
  const known = new Map<string, Facts>();
  let latest: Policy | undefined;
  return (options, policy) => {
    if (policy !== latest || known.size >= MOST_FACTS) known.clear();
    latest = policy;
    const configuration = options.toJson();
    const facts = known.get(configuration) ?? make(options, policy);
    known.set(configuration, facts);
    return facts;
  };
}

/** The checks of a stage with those from outside at their places. */
function placed(stage: CheckStage, own: readonly Feature[], others: readonly Feature[]): readonly Feature[] {
  const order = [...own];
  for (const feature of others) {
    const after = feature.after?.[stage];
    const place = after === undefined ? order.length - 1 : order.findIndex(({ name }) => name === after || name === `plug-in ${after}`);
    if (after !== undefined && place < 0) {
      const names = order.map(({ name }) => name.replace(/^plug-in /, '')).join(', ');
      throw new FeatureClash(`"${feature.name}" wants its place after "${after}", which checks nothing there. Name one of: ${names}.`);
    }
    order.splice(place + 1, 0, feature);
  }
  return order;
}
