/** What concerns the service as a whole, robustness and anonymity (§11, §14, §17, §18). */
import { by, conv, examples, row, type Row } from '../row';

export const SERVICE: readonly Row[] = [
  row(
    82,
    '11.1',
    'who cannot be delivered to is out, with 333',
    examples(205, 206),
    by('service/bounces', 'after a soft bounce a session is asked once, after a delay, and stays if it answers'),
    by('e2e/survival', 'removes somebody whose connection breaks'),
  ),
  row(
    83,
    '18.1.2',
    'a silent occupant is asked whether they are there',
    by('service/bounces', 'after each attach every session is asked once, at a bounded rate; who is gone is removed'),
  ),
  row(84, '11.2', 'when the service stops for good: 332', examples(207)),
  row(85, '11.2', 'a restart is seen by nobody', by('e2e/survival', 'stops gracefully, and a restart is seen by nobody')),
  row(
    86,
    '17.4',
    'requests between occupants pass, with the JIDs of the room',
    conv('relaying', 'neither learns the other’s JID, nor the id the other uses'),
  ),
  row(
    87,
    'XEP-0410',
    'a self-ping is answered by the room',
    conv('presence', 'to one’s own occupant JID: a result; after 210 also to the nick that was asked for'),
  ),
  row(88, '14.5', 'real JIDs are for those entitled', examples(21, 23)),
  row(
    89,
    '8',
    'a new moderator is shown the JIDs that they may see from then on',
    conv('moderating', 'Examples 137, 139-140 granted by an admin; the new moderator is shown the JIDs they may see now'),
  ),
  row(90, '17.3', 'a probe is answered', conv('room-options', 'to an occupant: their presence, with the real JID for those entitled')),
  row(
    91,
    '7.2.2',
    'absent members are shown where the room says so',
    conv('broadcast', '102: from now on those with a reserved nick are shown, at once and to whoever enters'),
  ),
  row(
    92,
    '14.6',
    'bounds on how fast and how much somebody may send',
    by('link/parser', 'a stanza of exactly the limit is taken'),
    by('service/budget', 'more than twenty that wait are refused, with wait and a sentence'),
  ),
  row(
    93,
    '17.2',
    'a message to a room that is not there: item-not-found',
    conv('talking', 'from somebody outside: not-acceptable; to a room that does not exist: item-not-found'),
  ),
  row(94, '7.8', 'a mediated invitation is readable by clients that know the older form only', examples(57)),
  row(
    95,
    '18.1',
    'what visitors say can be put before the moderators',
    conv('voice', 'let through: everybody reads it as the visitor said it, with the visitor’s id, and it is archived'),
    conv('voice', 'not let through: only the sender hears of it'),
  ),
];
