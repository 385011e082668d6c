/** The filters of an archive query (XEP-0313 §4.1.1-4.1.3): by whom, when, and by id. */
import { admin, coven, crone, hag, hecate, iq, join, refusal, ROOM, submit, wicca } from './expected';
import { answerTo, ask, says } from './archive-stanzas';

const refuses = (to: string, type: string, condition: string): string => refusal('iq', ROOM, to, 'q', type, condition);

describe('XEP-0313 §4.1.1 filtering by JID', () => {
  const BODIES = ['by firstwitch', 'by secondwitch', 'by thirdwitch', 'by secondwitch again'];

  /** All three have spoken; secondwitch, an admin, from two clients. */
  function spoken(fields: Record<string, string> = {}): ReturnType<typeof coven> {
    const c = coven(['secondwitch', 'thirdwitch'], fields);
    join(c, 'wiccarocks@shakespeare.lit/phone', 'secondwitch');
    says(c, crone, BODIES[0] as string);
    says(c, wicca, BODIES[1] as string);
    says(c, hag, BODIES[2] as string);
    says(c, 'wiccarocks@shakespeare.lit/phone', BODIES[3] as string);
    return c;
  }
  const found = (c: ReturnType<typeof coven>, from: string, jid: string): string[] => answerTo(c, from, { fields: { with: jid } }).bodies;

  test('XEP-0313 §4.1.1 Example 6 an occupant JID is the person who has that nick, also for messages under another nick', () => {
    const c = spoken();
    expect(found(c, hag, `${ROOM}/secondwitch`)).toEqual([BODIES[1], BODIES[3]]);
    c.send(`<presence from="${hag}" to="${ROOM}/hag"/>`);
    says(c, hag, 'renamed');
    expect(found(c, crone, `${ROOM}/hag`)).toEqual([BODIES[2], 'renamed']);
    expect(found(c, crone, `${ROOM}/thirdwitch`)).toEqual([]);
    // Whoever has the nick now is not who had it then.
    join(c, hecate, 'thirdwitch');
    expect(found(c, crone, `${ROOM}/thirdwitch`)).toEqual([]);
  });

  test('an occupant JID of nobody matches nothing; nicks compare as everywhere', () => {
    const c = spoken();
    expect(found(c, hag, `${ROOM}/nobody`)).toEqual([]);
    expect(found(c, hag, `${ROOM}/THIRDWITCH`)).toEqual([BODIES[2]]);
  });

  test('who is not in the room does not learn by it who is; admins and whom it concerns do', () => {
    const c = spoken();
    expect(found(c, hecate, `${ROOM}/thirdwitch`)).toEqual([]);
    c.send(`<presence from="${wicca}" to="${ROOM}/secondwitch" type="unavailable"/>`);
    c.send(`<presence from="wiccarocks@shakespeare.lit/phone" to="${ROOM}/secondwitch" type="unavailable"/>`);
    expect(found(c, wicca, `${ROOM}/thirdwitch`)).toEqual([BODIES[2]]);
    const shown = spoken({ 'muc#roomconfig_publiclist': '1' });
    expect(found(shown, hecate, `${ROOM}/firstwitch`)).toEqual([BODIES[0]]);
  });

  test('a reserved nick of somebody absent, to those who may know whose it is', () => {
    const c = spoken();
    iq(c, hag, 'set', 'r', '<query xmlns="jabber:iq:register"><username>thirdwitch</username></query>');
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    expect(found(c, crone, `${ROOM}/thirdwitch`)).toEqual([BODIES[2]]);
    expect(found(c, hag, `${ROOM}/thirdwitch`)).toEqual([BODIES[2]]);
    join(c, hecate, 'hecate');
    expect(found(c, hecate, `${ROOM}/thirdwitch`)).toEqual([]);
  });

  test('a bare real JID matches all clients of the account, a full one that client alone', () => {
    const c = spoken();
    expect(found(c, crone, 'wiccarocks@shakespeare.lit')).toEqual([BODIES[1], BODIES[3]]);
    expect(found(c, crone, 'WiccaRocks@Shakespeare.lit/phone')).toEqual([BODIES[3]]);
    expect(found(c, crone, 'nobody@shakespeare.lit')).toEqual([]);
  });

  test('in a semi-anonymous room only those who see JIDs may ask by them; to all others it is one that never spoke', () => {
    const c = spoken();
    const unknown = answerTo(c, hag, { fields: { with: 'nobody@shakespeare.lit' } });
    expect(answerTo(c, hag, { fields: { with: 'crone1@shakespeare.lit' } })).toEqual(unknown);
    expect(unknown).toEqual({ bodies: [], ids: [], complete: true, count: 0 });
    // One's own is no secret.
    expect(found(c, hag, 'hag66@shakespeare.lit')).toEqual([BODIES[2]]);
    iq(c, crone, 'set', 'm', admin('<item nick="thirdwitch" role="moderator"/>'));
    expect(found(c, hag, 'crone1@shakespeare.lit')).toEqual([BODIES[0]]);
  });

  test('in a non-anonymous room everybody may, of what was said while it was one', () => {
    const c = spoken({ 'muc#roomconfig_whois': 'moderators' });
    const whois = (value: string): void => iq(c, crone, 'set', 'w', submit({ 'muc#roomconfig_whois': value }));
    whois('anyone');
    says(c, crone, 'seen by all');
    expect(found(c, hag, 'crone1@shakespeare.lit')).toEqual(['seen by all']);
    expect(found(c, wicca, 'crone1@shakespeare.lit')).toEqual([BODIES[0], 'seen by all']);
    whois('moderators');
    expect(found(c, hag, 'crone1@shakespeare.lit')).toEqual([]);
  });

  test('the room’s own JID is the bare JID of everybody’s occupant JID', () => {
    const c = spoken();
    expect(found(c, hag, ROOM)).toEqual(BODIES);
    expect(found(c, hag, 'other@chat.shakespeare.lit/firstwitch')).toEqual([]);
  });

  test('what is no JID: bad-request, which names the field', () => {
    const c = coven();
    ask(c, crone, { fields: { with: '@@' } });
    const [reply] = c.take() as [string];
    expect(reply).toContain('bad-request');
    expect(reply).toContain('with');
  });
});

describe('XEP-0313 §4.1.2 filtering by time', () => {
  /** One message a day from 2026-01-02. */
  function days(): ReturnType<typeof coven> {
    const c = coven();
    for (const body of ['day 1', 'day 2', 'day 3']) {
      c.advance(86_400_000);
      says(c, crone, body);
    }
    return c;
  }

  test.each([
    ['XEP-0313 §4.1.2 Example 7 a timespan', { start: '2026-01-02T12:00:00Z', end: '2026-01-03T12:00:00Z' }, ['day 2']],
    ['XEP-0313 §4.1.2 Example 8 after a time', { start: '2026-01-03T00:00:00Z' }, ['day 2', 'day 3']],
    ['before a time', { end: '2026-01-03T00:00:00Z' }, ['day 1']],
    ['in another zone', { start: '2026-01-04T02:00:00+02:00' }, ['day 3']],
    ['an empty timespan', { start: '2026-01-09T00:00:00Z', end: '2026-01-08T00:00:00Z' }, []],
    ['fields left empty', { start: '', end: '', with: '', 'before-id': '', 'after-id': '', ids: [] }, ['day 1', 'day 2', 'day 3']],
  ] as const)('%s', (_, fields, expected) => {
    expect(answerTo(days(), crone, { fields }).bodies).toEqual(expected);
  });

  test('the very moment is in, on both sides', () => {
    const c = days();
    ask(c, crone);
    const stamps = c.take().flatMap((stanza) => /stamp="([^"]*)"/.exec(stanza)?.[1] ?? []);
    const [start, end] = [stamps[1] as string, stamps[1] as string];
    expect(answerTo(c, crone, { fields: { start, end } }).bodies).toEqual(['day 2']);
  });

  test('a time between two milliseconds: nothing before the start, nothing after the end', () => {
    const c = days();
    ask(c, crone);
    const stamp = c.take().flatMap((stanza) => /stamp="([^"]*)Z"/.exec(stanza)?.[1] ?? [])[1] as string;
    const found = (field: string, digits: string): string[] => answerTo(c, crone, { fields: { [field]: `${stamp}${digits}Z` } }).bodies;
    expect(stamp).toMatch(/\.\d{3}$/);
    expect(found('start', '000')).toEqual(['day 2', 'day 3']);
    expect(found('start', '001')).toEqual(['day 3']);
    expect(found('end', '999')).toEqual(['day 1', 'day 2']);
  });

  test.each(['start', 'end'])('%s that is no DateTime (XEP-0082): bad-request, which names the field', (field) => {
    const c = coven();
    for (const value of ['yesterday', '2026-01-02', '2026-13-02T00:00:00Z', '2026-01-02T00:00:00']) {
      ask(c, crone, { fields: { [field]: value } });
      c.expect(refuses(crone, 'modify', 'bad-request'));
    }
    ask(c, crone, { fields: { [field]: 'x' } });
    expect(c.take()[0]).toContain(`&quot;x&quot; in ${field}`.replaceAll('&quot;', '"'));
  });
});

describe('XEP-0313 §4.1.3 limiting by id', () => {
  function five(): { c: ReturnType<typeof coven>; ids: string[] } {
    const c = coven();
    return { c, ids: says(c, crone, 'a', 'b', 'c', 'd', 'e') };
  }

  test('XEP-0313 §4.1.3 Examples 9-11 after, between, and exactly these', () => {
    const { c, ids } = five();
    const [a, b, , d] = ids as [string, string, string, string];
    expect(answerTo(c, crone, { fields: { 'after-id': b } }).bodies).toEqual(['c', 'd', 'e']);
    expect(answerTo(c, crone, { fields: { 'before-id': d } }).bodies).toEqual(['a', 'b', 'c']);
    expect(answerTo(c, crone, { fields: { 'after-id': a, 'before-id': d } }).bodies).toEqual(['b', 'c']);
    expect(answerTo(c, crone, { fields: { ids: [d, b, d] } })).toMatchObject({ bodies: ['b', 'd'], count: 2, complete: true });
    expect(answerTo(c, crone, { fields: { 'after-id': d, 'before-id': a } }).bodies).toEqual([]);
  });

  test.each(['before-id', 'after-id', 'ids'])('%s of a message that is not in the archive: item-not-found', (field) => {
    const { c, ids } = five();
    ask(c, crone, { fields: { [field]: 'never-was' } });
    c.expect(refuses(crone, 'cancel', 'item-not-found'));
    ask(c, crone, { fields: { ids: [ids[0] as string, 'never-was'] } });
    c.expect(refuses(crone, 'cancel', 'item-not-found'));
  });

  test('no more ids than a page holds', () => {
    const c = coven([], {}, { limits: { archivePage: 3 } });
    const ids = says(c, crone, 'a', 'b', 'c', 'd');
    expect(answerTo(c, crone, { fields: { ids: ids.slice(1) } }).bodies).toEqual(['b', 'c', 'd']);
    ask(c, crone, { fields: { ids } });
    c.expect(refuses(crone, 'modify', 'not-acceptable'));
  });

  test('the archive of a former room of the same name is none of this one’s', () => {
    const c = coven([], { 'muc#roomconfig_persistentroom': '0' });
    const [old] = says(c, crone, 'old') as [string];
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
    join(c, hag, 'thirdwitch');
    iq(c, hag, 'set', 'u', submit({}));
    says(c, hag, 'new');
    expect(answerTo(c, hag).bodies).toEqual(['new']);
    ask(c, hag, { fields: { ids: old } });
    c.expect(refuses(hag, 'cancel', 'item-not-found'));
  });
});
