/** What ends by itself, and who posts without being in the room: not in XEP-0045, and done with what it has. */
import { conv, row, type Row } from '../row';

export const LIMITS: readonly Row[] = [
  row(
    96,
    '9.1',
    'a ban with an end: refused until then, and told until when (not in XEP-0045)',
    conv('timed-affiliations', 'who comes back before its end is told when that is, in their language; afterwards they come in'),
    conv('timed-affiliations', 'clients that ban as they always did (§9.1 Example 106) take the end away'),
  ),
  row(
    97,
    '10.6',
    'who was given a higher affiliation for a time has the former one again, told as if somebody had changed it',
    conv(
      'timed-affiliations',
      '§10.6, §10.7: an admin for a day is a member again, as if somebody had changed it: presence for all, an act of the room itself',
    ),
    conv('timed-affiliations', '§9.4: a member for a day is put out of a members-only room with 321, and is told why'),
    conv('timed-affiliations', '§10.4: an owner with an end is not one who stays: the last lasting one can neither go nor get an end'),
  ),
  row(
    98,
    '7.4',
    'a program posts under a name that is kept for it, without presence (not in XEP-0045)',
    conv(
      'posting',
      'XEP-0045 §7.4, XEP-0421, XEP-0359: what it says is groupchat from room/NAME without presence, with the occupant-id of the token and a stanza-id',
    ),
    conv('posting', '§7.2.8: nobody else comes in as %s while the token lives'),
    conv('posting', '%s to it is item-not-found'),
  ),
  row(
    99,
    'XEP-0500 §3',
    'slow mode: so many seconds between two messages of one account',
    conv('slow-mode', '§3.3: the second message within the time is refused, and nobody else gets it; after the time it is said'),
    conv('slow-mode', '§6: it is by account: another session and another nickname make no difference, also after a restart'),
    conv('slow-mode', '§3.3: admins and owners are never slowed; a moderator who is neither is'),
    conv('slow-mode', '§3.1, §3.2: the field of the form is a whole number, 104 tells of a change, and disco#info has the duration'),
  ),
  row(
    100,
    '8.4',
    'a mute with an end: no voice until then, and told until when (not in XEP-0045)',
    conv('mutes', '§8.4: everybody sees that they have no voice; they are told until when, at once and when they speak'),
    conv('mutes', 'at its end they have voice again, as if a moderator had given it, and an act of the room says so'),
  ),
  row(
    101,
    '5.1.2',
    'newcomers have no voice at first (not in XEP-0045)',
    conv('mutes', 'who comes for the first time listens for so long, and is told until when; then they have voice'),
  ),
  row(
    102,
    'XEP-0317 §2-3.1',
    'hats: discovered with a hash of their list, shown in presence by the room alone',
    conv('hats', 'the feature is there, and a hash in muc#roominfo once there are hats: another for another list'),
    conv(
      'hats',
      'what a client says of hats goes no further; what the room says is shown to all, also to who comes later and after a restart',
    ),
  ),
  row(
    103,
    'XEP-0317 §3.2-3.7',
    'hats are made, changed, destroyed, assigned, taken and listed by ad-hoc commands',
    conv('hats', 'the form, filled in behind it, and 104 to all'),
    conv('hats', 'an update of what somebody wears is shown'),
    conv('hats', 'nobody wears it any more, which is shown; what there is not cannot be destroyed'),
    conv('hats', 'the hats, to those inside'),
    conv('hats', 'who wears which, only to those who may see real JIDs'),
    conv('hats', 'the form offers the hats; all are shown, the wearer too; then it is taken away'),
  ),
  row(
    104,
    '5.1',
    'a hat sets the role of who wears it, and never an affiliation (not in XEP-0317)',
    conv('hats', 'a moderator as long as it is worn: at once, at the next entry, not after it was taken or destroyed; no affiliation'),
    conv('hats', 'a mute is stronger; at its end the role is there'),
    conv('hats', 'whoever loses their affiliation loses their hats'),
  ),
  row(
    105,
    '10.1.3',
    'a kind of room by one word, within the whole form as clients send it (not in XEP-0045)',
    conv('presets', '%s: what still has the value that the form showed does not count'),
    conv('presets', 'one that differs overrides the preset'),
    conv('presets', 'who is added gets one invitation, also if they are added again or given more'),
  ),
];
