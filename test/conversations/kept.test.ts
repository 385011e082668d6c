/** What the archive keeps beside what is said: markers (XEP-0333) and changes of the room, where the operator wants them. */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, hag, iq, message, notice, result, ROOM, status, submit, wicca } from './expected';
import { shown } from './history-shown';

const MUC_USER = 'http://jabber.org/protocol/muc#user';
const MARKER = '<displayed xmlns="urn:xmpp:chat-markers:0" id="x"/>';

describe('XEP-0333 chat markers', () => {
  const send = (c: Conversation): void => {
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="k">${MARKER}</message>`);
  };

  test('are passed on and not kept', () => {
    const c = coven(['thirdwitch']);
    send(c);
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, MARKER, null, { id: 'k' })));
  });

  test('archive.markers: they are kept', () => {
    const c = coven(['thirdwitch'], {}, { kept: { markers: true } });
    send(c);
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, MARKER, 'marker', { id: 'k' })));
    expect(shown(c)).toHaveLength(1);
  });
});

describe('archive.events', () => {
  const event = (to: string, inner: string, sid: string): string =>
    `<message from="${ROOM}" to="${to}" type="groupchat"><x xmlns="${MUC_USER}">${inner}</x><stanza-id xmlns="urn:xmpp:sid:0" id="{sid:${sid}}" by="${ROOM}"/></message>`;
  const rename = submit({ 'muc#roomconfig_roomname': 'Cave', 'muc#roomconfig_enablelogging': '1' });

  test('without it, notices (XEP-0045 §10.2.1) are not kept', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'n', rename);
    c.expectTo(hag, notice(hag, 104), notice(hag, 170));
  });

  test('each notice is a message of the room, kept, but no part of the history', () => {
    const c = coven(['thirdwitch'], {}, { kept: { events: true } });
    iq(c, crone, 'set', 'n', rename);
    const codes = (to: string): string[] => [104, 170].map((code) => event(to, status(code), String(code)));
    c.expectTo(hag, ...codes(hag));
    expect(shown(c)).toEqual([]);
  });

  test('one that did not arrive is said again once', () => {
    const c = coven([], {}, { kept: { events: true } });
    c.restart();
    iq(c, crone, 'set', 'n', submit({ 'muc#roomconfig_roomname': 'Cave' }));
    c.forget();
    c.restart(false);
    c.expect(event(crone, status(104), 'again'));
  });

  test('a change of affiliation names the person by nick, and never by address', () => {
    const c = coven(['secondwitch', 'thirdwitch'], {}, { kept: { events: true } });
    iq(c, wicca, 'set', 'm', admin('<item affiliation="member" jid="hag66@shakespeare.lit"><reason>A worthy witch!</reason></item>'));
    const told = (stanzas: string[]): string[] =>
      stanzas.filter((stanza) => stanza.startsWith(`<message`) && stanza.includes(`to="${hag}"`));
    const by = '<actor nick="secondwitch"/>';
    const [member] = told(c.take());
    expect(member).toContain(
      `<x xmlns="${MUC_USER}"><item affiliation="member" nick="thirdwitch" role="participant">${by}<reason>A worthy witch!</reason></item></x>`,
    );
    iq(c, wicca, 'set', 'm', admin('<item affiliation="outcast" jid="hecate@shakespeare.lit"/>'));
    const [outcast] = told(c.take());
    expect(outcast).toContain(`<x xmlns="${MUC_USER}"><item affiliation="outcast" role="none">${by}</item></x>`);
    iq(c, wicca, 'set', 'b', admin('<item affiliation="outcast" jid="hag66@shakespeare.lit"/>'));
    const stanzas = c.take();
    expect(
      stanzas.filter((stanza) => stanza.includes('<stanza-id')).map((stanza) => / nick="([^"]*)" role="none"/.exec(stanza)?.[1]),
    ).toEqual(Array(2).fill('thirdwitch'));
    expect(stanzas).toContainEqual(result(wicca, 'b').replace('></iq>', '/>'));
  });

  test('where nothing is kept they are not either', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_enablearchiving': '0' }, { kept: { events: true } });
    iq(c, crone, 'set', 'n', rename);
    c.expectTo(hag, notice(hag, 104), notice(hag, 170));
  });
});
