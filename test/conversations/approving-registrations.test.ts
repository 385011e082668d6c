/** Approval of registrations by the room's admins: XEP-0045 §9.9. */
import type { Conversation } from '../support/conversation';
import {
  admin,
  announced,
  coven,
  crone,
  gone,
  hag,
  hecate,
  iq,
  join,
  noSubject,
  notice101,
  presence,
  refusal,
  result,
  ROOM,
  status,
  wicca,
} from './expected';
import {
  MODE,
  LOCK,
  MEMBERS_ONLY,
  PERSISTENT,
  bare,
  query,
  type Fields,
  answer,
  ANSWERS,
  nickForm,
  ask,
  send,
  registered,
  denied,
  requirements,
  approvalForm,
  HAG,
  JID,
  verdict,
  told,
  answerRefused,
} from './registration-stanzas';
import { asFull } from '../support/jids';

describe('§9.9 approving registrations', () => {
  /** thirdwitch waits; the form went to crone. */
  const waiting = (fields: Fields = {}): Conversation => {
    const c = coven([], { [MODE]: 'approval', [PERSISTENT]: '1', ...fields });
    send(c);
    c.expect(result(hag, 'nv71va54'), approvalForm(crone, ANSWERS, HAG, 'a'));
    return c;
  };
  const member = announced(crone, HAG, 'member');

  test('Example 151: the form goes to the admins in the room, and approval registers', () => {
    const c = coven(['secondwitch', 'thirdwitch'], { [MODE]: 'approval' });
    send(c);
    c.expect(result(hag, 'nv71va54'), approvalForm(crone, ANSWERS, HAG, 'a'), approvalForm(wicca, ANSWERS, HAG, 'a'));
    answer(c, { ...ANSWERS, ...verdict('true') }, wicca);
    const item = { affiliation: 'member', role: 'participant' };
    c.expect(
      presence('thirdwitch', crone, { ...item, jid: hag }),
      presence('thirdwitch', wicca, { ...item, jid: hag }),
      presence('thirdwitch', hag, item, { codes: [110] }),
      told(HAG),
    );
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch')));
  });
  test('members-only rooms ask for approval by default, and the approved may enter', () => {
    const c = waiting({ [MODE]: 'auto', [MEMBERS_ONLY]: '1' });
    answer(c, verdict('1'));
    c.expect(member, told(HAG));
    join(c, hag, 'thirdwitch');
    c.expectTo(crone, presence('thirdwitch', crone, { affiliation: 'member', role: 'participant', jid: hag }));
    send(c, query('<remove/>'));
    c.expectTo(crone, gone('thirdwitch', crone, { affiliation: 'none', jid: hag }, { codes: [321] }));
  });
  test('refusal: the asker is told, and may ask again', () => {
    const c = waiting();
    answer(c, verdict('0'));
    c.expect(told(HAG));
    ask(c);
    c.expect(result(hag, 'jw81b36f', requirements()));
    send(c);
    c.expect(result(hag, 'nv71va54'), approvalForm(crone, ANSWERS, HAG, 'b'));
  });
  test('a cancelled form leaves it waiting, over a restart too', () => {
    const c = waiting();
    answer(c, {}, crone, 'cancel');
    c.send(`<message from="${crone}" to="${ROOM}" id="ans"><x xmlns="jabber:x:data" type="cancel"/></message>`);
    c.expect();
    c.restart();
    ask(c);
    c.expect(
      result(hag, 'jw81b36f', requirements(Object.fromEntries(Object.entries(ANSWERS).map(([name, value]) => [name.slice(13), value])))),
    );
    answer(c, verdict('1'));
    c.expect(member, told(HAG));
  });
  test('with no admin in the room, all of them are written to, and whoever enters later gets the form', () => {
    const c = coven([], { [MODE]: 'approval', [PERSISTENT]: '1' });
    // A domain reads no mail.
    iq(c, crone, 'set', 'adm', admin('<item affiliation="admin" jid="coven.example"/>'));
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
    c.forget();
    send(c);
    c.expect(result(hag, 'nv71va54'), approvalForm(bare(crone), ANSWERS, HAG, 'a'), approvalForm(bare(wicca), ANSWERS, HAG, 'a'));
    c.restart();
    join(c, wicca, 'secondwitch');
    c.expect(
      presence('secondwitch', wicca, { affiliation: 'admin', role: 'moderator', jid: wicca }, { id: 'n13mt3l', codes: [110] }),
      noSubject(wicca),
      approvalForm(wicca, ANSWERS, HAG, 'b'),
    );
  });
  test('who becomes an admin gets what waits', () => {
    const c = waiting();
    join(c, hecate, 'hecate');
    c.forget();
    iq(c, crone, 'set', 'adm', admin(`<item affiliation="admin" jid="${bare(hecate)}"/>`));
    const forms = c.take().filter((stanza) => stanza.includes('muc#register_allow'));
    expect(forms).toHaveLength(1);
    expect(forms[0]).toContain(`to="${hecate}"`);
    iq(c, crone, 'set', 'own', admin(`<item affiliation="owner" jid="${bare(hecate)}"/>`));
    expect(c.take().filter((stanza) => stanza.includes('muc#register_allow'))).toEqual([]);
  });
  test('only admins answer, in the room or not', () => {
    const c = waiting();
    answer(c, verdict('1'), hag);
    c.expect(answerRefused(hag, verdict('1'), 'auth', 'forbidden'));
    answer(c, verdict('1'), wicca);
    c.expect(member, told(HAG));
  });
  test('an answer without our field is understood by the nick', () => {
    const c = waiting();
    const fields = { 'muc#register_roomnick': 'thirdwitch', 'muc#register_allow': '1' };
    answer(c, fields);
    c.expect(member, told(HAG));
    answer(c, fields);
    c.expect(answerRefused(crone, fields, 'cancel', 'item-not-found'));
  });
  test('an answer that says neither yes nor no, or not to whom', () => {
    const c = waiting();
    const neither = { [JID]: HAG, 'muc#register_allow': 'maybe' };
    answer(c, neither);
    c.expect(answerRefused(crone, neither, 'modify', 'bad-request'));
    answer(c, verdict('1', 'thirdwitch', bare(hecate)));
    c.expect(answerRefused(crone, verdict('1', 'thirdwitch', bare(hecate)), 'cancel', 'item-not-found'));
    answer(c, { 'muc#register_allow': '1' });
    c.expect(answerRefused(crone, { 'muc#register_allow': '1' }, 'cancel', 'item-not-found'));
  });
  test('asked again with another nick, the former form is void; the same again bothers nobody', () => {
    const c = waiting();
    send(c);
    c.expect(result(hag, 'nv71va54'));
    send(c, nickForm('crookback'));
    c.expect(result(hag, 'nv71va54'), approvalForm(crone, { 'muc#register_roomnick': 'crookback' }, HAG, 'b'));
    answer(c, verdict('1'));
    c.expect(answerRefused(crone, verdict('1'), 'cancel', 'item-not-found'));
    answer(c, verdict('1', 'crookback'));
    c.expect(member, told(HAG));
  });
  test('found E7: a nick that somebody took meanwhile is not reserved, and both are told; the membership does not wait for it', () => {
    const c = waiting();
    join(c, hecate, 'thirdwitch');
    c.forget();
    answer(c, verdict('1'));
    const said = c.take();
    expect(said.filter((xml) => xml.includes('The nickname thirdwitch was not reserved') && xml.includes(`to="${crone}"`))).toHaveLength(1);
    expect(said.filter((xml) => xml.includes('The nickname thirdwitch is not reserved') && xml.includes(`to="${HAG}"`))).toHaveLength(1);
    iq(c, crone, 'get', 'l', admin('<item affiliation="member"/>'));
    c.expect(result(crone, 'l', admin(`<item affiliation="member" jid="${HAG}"/>`)));
  });
  test.each([
    ['outcast', HAG],
    ['member', HAG],
    ['outcast', 'shakespeare.lit'],
  ])('who is made %s meanwhile (%s) waits no more', (affiliation, jid) => {
    const c = waiting();
    iq(c, crone, 'set', 'aff', admin(`<item affiliation="${affiliation}" jid="${jid}"/>`));
    c.forget();
    answer(c, verdict('1'));
    c.expect(answerRefused(crone, verdict('1'), 'cancel', 'item-not-found'));
  });
  test('no more wait than the operator allows', () => {
    const c = coven([], { [MODE]: 'approval' }, { limits: { waiting: 1 } });
    send(c);
    c.forget();
    send(c, nickForm('hecate'), hecate);
    c.expect(denied(hecate, 'nv71va54', 'wait', 'resource-constraint'));
    send(c, nickForm('thirdwitch'));
    c.expect(result(hag, 'nv71va54'), approvalForm(crone, { 'muc#register_roomnick': 'thirdwitch' }, HAG, 'b'));
    answer(c, verdict('0'));
    c.forget();
    send(c, nickForm('hecate'), hecate);
    c.expect(result(hecate, 'nv71va54'), approvalForm(crone, { 'muc#register_roomnick': 'hecate' }, bare(hecate), 'a'));
  });
  test('F15 one domain fills no more than half of what may wait: others find room', () => {
    const c = coven([], { [MODE]: 'approval' }, { limits: { waiting: 4 }, isLocal: (domain) => domain === 'home.lit' });
    const ask = (jid: string, nick: string): string => {
      c.forget();
      send(c, nickForm(nick), asFull(jid));
      return c.take().find((one) => one.includes(`to="${jid}"`)) ?? '';
    };
    expect(ask('a@crowd.lit/1', 'aa')).toContain('type="result"');
    expect(ask('b@crowd.lit/1', 'bb')).toContain('type="result"');
    expect(ask('c@crowd.lit/1', 'cc')).toContain('<resource-constraint');
    expect(ask('d@other.lit/1', 'dd')).toContain('type="result"');
    expect(ask('e@home.lit/1', 'ee')).toContain('type="result"');
    expect(ask('f@home.lit/1', 'ff')).toContain('<resource-constraint');
  });
  test('members need no approval for a nick', () => {
    const c = coven([], { [MODE]: 'approval' });
    iq(c, crone, 'set', 'grant', admin(`<item affiliation="member" jid="${HAG}"/>`));
    c.expect(result(crone, 'grant'), member, notice101(HAG, 'member'));
    send(c);
    c.expect(result(hag, 'nv71va54'));
  });
  test('with locked nicks the approved is renamed (210)', () => {
    const c = coven([], { [MODE]: 'approval', [LOCK]: '1' });
    join(c, hag, 'crookback');
    send(c);
    c.forget();
    answer(c, verdict('1'));
    const renamed = c.take().filter((stanza) => stanza.includes(status(210)));
    expect(renamed.map((stanza) => /to="([^"]*)"/.exec(stanza)?.[1])).toEqual([crone, hag]);
  });
  test('other messages to the room are answered as before', () => {
    const c = coven();
    c.send(`<message from="${hecate}" to="${ROOM}" id="m"><body>hello</body></message>`);
    c.expect(refusal('message', ROOM, hecate, 'm', 'modify', 'not-acceptable', '<body>hello</body>'));
  });
});
