/** The command by which moderators see what holds for somebody for a time in their room, the first end first. */
import { commandXml } from '../../xmpp/ad-hoc';
import { formatDateTime } from '../../xmpp/dates';
import { tableXml, type Column } from '../../xmpp/forms';
import { fitting } from '../../xmpp/list-bytes';
import { iqResult, stanzaError } from '../../xmpp/stanza-error';
import { escapeText } from '../../xmpp/xml';
import { inLanguage, inWords, type Key, type Text } from '../../words';
import type { LimitAnswer } from '../../room/contract/asking';
import { ENDS_NODE } from '../../room/contract/queries';
import type { RoomAdHocCommand } from '../../room/contract/feature';
import { actorOf } from '../../room/governing/admin-iq';
import { isAdmin } from '../../room/governing/roles';
import { limitsOf } from '../../room/run-query';
import { askersLanguage } from '../../room/language';
import { completed, noteXml } from '../commands/room-command';

/** Lines in one answer, which is cut by bytes too. */
const MAX_LISTED = 200;

/** What each kind is called. */
const KINDS: Readonly<Record<LimitAnswer['kind'], Key>> = {
  mute: 'restraintMute',
  warning: 'restraintWarning',
  owner: 'affiliateOwner',
  admin: 'affiliateAdmin',
  member: 'affiliateMember',
  outcast: 'affiliateOutcast',
};

const column = (name: string, label: Text): Column => ({ var: name, type: 'text-single', label });

export const endsCommand: RoomAdHocCommand = {
  node: ENDS_NODE,
  title: 'endsTitle',
  refuse: (room, from) => {
    const { role, affiliation } = actorOf(room, from);
    return role === 'moderator' || isAdmin(affiliation) ? undefined : stanzaError('forbidden', inWords('moderatorsOnly'));
  },
  form: () => ({ type: 'form', formType: ENDS_NODE, title: inWords('endsTitle'), instructions: inWords('endsInstructions'), fields: [] }),
  run: ({ room, turn, stanza, from }, _, sessionid) => {
    const language = askersLanguage(room, stanza, from);
    const actor = actorOf(room, from);
    const found = limitsOf(room, actor);
    if (found.length === 0) {
      turn.say(completed(stanza, ENDS_NODE, sessionid, inWords('endsNone'), language));
      return undefined;
    }
    const cells = found
      .slice(0, MAX_LISTED)
      .map(({ kind, jid, until, by, byName, reason }): Text[] => [
        until === null ? '' : formatDateTime(until),
        jid,
        inWords(KINDS[kind]),
        by ?? byName ?? '',
        reason ?? '',
      ]);
    const rows = fitting(cells, (row) => row.map((cell) => escapeText(inLanguage(cell, language)) + ' '.repeat(60)).join(''));
    const columns = [
      column('until', inWords('endsUntil')),
      column('jid', inWords('affiliateWho')),
      column('kind', inWords('endsWhat')),
      column('by', inWords('auditWho')),
      column('reason', inWords('auditReason')),
    ];
    const more = rows.length < found.length ? noteXml(inWords('endsMore', { shown: rows.length }), language) : '';
    turn.say(iqResult(stanza, commandXml(ENDS_NODE, sessionid, 'completed', more + tableXml(columns, rows, language), language)));
    return undefined;
  },
};
