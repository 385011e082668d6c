/** What was before an act and after it, in words: the trail has codes with times, names and numbers, and what people wrote. */
import type { Act, AuditItem } from '../../room/contract/audit';
import { joined, inWords, type Key, type Text } from '../../words';

const AFFILIATIONS = {
  none: 'affiliateNone',
  outcast: 'affiliateOutcast',
  member: 'affiliateMember',
  admin: 'affiliateAdmin',
  owner: 'affiliateOwner',
} as const;
const ROLES = { none: 'changeOut', visitor: 'changeVisitor', participant: 'changeParticipant', moderator: 'changeModerator' } as const;
const MUTES = { muted: 'changeMuted' } as const;
const WARNINGS = { warned: 'changeWarned' } as const;
const ANSWERS = { allowed: 'changeAllowed', refused: 'changeRefused' } as const;

/** The codes of acts that have `CODE`, `CODE until TIME`, and behind either a name in parentheses. */
const CODES: Partial<Readonly<Record<Act, Readonly<Record<string, Key>>>>> = {
  create: AFFILIATIONS,
  'set-affiliations': AFFILIATIONS,
  'set-roles': ROLES,
  mute: MUTES,
  unmute: MUTES,
  warn: WARNINGS,
  unwarn: WARNINGS,
  'answer-registration': ANSWERS,
  'answer-message': ANSWERS,
  'answer-voice': ANSWERS,
};
const CODED = /^([a-z]+)(?: until (\S+))?( \(.*\))?$/s;
/** `30 minutes`, and the ban that went with it. */
const PURGED = /^(\d+) minutes(, ban(?: until (\S+))?)?$/;
/** A title, which people wrote, and what hats may have behind it (`told` of hats). */
const HAT = /^(.*?)(?:, (participant|moderator))?(, mentions)?(?:, hue ([\d.]+))?$/s;
/** A mark of its text, its length, and the hash of its picture (`told` of vCards); earlier rows have the length alone, or the hash. */
const CARD = /^vCard(?: ([0-9a-f]+))?, (\d+) bytes(?:, photo ([0-9a-f]+))?$/;

const until = (what: Text, time: string | undefined): Text => (time === undefined ? what : inWords('changeUntil', { what, time }));

function codeText(codes: Readonly<Record<string, Key>>, value: string): Text {
  const [, code = '', time, name = ''] = CODED.exec(value) ?? [];
  const key = Object.hasOwn(codes, code) ? codes[code] : undefined;
  return key === undefined ? value : joined([until(inWords(key as 'changeOut'), time), name], '');
}

function purgeText(value: string): Text {
  const [, minutes, ban, time] = PURGED.exec(value) ?? [];
  if (minutes === undefined) return value;
  const taken = inWords('changeMinutes', { minutes: Number(minutes) });
  return ban === undefined ? taken : joined([taken, until(inWords('affiliateOutcast'), time)], ', ');
}

function hatText(value: string): Text {
  const [, title = '', role, mentions, hue] = HAT.exec(value) ?? [];
  return joined(
    [
      title,
      ...(role === undefined ? [] : [inWords(role === 'moderator' ? 'changeModerator' : 'changeParticipant')]),
      ...(mentions === undefined ? [] : [inWords('changeMentions')]),
      ...(hue === undefined ? [] : [inWords('changeHue', { hue })]),
    ],
    ', ',
  );
}

function cardText(value: string): Text {
  const [, mark, bytes, photo] = CARD.exec(value) ?? [];
  if (bytes === undefined) return value;
  const card = inWords('changeCard', { bytes: Number(bytes) });
  return joined(
    [mark === undefined ? card : joined([card, ` (${mark})`], ''), ...(photo === undefined ? [] : [inWords('changePhoto', { photo })])],
    ', ',
  );
}

/** `about`: whether the act is about the room itself or a secret, so that its values are ours and not what somebody chose. */
function optionText(value: string, about: Pick<AuditItem, 'object' | 'before'>): Text {
  if (about.object === '') return value === 'locked' ? inWords('changeLocked') : value === 'open' ? inWords('changeOpen') : value;
  return about.before === null && value === 'changed' ? inWords('changeSecret') : value;
}

function valueText(act: Act, item: AuditItem, value: string): Text {
  const codes = CODES[act];
  if (codes) return codeText(codes, value);
  if (act === 'purge' || act === 'ban-and-retract') return purgeText(value);
  // The address of a hat, which stands where somebody was given it, has no blank and stays as it is.
  if (act === 'hats') return hatText(value);
  if (act === 'set-vcard') return cardText(value);
  return act === 'configure' ? optionText(value, item) : value;
}

/** What one thing was and is, in the reader's words; what stayed, as where the reason alone changed, is said once; '': there is nothing to say. */
export function changeText(act: Act, item: AuditItem): Text {
  const [before, after] = [item.before, item.after].map((value) => (value === null ? null : valueText(act, item, value)));
  if (before == null || item.before === item.after) return after ?? '';
  return joined([before, '→', after ?? ''], ' ');
}
