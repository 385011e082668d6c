/** Moderators retract what others said: XEP-0425, in the forms of today and of version 0. */
import type { Conversation } from '../support/conversation';
import { ASKERS, columns, comesTo, jidOf, stage, type Asker } from './askers';
import { coven, crone, hag, hecate, iq, join, message, refusal, result, ROOM, submit, wicca } from './expected';
import { expectShown, said, shown } from './history-shown';

const RETRACT = 'urn:xmpp:message-retract:1';
const MODERATE = 'urn:xmpp:message-moderate:1';
const OLD = { retract: 'urn:xmpp:message-retract:0', moderate: 'urn:xmpp:message-moderate:0' };
const REASON = '<reason>This message contains inappropriate content for this forum</reason>';
const WORDS = '<body>DM me for free magic potions!</body>';

const moderate = (id: string, inner = REASON): string =>
  `<moderate id="${id}" xmlns="${MODERATE}"><retract xmlns="${RETRACT}"/>${inner}</moderate>`;
const old = (id: string, inner = REASON): string =>
  `<apply-to id="${id}" xmlns="urn:xmpp:fasten:0"><moderate xmlns="${OLD.moderate}"><retract xmlns="${OLD.retract}"/>${inner}</moderate></apply-to>`;
const occupantId = (name: string): string => `<occupant-id xmlns="urn:xmpp:occupant-id:0" id="{occ:${name}}"/>`;

/** What the room says of it, as it leaves; `by` undefined: somebody who is not in. */
function moderated(to: string, id: string, by: { nick?: string; occ?: string }, reason = REASON, delay = ''): string {
  const from = by.nick === undefined ? ROOM : `${ROOM}/${by.nick}`;
  const who = by.occ === undefined ? '' : occupantId(by.occ);
  return (
    `<message from="${ROOM}" to="${to}" type="groupchat" id="{sid:retraction}">` +
    `<retract xmlns="${RETRACT}" id="${id}"><moderated xmlns="${MODERATE}" by="${from}">${who}</moderated>${reason}</retract>` +
    `<apply-to xmlns="urn:xmpp:fasten:0" id="${id}"><moderated xmlns="${OLD.moderate}" by="${from}"><retract xmlns="${OLD.retract}"/>${reason}</moderated></apply-to>` +
    `<stanza-id xmlns="urn:xmpp:sid:0" id="{sid:moderation}" by="${ROOM}"/>${delay}</message>`
  );
}

const tombstone = (nick: string, occ: string, reason = REASON): string =>
  `<retracted xmlns="${RETRACT}" stamp="{stamp}" id="{sid:retraction}"><moderated xmlns="${MODERATE}" by="${ROOM}/${nick}">${occupantId(occ)}</moderated>${reason}</retracted>`;
const DELAY = `<delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="{stamp}"/>`;

describe('§2 discovery', () => {
  test('both forms', () => {
    const c = coven();
    iq(c, hecate, 'get', 'd', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
    const [info] = c.take();
    for (const feature of [MODERATE, OLD.moderate]) expect(info).toContain(`<feature var="${feature}"/>`);
  });
});

describe('§3.1 a moderator retracts a message', () => {
  test.each([
    ['today', moderate],
    ['version 0', old],
  ])('in the form of %s: told to all in both, then the result; of the message a tombstone is left (§4)', (_, form) => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const id = said(c, hag, WORDS, 'inappropriate-1');
    iq(c, wicca, 'set', 'retract-request-1', form(id));
    const by = { nick: 'secondwitch', occ: 'secondwitch' };
    c.expect(...[crone, wicca, hag].map((to) => moderated(to, id, by)), result(wicca, 'retract-request-1'));
    const past = message('thirdwitch', hecate, tombstone('secondwitch', 'secondwitch'), 'words', {
      id: 'inappropriate-1',
      delay: '{stamp}',
    });
    expectShown(c, past, moderated(hecate, id, by, REASON, DELAY));
  });

  test('the same after a restart, and said again if it did not arrive', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const id = said(c, hag, WORDS);
    c.restart();
    iq(c, wicca, 'set', 'r', moderate(id));
    c.forget();
    c.restart(false);
    const again = c.take().filter((stanza) => stanza.startsWith('<message'));
    expect(again.filter((stanza) => stanza.includes('<moderated '))).toHaveLength(3);
    expect(again.join('')).not.toContain('potions');
    expect(shown(c).join('')).not.toContain('potions');
  });

  test('without a reason, of somebody who has left, and with the corrections that hold the words too', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const id = said(c, hag, WORDS, 'm1');
    said(c, hag, '<body>free potions</body><replace xmlns="urn:xmpp:message-correct:0" id="m1"/>', 'm2');
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.forget();
    iq(c, crone, 'set', 'r', moderate(id, ''));
    const by = { nick: 'firstwitch', occ: 'firstwitch' };
    c.expect(...[crone, wicca].map((to) => moderated(to, id, by, '')), result(crone, 'r'));
    const tomb = tombstone('firstwitch', 'firstwitch', '');
    const past = (sid: string, its: string): string => message('thirdwitch', hecate, tomb, sid, { id: its, delay: '{stamp}' });
    expectShown(c, past('one', 'm1'), past('two', 'm2'), moderated(hecate, id, by, '', DELAY));
  });

  test('an admin from outside: the room says that it was the room', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, WORDS);
    iq(c, wicca, 'set', 'r', moderate(id));
    c.expect(...[crone, hag].map((to) => moderated(to, id, { occ: 'secondwitch' })), result(wicca, 'r'));
  });

  test('one’s own message', () => {
    const c = coven();
    const id = said(c, crone, WORDS);
    iq(c, crone, 'set', 'r', moderate(id));
    c.expect(moderated(crone, id, { nick: 'firstwitch', occ: 'firstwitch' }), result(crone, 'r'));
  });

  test('what is retracted already: a result, and nothing else', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, WORDS);
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="r"><retract xmlns="${RETRACT}" id="${id}"/></message>`);
    c.forget();
    iq(c, crone, 'set', 'r', moderate(id));
    c.expect(result(crone, 'r'));
    const other = said(c, hag, WORDS);
    iq(c, crone, 'set', 'r', moderate(other));
    c.forget();
    iq(c, crone, 'set', 'r', moderate(other));
    c.expect(result(crone, 'r'));
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="q"><retract xmlns="${RETRACT}" id="${other}"/></message>`);
    c.expect(refusal('message', ROOM, hag, 'q', 'cancel', 'conflict', `<retract xmlns="${RETRACT}" id="${other}"/>`));
  });

  test('a retraction with words of its own loses them, and still says what it retracted (XEP-0424 §5)', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, WORDS, 'm1');
    const retraction = said(c, hag, `<retract xmlns="${RETRACT}" id="${id}"/><body>buy potions</body>`, 'm2');
    iq(c, crone, 'set', 'r', moderate(retraction));
    c.forget();
    const [, its] = shown(c);
    expect(its).toContain(`</retracted><retract xmlns="${RETRACT}" id="${id}"/><occupant-id`);
    expect(its).not.toContain('potions');
  });

  test('a former subject, but not the one that the room has', () => {
    const c = coven(['secondwitch']);
    const id = said(c, wicca, '<subject>Potions</subject>');
    iq(c, crone, 'set', 'r', moderate(id));
    c.expect(refusal('iq', ROOM, crone, 'r', 'cancel', 'not-allowed'));
    said(c, crone, '<subject>Brooms</subject>');
    iq(c, crone, 'set', 'r', moderate(id));
    c.expect(...[crone, wicca].map((to) => moderated(to, id, { nick: 'firstwitch', occ: 'firstwitch' })), result(crone, 'r'));
  });
});

describe('§3.2 refusals', () => {
  // in the room: owner admin member moderator participant visitor; not: owner admin member outcast stranger
  const rows: [string, string, string][] = [
    ['participant', 'what a participant said', 'ok ok forbidden ok forbidden forbidden ok ok forbidden forbidden forbidden'],
    ['member', 'what a member said', 'ok ok forbidden not-allowed forbidden forbidden ok ok forbidden forbidden forbidden'],
    [
      'other-admin',
      'what an admin said (§8.2: nobody above)',
      'ok ok forbidden not-allowed forbidden forbidden ok ok forbidden forbidden forbidden',
    ],
    [
      'other-owner',
      'what an owner said',
      'ok not-allowed forbidden not-allowed forbidden forbidden ok not-allowed forbidden forbidden forbidden',
    ],
    [
      'nobody',
      'what is not there',
      'item-not-found item-not-found forbidden item-not-found forbidden forbidden item-not-found item-not-found forbidden forbidden forbidden',
    ],
  ];
  const cases = rows.flatMap(([author, what, outcomes]) =>
    columns(ASKERS, outcomes).map(({ asker, outcome }): [string, Asker, string, string] => [what, asker, outcome, author]),
  );
  test.each(cases)('%s, by %s: %s', (_, asker, outcome, author) => {
    const c = stage();
    const id = author === 'nobody' ? 'nowhere' : said(c, jidOf(author), WORDS);
    comesTo(c, `<iq from="${jidOf(asker)}" to="${ROOM}" type="set" id="i">${moderate(id)}</iq>`, outcome);
    expect(shown(c).join('').includes('potions')).toBe(author !== 'nobody' && outcome !== 'ok');
  });

  const ask = (c: Conversation, payload: string, type: 'get' | 'set' = 'set'): void => {
    iq(c, crone, type, 'r', payload);
  };
  test.each([
    ['without an id', `<moderate xmlns="${MODERATE}"><retract xmlns="${RETRACT}"/></moderate>`, 'modify', 'bad-request'],
    ['without what is wanted', `<moderate id="x" xmlns="${MODERATE}"/>`, 'cancel', 'feature-not-implemented'],
    [
      'without what is wanted, in version 0',
      `<apply-to id="x" xmlns="urn:xmpp:fasten:0"><moderate xmlns="${OLD.moderate}"/></apply-to>`,
      'cancel',
      'feature-not-implemented',
    ],
    [
      'something else fastened',
      '<apply-to id="x" xmlns="urn:xmpp:fasten:0"><other xmlns="urn:example"/></apply-to>',
      'cancel',
      'service-unavailable',
    ],
    ['with a novel for a reason', moderate('x', `<reason>${'x'.repeat(1001)}</reason>`), 'modify', 'not-acceptable'],
  ])('%s', (_, payload, type, condition) => {
    const c = coven();
    ask(c, payload);
    c.expect(refusal('iq', ROOM, crone, 'r', type, condition));
  });

  test('as a get', () => {
    const c = coven();
    ask(c, moderate('x'), 'get');
    c.expect(refusal('iq', ROOM, crone, 'r', 'modify', 'bad-request'));
  });

  test('a moderation itself: it must be kept', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, WORDS);
    ask(c, moderate(id));
    const sid = /<stanza-id xmlns="urn:xmpp:sid:0" id="([^"]*)"/.exec(c.take()[0] as string)?.[1] as string;
    ask(c, moderate(sid));
    c.expect(refusal('iq', ROOM, crone, 'r', 'cancel', 'not-allowed'));
  });

  test('what a former room of the name held', () => {
    const c = coven();
    const id = said(c, crone, WORDS);
    iq(c, crone, 'set', 'x', '<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>');
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'create', submit({}));
    c.forget();
    ask(c, moderate(id));
    c.expect(refusal('iq', ROOM, crone, 'r', 'cancel', 'item-not-found'));
  });
});
