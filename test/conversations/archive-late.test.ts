/** What may change between a question to the archive and its answer, and archives that do not answer (XEP-0313 §6.1.2 "at the time of the query"). */
import { admin, coven, crone, hag, hecate, iq, join, refusal, ROOM, submit, wicca } from './expected';
import { ask, fin, MAM, query, readAnswer, result, says } from './archive-stanzas';

type Coven = ReturnType<typeof coven>;

const refused = (to: string, type: string, condition: string, id = 'q'): string => refusal('iq', ROOM, to, id, type, condition);

/** The answers to an asker once the archive answers, for questions from before `meanwhile`. */
function late(c: Coven, to: string, meanwhile: () => void, fields?: Record<string, string>): string[] {
  c.holdArchive();
  ask(c, to, fields ? { fields } : {});
  meanwhile();
  c.take();
  c.answerArchive();
  return c.take();
}

describe('XEP-0313 §6.1.2 rights are those of the moment at which the answer leaves', () => {
  const ban = (c: Coven): void => iq(c, crone, 'set', 'b', admin('<item affiliation="outcast" jid="hag66@shakespeare.lit"/>'));

  test.each([
    ['banned', ban],
    [
      'outside of a room that only members may enter',
      (c: Coven) => iq(c, crone, 'set', 'o', submit({ 'muc#roomconfig_membersonly': '1' })),
    ],
    [
      'outside of a room that needs a password',
      (c: Coven) => {
        c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
        iq(c, crone, 'set', 'o', submit({ 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'x' }));
      },
    ],
  ])('who is %s by then gets nothing', (_, meanwhile) => {
    const c = coven(['thirdwitch']);
    says(c, crone, 'x');
    expect(late(c, hag, () => meanwhile(c)).map((stanza) => /<forbidden/.test(stanza))).toEqual([true]);
  });

  test('neither metadata', () => {
    const c = coven(['thirdwitch']);
    says(c, crone, 'x');
    c.holdArchive();
    iq(c, hag, 'get', 'q', `<metadata xmlns="${MAM}"/>`);
    ban(c);
    c.take();
    c.answerArchive();
    c.expect(refused(hag, 'auth', 'forbidden'));
  });

  test('who is no moderator any more sees no JIDs, and not whose words a JID’s were', () => {
    const c = coven(['thirdwitch']);
    const role = (name: string): void => iq(c, crone, 'set', 'm', admin(`<item nick="thirdwitch" role="${name}"/>`));
    says(c, crone, 'x');
    role('moderator');
    expect(late(c, hag, () => role('participant')).join('')).not.toContain('crone1@');
    role('moderator');
    const fields = { with: 'crone1@shakespeare.lit' };
    expect(
      readAnswer(
        late(c, hag, () => undefined, fields),
        hag,
      ).bodies,
    ).toEqual(['x']);
    expect(
      readAnswer(
        late(c, hag, () => role('participant'), fields),
        hag,
      ),
    ).toEqual({ bodies: [], ids: [], complete: true, count: 0 });
  });

  test('a room that hides JIDs by then shows none', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_whois': 'anyone' });
    says(c, crone, 'x');
    const hide = (): void => iq(c, crone, 'set', 'w', submit({ 'muc#roomconfig_whois': 'moderators' }));
    expect(late(c, hag, () => undefined).join('')).toContain('crone1@');
    expect(late(c, hag, hide).join('')).not.toContain('crone1@');
  });

  test('a room that is destroyed by then, or is another one: nothing of the former', () => {
    const destroy = (c: Coven): void => iq(c, crone, 'set', 'd', '<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>');
    const c = coven(['thirdwitch']);
    says(c, crone, 'former');
    expect(late(c, hag, () => destroy(c)).map((stanza) => /<(gone|item-not-found)/.test(stanza))).toEqual([true]);
    const again = coven(['thirdwitch'], { 'muc#roomconfig_persistentroom': '0' });
    says(again, crone, 'former');
    const answer = late(again, hag, () => {
      destroy(again);
      join(again, wicca, 'other');
      iq(again, wicca, 'set', 'u', submit({}));
      says(again, wicca, 'present');
    });
    expect(readAnswer(answer, hag).bodies).toEqual(['present']);
  });

  test('a room that is being set up by then is nobody’s but its owner’s', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_persistentroom': '0' });
    says(c, crone, 'former');
    const answer = late(c, hag, () => {
      iq(c, crone, 'set', 'd', '<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>');
      join(c, wicca, 'other');
    });
    expect(answer.map((stanza) => /<item-not-found/.test(stanza))).toEqual([true]);
  });

  test('what is said after the question is not in its answer, nor counted', () => {
    const c = coven(['thirdwitch']);
    says(c, crone, 'before');
    expect(
      readAnswer(
        late(c, hag, () => says(c, crone, 'after')),
        hag,
      ),
    ).toMatchObject({ bodies: ['before'], complete: true, count: 1 });
  });

  test('the room made anew from its rows meanwhile answers all the same', () => {
    const c = coven(['thirdwitch']);
    says(c, crone, 'x');
    expect(
      readAnswer(
        late(c, hag, () => c.restart()),
        hag,
      ).bodies,
    ).toEqual(['x']);
  });
});

describe('archives that do not answer', () => {
  test.each([
    ['busy', 'wait', 'resource-constraint'],
    ['failed', 'wait', 'internal-server-error'],
  ] as const)('%s: try again', (kind, type, condition) => {
    const c = coven();
    c.holdArchive();
    ask(c, crone);
    iq(c, crone, 'get', 'm', `<metadata xmlns="${MAM}"/>`);
    c.answerArchive({ kind });
    c.expect(refused(crone, type, condition), refused(crone, type, condition, 'm'));
  });

  test('one client has at most five questions to a room under way; others may still ask, and so may this client later', () => {
    const c = coven();
    const [id] = says(c, crone, 'x') as [string];
    c.holdArchive();
    for (const each of ['1', '2', '3', '4', '5', '6']) ask(c, hag, {}, each);
    c.expect(refused(hag, 'wait', 'resource-constraint', '6'));
    for (const other of [hecate, 'hag66@shakespeare.lit/elsewhere']) ask(c, other);
    c.expect();
    c.answerArchive();
    expect(c.take().filter((stanza) => stanza.includes('<fin '))).toHaveLength(7);
    ask(c, hag);
    c.expect(
      result(hag, { nick: 'firstwitch', id, payload: '<body>x</body>', clientId: 'c0' }),
      fin(hag, { complete: true, first: id, index: 0, last: id, count: 1 }),
    );
  });

  test('a question whose answer was lost on its way does not count for ever', () => {
    const c = coven();
    c.holdArchive();
    for (const each of ['1', '2', '3', '4', '5']) ask(c, hag, {}, each);
    ask(c, hag, {}, '6');
    c.expect(refused(hag, 'wait', 'resource-constraint', '6'));
    c.advance(60_000);
    ask(c, hag, {}, '7');
    c.expect();
  });

  test('a request that is refused for what is in it does not count', () => {
    const c = coven();
    c.holdArchive();
    for (let i = 0; i < 10; i++) iq(c, hag, 'set', 'bad', query({ fields: { start: 'x' } }));
    c.take();
    ask(c, hag);
    c.expect();
  });
});
