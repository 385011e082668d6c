/** The form for retracting a person's messages and banning the person: the same at a room and at the service. */
import type { Purge } from '../../room/contract/commands';
import { writtenOccupantId } from '../../room/talking/ids';
import type { Answers } from '../../xmpp/answers';
import { parseBoolean, type Field } from '../../xmpp/forms';
import type { BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { prepareBareJid } from '../../xmpp/prepare';
import { inWords, Sentence, type Text } from '../../words';
import { readDuration } from '../ends/duration-field';

/** The field that says how long a ban lasts. */
const BAN_FOR = 'ban-for';

/** A year. */
const MAX_MINUTES = 525_600;

/** `mayBan`: whether the form offers that. */
export function purgeFields(mayBan: boolean): Field[] {
  const ban: readonly Field[] = [
    { var: 'ban', type: 'boolean', label: inWords('purgeBan'), values: ['0'] },
    { var: BAN_FOR, type: 'text-single', label: inWords('purgeBanFor'), values: [] },
  ];
  return [
    { var: 'nick', type: 'text-single', label: inWords('purgeNick'), values: [] },
    { var: 'occupant-id', type: 'text-single', label: inWords('purgeOccupantId'), values: [] },
    { var: 'jid', type: 'jid-single', label: inWords('purgeJid'), values: [] },
    {
      var: 'minutes',
      type: 'text-single',
      label: inWords('purgeMinutes'),
      required: true,
      values: ['60'],
      validate: { datatype: 'xs:integer', min: '1', max: String(MAX_MINUTES) },
    },
    { var: 'reason', type: 'text-single', label: inWords('purgeReason'), values: [] },
    ...(mayBan ? ban : []),
  ];
}

/** What was filled in, for a purge in this room, or a sentence on what is wrong. */
export function readPurge(answers: Answers, room: BareJid): Purge | { readonly problem: Text } {
  const text = (field: string): string => (answers.get(field)?.[0] ?? '').trim();
  // In its range: `readAnswers` has looked.
  const minutes = Number(text('minutes'));
  const ban = parseBoolean(text('ban') === '' ? '0' : text('ban'));
  if (ban === undefined) return { problem: inWords('fieldOption', { field: inWords('purgeBan'), value: text('ban') }) };
  const target = readTarget(text('nick'), text('occupant-id'), text('jid'), room);
  if ('problem' in target) return target;
  const lasts = readDuration(text(BAN_FOR));
  if (lasts instanceof Sentence) return { problem: lasts };
  if (lasts !== undefined && !ban) return { problem: inWords('purgeForWithoutBan') };
  const reason = text('reason');
  return { target, minutes, ban, ...(lasts === undefined ? {} : { for: lasts }), ...(reason === '' ? {} : { reason }) };
}

/** The address may be that of an occupant, as clients show it: then it names a nick. */
function readTarget(nick: string, occupantId: string, rawJid: string, room: BareJid): Purge['target'] | { readonly problem: Text } {
  if ([nick, occupantId, rawJid].filter((given) => given !== '').length !== 1) return { problem: inWords('purgeWho') };
  if (nick !== '') return { nick };
  if (occupantId !== '') return { occupantId: writtenOccupantId(occupantId) };
  const jid = prepareBareJid(rawJid);
  const occupant = jid === room && rawJid.includes('/') ? rawJid.slice(rawJid.indexOf('/') + 1) : '';
  if (occupant !== '') return { nick: occupant };
  // Nobody has an account at the service itself.
  if (jid !== undefined && domainOf(jid) === domainOf(room)) return { problem: inWords('itemService') };
  return jid?.includes('@') ? { jid } : { problem: inWords('itemJid', { jid: rawJid }) };
}

/** What the asker is told when it is done. */
export function purgeNote({ ban }: Purge, retracted: number): Text {
  return inWords(ban ? 'purgedAndBanned' : 'purged', { count: retracted });
}
