/** The errors of §7.2.17, §7.4 and §7.5, each with a test in which a client gets it. */
import { conv, examples, row, type Row } from '../row';

const OUTSIDE = conv('talking', 'from somebody outside: not-acceptable; to a room that does not exist: item-not-found');

export const ERRORS: readonly Row[] = [
  row('not-authorized', '7.2.5', 'no password or a wrong one', examples(25)),
  row('forbidden (entry)', '7.2.7', 'banned', examples(28)),
  row('item-not-found (entry)', '7.2.10', 'locked, or not there', examples(31)),
  row('not-allowed', '10.1.1', 'creation is restricted', examples(152)),
  row('not-acceptable (entry)', '7.2.8, 7.6', 'another nickname is reserved and must be used', examples(53)),
  row('registration-required', '7.2.6', 'no member', examples(27)),
  row(
    'conflict',
    '7.2.8',
    'the nickname is somebody else’s',
    examples(29),
    conv('entering', '§7.2.8 a nickname that is reserved: conflict'),
  ),
  row('service-unavailable', '7.2.9', 'full', examples(30)),
  row('jid-malformed', '7.2.1', 'no nickname', examples(19)),
  row('not-acceptable (message)', '7.4', 'a message to all from outside', OUTSIDE),
  row('bad-request', '7.5', 'a groupchat message to one', examples(48)),
  row('item-not-found (message)', '17.2', 'a message to a room that is not there', OUTSIDE),
  row('forbidden (message)', '7.4', 'no voice', conv('talking', 'a visitor in a moderated room: forbidden, and nobody gets it')),
  row(
    'forbidden (private message)',
    '7.5',
    'private messages are not allowed for them',
    conv('talking', 'muc#roomconfig_allowpm: forbidden to those it leaves out'),
  ),
  row('item-not-found (private message)', '7.5', 'to a nickname that nobody has', examples(48)),
];
