/** What administrators can do from their clients, at a whole service: XEP-0133, with the numbers of its examples. */
import { counts, type PluginNumbers } from '../../src/admin/numbers';
import { settle } from '../service/fake-clock';
import { enter, instant, realRooms } from '../service/real-rooms';
import { ANN, BOB, DOMAIN, join, ROOM } from '../service/rig';
import { ADMIN, answer, BARD, COMMANDS, field, formType, hall, is, result, session, submit, values, type Hall } from './hall';
import { asFull, asRoom } from '../support/jids';

test('the list of commands, for administrators; an empty one and forbidden for others', async () => {
  const h = await hall();
  const list = async (from: string): Promise<string[]> => {
    h.link.take();
    h.feed(
      `<iq from="${from}" to="${DOMAIN}" type="get" id="l"><query xmlns="http://jabber.org/protocol/disco#items" node="${COMMANDS}"/></iq>`,
    );
    await settle();
    return [...(h.link.xml[0] ?? '').matchAll(/<item jid="rooms.x.lit" node="([^"]*)"/g)].map((match) => match[1] as string);
  };
  expect(await list(BARD)).toEqual([
    `${ADMIN}#get-online-users-num`,
    `${ADMIN}#get-online-users-list`,
    'urn:parlour:admin#counts',
    'urn:parlour:admin#audit',
    `${ADMIN}#announce`,
    'urn:parlour:ban-and-retract',
    'urn:parlour:admin#create-room',
    'urn:parlour:admin#rename-room',
    'urn:parlour:admin#erase-person',
    'urn:parlour:admin#erase-room',
    'urn:parlour:admin#trim',
    'urn:parlour:admin#backup',
    'urn:parlour:admin#backups',
    `${ADMIN}#shutdown`,
  ]);
  expect(await list(ANN)).toEqual([]);
  for (const node of ['#announce', '#shutdown', '#get-online-users-list']) {
    expect(await h.run(`${ADMIN}${node}`, '', '', ANN)).toMatch(/type="error".*<forbidden/);
  }
  expect(await h.run(`${ADMIN}#get-active-users-num`)).toMatch(/type="error".*<item-not-found/);
});

test('Examples 49 and 50: the number of people in rooms, each counted once', async () => {
  const h = await hall({ makeRoom: realRooms(true) });
  await h.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter('ann@x.lit/2', ROOM, 'ann'), enter(BOB, ROOM, 'bob'));
  await h.play(enter(BOB, `b@${DOMAIN}`, 'bob'));
  const node = `${ADMIN}#get-online-users-num`;
  is(
    await h.run(node, ' action="execute"'),
    answer(
      node,
      'completed',
      result(`<field type="text-single" label="Number of people in rooms" var="onlineusersnum">${values('2')}</field>`),
    ),
  );
});

test('Examples 63 to 66: the list of people in rooms, as long as was asked for', async () => {
  const h = await hall({ makeRoom: realRooms(true) });
  await h.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  const crowd = Array.from({ length: 30 }, (_, i) => `p${i + 10}@x.lit`);
  await h.play(...crowd.map((jid, i) => enter(`${jid}/1`, ROOM, `p${i}`)));
  const node = `${ADMIN}#get-online-users-list`;
  const options = ['25', '50', '75', '100', '150', '200'].map((n) => `<option label="${n}">${values(n)}</option>`).join('');
  is(
    await h.run(node, ' action="execute"'),
    answer(
      node,
      'executing',
      '<actions execute="complete"><complete/></actions><x xmlns="jabber:x:data" type="form"><title>{text}</title><instructions>{text}</instructions>' +
        `${formType()}<field type="list-single" label="{text}" var="max_items">${values('100')}${options}` +
        `<option label="up to 1000">${values('none')}</option></field></x>`,
    ),
  );
  const list = (jids: string[]): string =>
    `<field type="jid-multi" label="List of people in rooms" var="onlineuserjids">${values(...jids)}</field>`;
  const all = ['ann@x.lit', 'bob@x.lit', ...crowd];
  is(
    await h.run(node, session, submit(field('max_items', '25'))),
    answer(node, 'completed', `<note type="info">These are 25 of 32.</note>${result(list(all.slice(0, 25)))}`),
  );
  await h.run(node);
  const bad = await h.run(node, session, submit(field('max_items', '31')));
  expect(bad).toMatch(/<bad-request.*<bad-payload xmlns="http:\/\/jabber.org\/protocol\/commands"\/>/);
});

test('our own numbers', async () => {
  const h = await hall({ makeRoom: realRooms(true) });
  await h.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  await h.play(`<message from="${ANN}" to="${ROOM}" type="groupchat"><body>hello</body></message>`);
  const node = 'urn:parlour:admin#counts';
  const count = (name: string, n: number): string => `<field type="text-single" label="{text}" var="${name}">${values(String(n))}</field>`;
  is(
    await h.run(node),
    answer(node, 'completed', result(count('rooms', 1) + count('occupants', 2) + count('messages', 1), 'urn:parlour:admin')),
  );
});

test('the numbers tell of plug-ins, where there are any: which are disabled, and how often all failed', async () => {
  const run = async (plugins: readonly PluginNumbers[]): Promise<Map<string, readonly string[]>> => {
    const { form } = (await counts({ counts: () => Promise.resolve({ rooms: 1, occupants: 2, messages: 3 }) }, () => plugins).run(
      new Map(),
      { from: asFull(BARD) } as never,
    )) as { form: { fields: readonly { var: string; values: readonly string[] }[] } };
    return new Map(form.fields.map((field) => [field.var, field.values]));
  };
  expect([...(await run([])).keys()]).toEqual(['rooms', 'occupants', 'messages']);
  const numbers = await run([
    { name: 'quiet', disabled: false, failures: 2 },
    { name: 'clumsy', disabled: true, failures: 10 },
  ]);
  expect(numbers.get('plugins_disabled')).toEqual(['clumsy']);
  expect(numbers.get('plugin_failures')).toEqual(['12']);
});

describe('announcements', () => {
  const node = `${ADMIN}#announce`;
  const text = submit(field('announcement', 'Tea & cake', 'at five').replace('&', '&amp;'));
  const told = (h: Hall): string[] =>
    h.link.xml.filter((xml) => xml.includes('headline')).map((xml) => /to="([^"]*)"/.exec(xml)?.[1] as string);

  test('Examples 75 to 78: one message to each client in some room, from the service', async () => {
    const h = await hall();
    await h.play(join(ANN, 'ann'), join('ann@x.lit/2', 'ann2'), join(BOB, 'bob'), join(BOB, 'bob', asRoom(`b@${DOMAIN}`)));
    is(
      await h.run(node, ' action="execute"'),
      answer(
        node,
        'executing',
        '<actions execute="complete"><complete/></actions><x xmlns="jabber:x:data" type="form"><title>{text}</title><instructions>{text}</instructions>' +
          `${formType()}<field type="text-multi" label="Announcement" var="announcement"><required/></field></x>`,
      ),
    );
    h.link.take();
    is(await h.run(node, session, text), answer(node, 'completed', '<note type="info">Sent. Number of clients: 3.</note>'));
    expect(h.link.xml.slice(0, 3)).toEqual(
      [ANN, 'ann@x.lit/2', BOB].map(
        (to) => `<message from="${DOMAIN}" to="${to}" type="headline"><body>Tea &amp; cake\nat five</body></message>`,
      ),
    );
    expect(h.events).toEqual(['an announcement was sent']);
  });

  test('an empty one is refused', async () => {
    const h = await hall();
    await h.run(node);
    expect(await h.run(node, session, submit(field('announcement', ' ', '')))).toContain('<bad-payload');
  });

  test('many are told at a bounded rate, with the loop free in between; the asker waits ten seconds at most', async () => {
    const h = await hall();
    const crowd = Array.from({ length: 6_000 }, (_, i) => asFull(`p${String(i).padStart(4, '0')}@x.lit/1`));
    h.store.sessionsAfter = (after, limit) =>
      Promise.resolve(
        crowd
          .filter((jid) => jid > after)
          .slice(0, limit)
          .map((jid) => ({ jid, address: jid })),
      );
    await h.run(node);
    h.link.take();
    expect(await h.run(node, session, text)).toBe('');
    expect(told(h).length).toBeLessThanOrEqual(50);
    await h.clock.pass(1_000);
    expect(told(h).length).toBeLessThanOrEqual(600);
    expect(await h.play(join(ANN, 'ann', asRoom(`b@${DOMAIN}`)))).toContain(`${ANN} ann joined`);
    // Another one meanwhile is refused.
    const before = told(h).length;
    await h.run(node);
    expect(await h.run(node, session, text)).toContain('<note type="error">An announcement is still being sent.');
    expect(told(h)).toHaveLength(before);
    await h.clock.pass(9_500);
    expect(h.link.xml.join()).toMatch(/<note type="info">It is being sent. Number of clients so far: \d+.<\/note>/);
    await h.clock.pass(10_000);
    expect(h.events).toEqual(['an announcement was sent']);
  }, 30_000);

  test('a server that does not take bytes is waited for; a lost connection ends it, and the asker is told', async () => {
    const h = await hall();
    await h.play(join(ANN, 'ann'), join(BOB, 'bob'));
    await h.run(node);
    h.link.take();
    h.link.congested = true;
    await h.run(node, session, text);
    await h.clock.pass(3_000);
    expect(told(h)).toEqual([]);
    h.link.congested = false;
    await h.clock.pass(100);
    expect(told(h)).toEqual([ANN, BOB]);

    await h.run(node);
    h.link.take();
    h.link.congested = true;
    await h.run(node, session, text);
    h.offline();
    h.link.congested = false;
    await h.clock.pass(100);
    await h.online();
    expect(told(h)).toEqual([]);
    // The next one goes out.
    await h.run(node);
    expect(await h.run(node, session, text)).toContain('Sent. Number of clients: 2.');
  });

  test('a store that cannot be read: the asker gets an error, and the next one goes out', async () => {
    const h = await hall();
    await h.play(join(ANN, 'ann'));
    const read = h.store.sessionsAfter.bind(h.store);
    h.store.sessionsAfter = () => Promise.reject(new Error('unreadable'));
    await h.run(node);
    expect(await h.run(node, session, text)).toContain('<internal-server-error');
    h.store.sessionsAfter = read;
    await h.run(node);
    expect(await h.run(node, session, text)).toContain('Sent. Number of clients: 1.');
  });
});
