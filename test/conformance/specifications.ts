/** The specifications beside XEP-0045 that the service keeps, with the version that was read and the tests that show it: of docs/conformance.md and of parlour.doap. */
import { by, conv, type Shown } from './row';

export interface Specification {
  /** Four digits. */
  readonly number: string;
  /** As the specification has it. */
  readonly title: string;
  readonly version: string;
  /** What is done, where that is not all of it. */
  readonly partly?: string;
  readonly shownBy: readonly Shown[];
}

const xep = (number: string, version: string, title: string, ...shownBy: readonly Shown[]): Specification => ({
  number,
  version,
  title,
  shownBy,
});
const part = (specification: Specification, partly: string): Specification => ({ ...specification, partly });

const INFO = conv('service', '§6.2 Examples 3 and 4: identity and features of the service');
const ANSWERS = by('service/service-iq', 'ping, version, time');
const SEARCHED = conv('finding-rooms', '§6.1 both orders, of what is searched and of all, in pages (XEP-0059)');

export const SPECIFICATIONS: readonly Specification[] = [
  xep('0004', '2.13.2', 'Data Forms', by('xmpp/forms', 'every form obeys XEP-0004 §3.3, and read again it has the same values')),
  xep(
    '0012',
    '2.0',
    'Last Activity',
    conv('finding-rooms', 'XEP-0012 §5, §6: how long the service has been running, in seconds; announced'),
  ),
  xep('0030', '2.5.0', 'Service Discovery', INFO),
  part(
    xep(
      '0033',
      '1.2.1',
      'Extended Stanza Addressing',
      by(
        'service/multicast',
        'speaks by the service to its own server, in stanzas of as many addresses as that takes, and directly to others',
      ),
    ),
    'fan-out of large rooms by a multicast service of the server, all addresses `bcc`, and of people of other domains too if the service says that it sends copies everywhere; what clients say of addresses is taken away',
  ),
  xep('0045', '1.35.5', 'Multi-User Chat', INFO),
  xep(
    '0050',
    '1.3.0',
    'Ad-Hoc Commands',
    conv('timed-affiliations', 'XEP-0050: an admin gives an affiliation with an end by a command of the room, and sees what has one'),
  ),
  part(
    xep(
      '0054',
      '1.3.0',
      'vcard-temp',
      conv('avatar', 'XEP-0486 Example 2: the room advertises vcard-temp, and no hash while there is no avatar'),
    ),
    'the card of a room and of the service',
  ),
  xep(
    '0055',
    '1.3',
    'Jabber Search',
    conv('finding-rooms', '§3 with the form: a table of what is found, most people first, in pages (XEP-0059)'),
  ),
  part(xep('0059', '1.0', 'Result Set Management', SEARCHED), 'by item, not by index'),
  xep(
    '0068',
    '1.3.0',
    'Field Standardization for Data Forms',
    by('xmpp/forms', 'a FORM_TYPE that is not hidden says nothing about the form (XEP-0068 §4.3)'),
  ),
  xep('0092', '1.1', 'Software Version', ANSWERS),
  part(
    xep(
      '0115',
      '1.6.0',
      'Entity Capabilities',
      conv('avatar', '§6.2 the node of the hash has what it is made of (§5.1), for every asker; it is a feature'),
    ),
    'in presence that a room sends from its own address anyway, which is where it has an avatar; without what changes by itself',
  ),
  xep(
    '0157',
    '1.1.1',
    'Contact Addresses for XMPP Services',
    by('service/service-iq', 'disco#info: the identity first, the features, the contact addresses'),
  ),
  xep('0199', '2.0.1', 'XMPP Ping', ANSWERS),
  xep('0202', '2.0', 'Entity Time', ANSWERS),
  xep(
    '0249',
    '1.2',
    'Direct MUC Invitations',
    conv('inviting', 'an open room sends none, unless it wants to: then a direct one (XEP-0249)'),
  ),
  xep(
    '0306',
    '0.2.1',
    'Extensible Status Conditions for Multi-User Chat',
    conv('room-rules', 'E1: carry their conditions (XEP-0306) where the operator wants that, in presence and in notices'),
  ),
  xep(
    '0307',
    '0.1',
    'Unique Room Names for Multi-User Chat',
    conv('service', 'XEP-0307 Examples 1 and 2: a name that no room has, asleep or awake'),
  ),
  xep(
    '0313',
    '1.1.3',
    'Message Archive Management',
    conv('archive-querying', 'XEP-0313 §4 Examples 2-4, 17 and 27: each message as it was said, wrapped, in order; then the end'),
  ),
  xep('0317', '0.3.1', 'Hats', conv('hats', 'the form, filled in behind it, and 104 to all')),
  xep('0333', '1.0.0', 'Displayed Markers', conv('markers', 'goes to all as it is, and is not archived')),
  part(
    xep(
      '0356',
      '0.4.1',
      'Privileged Entity',
      by(
        'service/bookmarks',
        'only for accounts of a server that has granted it, since the connection was made; the log says once what is missing',
      ),
      by(
        'service/bookmarks',
        'a server that says of itself that it grants it is no server of ours: nothing of others is lost, and it is never asked',
      ),
      by('e2e/conversations/accounts', 'reads what absent people have set for a room in their account: always rings them, never does not'),
    ),
    'the permission "iq" for pubsub, to read and write bookmarks',
  ),
  xep(
    '0359',
    '0.7.0',
    'Unique and Stable Stanza IDs',
    conv('archive-ids', 'XEP-0359 §5 a forged id of this room, however it is written, is nowhere; those of others stay'),
  ),
  part(
    xep(
      '0402',
      '1.2.0',
      'PEP Native Bookmarks',
      by('service/bookmarks', 'merged with what is there: other bookmarks stay, and one of the same room as the person has it'),
      conv(
        'bookmarks',
        'one that nobody has answered is asked for again after an hour, over restarts, until it is there or a week has gone by',
      ),
      by(
        'e2e/conversations/accounts',
        'writes the bookmark of a room in the name of whom an administrator of the service adds, once: what a person removed stays removed',
      ),
    ),
    'bookmarks of whom those who run the service add to a room (rooms.bookmarks), where their server grants it by XEP-0356',
  ),
  xep(
    '0410',
    '1.1.0',
    'MUC Self-Ping (Schrödinger’s Chat)',
    by('e2e/conversations/finding', 'answers a self-ping: a result to those in the room, not-acceptable to others (XEP-0410)'),
  ),
  xep(
    '0421',
    '1.0.1',
    'Occupant identifiers for semi-anonymous MUCs',
    conv('talking', 'XEP-0359 §3, XEP-0421 §4: forged ids of the room are taken away, foreign ones stay'),
  ),
  xep(
    '0424',
    '0.4.2',
    'Message Retraction',
    conv('retracting', 'said to all and kept (§5), and of the message a tombstone is left that names the retraction (§4)'),
  ),
  xep(
    '0425',
    '0.3.0',
    'Moderated Message Retraction',
    conv('moderating-messages', 'without a reason, of somebody who has left, and with the corrections that hold the words too'),
  ),
  xep(
    '0431',
    '0.2.0',
    'Full Text Search in MAM',
    by('e2e/slixmpp', 'reads the archive by pages, forwards and backwards, and searches it (XEP-0313, XEP-0431)'),
  ),
  xep('0433', '0.1.0', 'Extended Channel Search', SEARCHED),
  xep(
    '0437',
    '0.2.0',
    'Room Activity Indicators',
    by('service/activity', 'one message with all rooms that had messages since the last visit; nothing if there were none'),
  ),
  xep(
    '0452',
    '0.2.2',
    'MUC Mention Notifications',
    conv('mention-notices', 'by address: as it was said, with the room’s stanza-id, after everybody has it'),
  ),
  xep(
    '0463',
    '0.2.0',
    'MUC Affiliations Versioning',
    conv('list-versions', 'the whole list, before all presence; the own presence says the same version'),
  ),
  xep(
    '0486',
    '0.1.0',
    'MUC Avatars',
    conv(
      'avatar',
      'XEP-0486 Examples 4 and 7: a result to the owner, then 104 to all who are present; E3: and presence from the room’s own JID',
    ),
  ),
  xep(
    '0500',
    '0.1.1',
    'MUC Slow Mode',
    conv('slow-mode', '§3.3: the second message within the time is refused, and nobody else gets it; after the time it is said'),
  ),
  xep(
    '0502',
    '0.1.0',
    'MUC Activity Indicator',
    conv('message-activity', 'is the mean of the whole hours since counting began, as a decimal number'),
  ),
  xep('0504', '0.1.0', 'Data Policy', conv('service', 'the service keeps messages for as long as owners may have them kept')),
  xep(
    '0506',
    '0.1.0',
    'No-reply JIDs',
    conv('finding-rooms', 'XEP-0506 §4: nobody can write to the service itself, which says so, and answers with an error'),
  ),
  xep(
    '0513',
    '0.1.0',
    'Explicit Mentions',
    conv('explicit-mentions', 'is submitted by an owner: the result, 104 and the changed fields to all; it lasts'),
  ),
];

/** Specifications that were read and are not kept, and why: so that nobody need ask twice. */
export const NOT_KEPT: readonly { readonly number: string; readonly title: string; readonly why: string }[] = [
  {
    number: '0311',
    title: 'MUC Fast Reconnect',
    why: 'for who asks, every presence and every message would carry an id that is theirs alone, and each message would be a second text for them: no client is known that asks, and what it saves is had otherwise. Sessions that drop keep their place by XEP-0198 and XEP-0410, and read on by XEP-0313. A client that asks all the same (§3: it may, without asking discovery) finds no id in what it is told, which says so, and is told everything; what it says of it is passed on to nobody (conversations/entering)',
  },
  {
    number: '0489',
    title: 'Reporting account affiliations',
    why: 'no room asks for it yet; what a server puts into the presence of its users is for the room, and is not passed on',
  },
];
