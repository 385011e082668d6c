/** What goes over a connection that works: in, out, our own requests, barriers, and pressure in both directions. */
import { address, outgoing, type Address } from '../../src/xmpp/outgoing';
import { child, textOf, type Element } from '../../src/xmpp/xml';
import { DOMAIN, sleep, until, type Peer } from './fake-server';
import { message, onlineRig, rig, type Rig } from './harness';

const ROOM = `coven@${DOMAIN}`;
let made: Rig | undefined;
afterEach(async () => {
  await made?.end();
  made = undefined;
});

async function start(...options: Parameters<typeof onlineRig>): Promise<Rig & { peer: Peer }> {
  const rigged = await onlineRig(...options);
  made = rigged;
  return rigged;
}

const say = (id: string | number, to: string | readonly Address[] = 'romeo@example.org/orchard') =>
  outgoing('message', ROOM, to, { id: String(id) }, '<body>hi</body>');

describe('in', () => {
  test('characters that are cut in two by packets arrive whole', async () => {
    const { peer, handler } = await start();
    const body = 'Привет, мир 😀🏳️‍🌈 日本語';
    const bytes = Buffer.from(message(1, body));
    peer.socket.setNoDelay(true);
    for (let at = 0; at < bytes.length; at += 3) {
      peer.send(bytes.subarray(at, at + 3));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => handler.stanzas.length === 1, 'the stanza');
    expect(textOf(child(handler.stanzas[0]!, 'body', '')!)).toBe(body);
    expect(handler.bytes).toEqual([bytes.length]);
  });

  test('a handler that throws harms no other stanza, of the same packet or later, and is logged without the body', async () => {
    const { peer, handler, link, logged, log } = await start();
    handler.onStanza = (stanza) => {
      if (stanza.attrs['id'] === '2') throw new Error('a mistake');
    };
    peer.send(message(1) + message(2, 'secret words') + message(3));
    peer.send(message(4));
    await until(() => handler.stanzas.length === 3, 'the others');
    expect(handler.ids).toEqual(['1', '3', '4']);
    expect(logged('link.handler-failed').map(({ fields }) => fields['id'])).toEqual(['2']);
    expect(JSON.stringify(log)).not.toContain('secret words');
    expect(link.online).toBe(true);
  });

  test('every other callback may throw too', async () => {
    const { peer, handler, server, logged } = await start();
    const fail = (): never => {
      throw new Error('a mistake');
    };
    handler.offline = fail;
    handler.online = fail;
    peer.socket.resetAndDestroy();
    const again = await (await server.next()).accept();
    again.send(message(1));
    await until(() => handler.stanzas.length === 1, 'a stanza');
    expect(logged('link.handler-failed').map(({ fields }) => fields['what'])).toEqual(['offline', 'online']);
  });

  test('what is no stanza is passed over', async () => {
    const { peer, handler } = await start();
    peer.send(`<foo/>${message(1)}  <stream:features/>`);
    await until(() => handler.stanzas.length === 1, 'the stanza');
    expect(handler.ids).toEqual(['1']);
  });

  test('a stanza that breaks a limit is answered by its address with `by`, and the stream goes on', async () => {
    const { peer, handler, logged } = await start({}, { stanzaBytes: 1000, depth: 5 });
    peer.send(message(1, 'x'.repeat(2000)) + message(2));
    const error = await peer.expect(/<message [^>]*>.*<\/message>/);
    expect(error[0]).toBe(
      `<message from="${ROOM}" to="romeo@example.org/orchard" type="error" id="1"><error type="modify" by="${DOMAIN}">` +
        `<policy-violation xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas" xml:lang="en">` +
        `This could not be taken: it is larger than 1000 bytes, the most that ${DOMAIN} accepts. Send less at once.</text></error></message>`,
    );
    peer.send(`<iq type="set" id="3" from="a@b/c" to="${ROOM}">${'<a>'.repeat(8)}${'</a>'.repeat(8)}</iq>` + message(4));
    await peer.expect(/<iq from="coven@rooms\.example\.org" to="a@b\/c" type="error" id="3"><error .*policy-violation/);
    await until(() => handler.stanzas.length === 2, 'the others');
    expect(handler.ids).toEqual(['2', '4']);
    expect(handler.drops).toEqual(['message 1: it is larger than 1000 bytes', 'iq 3: it nests more than 5 elements']);
    expect(logged('link.dropped')).toHaveLength(2);
  });

  test('found F12, same kind: a flood of stanzas that break a limit makes few lines of the log, and the handler says who is answered', async () => {
    const { peer, handler, logged } = await start({}, { depth: 5 });
    const answered: string[] = [];
    Object.assign(handler, {
      answerDropped: (stanza: Element, send: () => void) => {
        if (answered.push(String(stanza.attrs['id'])) <= 3) send();
      },
    });
    const deep = (id: number): string => `<iq type="set" id="${id}" from="a@b/c" to="${ROOM}">${'<a>'.repeat(8)}${'</a>'.repeat(8)}</iq>`;
    peer.send(Array.from({ length: 200 }, (_, i) => deep(i)).join('') + message(4));
    await until(() => handler.stanzas.length === 1, 'the other');
    expect(answered).toHaveLength(200);
    expect(logged('link.dropped')).toHaveLength(10);
    await peer.expect(/id="2"/);
  });

  test('a request that is too large to leave is not sent, and whoever asked is told (Prosody closes the stream above 512 KiB)', async () => {
    const { link, logged } = await start();
    const payload = `<q xmlns="urn:example">${'&gt;'.repeat(140_000)}</q>`;
    const request = { from: ROOM, to: 'a@b/c', type: 'get', payload, deadline: 50 } as const;
    expect(await link.request(request)).toEqual({ type: 'too-large' });
    expect(logged('link.too-large')).toHaveLength(1);
  });

  test('never an answer to an error or a result that breaks a limit', async () => {
    const { peer, handler } = await start({}, { stanzaBytes: 300 });
    const pad = `<a>${'x'.repeat(400)}</a>`;
    peer.send(
      `<message type="error" id="1" from="a@b" to="${ROOM}">${pad}</message><iq type="result" id="2" from="a@b" to="${ROOM}">${pad}</iq>` +
        `<iq type="error" id="3" from="a@b" to="${ROOM}">${pad}</iq><message id="4">${pad}</message>` +
        message(5, 'x'.repeat(400)),
    );
    await peer.expect(/id="5"/);
    expect(handler.drops).toHaveLength(5);
    expect(peer.text).not.toMatch(/id="[1-4]"/);
  });

  test('paused, nothing is read; resumed, everything comes in order', async () => {
    const { peer, handler, link } = await start();
    link.pause();
    peer.send(message(1));
    await sleep(60);
    expect(handler.stanzas).toHaveLength(0);
    peer.send(message(2));
    link.resume();
    await until(() => handler.stanzas.length === 2, 'both');
    expect(handler.ids).toEqual(['1', '2']);
  });

  test('the silence while paused is not taken for a dead server, and a new connection is paused too', async () => {
    const { handler, link, server, peer } = await start({ pingInterval: 20, pingTimeout: 20 });
    link.pause();
    await sleep(150);
    expect(link.online).toBe(true);
    peer.socket.resetAndDestroy();
    link.send(say(1));
    const again = await (await server.next()).accept();
    again.send(message(1));
    await until(() => handler.events.length === 3, 'online again');
    await sleep(50);
    link.resume();
    await until(() => handler.stanzas.length === 1, 'the stanza');
  });
});

describe('out', () => {
  test('what servers would close the stream for is not sent; an answer becomes an error, so that nobody waits for it', async () => {
    const { peer, link } = await start({}, { sentBytes: 20_000 });
    peer.text = '';
    const long = `<body>${'ж'.repeat(10_000)}</body>`;
    link.send(outgoing('message', ROOM, 'a@b/c', { id: 'm' }, long));
    link.send(outgoing('iq', ROOM, 'a@b/c', { type: 'result', id: '"q"' }, long));
    link.send(outgoing('iq', ROOM, 'a@b/c', { type: 'result', id: 'fits' }, '<x/>'));
    const [all] = await peer.expect(/^.*id="fits"><x\/><\/iq>/s);
    expect(all).toContain(
      `<iq from="${ROOM}" to="a@b/c" type="error" id="&quot;q&quot;"><error type="cancel" by="${ROOM}"><resource-constraint `,
    );
    expect(all).not.toContain('ж');
  });

  test('to one and to many, in order, byte for byte, whatever the characters', async () => {
    const { peer, link } = await start();
    peer.text = '';
    link.send(say('é', `a@b/"<&'😀`));
    link.send(say(2, [address('a@b/1'), address(`a@b/"&'`), address('a@b/ж')]));
    link.send(say(4, []));
    link.send(outgoing('presence', `${DOMAIN}/x`, 'a@b', {}, ''));
    const wire = (to: string, id: string): string => `<message from="${ROOM}" to="${to}" id="${id}"><body>hi</body></message>`;
    const wanted =
      wire("a@b/&quot;&lt;&amp;'😀", 'é') +
      wire('a@b/1', '2') +
      wire(`a@b/&quot;&amp;'`, '2') +
      wire('a@b/ж', '2') +
      `<presence from="${DOMAIN}/x" to="a@b"/>`;
    await until(() => peer.text.includes('<presence'), 'all of it');
    expect(peer.text).toBe(wanted);
    expect(link.queued).toBe(0);
  });

  test('many of every size to many: nothing missing, torn or out of order', async () => {
    const { peer, link } = await start();
    peer.text = '';
    const wanted: string[] = [];
    const list = Array.from({ length: 150 }, (_, i) => address(`user${i}@example.org/${'r'.repeat((i * 37) % 90)}ж`));
    for (let i = 0; i < 60; i++) {
      const body = `<body>${'ab😀'.repeat((i * i * 7) % 300)}</body>`;
      const to = i % 3 === 0 ? `one${i}@example.org` : i % 20 === 1 ? [] : list;
      link.send(outgoing('message', ROOM, to, { id: String(i) }, body));
      for (const jid of typeof to === 'string' ? [to] : to.map(({ jid }) => jid))
        wanted.push(`<message from="${ROOM}" to="${jid}" id="${i}">${body}</message>`);
    }
    // Larger than any Buffer of the writer.
    const large = `<body>${'x'.repeat(150_000)}</body>`;
    link.send(outgoing('message', ROOM, list.slice(0, 3), { id: 'large' }, large));
    link.send(outgoing('message', ROOM, 'one@example.org', { id: 'large' }, large));
    for (const { jid } of list.slice(0, 3)) wanted.push(`<message from="${ROOM}" to="${jid}" id="large">${large}</message>`);
    wanted.push(`<message from="${ROOM}" to="one@example.org" id="large">${large}</message>`);
    const text = wanted.join('');
    // The first keep-alive ping waits for no room's queue.
    const told = (): string => peer.text.replace(/<iq [^>]*type="get"[^>]*><ping[^>]*><\/iq>/, '');
    await until(() => told().length >= text.length, 'all of it');
    expect(told() === text).toBe(true);
  });

  test('answers to one packet leave in one write', async () => {
    const { peer, handler, link } = await start();
    handler.onStanza = (stanza) => {
      link.send(say(String(stanza.attrs['id'])));
      queueMicrotask(() => link.send(say(`${String(stanza.attrs['id'])}b`)));
    };
    const pieces: string[] = [];
    peer.socket.on('data', (data) => pieces.push(String(data)));
    peer.send(message(1) + message(2) + message(3));
    await peer.expect(/id="3b"/);
    expect(pieces).toHaveLength(1);
  });

  test.each([
    'coven@example.org',
    'example.org',
    `coven@x${DOMAIN}`,
    `@${DOMAIN}`,
    `a@b@${DOMAIN}`,
    `x${DOMAIN}`,
    `example.org/${DOMAIN}`,
    '',
  ])('from "%s" is not ours: refused and logged, the stream lives', async (from) => {
    const { peer, link, logged } = await start();
    link.send(outgoing('message', from, 'a@b', { id: 'bad' }, ''));
    link.send(say('good'));
    const [, before] = await peer.expect(/^(.*)id="good"/s);
    expect(before).not.toContain('bad');
    expect(logged('link.not-sent').map(({ fields }) => fields['from'])).toEqual([from]);
  });

  test('nothing is sent without an address', async () => {
    const { peer, link, logged } = await start();
    link.send(say('bad', ''));
    link.send(say('good'));
    const [, before] = await peer.expect(/^(.*)id="good"/s);
    expect(before).not.toContain('bad');
    expect(logged('link.not-sent')).toHaveLength(1);
  });

  test('what XML forbids is taken out wherever it is, since the server would close the stream for every room', async () => {
    const { peer, link, logged } = await start();
    link.send({
      name: 'message',
      from: `${ROOM}/\u0001nick`,
      to: 'a@b/\ud800x',
      rest: ' id="1"><body>a\u0000b\ufffec\udfffd\u001fe😀</body></message>',
    });
    const [xml] = await peer.expect(/<message .*<\/message>/);
    expect(xml).toBe(`<message from="${ROOM}/nick" to="a@b/x" id="1"><body>abcde😀</body></message>`);
    expect(logged('link.cleaned')).toHaveLength(1);
  });

  test('while offline it is dropped and counted', async () => {
    made = await rig();
    const now = made;
    made.link.send(say('early'));
    made.link.send(say('early'));
    const peer = await (await made.server.next()).accept();
    await until(() => now.link.online, 'online');
    made.link.send(say('late'));
    const [, before] = await peer.expect(/^(.*)id="late"/s);
    expect(before).not.toContain('early');
    expect(made.logged('link.attached')[0]!.fields['unsent']).toBe(2);
  });
});

describe('pressure', () => {
  const many = Array.from({ length: 1000 }, (_, i) => address(`user${i}@example.org/resource`));
  const big = outgoing('message', ROOM, many, { id: 'big' }, `<body>${'x'.repeat(2000)}</body>`);

  test('a peer that does not read: the queue fills, says so, and drains when it reads again', async () => {
    const { peer, handler, link } = await start({}, { queueBytes: 1_000_000 });
    peer.socket.pause();
    for (let i = 0; i < 8; i++) link.send(big);
    expect(link.congested).toBe(true);
    await sleep(50);
    expect(link.congested).toBe(true);
    expect(handler.events).toEqual(['online']);
    const before = link.queued;
    expect(before).toBeGreaterThan(1_000_000);
    peer.socket.resume();
    await until(() => handler.events.includes('drained'), 'drained');
    expect(link.congested).toBe(false);
    await until(() => link.queued === 0, 'an empty queue');
    const wanted = many.reduce((sum, { wire }) => sum + wire.length + `<message from="${ROOM}" to="`.length + `"${big.rest}`.length, 0) * 8;
    peer.text = '';
    await until(() => peer.received >= wanted, 'all bytes');
    expect(handler.events.filter((event) => event === 'drained')).toHaveLength(1);
  });

  test('a queue that is full does not hold what it will write: memory stays small', async () => {
    const { peer, link } = await start({}, { queueBytes: 1_000_000 });
    peer.socket.pause();
    await sleep(20);
    const before = process.memoryUsage();
    for (let i = 0; i < 100; i++) link.send(big);
    await sleep(50);
    const after = process.memoryUsage();
    expect(link.queued).toBeGreaterThan(150_000_000);
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(8_000_000);
  });

  test('a peer that reads nothing for long is dead', async () => {
    const { peer, link, server, logged } = await start({ stall: 100 });
    peer.socket.pause();
    for (let i = 0; i < 20; i++) link.send(big);
    const again = await (await server.next()).accept();
    expect(logged('link.lost')[0]!.message).toBe('lost: the server has not read for 0.1 s');
    await until(() => link.online, 'online');
    expect(link.queued).toBe(0);
    link.send(say('fresh'));
    await again.expect(/^\s*<message [^>]* id="fresh">/);
  });

  test('a peer that reads slowly is alive', async () => {
    const { peer, link, logged } = await start({ stall: 1000 });
    for (let i = 0; i < 20; i++) link.send(big);
    // The system's own buffers hold megabytes: only a reader that takes as much lets the writer see that it lives.
    for (let i = 1; i <= 8; i++) {
      peer.socket.pause();
      await sleep(200);
      peer.socket.resume();
      await until(() => peer.received > i * 5_000_000, 'the next part');
    }
    await until(() => link.queued === 0, 'all is written');
    expect(logged('link.lost')).toHaveLength(0);
  });

  test('a connection lost with a full queue frees it', async () => {
    const { peer, link, server } = await start({}, { queueBytes: 1000 });
    peer.socket.pause();
    for (let i = 0; i < 20; i++) link.send(big);
    expect(link.congested).toBe(true);
    peer.socket.destroy();
    await (await server.next()).accept();
    await until(() => link.online, 'online');
    expect(link.congested).toBe(false);
  });
});

describe('requests', () => {
  const ask = {
    from: ROOM,
    to: 'juliet@example.org/balcony',
    type: 'get',
    payload: '<ping xmlns="urn:xmpp:ping"/>',
    deadline: 3000,
  } as const;
  const asked = async (peer: Peer): Promise<string> =>
    (await peer.expect(/<iq from="coven@rooms\.example\.org" to="juliet@example\.org\/balcony" type="get" id="([^"]+)">/))[1]!;

  test.each(['result', 'error'])('the %s of the one who was asked is the answer, once', async (type) => {
    const { peer, link, handler } = await start();
    const answer = link.request(ask);
    const id = await asked(peer);
    const reply = `<iq from="${ask.to}" to="${ROOM}" id="${id}" type="${type}"/>`;
    peer.send(reply);
    expect(await answer).toMatchObject({ type });
    peer.send(reply + message('end'));
    await until(() => handler.ids.includes('end'), 'the end');
    expect(handler.ids).toEqual([id, 'end']);
  });

  test('a forged one is not: another JID, another address, or a request with that id', async () => {
    const { peer, link, handler } = await start();
    const answer = link.request(ask);
    const id = await asked(peer);
    peer.send(`<iq from="mallory@example.org/x" to="${ROOM}" id="${id}" type="result"/>`);
    peer.send(`<iq from="juliet@example.org/other" to="${ROOM}" id="${id}" type="result"/>`);
    peer.send(`<iq from="${ask.to}" to="other@${DOMAIN}" id="${id}" type="error"/>`);
    peer.send(`<iq from="${ask.to}" to="${ROOM}" id="${id}" type="get"><ping xmlns="urn:xmpp:ping"/></iq>`);
    await until(() => handler.stanzas.length === 4, 'all four passed on');
    peer.send(`<iq from="${ask.to}" to="${ROOM}" id="${id}" type="result"><right/></iq>`);
    const got = await answer;
    expect(got.type === 'result' && child(got.stanza, 'right', '')).toBeTruthy();
    expect(handler.stanzas).toHaveLength(4);
  });

  test('no answer in time', async () => {
    const { link } = await start();
    expect(await link.request({ ...ask, deadline: 20 })).toEqual({ type: 'timeout' });
  });

  test('offline answers all, at once when there is no link', async () => {
    const { peer, link } = await start();
    const answers = Promise.all([link.request(ask), link.request(ask), link.barrier()]);
    await asked(peer);
    peer.socket.resetAndDestroy();
    expect(await answers).toEqual([{ type: 'offline' }, { type: 'offline' }, false]);
    expect(await link.request(ask)).toEqual({ type: 'offline' });
    expect(await link.barrier()).toBe(false);
  });

  test('ids cannot be guessed and never repeat', async () => {
    const { peer, link } = await start();
    void link.request(ask);
    void link.request(ask);
    const ids = [await asked(peer), await asked(peer)];
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => /^[0-9a-f-]{36}$/.test(id))).toBe(true);
  });
});

describe('barriers', () => {
  const PING = /<iq from="(rooms\.example\.org\/link-[^"]+)" to="example\.org" type="get" id="([^"]+)"><ping/;
  const pong = async (peer: Peer, type = 'result'): Promise<void> => {
    const [, from, id] = await peer.expect(PING);
    peer.send(`<iq from="example.org" to="${from}" id="${id}" type="${type}"/>`);
  };

  test.each(['result', 'error'])('the ping goes behind what was sent before, and a %s will do', async (type) => {
    const { peer, link, handler } = await start();
    link.send(say('before'));
    const passed = link.barrier();
    link.send(say('after'));
    await peer.expect(/id="before"/);
    expect(peer.text).not.toMatch(/id="after".*<ping/s);
    await pong(peer, type);
    expect(await passed).toBe(true);
    expect(handler.stanzas).toEqual([]);
  });

  test('with nothing sent between, they share a ping', async () => {
    const { peer, link } = await start();
    const both = Promise.all([link.barrier(), link.barrier(), link.barrier()]);
    await pong(peer);
    expect(await both).toEqual([true, true, true]);
    await sleep(20);
    expect(peer.text).not.toMatch(PING);
  });

  test('with something sent between, the later ones wait for a later ping, one for all of them', async () => {
    const { peer, link } = await start();
    const first = link.barrier();
    link.send(say('a'));
    let done = 0;
    const later = [link.barrier()];
    link.send(say('b'));
    later.push(link.barrier());
    for (const passed of later) void passed.then(() => done++);
    await pong(peer);
    expect(await first).toBe(true);
    await sleep(20);
    expect(done).toBe(0);
    await pong(peer);
    expect(await Promise.all(later)).toEqual([true, true]);
    await sleep(20);
    expect(peer.text).not.toMatch(PING);
  });

  test('the link lost first', async () => {
    const { peer, link } = await start();
    const first = link.barrier();
    link.send(say('a'));
    const later = link.barrier();
    await peer.expect(PING);
    peer.socket.resetAndDestroy();
    expect(await Promise.all([first, later])).toEqual([false, false]);
  });
});
