/** One id for a message wherever it is shown, for what is archived and only for that (XEP-0313 §3.5, XEP-0359); what is left of a removed one (§3.2). */
import type { Conversation } from '../support/conversation';
import { coven, crone, hag, hecate, iq, join, ROOM, submit, wicca } from './expected';
import { answerTo, ask, fin, says } from './archive-stanzas';
import { asStanzaId } from '../support/ids';

/** The ids that the room gave, in the order of the stanzas; '' where it gave none. */
const idsIn = (stanzas: readonly string[]): string[] =>
  stanzas.map((stanza) => new RegExp(`<stanza-id xmlns="urn:xmpp:sid:0" id="([^"]*)" by="${ROOM}"/>`).exec(stanza)?.[1] ?? '');

/** What somebody who comes in is shown of what was said. */
function history(c: Conversation, who: string, nick: string): string[] {
  c.take();
  join(c, who, nick);
  return c.take().filter((stanza) => stanza.startsWith('<message') && stanza.includes('<body>'));
}

describe('XEP-0313 §3.5 one id', () => {
  test('equal in the live copies, the own reflection, the history, the archive, a search, and all of it said again', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="own"><body>Double, double</body></message>`);
    const live = idsIn(c.take());
    expect(live).toHaveLength(3);
    const [id] = live as [string];
    expect(id).toMatch(/^[-\w]{22}$/);
    expect(new Set(live).size).toBe(1);
    c.restart(false);
    expect(idsIn(c.take().filter((stanza) => stanza.includes('<body>')))).toEqual([id, id, id]);
    expect(idsIn(history(c, hecate, 'hecate'))).toEqual([id]);
    ask(c, hecate);
    const archive = c.take();
    expect(idsIn(archive)).toEqual([id, '']);
    expect(archive[0]).toContain(`<result xmlns="urn:xmpp:mam:2" id="${id}">`);
    expect(archive[1]).toContain(`<first index="0">${id}</first><last>${id}</last>`);
    expect(answerTo(c, hecate, { fields: { search: 'double' } }).ids).toEqual([id]);
    expect(answerTo(c, hecate, { fields: { ids: [id] } }).ids).toEqual([id]);
    c.restart();
    expect(answerTo(c, hecate).ids).toEqual([id]);
  });

  test('§4.1.2 two messages of one millisecond have different times in their order: clients that read by pages sort by time alone', () => {
    const c = coven();
    for (let i = 1; i <= 5; i++) {
      c.send(
        `<message from="${crone}" to="${ROOM}" type="groupchat" id="${i}">${i === 3 ? '<subject>s</subject>' : '<body>x</body>'}</message>`,
      );
      c.advance(-1);
    }
    c.take();
    ask(c, hecate);
    const archive = c.take().slice(0, -1);
    const stamps = archive.map((stanza) => Date.parse(/<delay [^>]*stamp="([^"]*)"/.exec(stanza)?.[1] as string));
    expect(stamps).toHaveLength(5);
    expect(stamps.map((stamp) => stamp - (stamps[0] as number))).toEqual([0, 1, 2, 3, 4]);
    const ids = idsIn(archive);
    expect([...ids].sort()).toEqual(ids);
  });

  test('while the clock has been set back, too, and by restarts', () => {
    const c = coven();
    says(c, crone, 'before');
    c.advance(-3_600_000);
    for (let i = 0; i < 5; i++) {
      says(c, crone, 'x');
      if (i === 2) c.restart();
    }
    ask(c, hecate);
    const stamps = c.take().flatMap((stanza) => Date.parse(/<delay [^>]*stamp="([^"]*)"/.exec(stanza)?.[1] ?? '') || []);
    expect(stamps.map((stamp) => stamp - (stamps[0] as number))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('times run ahead of the clock by a second at most, and never back', () => {
    const c = coven();
    for (let i = 0; i < 1_010; i++) {
      c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>x</body></message>`);
      c.advance(-1);
    }
    c.take();
    ask(c, hecate, { page: '<before/><max>20</max>' });
    const stamps = c.take().flatMap((stanza) => Date.parse(/<delay [^>]*stamp="([^"]*)"/.exec(stanza)?.[1] ?? '') || []);
    expect(stamps).toHaveLength(20);
    expect([...stamps].sort((a, b) => a - b)).toEqual(stamps);
    expect(new Set(stamps.slice(-10)).size).toBe(1);
  });

  test('the content is the same in the live copy and the archive', () => {
    const c = coven();
    const payload =
      '<body>x</body><origin-id xmlns="urn:xmpp:sid:0" id="o"/><stanza-id xmlns="urn:xmpp:sid:0" id="x" by="elsewhere.example"/>';
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="i" xml:lang="en">${payload}</message>`);
    const [live] = c.take() as [string];
    ask(c, hecate);
    const [archived] = c.take() as [string];
    expect(archived).toContain(live.slice(live.indexOf('>') + 1));
  });

  test('XEP-0359 §5 a forged id of this room, however it is written, is nowhere; those of others stay', () => {
    const c = coven();
    const forged = [ROOM, ROOM.toUpperCase(), `${ROOM}/firstwitch`].map(
      (by) => `<stanza-id xmlns="urn:xmpp:sid:0" id="forged" by="${by}"/>`,
    );
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="i"><body>x</body>${forged.join('')}</message>`);
    const [live] = c.take() as [string];
    expect(live).not.toContain('forged');
    ask(c, hecate);
    expect(c.take()[0]).not.toContain('forged');
  });

  test('what is not archived has none, and is not there: hints, chat states, a room that keeps nothing', () => {
    const c = coven();
    for (const payload of [
      '<body>x</body><no-store xmlns="urn:xmpp:hints"/>',
      '<body>x</body><no-permanent-store xmlns="urn:xmpp:hints"/>',
      '<subject>x</subject><no-store xmlns="urn:xmpp:hints"/>',
      '<composing xmlns="http://jabber.org/protocol/chatstates"/>',
    ]) {
      c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="i">${payload}</message>`);
      expect(c.take()[0]).not.toContain('stanza-id');
    }
    iq(c, crone, 'set', 'o', submit({ 'muc#roomconfig_enablearchiving': '0' }));
    c.take();
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="i"><body>x</body></message>`);
    expect(c.take()[0]).not.toContain('stanza-id');
    expect(answerTo(c, crone)).toEqual({ bodies: [], ids: [], complete: true, count: 0 });
  });

  test('§6.2 ids rise with time, tell nothing of how many there are, and are never given twice', () => {
    const c = coven();
    const ids = Array.from({ length: 50 }, () => says(c, crone, 'same')[0] as string);
    expect(new Set(ids).size).toBe(50);
    expect(answerTo(c, crone, { page: '<max>100</max>' }).ids).toEqual(ids);
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('XEP-0313 §3.2 what was removed', () => {
  const TOMBSTONE = '<retracted xmlns="urn:xmpp:message-retract:1" stamp="2026-01-01T00:00:00Z"/>';

  test('its place, id and time stay, and it can be asked for and paged from', () => {
    const c = coven(['thirdwitch']);
    const ids = says(c, hag, 'one', 'regretted', 'three');
    const gone = ids[1] as string;
    c.change(ROOM, { table: 'retraction', id: asStanzaId(gone), payload: TOMBSTONE, person: 'kept' });
    expect(answerTo(c, hecate)).toMatchObject({ bodies: ['one', '', 'three'], ids, count: 3 });
    expect(answerTo(c, hecate, { page: `<after>${gone}</after>` }).bodies).toEqual(['three']);
    expect(answerTo(c, hecate, { page: `<before>${gone}</before>` }).bodies).toEqual(['one']);
    expect(answerTo(c, hecate, { fields: { 'after-id': gone } }).bodies).toEqual(['three']);
    expect(answerTo(c, hecate, { fields: { ids: [gone] } }).ids).toEqual([gone]);
    expect(answerTo(c, hecate, { fields: { search: 'regretted' } }).ids).toEqual([]);
    ask(c, hecate, { fields: { ids: [gone] } });
    const [tombstone] = c.take() as [string];
    expect(tombstone).toContain(`${TOMBSTONE}<occupant-id `);
    expect(tombstone).not.toContain('regretted');
    const [, shown] = history(c, hecate, 'hecate') as [string, string];
    expect(shown).not.toContain('regretted');
  });

  test('an erased person is nobody: an address that nobody can have, no client’s id, no JID; and not the room', () => {
    const c = coven(['thirdwitch']);
    const [id] = says(c, hag, 'x') as [string];
    c.change(ROOM, { table: 'retraction', id: asStanzaId(id), payload: TOMBSTONE, person: 'erased' });
    ask(c, crone);
    const [erased, end] = c.take() as [string, string];
    const [, from] = /<message xmlns="jabber:client" from="([^"]*)" type="groupchat">/.exec(erased) as unknown as [string, string];
    const occupantId = /<occupant-id xmlns="urn:xmpp:occupant-id:0" id="([^"]*)"\/>/.exec(erased)?.[1] as string;
    expect(from).toBe(`${ROOM}/-${occupantId}`);
    expect(erased).not.toContain('thirdwitch');
    expect(erased).not.toContain('hag66');
    expect(end).toContain(`<first index="0">${id}</first>`);
    c.send(`<presence from="${wicca}" to="${from}" id="j"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    expect(c.take()[0]).toContain('<not-acceptable');
  });

  test('what the room itself said is from the room', () => {
    const c = coven();
    says(c, crone, 'x');
    const author = { nick: null, sender: null, jidShown: false, occupantId: null, clientId: null, lang: null };
    const row = {
      seq: 1,
      rev: 1,
      stamp: 1767225600000,
      id: asStanzaId('room-spoke'),
      inHistory: false,
      payload: '<body>I am the room</body>',
      ...author,
    };
    c.change(ROOM, { table: 'message', row });
    ask(c, crone, { fields: { ids: 'room-spoke' } });
    const head = `<message from="${ROOM}" to="${crone}"><result xmlns="urn:xmpp:mam:2" id="room-spoke"><forwarded xmlns="urn:xmpp:forward:0">`;
    const inner = `<body>I am the room</body><stanza-id xmlns="urn:xmpp:sid:0" id="room-spoke" by="${ROOM}"/>`;
    c.expect(
      `${head}<delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="2026-01-01T00:00:00Z"/>` +
        `<message xmlns="jabber:client" from="${ROOM}" type="groupchat">${inner}</message></forwarded></result></message>`,
      fin(crone, { complete: true, first: 'room-spoke', index: 0, last: 'room-spoke', count: 1 }),
    );
  });
});
