/** People who are away are woken by what is said: the option of the room. */
import type { Feature } from '../../room/contract/feature';
import { wakeOption } from './wake-option';

export const wakeUps: Feature = {
  name: 'wake-ups',
  options: [wakeOption],
};
