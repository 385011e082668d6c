/** What a service does before somebody is in, and while he enters (§6, §7.1-7.2). */
import { by, conv, examples, row, type Row } from '../row';

const ENTERS =
  'Examples 18, 20-21, 41 the others, then oneself with 110, then the subject; in a semi-anonymous room only moderators see the real JID';
const HISTORY = conv(
  'entering',
  '§7.2.13-7.2.15 Examples 33, 40 history comes after self-presence and before the subject; its ids are those of the live copies',
);

export const BEFORE_AND_AT_ENTRY: readonly Row[] = [
  row(
    1,
    '6.2',
    'the service says that it is group chat',
    examples(3, 4),
    by('service/service-iq', 'disco#info: the identity first, the features, the contact addresses'),
  ),
  row(
    2,
    '6.3',
    'the room list has public rooms only',
    examples(5, 6),
    by('e2e/conversations/finding', 'lists public rooms, page by page if asked, and leaves hidden ones out (§6.3, XEP-0059)'),
  ),
  row(3, '6.3', 'a long list comes in pages', examples(7), by('service/service-iq', 'RSM: max, last page, page before, count alone')),
  row(
    4,
    '6.7',
    'which rooms somebody is in is asked of his client, and reaches it',
    conv('forwarding', '§6.7 a request for muc#rooms to an occupant reaches his client, and the answer comes back'),
  ),
  row(5, '6.4', 'a room tells its name and its kind', examples(8, 9)),
  row(6, '6.4', 'and more about itself in muc#roominfo', examples(10)),
  row(7, '7.4', 'muc#stable_id is announced, and the id of a message kept', examples(9, 45)),
  row(8, '6.5', 'who is in is told to those inside, an empty list to others', examples(11, 12, 13)),
  row(
    9,
    '6.6',
    'discovery of an occupant reaches his client; from outside it is a bad request',
    conv('owning', '§6.6 an occupant, by somebody outside: bad-request'),
    conv('forwarding', '§6.6 a disco#info request to an occupant reaches his client, and the answer comes back'),
  ),
  row(10, '7.12', 'the reserved nickname can be asked for', examples(77, 78)),
  row(11, '18.1.1', 'the namespaces that may pass can be asked for', examples(218, 219, 220)),
  row(
    12,
    '7.1',
    'the order: the others, oneself, history, subject, what is live',
    conv('entering', ENTERS),
    HISTORY,
    by('service/pipeline', 'a joiner’s archive read runs after the commit of the join, and its answer is an input'),
  ),
  row(13, '7.2.2', 'self-presence comes last, with 110', conv('entering', ENTERS)),
  row(14, '7.2.18', 'plain presence from outside: told that he is not in, with 110, 307, 333', examples(42, 43)),
  row(
    15,
    '17.3',
    'a join of somebody who is in: everything again',
    conv('entering', '§17.3 a join from a session that is in already gets everything again; the others nothing if nothing changed'),
  ),
  row(
    16,
    '7.2.8',
    'many sessions of one account under one nickname',
    conv('entering', 'the second shares the nick; others are told nothing new'),
    conv('entering', 'a message goes to both sessions'),
  ),
  row(
    17,
    '7.14',
    'one of them leaves: 110 to it, the others are not told',
    conv('presence', 'one session of several: only that session is told'),
  ),
  row(18, '7.2.8', 'the nickname of somebody else: conflict', examples(29)),
  row(19, '7.2.5', 'no password or a wrong one: not-authorized', examples(25, 26)),
  row(20, '7.2.6', 'not a member of a members-only room: registration-required', examples(27)),
  row(21, '7.2.7', 'banned, by JID or by domain: forbidden', examples(28)),
  row(22, '7.2.9', 'full: service-unavailable, but admins and owners enter', examples(30)),
  row(23, '7.2.10', 'locked: item-not-found', examples(31)),
  row(24, '7.2.3', '100 in the self-presence of a non-anonymous room', examples(24)),
  row(25, '7.2.12', '170 in the self-presence of a logged room', examples(32)),
  row(26, '10.1.1', '201 on creation, for the creator alone', examples(154)),
  row(27, '7.2.2', '210 with a nickname that the service chose', examples(22, 51)),
  row(
    28,
    '7.2.14',
    'the four limits of history, the most restrictive wins',
    examples(35, 36, 37, 38, 39),
    conv('entering', 'the most restrictive of all wins'),
  ),
  row(29, '7.2.13', 'history is stamped with the time and the room', examples(33)),
  row(30, '7.2.15', 'the subject comes last, also an empty one', examples(40, 41)),
  row(
    31,
    '17.1',
    'a nickname is prepared, and not blank',
    conv('entering', '§17.1 a blank nickname: jid-malformed'),
    by('xmpp/nick', '%j is blank'),
  ),
  row(
    32,
    '17.1',
    'the name of a room is a prepared local part',
    by('xmpp/prepare', 'case and composition of a local part make no difference'),
  ),
  row(
    33,
    '17.3',
    'presence of other types neither joins nor leaves; leaving from outside means nothing',
    conv('presence', '§17.3 presence of another type neither joins nor leaves'),
    conv('presence', 'unavailable from somebody outside means nothing (§17.3)'),
  ),
];
