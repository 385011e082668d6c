/** Each option that leaves a MUST of a specification, with the reason. */
import { conv, row, type Row } from './row';

export const DEVIATIONS: readonly Row[] = [
  row(
    'rooms.ownersNeedPassword: false',
    '7.2.5',
    'Owners enter their own rooms without the password (as with ejabberd since 25.10): they may read it in the configuration form anyway, and their other devices do not know it. Admins and members always need it. Set to true, owners do too.',
    conv('room-rules', 'E9: an owner’s second device needs none'),
    conv('room-rules', 'E9: with `rooms.ownersNeedPassword` an owner needs it too (§7.2.5)'),
  ),
  row(
    'limits.listBytes: 400000',
    '9-10',
    'A list that is longer comes without reasons and nicknames, and if that is still too long it is refused with resource-constraint and a sentence; it is never cut. Servers take no larger stanza from a component. Pages (XEP-0059) serve any length.',
    conv('lists', 'too long with reasons and nicks: without both'),
    conv('lists', 'a list of roles that is too long goes without JIDs, then not at all'),
  ),
  row(
    'slow mode',
    'XEP-0500 §3.3',
    'A retraction (XEP-0424) does not wait and starts no wait, although it recommends a body for clients that do not know it: what somebody must take back cannot wait for an hour, and clients do not repeat it.',
    conv(
      'slow-mode',
      'found H22, of the same kind: a message is taken back at any time, with the body for clients that do not know that, and taking it back is not speaking',
    ),
  ),
  row(
    'listversions',
    'XEP-0463 § "Affiliation Changes"',
    'A change has its version for those who may read that list and have what it is added to. It has none for a session that asked and could be told nothing (the option was off, it may read no list), whose lists are others since (a member who is an admin now), or that may have missed a change with a lost link: a version that does not follow on theirs would have clients throw away what they have. They get it when they enter again, and the item meanwhile.',
    conv('list-versions', 'whose lists are others now: an admin reads bans too'),
    conv('list-versions', 'who asked while it was off, and then it was switched on'),
    conv('list-versions', 'after a crash or a lost link that a change may have been lost with'),
  ),
  row(
    'listversions: older versions',
    'XEP-0463 § "Security Considerations"',
    'Who asks by a version from before they belonged to the room gets the whole list, which they may read, and not the error: a client that left and was made a member again could not enter with what it kept.',
    conv('list-versions', 'a version from before the asker belonged to the room: the whole list'),
  ),
  row(
    'listversions: false',
    'XEP-0463 § "Discovering Support"',
    'Off by default, and not announced then: the two clients that speak it lose members with it (docs/extensions.md).',
    conv('list-versions', 'is a feature of the room where its option says so, and of no other: it is off by default'),
  ),
];
