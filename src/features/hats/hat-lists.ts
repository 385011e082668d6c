/** The commands that list the hats of a room, and who wears them (XEP-0317 §3.4, §3.7): at once, without a form. */
import { commandXml } from '../../xmpp/ad-hoc';
import { tableXml, type Column } from '../../xmpp/forms';
import { fitting } from '../../xmpp/list-bytes';
import { iqResult } from '../../xmpp/stanza-error';
import { escapeText } from '../../xmpp/xml';
import { inWords, type Key } from '../../words';
import type { IqRequest, RoomAdHocCommand } from '../../room/contract/feature';
import { actorOf } from '../../room/governing/admin-iq';
import { askersLanguage } from '../../room/language';
import { noteXml } from '../commands/room-command';
import { insideRefusal, wearersRefusal } from './hat-acts';
import { HAT_COMMANDS } from './hat-commands';
import { hats, hatsOf, worn } from './worn';

const column = (name: string, label: Key): Column => ({ var: `hats#${name}`, type: 'text-single', label: inWords(label) });
const JID = column('jid', 'hatWho');
const URI = column('uri', 'hatAddress');
const TITLE = column('title', 'hatTitle');
const HUE = column('hue', 'hatColour');

/** The table, as much of it as one answer holds; a note says if that is not all. */
function answer({ room, turn, stanza, from }: IqRequest, node: string, sessionid: string, table: Table): undefined {
  const language = askersLanguage(room, stanza, from);
  const rows = fitting(table.rows, (row) => row.map((cell) => escapeText(cell) + ' '.repeat(60)).join(''));
  const more = rows.length < table.rows.length ? noteXml(inWords('endsMore', { shown: rows.length }), language) : '';
  turn.say(iqResult(stanza, commandXml(node, sessionid, 'completed', more + tableXml(table.columns, rows, language), language)));
}

interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** §3.4 */
const list: RoomAdHocCommand = {
  node: `${HAT_COMMANDS}:list`,
  title: 'hatList',
  refuse: (room, from) => insideRefusal(actorOf(room, from)),
  form: () => undefined,
  run: (request, _, sessionid) => {
    const rows = hats.entries(request.room).map(([uri, { title, hue }]) => [title, uri, hue ?? '']);
    return answer(request, list.node, sessionid, { columns: [TITLE, URI, HUE], rows });
  },
};

/** §3.7 */
const listAssigned: RoomAdHocCommand = {
  node: `${HAT_COMMANDS}:list-assigned`,
  title: 'hatListAssigned',
  refuse: (room, from) => wearersRefusal(room, actorOf(room, from)),
  form: () => undefined,
  run: (request, _, sessionid) => {
    const { room } = request;
    const rows = worn.keys(room).flatMap((jid) => hatsOf(room, jid).map(([uri, { title, hue }]) => [jid, uri, title, hue ?? '']));
    return answer(request, listAssigned.node, sessionid, { columns: [JID, URI, TITLE, HUE], rows });
  },
};

/** In the order in which they are listed. */
export const hatLists: readonly RoomAdHocCommand[] = [list, listAssigned];
