/** Programs that post without being in the room: who may, under which name, and what they say. */
import { isLongerThan } from '../../xmpp/lengths';
import { tidyNick } from '../../xmpp/nick';
import { prepareResource } from '../../xmpp/prepare';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { escapeText } from '../../xmpp/xml';
import { inWords } from '../../words';
import { audit } from '../../room/audit';
import type { Feature, Order } from '../../room/contract/feature';
import { isAdmin } from '../../room/governing/roles';
import { nickRefusal } from '../../room/occupants/nicks';
import { addPoster, dropPoster, MOST_POSTERS, posterCount, posterOf, posters } from '../../room/occupants/posters';
import { sayAsProgram, sayAsRoom } from '../../room/talking/speak';
import { banText } from '../entry/banned';

/** Longest text of one message, in code points. */
const MAX_TEXT = 10_000;

/** The name must be possible and nobody's, nor look like somebody's; then the room is told once who posts under it. */
function allow({ room, turn, command, actor }: Order<'allow-posting'>): StanzaError | undefined {
  if (actor.jid !== null || !isAdmin(actor.affiliation)) return stanzaError('forbidden', inWords('adminsOnlyHere'));
  const { id, token } = command;
  const prepared = prepareResource(tidyNick(command.nick));
  if (prepared === undefined) return stanzaError('jid-malformed', inWords('nickMalformed'));
  const nick = tidyNick(prepared);
  if (!room.facts.persistent) return stanzaError('not-acceptable', inWords('postingTemporary'));
  if (posterCount(room) >= MOST_POSTERS) return stanzaError('resource-constraint', inWords('postingFull', { max: MOST_POSTERS }));
  // Nobody has the token's own JID: whoever wears or has reserved the name is somebody else.
  const refusal = nickRefusal(room, room.jid, nick);
  if (refusal) return refusal;
  addPoster(room, turn, id, { nick, token });
  audit(room, turn, actor, 'allow-posting', [{ object: token, after: nick }]);
  const text = inWords('postingBegins', { nick, token }).in(room.facts.language);
  sayAsRoom(room, turn, { clientId: null, lang: null, payload: `<body>${escapeText(text)}</body>`, inHistory: true });
  return undefined;
}

function end({ room, turn, command, actor }: Order<'end-posting'>): StanzaError | undefined {
  if (actor.jid !== null || !isAdmin(actor.affiliation)) return stanzaError('forbidden', inWords('adminsOnlyHere'));
  const nick = dropPoster(room, turn, command.id);
  if (nick === undefined) return stanzaError('item-not-found', inWords('postingUnknown'));
  audit(room, turn, actor, 'end-posting', [{ object: command.token, before: nick }]);
  return undefined;
}

/** What a program says is said, archived, found, moderated and erased like a person's. */
function post({ room, turn, command, done }: Order<'post'>): StanzaError | undefined {
  const poster = room.locked ? undefined : posterOf(room, command.id);
  if (!poster) return stanzaError('item-not-found', inWords('postingUnknown'));
  if (room.affiliationOf(poster.jid) === 'outcast') return stanzaError('forbidden', banText(room, poster.jid, 'enter'));
  const { body, lang = null, clientId = null } = command;
  if (body.trim() === '') return stanzaError('bad-request', inWords('sayEmpty'));
  if (isLongerThan(body, MAX_TEXT)) return stanzaError('not-acceptable', inWords('sayLong', { max: MAX_TEXT }));
  const { jid, nick, occupantId } = poster;
  const speaker = { id: occupantId, jid, nick, from: `${room.jid}/${nick}` };
  const payload = `<body>${escapeText(body)}</body>`;
  const row = sayAsProgram(room, turn, speaker, { clientId, lang, payload, archived: room.facts.archived, inHistory: true });
  done({ ok: true, ...(row ? { said: row.id } : {}) });
  return undefined;
}

export const posting: Feature = {
  name: 'posting',
  rows: [posters],
  commands: { 'allow-posting': allow, 'end-posting': end, post },
};
