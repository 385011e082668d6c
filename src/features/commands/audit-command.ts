/** The command by which owners look at who changed what in their room: the room's audit trail. */
import { askArchive } from '../../room/ask-archive';
import { askersLanguage } from '../../room/language';
import type { FullJid } from '../../xmpp/fold';
import { commandXml } from '../../xmpp/ad-hoc';
import { fitting } from '../../xmpp/list-bytes';
import { tableXml, type Field } from '../../xmpp/forms';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { short } from '../../xmpp/short';
import { unanswered } from '../retraction/find-messages';
import { AUDIT_NODE } from '../../room/contract/queries';
import type { RoomState } from '../../room/state';
import { writtenJid } from '../../room/governing/written-jid';
import { inWords } from '../../words';
import { auditCells, auditColumns, auditRowXml } from './audit-table';
import type { RoomAdHocCommand } from '../../room/contract/feature';
import { completed, noteXml } from './room-command';

/** The node of the command, and the FORM_TYPE of its form. */
const NODE = AUDIT_NODE;
const OBJECT = 'object';

/** Acts in one answer, which is cut by bytes too: keeps the stanza below servers' limits. */
const MAX_LISTED = 100;

const refusal = (room: RoomState, from: FullJid): StanzaError | undefined =>
  room.affiliationOf(from) === 'owner' ? undefined : stanzaError('forbidden', inWords('ownersOnly'));

export const auditCommand: RoomAdHocCommand = {
  node: NODE,
  title: 'auditTitle',
  refuse: refusal,
  form: () => {
    const field: Field = { var: OBJECT, type: 'text-single', label: inWords('auditObject'), values: [] };
    return { type: 'form', formType: NODE, title: inWords('auditTitle'), instructions: inWords('auditInstructions'), fields: [field] };
  },
  run: ({ room, turn, stanza, from }, answers, sessionid) => {
    const text = answers.get(OBJECT)?.[0]?.trim() ?? '';
    const object = text.includes('@') ? writtenJid(room, text) : text;
    if (object === undefined) return stanzaError('not-acceptable', inWords('itemJid', { jid: short(text) }));
    askArchive(turn, {
      stanza,
      // Not what was done in a former room of this name.
      query: {
        want: 'audit',
        since: room.row?.createdAt ?? 0,
        filter: { upToSeq: room.seq },
        // One more than are shown tells that there are more.
        limit: MAX_LISTED + 1,
        ...(object === '' ? {} : { object }),
      },
      answered: (then, later, answer) => {
        // They may be an owner no longer, and the room another.
        const failure = (then.exists ? refusal(then, from) : stanzaError('item-not-found', inWords('noRoom'))) ?? unanswered(answer);
        if (failure || answer.kind !== 'audit') return failure;
        const language = askersLanguage(then, stanza, from);
        if (answer.acts.length === 0) later.say(completed(stanza, NODE, sessionid, inWords('auditNone'), language));
        else {
          const rows = fitting(
            answer.acts.slice(0, MAX_LISTED).map((act) => auditCells(act)),
            (cells) => auditRowXml(cells, language),
          );
          const more = rows.length < answer.acts.length ? noteXml(inWords('auditMore', { shown: rows.length }), language) : '';
          later.say(
            iqResult(stanza, commandXml(NODE, sessionid, 'completed', more + tableXml(auditColumns(false), rows, language), language)),
          );
        }
        return undefined;
      },
    });
    return undefined;
  },
};
