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
];
