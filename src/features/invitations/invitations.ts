/** Mediated invitations (§7.8.2): who may invite, what the invited get, and how declines and failures find their way back. */
import { foldFull, type BareJid, type FullJid } from '../../xmpp/fold';
import { bareOf, domainOf } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';
import { prepareJid } from '../../xmpp/prepare';
import { outgoing } from '../../xmpp/outgoing';
import { short } from '../../xmpp/short';
import { errorXml, stanzaError, type Condition, type StanzaError } from '../../xmpp/stanza-error';
import { attributes, child, childElements, escapeText, localName, namespaceOf, textOf, type Element } from '../../xmpp/xml';
import { actorOf } from '../../room/governing/admin-iq';
import { mayReadAffiliations, type Actor } from '../../room/governing/rights';
import { memberGrowthRefusal } from '../../room/governing/affiliation-limits';
import { setAffiliations } from '../../room/governing/affiliations';
import type { AffiliationChange, Feature, Order, Request } from '../../room/contract/feature';
import type { Bounce } from '../../room/contract/machine';
import { forgetTold, leaveNotice, toldRefusal } from '../../room/talking/notice-queue';
import { endWish } from '../wake-ups/wake-wishes';
import { booleanOption } from '../../room/contract/options';
import { saidReason } from '../../room/governing/reasons';
import { isAdmin, type Affiliation } from '../../room/governing/roles';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { writtenJid } from '../../room/governing/written-jid';
import { personsLanguage } from '../../room/language';
import { inWords } from '../../words';
import { invitationXml, directInvitationXml } from './invitation-xml';
import { endIfNobody, noteInvited } from './invited-members';
import { findDeclined, invitationRows, invitationsOf, pendingOf, remember, forgetInvitation } from './pending-invitations';

const membersMayInvite = booleanOption({
  var: 'muc#roomconfig_allowinvites',
  label: inWords('labelMembersInvite'),
  initial: false,
});
const inviteAffiliated = booleanOption({
  var: '{urn:parlour:room}inviteaffiliated',
  label: inWords('labelInviteAffiliated'),
  initial: false,
});

/** Invitations in one message. */
const MAX_AT_ONCE = 50;

/** Longest reason, and longest thread that goes on, in bytes: an invitation says a reason three times, for clients of three kinds. */
const MAX_REASON = 1000;
const isLong = (text: string): boolean => text.length > MAX_REASON || Buffer.byteLength(text) > MAX_REASON;

/** Whoever becomes a member by an invitation, or looks as if. */
const NO_MEMBERS = new Set<Affiliation>(['none', 'outcast']);

/** Conditions that say: there is nobody of that address. Servers answer `service-unavailable` for accounts they do not have. */
const NOBODY = new Set<Condition>([
  'gone',
  'item-not-found',
  'jid-malformed',
  'recipient-unavailable',
  'redirect',
  'remote-server-not-found',
  'service-unavailable',
]);

export const invitations: Feature = {
  name: 'invitations',
  rows: [invitationRows],
  options: [membersMayInvite, inviteAffiliated],
  commands: { invite: byCommand },
  info: ({ options }) => [
    {
      var: membersMayInvite.var,
      type: 'boolean',
      label: membersMayInvite.label,
      values: membersMayInvite.format(options.get(membersMayInvite)),
    },
  ],
  waiting: (room, { affiliation }) => (isAdmin(affiliation) ? invitationsOf(room) : []),
  message: (request) => {
    const x = child(request.stanza, 'x', NS.mucUser);
    if (!x) return 'pass';
    const invites = childElements(x).filter((element) => localName(element) === 'invite' && namespaceOf(element) === NS.mucUser);
    if (invites.length > 0) return invite(request, invites);
    const decline = child(x, 'decline', NS.mucUser);
    return decline ? declined(request, decline) : 'pass';
  },
  bounced,
  // Whoever has come can be invited again the same day.
  entered: (room, turn, { jid }) => {
    for (const { inviter } of pendingOf(room, jid)) forgetTold(room, turn, { kind: 'invitation', jid, inviter });
  },
  affiliated: inviteMember,
};

/** Everything is checked first; then each is invited. Returns the refusal, if any. */
function invite({ room, turn, stanza, from }: Request, invites: readonly Element[]): StanzaError | undefined {
  const actor = actorOf(room, from);
  const refusal = mayInvite(room, actor);
  if (refusal) return refusal;
  if (invites.length > MAX_AT_ONCE) return stanzaError('policy-violation', inWords('invitesMany', { max: MAX_AT_ONCE }));
  // Who is banned is told to those only who may read that list; to others an invitation that nobody gets looks like any other.
  const seesBans = mayReadAffiliations(room, actor, 'outcast');
  const invitees: { jid: FullJid; element: Element }[] = [];
  for (const element of invites) {
    const raw = (element.attrs['to'] as string | undefined) ?? '';
    const jid = prepareJid(raw) ?? writtenJid(room, raw);
    if (jid === undefined || !jid.includes('@')) return stanzaError('jid-malformed', inWords('itemJid', { jid: short(raw) }));
    // Nobody has an account under the service's own domain, and rooms are not invited.
    if (domainOf(jid) === domainOf(room.jid)) return stanzaError('item-not-found', inWords('inviteeOccupant'));
    if (bareOf(jid) === bareOf(from)) return stanzaError('not-allowed', inWords('inviteeSelf'));
    if (seesBans && room.affiliationOf(jid) === 'outcast') return stanzaError('not-allowed', inWords('inviteeBanned'));
    const reason = child(element, 'reason', NS.mucUser);
    if (reason && isLong(textOf(reason))) return stanzaError('not-acceptable', inWords('inviteReasonLong', { max: MAX_REASON }));
    const thread = child(element, 'continue', NS.mucUser)?.attrs['thread'] as string | undefined;
    if (thread !== undefined && isLong(thread)) return stanzaError('not-acceptable', inWords('inviteThreadLong', { max: MAX_REASON }));
    invitees.push({ jid, element });
  }
  const many = toldRefusal(
    room,
    turn,
    bareOf(from),
    invitees.map(({ jid }) => bareOf(jid)),
  );
  if (many) return many;
  if (room.facts.membersOnly) {
    const strangers = invitees.map(({ jid }) => bareOf(jid)).filter((jid) => NO_MEMBERS.has(room.affiliationOf(jid)));
    const full = memberGrowthRefusal(room, strangers);
    if (full) return full;
  }
  for (const { jid, element } of invitees) {
    const id = (stanza.attrs['id'] as string | undefined) ?? null;
    const address = stanza.attrs['from'] as string;
    remember(room, turn, jid, { inviter: bareOf(from), address, nick: actor.nick ?? null, id, at: turn.stamp, asked: true });
    admit(room, turn, actor, bareOf(jid));
    const reason = child(element, 'reason', NS.mucUser);
    const inner = invitationXml(room, actor, reason && textOf(reason), child(element, 'continue', NS.mucUser));
    const cause = { kind: 'invitation', jid: bareOf(jid), inviter: bareOf(from) } as const;
    leaveNotice(room, turn, { to: [jid], rest: `${attributes({ id })}>${inner}</message>`, cause });
  }
  return undefined;
}

/** §9.5: an invitation into a members-only room makes the invited a member; into an open one it MUST NOT. */
function admit(room: RoomState, turn: Turn, actor: Actor, jid: BareJid): void {
  if (!room.facts.membersOnly || room.affiliationOf(jid) !== 'none') return;
  setAffiliations(room, turn, actor, [{ jid, affiliation: 'member' }])();
  noteInvited(room, turn, jid);
}

/** One invitation, by whoever may; nobody waits for what comes of it. Of somebody with no address it comes from the room. */
function byCommand({ room, turn, actor, command: { jid, reason } }: Order<'invite'>): StanzaError | undefined {
  const refusal = mayInvite(room, actor);
  if (refusal) return refusal;
  if (!jid.includes('@')) return stanzaError('jid-malformed', inWords('itemJid', { jid: short(jid) }));
  if (domainOf(jid) === domainOf(room.jid)) return stanzaError('item-not-found', inWords('inviteeOccupant'));
  if (jid === actor.jid) return stanzaError('not-allowed', inWords('inviteeSelf'));
  if (mayReadAffiliations(room, actor, 'outcast') && room.affiliationOf(jid) === 'outcast')
    return stanzaError('not-allowed', inWords('inviteeBanned'));
  if (reason !== undefined && isLong(reason)) return stanzaError('not-acceptable', inWords('inviteReasonLong', { max: MAX_REASON }));
  const inviter = actor.jid ?? room.jid;
  const isNew = room.facts.membersOnly && NO_MEMBERS.has(room.affiliationOf(jid));
  const full = toldRefusal(room, turn, inviter, [jid]) ?? (isNew ? memberGrowthRefusal(room, [jid]) : undefined);
  if (full) return full;
  if (actor.jid !== null)
    remember(room, turn, jid, { inviter, address: inviter, nick: actor.nick ?? null, id: null, at: turn.stamp, asked: true });
  const cause = { kind: 'invitation', jid, inviter } as const;
  leaveNotice(room, turn, { to: [jid], rest: `>${invitationXml(room, actor, reason, undefined)}</message>`, cause });
  // Behind it, since a member who is made gets one otherwise.
  admit(room, turn, actor, jid);
  return undefined;
}

/** Whoever is in, or belongs to the room, may invite; into a members-only room admins, and members if the room allows it (§7.8.2, §9.5). */
function mayInvite(room: RoomState, { role, affiliation }: Actor): StanzaError | undefined {
  if (role === 'none' && (affiliation === 'none' || affiliation === 'outcast'))
    return stanzaError('not-acceptable', inWords('notOccupant'));
  if (!room.facts.membersOnly || isAdmin(affiliation)) return undefined;
  return affiliation === 'member' && room.options.get(membersMayInvite) ? undefined : stanzaError('forbidden', inWords('mayNotInvite'));
}

/** Tells the inviter of the decline, in the room or outside. Returns the refusal, if any. */
function declined({ room, turn, stanza, from }: Request, decline: Element): StanzaError | undefined {
  const jid = bareOf(from);
  const to = (decline.attrs['to'] as string | undefined)?.trim();
  const invitation = findDeclined(room, jid, to === undefined ? undefined : foldFull(to));
  if (!invitation) return stanzaError('item-not-found', inWords('noInvitation'));
  forgetInvitation(room, turn, jid, invitation.inviter);
  endWish(room, turn, jid);
  forgetTold(room, turn, { kind: 'invitation', jid, inviter: invitation.inviter });
  const reason = child(decline, 'reason', NS.mucUser);
  const inner = reason ? `<reason>${escapeText(saidReason(textOf(reason)))}</reason>` : '';
  const xml = `<x xmlns="${NS.mucUser}"><decline${attributes({ from: jid })}>${inner}</decline></x>`;
  const present = room.occupants.session(foldFull(invitation.address)) !== undefined;
  turn.say(outgoing('message', room.jid, present ? invitation.address : invitation.inviter, { id: stanza.attrs['id'] as string }, xml));
  return undefined;
}

/** An invitation came back: who asked for it is told, and nobody else (§7.8.2: `item-not-found` if there is no such JID). */
function bounced(room: RoomState, turn: Turn, bounce: Bounce): boolean {
  const { jid, nick, condition } = bounce;
  // Invitations come from the room.
  if (nick !== undefined) return false;
  const invitee = bareOf(jid);
  const pending = pendingOf(room, invitee);
  const ended = pending.length > 0 && endIfNobody(room, turn, invitee, bounce);
  for (const { inviter, address, id, asked } of pending) {
    forgetInvitation(room, turn, invitee, inviter);
    forgetTold(room, turn, { kind: 'invitation', jid: invitee, inviter });
    if (!asked) continue;
    const nobody = NOBODY.has(condition);
    const error = nobody
      ? stanzaError('item-not-found', inWords(ended ? 'inviteeEnded' : 'inviteeUnknown', { jid: invitee }))
      : stanzaError(condition, inWords('inviteeFailed', { jid: invitee }));
    const echo = `<x xmlns="${NS.mucUser}"><invite${attributes({ to: invitee })}/></x>`;
    turn.say(
      outgoing('message', room.jid, address, { type: 'error', id }, echo + errorXml(error, room.jid, personsLanguage(room, inviter))),
    );
  }
  return pending.length > 0;
}

/** Whoever is made a member of a members-only room gets an invitation (§9.5 SHOULD); of another room, if it wants that (XEP-0249). */
function inviteMember({ room, turn, jid, before, after, present, actor, ...change }: AffiliationChange): void {
  const gains = (before === 'none' || before === 'outcast') && after !== 'none' && after !== 'outcast';
  if (!gains || present || room.locked || actor.jid === jid || !jid.includes('@')) return;
  // By an invitation, which goes out by itself.
  if (pendingOf(room, jid).some(({ at, asked }) => asked && at === turn.stamp)) return;
  const reason = change.reason !== undefined && isLong(change.reason) ? undefined : change.reason;
  const cause = { kind: 'invitation', jid, inviter: actor.jid ?? room.jid } as const;
  if (room.facts.membersOnly) {
    if (actor.jid !== null)
      remember(room, turn, jid, {
        inviter: actor.jid,
        address: actor.jid,
        nick: actor.nick ?? null,
        id: null,
        at: turn.stamp,
        asked: false,
      });
    leaveNotice(room, turn, { to: [jid], rest: `>${invitationXml(room, actor, reason, undefined)}</message>`, cause });
  } else if (room.options.get(inviteAffiliated)) {
    leaveNotice(room, turn, { to: [jid], rest: `>${directInvitationXml(room, actor, reason)}</message>`, cause });
  }
}
