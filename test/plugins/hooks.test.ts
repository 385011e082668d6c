/** What a plug-in contributes to a room, hook by hook, by what people in the room see. */
import { definePlugin, refuse, xml, type Hooks } from '../../src/plugin';
import { testRoom, type TestPerson, type TestRoom } from '../../src/plugin-test';
import type { Host } from '../../src/plugin';
import type { By } from '../../src/room/contract/audit';
import { enter, instant } from '../service/real-rooms';
import { ANN, ROOM } from '../service/rig';
import { withHooks } from './feature-of';
import { serviceWith } from './service-with';

const roomWith = (hooks: Hooks, values = {}): Promise<TestRoom> => testRoom(withHooks(hooks), { values });
const iq = (room: TestRoom, type: string, payload: string): string => `<iq type="${type}" id="q" to="${room.jid}">${payload}</iq>`;

describe('checks', () => {
  test('entry: who is refused is told why, and may not read the archive either (XEP-0313 §6.1.2)', async () => {
    const room = await roomWith({
      checkEntry: { check: ({ jid }) => (jid.startsWith('eve') ? refuse('not-allowed', 'Not today.') : undefined) },
    });
    const eve = room.enter('eve@example.com');
    expect(eve.heard()).toEqual([expect.stringMatching(/type="error".*<not-allowed .*Not today\./)]);
    eve.send(iq(room, 'set', '<query xmlns="urn:xmpp:mam:2"/>'));
    expect(eve.heard()).toEqual([expect.stringMatching(/<not-allowed .*Not today\./)]);
    expect(room.enter('ann@example.com').heard().join('')).toContain('<status code="110"/>');
  });

  test('messages, private messages and presence', async () => {
    const room = await roomWith({
      checkMessage: {
        failing: 'pass',
        check: ({ body }) => (body?.includes('buy') ? refuse('policy-violation', 'No advertising.') : undefined),
      },
      checkPrivateMessage: {
        failing: 'pass',
        check: ({ to, from }) => (to.role === from.role ? undefined : refuse('forbidden', 'Ask in the room.')),
      },
      checkPresence: {
        failing: 'pass',
        check: ({ nick }) => (nick === 'admin' ? refuse('conflict', 'Take another nick.', { wait: true }) : undefined),
      },
    });
    const ann = room.enter('ann@example.com');
    ann.heard();
    ann.say('buy this');
    ann.whisper('owner', 'hello');
    ann.send(`<presence to="${room.jid}/admin"/>`);
    const told = ann.heard();
    expect(told).toHaveLength(3);
    expect(told[0]).toMatch(/<policy-violation .*No advertising\./);
    expect(told[1]).toMatch(/<forbidden .*Ask in the room\./);
    expect(told[2]).toMatch(/type="wait".*<conflict .*Take another nick\./);
    ann.say('hello');
    expect(ann.heard()).toEqual([expect.stringContaining('<body>hello</body>')]);
  });

  test('before affiliations and roles change: all of a request is refused with one item', async () => {
    const room = await roomWith({
      checkAffiliation: {
        failing: 'refuse',
        check: ({ jid, after }) => (after === 'outcast' && jid.startsWith('vip') ? refuse('not-allowed', 'Not them.') : undefined),
      },
      checkRole: {
        failing: 'refuse',
        check: ({ occupant, after, actor }) =>
          after === 'none' && actor.jid !== null && occupant.nick === 'ann' ? refuse('not-allowed', 'Not Ann.') : undefined,
      },
    });
    const ann = room.enter('ann@example.com');
    ann.heard();
    const admin = (item: string): string => iq(room, 'set', `<query xmlns="http://jabber.org/protocol/muc#admin">${item}</query>`);
    room.owner.heard();
    room.owner.send(admin('<item jid="vip@example.com" affiliation="outcast"/>'));
    room.owner.send(admin('<item nick="ann" role="none"/>'));
    const told = room.owner.heard();
    expect(told[0]).toContain('Not them.');
    expect(told[1]).toContain('Not Ann.');
    expect(ann.heard()).toEqual([]);
    room.owner.send(admin('<item jid="eve@example.com" affiliation="outcast"/>'));
    expect(room.owner.heard().join('')).toContain('type="result"');
  });
});

describe('what only a plug-in says', () => {
  test('a client that says it is not believed: in presence, to all, in private; what the plug-in adds stands', async () => {
    const badge = (by: string): string => `<badge xmlns="urn:x:badge" by="${by}"/>`;
    const room = await roomWith({
      reserves: ['badge urn:x:badge'],
      addToPresence: [{ audience: 'all', add: () => xml('badge', { xmlns: 'urn:x:badge', by: 'plug-in' }) }],
      addToMessages: [{ audience: 'all', add: () => xml('badge', { xmlns: 'urn:x:badge', by: 'plug-in' }) }],
    });
    const ann = room.enter('ann@example.com');
    ann.send(`<presence to="${room.jid}/ann">${badge('ann')}<other xmlns="urn:x:badge"/></presence>`);
    ann.send(`<message to="${room.jid}" type="groupchat"><body>hi</body>${badge('ann')}</message>`);
    ann.send(`<message to="${room.jid}/owner" type="chat"><body>psst</body>${badge('ann')}</message>`);
    const told = room.owner.heard().join('');
    expect(told).toContain('psst');
    expect(told).toContain('<other xmlns="urn:x:badge"');
    expect(told).toMatch(/<body>hi<\/body>.*by="plug-in"/);
    expect(told).not.toContain('by="ann"');
  });

  test('what everybody says is nobody’s, and one thing is one plug-in’s', async () => {
    for (const wrong of ['body', 'body jabber:client', 'a b c']) await expect(roomWith({ reserves: [wrong] })).rejects.toThrow(/reserves/);
  });
});

describe('additions', () => {
  const tag = (audience: string) => xml('tag', { xmlns: 'urn:x', audience });

  test('to presence, for each audience', async () => {
    const audiences = ['all', 'self', 'entitled', 'moderators'] as const;
    const room = await roomWith({ addToPresence: audiences.map((audience) => ({ audience, add: () => tag(audience) })) });
    const audiencesIn = (stanza: string | undefined): string[] =>
      [...(stanza ?? '').matchAll(/audience="(\w+)"/g)].map(([, name]) => name as string);
    const of = (stanzas: readonly string[], nick: string): string | undefined =>
      stanzas.find((stanza) => stanza.startsWith(`<presence from="${room.jid}/${nick}"`));
    const ann = room.enter('ann@example.com');
    const heard = ann.heard();
    expect(audiencesIn(of(heard, 'owner'))).toEqual(['all']);
    expect(audiencesIn(of(heard, 'ann'))).toEqual(['all', 'self']);
    expect(audiencesIn(of(room.owner.heard(), 'ann'))).toEqual(['all', 'entitled', 'moderators']);
    // The owner enters again: a moderator's roster.
    room.owner.send(`<presence to="${room.jid}/owner"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    const again = room.owner.heard();
    expect(audiencesIn(of(again, 'ann'))).toEqual(['all', 'entitled', 'moderators']);
    expect(audiencesIn(of(again, 'owner'))).toEqual(['all', 'self', 'entitled', 'moderators']);
    ann.leave();
    expect(audiencesIn(of(room.owner.heard(), 'ann'))).toEqual([]);
  });

  test('to presence in a non-anonymous room: what is for moderators is for nobody else', async () => {
    const room = await roomWith(
      { addToPresence: [{ audience: 'moderators', add: () => tag('moderators') }] },
      { 'muc#roomconfig_whois': 'anyone' },
    );
    const ann = room.enter('ann@example.com');
    ann.heard();
    room.owner.heard();
    room.enter('ben@example.com');
    expect(ann.heard().join('')).not.toContain('audience=');
    expect(room.owner.heard().join('')).toContain('audience=');
    room.owner.send(iq(room, 'set', '<query xmlns="http://jabber.org/protocol/muc#admin"><item nick="ann" role="moderator"/></query>'));
    const told = ann.heard().filter((stanza) => stanza.startsWith(`<presence from="${room.jid}/ben"`));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('audience="moderators"');
  });

  describe('by affiliation (issue The house, 5)', () => {
    const AUDIENCES = ['moderators', 'members', 'admins', 'owners'] as const;
    const named = (stanza: string | undefined): string[] =>
      [...(stanza ?? '').matchAll(/audience="(\w+)"/g)].map(([, name]) => name as string).sort();
    const people = ['anne', 'abe', 'mem', 'eve'] as const;
    const affiliated = async (hooks: Hooks, values = {}) => {
      const room = await roomWith(hooks, values);
      const change = (jid: string, affiliation: string): void =>
        room.owner.send(
          iq(room, 'set', `<query xmlns="http://jabber.org/protocol/muc#admin"><item jid="${jid}" affiliation="${affiliation}"/></query>`),
        );
      change('abe@example.com', 'admin');
      change('mem@example.com', 'member');
      const [anne, abe, mem, eve] = people.map((name) => room.enter(`${name}@example.com`)) as [
        TestPerson,
        TestPerson,
        TestPerson,
        TestPerson,
      ];
      const all = { owner: room.owner, abe, mem, eve, anne };
      for (const one of Object.values(all)) one.heard();
      return { room, change, ...all };
    };
    const of = (room: TestRoom, nick: string, heard: readonly string[]): string | undefined =>
      heard.find((stanza) => stanza.startsWith(`<presence from="${room.jid}/${nick}"`));

    test.each([
      ['moderators see JIDs', {}],
      ['everybody sees JIDs', { 'muc#roomconfig_whois': 'anyone' }],
    ])('presence, as it is said and to who enters (%s)', async (_, values) => {
      const hooks = { addToPresence: AUDIENCES.map((audience) => ({ audience, add: () => tag(audience) })) };
      const { room, owner, abe, mem, eve } = await affiliated(hooks, values);
      eve.send(`<presence to="${room.jid}/eve"><show>away</show></presence>`);
      const seen = (heard: readonly string[]): string[] => named(of(room, 'eve', heard));
      expect(seen(owner.heard())).toEqual(['admins', 'members', 'moderators', 'owners']);
      expect(seen(abe.heard())).toEqual(['admins', 'members', 'moderators']);
      expect(seen(mem.heard())).toEqual(['members']);
      expect(seen(eve.heard())).toEqual([]);
      for (const [person, expected] of [
        [mem, ['members']],
        [abe, ['admins', 'members', 'moderators']],
        [eve, []],
      ] as const) {
        person.send(`<presence to="${room.jid}/${person.nick}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
        expect(named(of(room, 'anne', person.heard()))).toEqual(expected);
      }
    });

    test('who rises is shown what they may see from now on, and each stanza is said once', async () => {
      const { room, change, eve, mem } = await affiliated({ addToPresence: [{ audience: 'members', add: () => tag('members') }] });
      change('eve@example.com', 'member');
      const told = eve.heard();
      expect(named(of(room, 'anne', told))).toEqual(['members']);
      expect(named(of(room, 'mem', told))).toEqual(['members']);
      expect(named(of(room, 'eve', told))).toEqual(['members']);
      expect(mem.heard().filter((stanza) => stanza.startsWith(`<presence from="${room.jid}/eve"`))).toHaveLength(1);
    });

    test('messages, in the live copy alone', async () => {
      const { room, owner, abe, mem, eve } = await affiliated({
        addToMessages: AUDIENCES.map((audience) => ({ audience, add: () => tag(audience) })),
      });
      eve.say('hello');
      const heard = [owner, abe, mem, eve].map((one) => one.heard());
      expect(heard.map((stanzas) => stanzas.length)).toEqual([1, 1, 1, 1]);
      expect(heard.map(([one]) => named(one))).toEqual([
        ['admins', 'members', 'moderators', 'owners'],
        ['admins', 'members', 'moderators'],
        ['members'],
        [],
      ]);
      expect(new Set(heard.map(([one]) => /<stanza-id [^>]* id="([^"]*)"/.exec(one ?? '')?.[1])).size).toBe(1);
      expect(room.enter('late@example.com').heard().join('')).not.toContain('audience=');
    });
  });

  test('presence is made once for all who enter, until something changes', async () => {
    let made = 0;
    const room = await roomWith({
      rows: { says: 'a number', key: ['plain'], value: 'plain', most: 10, until: 'the end' },
      addToPresence: [{ audience: 'all', add: ({ nick }) => (made++, xml('tag', { xmlns: 'urn:x', nick })) }],
      said: (acts, { body = '' }) => acts.rows.set('n', body),
    });
    for (let i = 0; i < 10; i++) room.enter(`p${i}@example.com`);
    // Each is made at their own entry; some again at the configuration of the room, never once for each who enters later.
    expect(made).toBeLessThan(25);
    const before = made;
    room.enter('q@example.com');
    expect(made - before).toBeLessThanOrEqual(2);
    room.owner.say('7');
    room.enter('r@example.com');
    expect(made - before).toBeGreaterThan(10);
  });

  test('to messages: for all it is archived too, for moderators it is in their copy only', async () => {
    const room = await roomWith({
      addToMessages: [
        { audience: 'all', add: ({ body }) => xml('length', { xmlns: 'urn:x', of: String(body?.length) }) },
        { audience: 'moderators', add: ({ from }) => xml('real', { xmlns: 'urn:x', jid: from.jid }) },
      ],
    });
    const ann = room.enter('ann@example.com');
    ann.heard();
    room.owner.heard();
    ann.say('hello');
    expect(ann.heard()).toEqual([expect.stringMatching(/<body>hello<\/body><length xmlns="urn:x" of="5"\/>(?!<real)/)]);
    expect(room.owner.heard()).toEqual([expect.stringContaining('<real xmlns="urn:x" jid="ann@example.com"/>')]);
    const history = room.enter('ben@example.com').heard().join('');
    expect(history).toContain('<length');
    expect(history).not.toContain('<real');
  });
});

describe('form fields, requests, commands', () => {
  test('a field stands in the form, is kept, and is read by the plug-in', async () => {
    const room = await roomWith(
      {
        fields: {
          'x#quiet': { type: 'boolean', label: 'Quiet', initial: false },
          'x#most': { type: 'number', label: 'Most', initial: 3, least: 1, most: 9 },
        },
        checkMessage: {
          failing: 'pass',
          check: ({ room: of }) => (of.field('x#quiet') === true ? refuse('not-allowed', `Quiet. ${of.field('x#most')}`) : undefined),
        },
      },
      { 'x#quiet': true },
    );
    const ann = room.enter('ann@example.com');
    ann.heard();
    ann.say('hello');
    expect(ann.heard()[0]).toContain('Quiet. 3');
    room.owner.heard();
    room.owner.send(iq(room, 'get', '<query xmlns="http://jabber.org/protocol/muc#owner"/>'));
    expect(room.owner.heard()[0]).toMatch(/<field var="x#quiet" type="boolean" label="Quiet"><value>1<\/value>/);
  });

  test('an IQ is answered; a get can change nothing', async () => {
    const room = await roomWith({
      rows: { says: 'a number', key: ['plain'], value: 'plain', most: 10, until: 'the end' },
      iq: {
        'count urn:x': {
          get: ({ room: of, payload }) => {
            expect('set' in of.rows).toBe(false);
            return xml('count', { xmlns: 'urn:x', of: payload.attrs['of'] }, JSON.stringify(of.rows.get('n') ?? 0));
          },
          set: ({ room: of, from }) => {
            if (!from) return refuse('forbidden', 'Enter first.');
            of.rows.set('n', Number(of.rows.get('n') ?? 0) + 1);
            return undefined;
          },
        },
      },
    });
    const ann = room.enter('ann@example.com');
    ann.heard();
    ann.send(iq(room, 'set', '<count xmlns="urn:x"/>'));
    ann.send(iq(room, 'get', '<count xmlns="urn:x" of="a&lt;b"/>'));
    const told = ann.heard();
    expect(told[0]).toMatch(/type="result" id="q"\/>$/);
    expect(told[1]).toContain('<count xmlns="urn:x" of="a&lt;b">1</count>');
  });
});

describe('reactions', () => {
  test('who enters, speaks and leaves; the room made, configured, over', async () => {
    const happened: string[] = [];
    const room = await roomWith(
      {
        created: (_, { jid }) => void happened.push(`created ${jid}`),
        configured: () => void happened.push('configured'),
        entered: (_, { nick }) => void happened.push(`entered ${nick}`),
        left: (_, { nick, removed }) => void happened.push(`left ${nick} ${removed}`),
        said: (_, { from, body, id }) => void happened.push(`said ${from.nick} ${body} ${id !== undefined}`),
        affiliationChanged: (_, { jid, after }) => void happened.push(`${jid} ${after}`),
        destroyed: ({ jid }) => void happened.push(`destroyed ${jid}`),
      },
      { 'muc#roomconfig_roomname': 'Tea' },
    );
    const ann = room.enter('ann@example.com');
    ann.say('hello');
    ann.leave();
    room.owner.send(
      iq(room, 'set', '<query xmlns="http://jabber.org/protocol/muc#admin"><item jid="eve@example.com" affiliation="outcast"/></query>'),
    );
    room.owner.send(iq(room, 'set', '<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>'));
    expect(happened).toEqual([
      'created owner@example.com',
      'entered owner',
      'configured',
      'entered ann',
      'said ann hello true',
      'left ann false',
      'eve@example.com outcast',
      `destroyed ${room.jid}`,
    ]);
  });

  test('a deadline comes once; one that does not move on comes once a second and no more', async () => {
    let due = 0;
    let stuck = true;
    const room = await roomWith({
      deadline: (of) => (stuck ? of.now - 5 : null),
      due: (acts) => {
        due++;
        if (due === 5) stuck = false;
        acts.say(`due ${due}`);
      },
    });
    room.advance(60_000);
    expect(due).toBe(5);
    expect(room.owner.heard()).toHaveLength(5);
  });

  test('a message to one is not heard by others, and comes behind the subject', async () => {
    const room = await roomWith({ entered: (acts, { nick }) => acts.tell(nick, `Welcome, ${nick} & all`) });
    room.owner.heard();
    const told = room.enter('ann@example.com').heard();
    expect(told.at(-1)).toBe(
      `<message from="${room.jid}" to="ann@example.com/test" type="groupchat"><body>Welcome, ann &amp; all</body></message>`,
    );
    expect(told.at(-2)).toContain('<subject');
    expect(room.owner.heard().join('')).not.toContain('Welcome');
  });
});

test('rows: what is not declared, too long, or too many is refused, and a room is void after the hook', async () => {
  const errors: string[] = [];
  const trying = (run: () => void): void => {
    try {
      run();
      errors.push('none');
    } catch (error) {
      errors.push((error as Error).message);
    }
  };
  let late: (() => void) | undefined;
  const room = await roomWith({
    rows: { says: 'who spoke', key: ['jid'], value: { members: { by: 'jid' } }, most: 2, until: 'the end' },
    said: (acts, { from }) => {
      trying(() => acts.rows.set(from.jid, { by: from.jid }));
      trying(() => acts.rows.set('b', { who: from.jid }));
      trying(() => acts.rows.set('b', { by: 'x'.repeat(20_000) }));
      trying(() => acts.rows.set('b', { by: 'b' }));
      trying(() => acts.rows.set('c', { by: 'c' }));
      trying(() => acts.rows.set(from.jid, null));
      late = () => acts.say('too late');
    },
  });
  room.owner.say('hello');
  expect(errors).toEqual([
    'none',
    expect.stringContaining('member "who"'),
    expect.stringContaining('16384 characters'),
    'none',
    '"mine" keeps 2 rows in a room at most',
    'none',
  ]);
  expect(late).toThrow('may only be used while the hook runs');
});

test('rows that are over by themselves are removed, each by its own time, also one that was set anew (issue The house, 4)', async () => {
  const kept: (readonly string[])[] = [];
  const room = await roomWith({
    rows: {
      says: 'who spoke lately',
      key: ['plain'],
      value: { members: { at: 'plain' } },
      most: 10,
      until: { ms: 60_000, since: { member: 'at' } },
    },
    said: (acts, { body = '' }) => {
      if (body !== 'look') acts.rows.set(body, { at: acts.now });
      kept.push(acts.rows.keys());
    },
  });
  const at = (ms: number, body: string): void => {
    room.advance(ms);
    room.owner.say(body);
  };
  at(0, 'a');
  at(30_000, 'b');
  at(10_000, 'a');
  at(55_000, 'look');
  at(10_000, 'look');
  expect(kept).toEqual([['a'], ['a', 'b'], ['b', 'a'], ['a'], []]);
  await room.end();
});

test('commands from outside go through the room as everybody else sees them', async () => {
  let run: (() => Promise<unknown>) | undefined;
  const plugin = definePlugin({
    name: 'mine',
    apiVersion: 1,
    setup: (_, host) => {
      run = () => host.execute('Room@rooms.example.com', { name: 'say', body: 'so <far>' });
      return {};
    },
  });
  const room = await testRoom(plugin);
  const ann = room.enter('ann@example.com');
  ann.heard();
  expect(await run?.()).toEqual({ ok: true });
  expect(ann.heard()).toEqual([expect.stringContaining('<body>so &lt;far&gt;</body>')]);
});

describe('from outside a hook', () => {
  async function hosted(values = {}): Promise<{ room: TestRoom; host: Host }> {
    const hosts: Host[] = [];
    const plugin = definePlugin({ name: 'mine', apiVersion: 1, setup: (_, host) => (hosts.push(host), {}) });
    return { room: await testRoom(plugin, { values }), host: hosts[0] as Host };
  }

  test('a nick, the subject, an invitation; what is no address is refused', async () => {
    const { room, host } = await hosted();
    const ann = room.enter('ann@example.com');
    ann.heard();
    expect(await host.execute(room.jid, { name: 'change-nick', nick: 'ann', to: 'Anna' })).toEqual({ ok: true });
    expect(ann.heard().join('')).toContain('<status code="303"/>');
    expect(await host.execute(room.jid, { name: 'set-subject', text: 'Tea & cake' })).toEqual({ ok: true });
    expect(ann.heard().join('')).toContain('<subject>Tea &amp; cake</subject>');
    expect(await host.execute(room.jid, { name: 'invite', jid: 'eve@example.com', reason: 'Come' })).toEqual({ ok: true });
    expect(await host.execute(room.jid, { name: 'invite', jid: '@' })).toMatchObject({ ok: false, condition: 'jid-malformed' });
    expect(await host.execute(room.jid, { name: 'change-nick', nick: 'nobody', to: 'x' })).toMatchObject({ condition: 'item-not-found' });
  });

  test('mutes, warnings and hats: given, asked for, taken back; another address; the options', async () => {
    const { room, host } = await hosted({ 'muc#roomconfig_roomname': 'Tea' });
    const ann = room.enter('ann@example.com');
    ann.heard();
    const limits = async (): Promise<unknown> => ((await host.query(room.jid, { what: 'limits' })) as { answer?: unknown }).answer;
    expect(await host.execute(room.jid, { name: 'mute', nick: 'ann', minutes: 5, reason: 'Loud' })).toEqual({ ok: true });
    ann.say('hello');
    expect(ann.heard().join('')).toContain('<forbidden');
    expect(await host.execute(room.jid, { name: 'warn', jid: 'ann@example.com', reason: 'No shouting.' })).toEqual({ ok: true });
    expect(await limits()).toMatchObject([
      { kind: 'mute', jid: 'ann@example.com', reason: 'Loud' },
      { kind: 'warning', jid: 'ann@example.com', reason: 'No shouting.' },
    ]);
    expect(await host.execute(room.jid, { name: 'unmute', nick: 'ann' })).toEqual({ ok: true });
    expect(await host.execute(room.jid, { name: 'unwarn', nick: 'ann' })).toEqual({ ok: true });
    expect(await limits()).toEqual([]);
    expect(await host.execute(room.jid, { name: 'mute', nick: 'ann', minutes: NaN })).toMatchObject({ condition: 'not-acceptable' });
    expect(await host.execute(room.jid, { name: 'mute', jid: '@' })).toMatchObject({ condition: 'jid-malformed' });
    ann.heard();
    expect(await host.execute(room.jid, { name: 'set-hat', uri: 'urn:x:host', title: 'Host', role: 'moderator' })).toEqual({ ok: true });
    expect(await host.execute(room.jid, { name: 'assign-hat', uri: 'urn:x:host', nick: 'ann' })).toEqual({ ok: true });
    expect(ann.heard().join('')).toMatch(/<hat title="Host" uri="urn:x:host"\/>/);
    expect(await host.query(room.jid, { what: 'hats' })).toMatchObject({
      ok: true,
      answer: [{ title: 'Host', wearers: ['ann@example.com'] }],
    });
    expect(await host.execute(room.jid, { name: 'unassign-hat', uri: 'urn:x:host', jid: 'ann@example.com' })).toEqual({ ok: true });
    expect(await host.execute(room.jid, { name: 'destroy-hat', uri: 'urn:x:host' })).toEqual({ ok: true });
    expect(await host.query(room.jid, { what: 'options' })).toMatchObject({ ok: true, answer: { 'muc#roomconfig_roomname': ['Tea'] } });
    expect(await host.execute(room.jid, { name: 'rename', to: 'nowhere' })).toMatchObject({ ok: false });
  });

  test('what waits for an answer is asked for and answered', async () => {
    const { room, host } = await hosted({ 'muc#roomconfig_moderatedroom': true });
    const ann = room.enter('ann@example.com');
    await host.execute(room.jid, { name: 'set-roles', items: [{ nick: 'ann', role: 'visitor' }] });
    ann.send(
      `<message to="${room.jid}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#request</value></field><field var="muc#role"><value>participant</value></field></x></message>`,
    );
    const waiting = await host.query(room.jid, { what: 'queues' });
    expect(waiting).toMatchObject({ ok: true, answer: [{ kind: 'voice', jid: 'ann@example.com' }] });
    expect(await host.execute(room.jid, { name: 'answer-voice', jid: 'ann@example.com', allow: true })).toEqual({ ok: true });
    expect(await host.query(room.jid, { what: 'occupants' })).toMatchObject({
      ok: true,
      answer: {
        entries: [
          { nick: 'ann', jid: 'ann@example.com', role: 'participant', sessions: 1 },
          { nick: 'owner', affiliation: 'owner' },
        ],
      },
    });
    expect(await host.execute(room.jid, { name: 'answer-registration', jid: 'eve@example.com', allow: true })).toMatchObject({ ok: false });
    expect(await host.execute(room.jid, { name: 'answer-message', id: 'none', allow: true })).toMatchObject({ ok: false });
  });

  test('questions are answered as to an owner, or refused', async () => {
    const { room, host } = await hosted();
    expect(await host.query(room.jid, { what: 'room' })).toMatchObject({ ok: true, answer: { jid: room.jid, occupants: 1 } });
    expect(await host.query(room.jid, { what: 'affiliations', affiliation: 'owner' })).toMatchObject({
      ok: true,
      answer: { entries: [{ jid: 'owner@example.com', affiliation: 'owner' }] },
    });
    expect(await host.query(room.jid, { what: 'numbers' })).toMatchObject({ ok: true, answer: { occupants: 1, sessions: 1 } });
    expect(await host.query('nowhere', { what: 'room' })).toMatchObject({ ok: false, condition: 'jid-malformed' });
    expect(await host.query(room.jid, { what: 'archive', with: '@', paging: { max: 1 } })).toMatchObject({ condition: 'jid-malformed' });
  });

  test('a nick that an account changes by another face passes the checks of presence; one that an operator gives does not', async () => {
    const checks: (string | undefined)[] = [];
    const played = await serviceWith({
      checkPresence: {
        failing: 'pass',
        check: ({ nick }) => (checks.push(nick), nick === 'king' ? refuse('not-allowed', 'There is none.') : undefined),
      },
    });
    await played.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM));
    const change = (actor: By, to: string) =>
      played.service.execute({ actor, room: ROOM, command: { name: 'change-nick', nick: 'ann', to } });
    const account: By = { kind: 'account', name: 'ann@x.lit', face: 'http' };
    expect(await change(account, 'king')).toMatchObject({ ok: false, error: { condition: 'not-allowed' } });
    expect(await change(account, 'ann')).toEqual({ ok: true });
    expect(checks).toEqual(['king']);
    expect(await change({ kind: 'operator', name: 'root', face: 'command-line' }, 'king')).toEqual({ ok: true });
    expect(checks).toEqual(['king']);
  });
});
