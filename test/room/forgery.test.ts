/** What a client sends in the room's name is taken away, however it is written; the rest passes. */
import { messagePayload } from '../../src/room/talking/message-xml';
import { presenceContent, priorityOf } from '../../src/room/occupants/presence';
import { isArchivable } from '../../src/room/talking/archivable';
import { parse } from '../support/conversation';
import { asRoom } from '../support/jids';

const ROOM = asRoom('coven@chat.shakespeare.lit');
const BODY = '<body>hi</body>';
const PASSED = { jid: ROOM, reserved: new Set<string>() };
const payload = (inner: string): string => messagePayload(parse(`<message xmlns="jabber:client">${inner}</message>`), PASSED, 'groupchat');
const content = (inner: string): string => presenceContent(parse(`<presence xmlns="jabber:client">${inner}</presence>`), PASSED);

describe('a message', () => {
  test.each([
    ['stanza-id of the room', `<stanza-id xmlns="urn:xmpp:sid:0" by="${ROOM}" id="1"/>`],
    ['the same with a prefix', `<s:stanza-id xmlns:s="urn:xmpp:sid:0" by="${ROOM}" id="1"/>`],
    ['the same in other case', `<stanza-id xmlns="urn:xmpp:sid:0" by="Coven@CHAT.shakespeare.lit" id="1"/>`],
    ['occupant-id', '<occupant-id xmlns="urn:xmpp:occupant-id:0" id="1"/>'],
    ['occupant-id with a prefix', '<o:occupant-id xmlns:o="urn:xmpp:occupant-id:0" id="1"/>'],
    ['delay of the room', `<delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="2020-01-01T00:00:00Z"/>`],
    ['delay with a prefix', `<d:delay xmlns:d="urn:xmpp:delay" from="${ROOM}" stamp="2020-01-01T00:00:00Z"/>`],
    ['delay of old clients', `<x xmlns="jabber:x:delay" from="${ROOM}" stamp="20200101T00:00:00"/>`],
    ['addresses', '<addresses xmlns="http://jabber.org/protocol/address"><address type="ofrom" jid="a@b"/></addresses>'],
    ['muc#user', '<x xmlns="http://jabber.org/protocol/muc#user"><status code="172"/></x>'],
    ['muc', '<x xmlns="http://jabber.org/protocol/muc"/>'],
  ])('loses %s', (_, forged) => expect(payload(forged + BODY)).toBe(BODY));

  test.each([
    ['stanza-id of another', '<stanza-id xmlns="urn:xmpp:sid:0" by="archive@b.lit" id="1"/>'],
    ['origin-id', '<origin-id xmlns="urn:xmpp:sid:0" id="1"/>'],
    ['delay that names nobody', '<delay xmlns="urn:xmpp:delay" stamp="2020-01-01T00:00:00Z"/>'],
    ['anything unknown', '<y xmlns="urn:example:y"><z a="&amp;&lt;&quot;">☃</z></y>'],
  ])('keeps %s', (_, kept) => expect(payload(kept + BODY)).toBe(kept + BODY));
});

describe('a presence', () => {
  test.each([
    ['muc', '<x xmlns="http://jabber.org/protocol/muc"><password>secret</password></x>'],
    ['muc with a prefix', '<m:x xmlns:m="http://jabber.org/protocol/muc"><m:password>secret</m:password></m:x>'],
    ['muc#user', '<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="owner" role="moderator"/></x>'],
    ['occupant-id', '<occupant-id xmlns="urn:xmpp:occupant-id:0" id="1"/>'],
    ['stanza-id', '<stanza-id xmlns="urn:xmpp:sid:0" by="a@b" id="1"/>'],
    ['delay of the room', `<delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="2020-01-01T00:00:00Z"/>`],
    ['delay of old clients', `<x xmlns="jabber:x:delay" from="${ROOM}" stamp="20200101T00:00:00"/>`],
  ])('loses %s', (_, forged) => expect(content(`${forged}<show>away</show>`)).toBe('<show>away</show>'));

  test.each([
    ['5', 5],
    [' -1 ', -1],
    ['128', 0],
    ['-129', 0],
    ['many', 0],
    ['', 0],
  ])('of priority "%s" counts as %i', (text, priority) =>
    expect(priorityOf(parse(`<presence><priority>${text}</priority></presence>`))).toBe(priority),
  );
  test('without priority counts as 0', () => expect(priorityOf(parse('<presence/>'))).toBe(0));
});

describe('the archive', () => {
  const archivable = (inner: string, markers = false): boolean => isArchivable(parse(`<message>${inner}</message>`), markers);
  const hint = (name: string): string => `<${name} xmlns="urn:xmpp:hints"/>`;
  const MARKER = '<displayed xmlns="urn:xmpp:chat-markers:0" id="1"/>';
  const STATE = '<composing xmlns="http://jabber.org/protocol/chatstates"/>';
  test.each([
    ['a body', BODY],
    ['a body with a prefix', '<c:body xmlns:c="jabber:client">hi</c:body>'],
    ['a body beside a chat state', STATE + BODY],
    ['a subject', '<subject>hi</subject><thread>1</thread>'],
    ['a reaction', '<reactions xmlns="urn:xmpp:reactions:0" id="1"/>'],
    ['a retraction', '<retract xmlns="urn:xmpp:message-retract:1" id="1"/>'],
    ['a retraction of version 0', '<apply-to xmlns="urn:xmpp:fasten:0" id="1"><retract xmlns="urn:xmpp:message-retract:0"/></apply-to>'],
    ['a correction', `<replace xmlns="urn:xmpp:message-correct:0" id="1"/>${BODY}`],
    ['OMEMO of old', '<encrypted xmlns="eu.siacs.conversations.axolotl"/>'],
    ['OMEMO', '<encrypted xmlns="urn:xmpp:omemo:2"/>'],
    ['OpenPGP', '<openpgp xmlns="urn:xmpp:openpgp:0"/>'],
    ['a call', '<invite xmlns="urn:xmpp:call-invites:0"/>'],
    ['a call of XEP-0353', '<propose xmlns="urn:xmpp:jingle-message:0" id="1"/>'],
    ['a file', '<file-sharing xmlns="urn:xmpp:sfs:0"/>'],
    [
      'a file in a reference (XEP-0385)',
      '<reference xmlns="urn:xmpp:reference:0" type="data"><media-sharing xmlns="urn:xmpp:sims:1"/></reference>',
    ],
    ['an address (XEP-0066)', '<x xmlns="jabber:x:oob"><url>https://x.lit/</url></x>'],
    ['what asks for it', hint('store')],
    ['what asks for it with a prefix', '<h:store xmlns:h="urn:xmpp:hints"/>'],
    ['what asks for it with something unknown', `${STATE}<y xmlns="urn:example"/>${hint('store')}`],
  ])('keeps %s', (_, inner) => expect(archivable(inner)).toBe(true));
  test.each([
    ['nothing', ''],
    ['white space', ' '],
    ['an empty body', '<body/>'],
    ['a chat state', STATE],
    ['a chat state, whatever it asks for', STATE + hint('store')],
    ['a marker', MARKER],
    ['a receipt', '<received xmlns="urn:xmpp:receipts" id="1"/>'],
    ['a reference alone (XEP-0372)', '<reference xmlns="urn:xmpp:reference:0" type="mention" uri="xmpp:a@b"/>'],
    ['hints alone', hint('no-copy')],
    ['something unknown', '<y xmlns="urn:example"/>'],
    ['a body that must not be stored', BODY + hint('no-store')],
    ['a body that must not be stored permanently', BODY + hint('no-permanent-store')],
    ['what must and must not be stored', hint('store') + BODY + hint('no-store')],
    ['a body in a foreign namespace', '<body xmlns="urn:example">hi</body>'],
  ])('does not keep %s', (_, inner) => expect(archivable(inner)).toBe(false));
  test('keeps markers where that is wanted, but not the request for one', () => {
    expect(archivable(MARKER, true)).toBe(true);
    expect(archivable(MARKER + hint('no-store'), true)).toBe(false);
    expect(archivable('<markable xmlns="urn:xmpp:chat-markers:0"/>', true)).toBe(false);
  });
});
