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
];
