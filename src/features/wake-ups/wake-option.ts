/** What wakes those who are away and have said nothing of their own: the owner's choice (`{urn:parlour:room}wake`), else the service's. */
import { say } from '../../words';
import { choiceOption, type RoomOptions } from '../../room/contract/options';
import type { WakeUpRules } from '../../room/contract/env';

/** The field of the owner's form, of the registration form and of the command. */
export const WAKE_FIELD = '{urn:parlour:room}wake';

/** What somebody is woken for. */
export type Wake = 'all' | 'mentions' | 'nothing';

export const WAKES: readonly Wake[] = ['all', 'mentions', 'nothing'];

/** Rules of a service whose operator has chosen none. */
export const DEFAULT_WAKE_UPS: WakeUpRules = { default: 'auto', intervalSeconds: 600 };

export const WAKE_CHOICES = [
  { value: 'all', label: say('choiceWakeAll') },
  { value: 'mentions', label: say('choiceWakeMentions') },
  { value: 'nothing', label: say('choiceWakeNothing') },
] as const;

export const wakeOption = {
  ...choiceOption<Wake | 'auto'>({
    var: WAKE_FIELD,
    label: say('labelWake'),
    initial: 'auto',
    choices: [{ value: 'auto', label: say('choiceWakeService') }, ...WAKE_CHOICES],
  }),
  setBy: 'wakeUps',
};

/** What of a room's configuration tells a private group: members alone, who see who the others are. */
interface Privacy {
  readonly membersOnly: boolean;
  readonly jidsVisible: boolean;
}

/** What somebody is woken for who has said nothing. */
export function wakeOf(options: RoomOptions, { membersOnly, jidsVisible }: Privacy, rules: WakeUpRules = DEFAULT_WAKE_UPS): Wake {
  const own = options.get(wakeOption);
  const wanted = own === 'auto' ? rules.default : own;
  if (wanted !== 'auto') return wanted;
  return membersOnly && jidsVisible ? 'all' : 'mentions';
}
