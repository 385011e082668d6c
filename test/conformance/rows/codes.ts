/** The status codes (§16.6.2), each with a test in which a client gets it. */
import { conv, examples, row, type Row } from '../row';

const CONFIGURED = conv('owning', '§10.2.1 Example 171 104 for what is no privacy matter; 170-173 for what is');

export const CODES: readonly Row[] = [
  row(100, '7.2.3', 'everybody sees real JIDs here', examples(24)),
  row(
    101,
    '18.1',
    'your affiliation changed while you were out',
    conv('inviting', '§18.1 status 101 is a message to the bare JID, with the reason and without a body'),
  ),
  row(
    102,
    '10.2.1',
    'absent members are shown',
    conv('broadcast', '102: from now on those with a reserved nick are shown, at once and to whoever enters'),
  ),
  row(103, '10.2.1', 'absent members are not shown', conv('broadcast', '103: from now on they are not')),
  row(104, '10.2.1', 'the configuration changed', CONFIGURED),
  row(110, '7.2.2', 'this is you', examples(21)),
  row(170, '7.2.12', 'what is said is published', examples(32), CONFIGURED),
  row(171, '10.2.1', 'and not any more', CONFIGURED),
  row(172, '10.2.1', 'the room is non-anonymous now', CONFIGURED),
  row(173, '10.2.1', 'the room is semi-anonymous now', CONFIGURED),
  row(201, '10.1.1', 'the room is new', examples(154)),
  row(210, '7.2.2', 'the service chose your nickname', examples(22)),
  row(301, '9.1', 'banned', examples(113, 114)),
  row(303, '7.6', 'a new nickname', examples(50)),
  row(307, '8.2', 'kicked', examples(90, 92)),
  row(321, '9.4', 'no member any more', examples(128)),
  row(
    322,
    '10.2',
    'members only from now on',
    conv('owning', 'to members-only: those who are no members go with 322, told to all who remain'),
  ),
  row(332, '11.2', 'the service stops', examples(207)),
  row(333, '11.1', 'not reachable any more', examples(205, 206)),
];
