/** What wakes those who are away: the owner's choice (`{urn:parlour:room}wake`), else the service's; and what each of them has said. */
import { inWords } from '../../words';
import { choiceOption } from '../../room/contract/options';
import type { WakeUpRules } from '../../room/contract/env';
import { isAffiliated } from '../../room/occupants/stays';
import type { RoomState } from '../../room/state';
import { WAKE_FIELD, wishOf, type Wake } from './wake-wishes';
import type { BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { accountWake } from './account-wake';

/** Rules of a service whose operator has chosen none. */
const DEFAULT_WAKE_UPS: WakeUpRules = { default: 'auto', intervalSeconds: 600 };

export const wakeRules = (room: RoomState): WakeUpRules => room.env.policy.wakeUps ?? DEFAULT_WAKE_UPS;

const CHOICES = [
  { value: 'all', label: inWords('choiceWakeAll') },
  { value: 'mentions', label: inWords('choiceWakeMentions') },
  { value: 'nothing', label: inWords('choiceWakeNothing') },
] as const;

/** What people choose from for themselves. */
export const OWN_CHOICES = [{ value: 'default', label: inWords('choiceWakeRoom') }, ...CHOICES] as const;

export const wakeOption = {
  ...choiceOption<Wake | 'auto'>({
    var: WAKE_FIELD,
    label: inWords('labelWake'),
    initial: 'auto',
    choices: [{ value: 'auto', label: inWords('choiceWakeService') }, ...CHOICES],
  }),
  setBy: 'wakeUps',
};

/** What somebody is woken for who belongs to the room and has said nothing. Whoever has their account elsewhere is woken for mentions until they ask for more. */
function defaultWake(room: RoomState, jid: BareJid): Wake {
  const own = room.options.get(wakeOption);
  const wanted = own === 'auto' ? wakeRules(room).default : own;
  const { membersOnly, jidsVisible } = room.facts;
  const wake = wanted === 'auto' ? (membersOnly && jidsVisible ? 'all' : 'mentions') : wanted;
  const isLocal = room.env.policy.isLocal?.(domainOf(jid)) ?? true;
  return wake === 'all' && !isLocal ? 'mentions' : wake;
}

/** What somebody is woken for; undefined: nothing goes to them, since no stanza of theirs ever said that it may. */
export function wakeOf(room: RoomState, jid: BareJid): Wake | undefined {
  const wish = wishOf(room, jid);
  if (wish?.wake !== 'default') return wish?.wake;
  return accountWake(room, jid) ?? (isAffiliated(room, jid) ? defaultWake(room, jid) : undefined);
}
