/** What a service does for those who are in (§7.3-7.14). */
import { conv, examples, row, type Row } from '../row';

export const INSIDE: readonly Row[] = [
  row(
    34,
    '7.4',
    'a message is said to all, its sender included, unchanged',
    examples(44, 45),
    conv('talking', 'a body in any script, mark-up characters and unknown extensions pass unchanged'),
  ),
  row(
    35,
    '7.4',
    'a message from outside: not-acceptable',
    conv('talking', 'from somebody outside: not-acceptable; to a room that does not exist: item-not-found'),
  ),
  row(
    36,
    '7.4',
    'a visitor’s in a moderated room: forbidden',
    conv('talking', 'a visitor in a moderated room: forbidden, and nobody gets it'),
  ),
  row(37, '7.5', 'a private message reaches all sessions of one, marked with muc#user', examples(46, 47)),
  row(38, '7.5', 'to nobody: item-not-found; as groupchat: bad-request', examples(48)),
  row(39, '7.6', 'a change of nickname: 303, then the new one', examples(49, 50)),
  row(
    40,
    '7.6',
    'visitors can be barred from new nicknames and status texts',
    conv('roles', 'change their nick, unless it is switched off: forbidden, from the nick that was asked for'),
    conv('roles', 'send a status text, unless it is switched off: forbidden; plain availability stays allowed'),
  ),
  row(41, '7.7', 'availability goes to all, without what only the room may say', examples(54, 55)),
  row(42, '7.8.2', 'mediated invitations', examples(56, 57, 213, 215, 217)),
  row(43, '7.8.2', 'into a members-only room they make members, and not everybody may send them', examples(134, 135)),
  row(44, '7.8.2', 'who declines is heard by who invited', examples(58, 59)),
  row(
    45,
    '7.8.2',
    'an invitation that cannot be delivered is told to who sent it',
    conv('inviting', 'a failed invitation is told to the inviter alone: item-not-found if there is nobody, also after a restart'),
  ),
  row(
    46,
    '7.8.1',
    'direct invitations go past the room and change nothing in it',
    conv('entering', '§7.8.1 a direct invitation makes nobody a member: who follows one into a members-only room is refused'),
  ),
  row(47, '7.9', 'a talk of two becomes a room, with what was said', examples(61, 62, 63, 64, 65)),
  row(48, '7.10', 'registration', examples(66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76)),
  row(49, '9.9', 'registrations can be put before the admins', examples(151)),
  row(
    50,
    '7.11',
    'who may read the member list',
    conv('granting', '§7.11 the member list is for everybody inside where real JIDs are seen anyway, else for admins'),
    conv('room-options', 'in a non-anonymous room the roles that the option names'),
    conv('room-options', 'in a semi-anonymous room none but admins: it names real JIDs'),
  ),
  row(51, '7.13', 'voice is asked for and granted by form', examples(79, 108, 109)),
  row(52, '7.14', 'leaving: role none, a last word, 110 to oneself', examples(80, 81, 82, 83)),
];
