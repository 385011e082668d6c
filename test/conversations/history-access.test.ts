/** Who may read a room's archive, and who sees whose words they were (XEP-0313 §6.1.2, §8.1): every kind of person, every kind of room. */
import { conversation, type Conversation } from '../support/conversation';
import { ASKERS, bareJidOf, check, columns, jidOf, request, stage } from './askers';
import { admin, coven, crone, hag, hecate, iq, join, refusal, ROOM, submit, wicca } from './expected';
import { answerTo, ask, fin, MAM, query, result, says } from './archive-stanzas';
import { asRoom } from '../support/jids';

const ROOMS: Record<string, Record<string, string>> = {
  open: {},
  hidden: { 'muc#roomconfig_publicroom': '0' },
  'non-anonymous': { 'muc#roomconfig_whois': 'anyone' },
  'members-only': { 'muc#roomconfig_membersonly': '1' },
  password: { 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldron' },
  'members-only password': {
    ...{ 'muc#roomconfig_membersonly': '1', 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldron' },
  },
};

describe('XEP-0313 §6.1.2 exactly who may enter may read', () => {
  const REQUESTS = {
    query: request('set', query()),
    form: request('get', `<query xmlns="${MAM}"/>`),
    metadata: request('get', `<metadata xmlns="${MAM}"/>`),
  };
  /** owner admin member moderator participant visitor absent-owner absent-admin absent-member outcast stranger */
  const OUTCOMES: Record<string, string> = {
    open: 'ok ok ok ok ok ok ok ok ok forbidden ok',
    hidden: 'ok ok ok ok ok ok ok ok ok forbidden ok',
    'non-anonymous': 'ok ok ok ok ok ok ok ok ok forbidden ok',
    'members-only': 'ok ok ok forbidden forbidden forbidden ok ok ok forbidden forbidden',
    password: 'ok ok ok ok ok ok ok ok forbidden forbidden forbidden',
    'members-only password': 'ok ok ok forbidden forbidden forbidden ok ok forbidden forbidden forbidden',
  };
  check(
    ASKERS,
    Object.entries(REQUESTS).flatMap(([what, stanza]) =>
      Object.entries(OUTCOMES).map(([kind, outcomes]) => ({
        section: '6.1.2',
        what: `${what} of the archive of a room that is ${kind}`,
        stanza,
        outcomes,
        fields: ROOMS[kind] as Record<string, string>,
      })),
    ),
  );

  test('a locked room has an archive for its owner only', () => {
    const c = conversation();
    join(c, crone, 'firstwitch');
    c.forget();
    ask(c, hag);
    c.expect(refusal('iq', ROOM, hag, 'q', 'cancel', 'item-not-found'));
    ask(c, crone);
    c.expect(fin(crone, { complete: true, count: 0 }));
  });

  test('where there is no room there is no archive; of one that was destroyed that is said', () => {
    const c = coven(['secondwitch'], { 'muc#roomconfig_persistentroom': '1' });
    ask(c, hag);
    c.forget();
    iq(c, crone, 'set', 'd', '<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>');
    c.forget();
    ask(c, crone);
    c.expect(refusal('iq', ROOM, crone, 'q', 'cancel', 'gone'));
    iq(c, hag, 'set', 'q', query(), asRoom('nowhere@chat.shakespeare.lit'));
    expect(c.take()[0]).toContain('<item-not-found');
  });

  test('in a room with a password: who is in by one client reads by that one', () => {
    const c = coven(['thirdwitch']);
    says(c, crone, 'secret');
    iq(c, crone, 'set', 'p', submit(ROOMS['password'] as Record<string, string>));
    expect(answerTo(c, hag).bodies).toEqual(['secret']);
    expect(answerTo(c, 'hag66@shakespeare.lit/elsewhere')).toMatchObject({ refused: 'forbidden' });
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    expect(answerTo(c, hag)).toMatchObject({ refused: 'forbidden' });
  });

  test('who is made an outcast, or loses membership, reads no more', () => {
    const c = coven(['thirdwitch']);
    says(c, crone, 'x');
    expect(answerTo(c, hag).bodies).toEqual(['x']);
    iq(c, crone, 'set', 'b', admin('<item affiliation="outcast" jid="hag66@shakespeare.lit"/>'));
    expect(answerTo(c, hag)).toMatchObject({ refused: 'forbidden' });
  });

  test('a service administrator reads everything', () => {
    const c = coven([], ROOMS['members-only password'], { isServiceAdmin: (jid) => jid === 'hecate@shakespeare.lit' });
    const [id] = says(c, crone, 'x') as [string];
    ask(c, hecate);
    c.expect(
      result(hecate, { nick: 'firstwitch', id, payload: '<body>x</body>', clientId: 'c0', jid: crone }),
      fin(hecate, { complete: true, first: id, index: 0, last: id, count: 1 }),
    );
  });
});

describe('XEP-0313 §6.1.2 real JIDs', () => {
  const SEES: Record<string, string> = {
    open: 'all all own all own own all all own none own',
    'non-anonymous': 'all all all all all all all all all none all',
  };
  const cases = Object.entries(SEES).flatMap(([kind, words]) => columns(ASKERS, words).map((column) => ({ kind, ...column })));

  test.each(cases)('a room that is $kind shows $asker the real JIDs of: $outcome', ({ kind, asker, outcome }) => {
    const c = stage(ROOMS[kind]);
    for (const who of ['owner', 'moderator', 'participant']) says(c, jidOf(who), `of ${who}`);
    ask(c, jidOf(asker));
    const said = c.take().join('').replaceAll(jidOf(asker), '').replaceAll(bareJidOf(asker), '');
    const shown = ['owner', 'moderator', 'participant'].filter((who) => said.includes(`jid="${jidOf(who)}"`));
    // One's own address was taken out above: it is in every stanza.
    const others = ['owner', 'moderator', 'participant'].filter((who) => who !== asker);
    expect(shown).toEqual(outcome === 'all' ? others : []);
    if (outcome !== 'all') expect(said).not.toContain('@shakespeare.lit/');
  });

  /** What of each message's author somebody sees: the JID or nothing. */
  function shown(c: Conversation, to: string): string[] {
    c.take();
    ask(c, to);
    return c
      .take()
      .filter((stanza) => stanza.includes('<result '))
      .map((stanza) => /<item jid="([^"]*)"/.exec(stanza)?.[1] ?? '');
  }

  test('those without the right see only what was said while everybody saw JIDs, and only while everybody sees them today', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const whois = (value: string): void => iq(c, crone, 'set', 'w', submit({ 'muc#roomconfig_whois': value }));
    says(c, crone, 'before');
    whois('anyone');
    says(c, crone, 'while');
    for (const to of [hag, hecate]) expect(shown(c, to)).toEqual(['', crone]);
    expect(shown(c, wicca)).toEqual([crone, crone]);
    whois('moderators');
    says(c, crone, 'after');
    for (const to of [hag, hecate]) expect(shown(c, to)).toEqual(['', '', '']);
    expect(shown(c, wicca)).toEqual([crone, crone, crone]);
    whois('anyone');
    for (const to of [hag, hecate]) expect(shown(c, to)).toEqual(['', crone, '']);
    expect(shown(c, crone)).toEqual([crone, crone, crone]);
  });

  test('moderators see them as long as they are moderators, from all their clients', () => {
    const c = coven(['thirdwitch']);
    says(c, crone, 'x');
    expect(shown(c, hag)).toEqual(['']);
    iq(c, crone, 'set', 'm', admin('<item nick="thirdwitch" role="moderator"/>'));
    expect(shown(c, hag)).toEqual([crone]);
    expect(shown(c, 'hag66@shakespeare.lit/phone')).toEqual([crone]);
    iq(c, crone, 'set', 'm', admin('<item nick="thirdwitch" role="participant"/>'));
    expect(shown(c, hag)).toEqual(['']);
  });

  test('it is the client that spoke', () => {
    const c = coven();
    join(c, 'crone1@shakespeare.lit/phone', 'firstwitch');
    says(c, 'crone1@shakespeare.lit/phone', 'from the phone');
    expect(shown(c, wicca)).toEqual(['crone1@shakespeare.lit/phone']);
  });
});
