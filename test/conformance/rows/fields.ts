/** The fields of the owner's form (§16.5.3), each with the test that shows what it does. */
import { by, conv, examples, row, type Row } from '../row';

const TYPES = by('room/options', '%s with %j comes to %j');

export const FIELDS: readonly Row[] = [
  row(
    'muc#maxhistoryfetch',
    '7.2.14',
    'how many messages somebody who enters gets at most',
    by('room/history', 'nobody gets more than the room gives'),
    TYPES,
  ),
  row(
    'muc#roomconfig_allowpm',
    '7.5',
    'who may send private messages',
    conv('talking', 'muc#roomconfig_allowpm: forbidden to those it leaves out'),
    TYPES,
  ),
  row(
    'muc#roomconfig_allowinvites',
    '7.8.2',
    'members may invite too',
    examples(135),
    conv('inviting', '…unless the room lets members invite: then the invited becomes a member'),
  ),
  row(
    'muc#roomconfig_changesubject',
    '8.1',
    'participants may change the subject',
    conv('talking', 'muc#roomconfig_changesubject lets participants, but not visitors'),
  ),
  row('muc#roomconfig_enablelogging', '7.2.12', 'what is said is published', examples(32, 171)),
  row(
    'muc#roomconfig_getmemberlist',
    '7.11',
    'who inside may read the member list',
    conv('room-options', 'in a non-anonymous room the roles that the option names'),
  ),
  row('muc#roomconfig_lang', '6.4', 'the language', examples(10), TYPES),
  row(
    'muc#roomconfig_pubsub',
    '6.4',
    'a publish-subscribe node that belongs to the room',
    conv('owning', '§6.4 muc#roomconfig_pubsub is told in muc#roominfo'),
  ),
  row('muc#roomconfig_maxusers', '7.2.9', 'how many may be in', examples(30), TYPES),
  row('muc#roomconfig_membersonly', '7.2.6', 'only members may enter', examples(27), TYPES),
  row(
    'muc#roomconfig_moderatedroom',
    '7.4',
    'only those with voice may speak',
    conv('talking', 'a visitor in a moderated room: forbidden, and nobody gets it'),
  ),
  row('muc#roomconfig_passwordprotectedroom', '7.2.5', 'a password is needed', examples(25, 161)),
  row('muc#roomconfig_roomsecret', '7.2.5', 'which', examples(26)),
  row(
    'muc#roomconfig_persistentroom',
    '7.14',
    'the room outlives its last occupant',
    conv('presence', 'a persistent room stays, with its owner'),
    conv('presence', 'a temporary room ends with its last occupant; the next who comes creates it anew'),
  ),
  row(
    'muc#roomconfig_presencebroadcast',
    '7.2.2',
    'the presence of which roles is told to others',
    conv('broadcast', 'enters: sees the others and themselves, the others see nothing'),
    conv('broadcast', '104; who comes into sight is shown, who goes out of it is gone'),
  ),
  row(
    'muc#roomconfig_publicroom',
    '6.3',
    'the room is in the list of rooms',
    by('e2e/conversations/finding', 'lists public rooms, page by page if asked, and leaves hidden ones out (§6.3, XEP-0059)'),
  ),
  row('muc#roomconfig_roomadmins', '10.2', 'the admins', examples(167, 168)),
  row('muc#roomconfig_roomowners', '10.2', 'the owners', examples(169, 170)),
  row('muc#roomconfig_roomdesc', '6.4', 'the description', examples(10)),
  row('muc#roomconfig_roomname', '6.4', 'the name', examples(9), TYPES),
  row(
    'muc#roomconfig_whois',
    '14.5',
    'who may see real JIDs',
    examples(23),
    conv('owning', 'to non-anonymous: 172, and everybody is shown the JIDs'),
    TYPES,
  ),
];
