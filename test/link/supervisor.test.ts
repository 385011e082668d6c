/** Each way a connection can fail: the link recovers by itself, says why in one line, and no stanza handled afterwards is harmed. */
import { Backoff } from '../../src/link/backoff';
import { remedy, socketFailure } from '../../src/link/failure';
import { DEFAULT_TIMINGS } from '../../src/link/options';
import { FakeServer, HEADER, SECRET, sleep, streamError, until, type Peer } from './fake-server';
import { message, online, onlineRig, rig, SHORT, type Rig } from './harness';
import { outgoing } from '../../src/xmpp/outgoing';

let made: Rig | undefined;
afterEach(async () => {
  await made?.end();
  made = undefined;
});

/** The next connection works, in both directions. */
async function recovers(now: Rig): Promise<Peer> {
  const peer = await (await now.server.next()).accept();
  const before = now.handler.stanzas.length;
  peer.send(message('r1', 'Привет 😀') + message('r2'));
  await until(() => now.handler.stanzas.length === before + 2, 'two stanzas after the recovery');
  expect(now.handler.ids.slice(before)).toEqual(['r1', 'r2']);
  now.link.send(outgoing('message', 'coven@rooms.example.org', 'romeo@example.org', {}, '<body>ok</body>'));
  await peer.expect(/<body>ok<\/body>/);
  return peer;
}

describe('attaching', () => {
  test('says where and as whom, in one line', async () => {
    made = await onlineRig();
    expect(made.handler.events).toEqual(['online']);
    expect(made.log.map((line) => line.message)).toEqual([`attached to 127.0.0.1:${made.server.port} as rooms.example.org`]);
    expect(JSON.stringify(made.log)).not.toContain(SECRET);
  });

  test('a handshake that takes its time is waited for', async () => {
    made = await rig({ deadline: 5000 });
    const peer = await made.server.next();
    await peer.challenged();
    await sleep(2500);
    peer.send('<handshake/>');
    await online(made);
    expect(made.server.count).toBe(1);
  });

  test('stanzas in the same packet as the handshake are not lost', async () => {
    made = await rig();
    const now = made;
    const peer = await made.server.next();
    await peer.challenged();
    peer.send('<handshake/>' + message(1) + message(2));
    await until(() => now.handler.stanzas.length === 2, 'two stanzas');
  });

  test('a start without a server: tries until it is there', async () => {
    made = await rig();
    const { port } = made.server;
    await (await made.server.next()).accept();
    await made.server.close();
    const now = made;
    await until(() => now.logged('link.refused').length > 0, 'a refusal');
    expect(now.logged('link.refused')[0]!.message).toMatch(
      /^refused: cannot reach 127\.0\.0\.1:\d+, nothing listens there: .*component_ports.*Prosody.*ejabberd_service.*ejabberd/,
    );
    const server = await FakeServer.listen(port);
    made = { ...now, server, end: () => now.link.stop(0).then(() => server.close()) };
    await recovers(made);
  });
});

describe('a connection that does not come to be', () => {
  const silences: [string, (peer: Peer) => Promise<void> | void][] = [
    ['a server that accepts and says nothing', () => undefined],
    ['a server that never answers the handshake', (peer) => peer.challenged()],
    ['a server that only sends white space', (peer) => peer.send('   \n')],
    ['half a header', (peer) => peer.send(HEADER.slice(0, 60))],
  ];
  test.each(silences)('%s: given up after the deadline', async (_what, script) => {
    made = await rig();
    await script(await made.server.next());
    await recovers(made);
    expect(made.logged('link.failed')[0]!.message).toBe(
      "could not attach: the handshake was not complete after 0.4 s. If it stays so, see that server.port is that of the server's components",
    );
    expect(made.logged('link.retry')).toHaveLength(1);
  });

  const breaks: [string, (peer: Peer) => Promise<void> | void][] = [
    ['a reset at once', (peer) => void peer.socket.resetAndDestroy()],
    ['a reset after the header', async (peer) => (await peer.opened(), void peer.socket.resetAndDestroy())],
    ['a reset instead of the handshake', async (peer) => (await peer.challenged(), void peer.socket.resetAndDestroy())],
    ['an end instead of the handshake', async (peer) => (await peer.challenged(), void peer.socket.end())],
    ['a stanza before the handshake', async (peer) => (await peer.challenged(), peer.send(message('early')))],
    ['a stanza instead of a header', (peer) => peer.send(message('early'))],
    ['an empty stream error', async (peer) => (await peer.opened(), peer.send(HEADER + '<stream:error/>'))],
    ['the end of the stream instead of the handshake', async (peer) => (await peer.challenged(), peer.send('</stream:stream>'))],
    ['what is not XML', (peer) => peer.send('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a header without id', async (peer) => (await peer.opened(), peer.send('<stream:stream>'), peer.socket.end())],
  ];
  test.each(breaks)('%s', async (_what, script) => {
    made = await rig({ deadline: 3000 });
    await script(await made.server.next());
    await recovers(made);
    expect(made.handler.ids).toEqual(['r1', 'r2']);
    expect(made.log.map((line) => line.fields['event'])).toEqual(['link.failed', 'link.retry', 'link.attached']);
  });
});

describe('refusals, and what the operator must change', () => {
  test.each([
    ['not-authorized', /secret.*component_secret under Component "rooms\.example\.org" \(Prosody\).*ejabberd/],
    [
      'host-unknown',
      /does not know rooms\.example\.org: add Component "rooms\.example\.org".*restart it \(Prosody: a reload.*ejabberd.*"muc".*domain of the server's users/,
    ],
  ])('%s: loud, and a long wait', async (condition, words) => {
    made = await rig();
    const now = made;
    const peer = await made.server.next();
    await peer.opened();
    peer.send(HEADER + streamError(condition, 'because'));
    await until(() => now.logged('link.retry').length === 1, 'a retry');
    expect(made.log.map((line) => [line.level, line.fields['event']])).toEqual([
      ['error', 'link.refused'],
      ['info', 'link.retry'],
    ]);
    expect(made.log[0]!.message).toMatch(words);
    expect(made.log[1]!.fields['wait']).toBe(SHORT.waitRefused * 1.25);
    await sleep(100);
    expect(made.server.count).toBe(1);
    await recovers(made);
  });

  test('conflict: five quick tries for our predecessor to be reaped, then long waits, and it says so', async () => {
    made = await rig();
    const now = made;
    for (let i = 0; i < 6; i++) {
      const peer = await made.server.next();
      await peer.challenged();
      expect(made.logged('link.refused')).toHaveLength(0);
      peer.send(streamError('conflict', 'Component already connected'));
    }
    await until(() => now.logged('link.retry').length === 6, 'six retries');
    const waits = made.logged('link.retry').map((line) => line.fields['wait'] as number);
    expect(waits.slice(0, 5).every((wait) => wait <= SHORT.conflictWindow / 5)).toBe(true);
    expect(waits[5]).toBeGreaterThanOrEqual(SHORT.waitRefused);
    expect(made.logged('link.refused').map((line) => line.message)).toEqual([
      expect.stringMatching(/connected already: stop the other process.*kick_old/),
    ]);
    await recovers(made);
  });

  test('conflict while online is another process in our place: it is not pushed out again at once', async () => {
    const rigged = await onlineRig();
    made = rigged;
    rigged.peer.send(streamError('conflict', 'Replaced by a new connection'));
    await until(() => rigged.logged('link.retry').length === 1, 'a retry');
    expect(rigged.logged('link.refused')).toHaveLength(1);
    expect(rigged.logged('link.retry')[0]!.fields['wait']).toBeGreaterThanOrEqual(SHORT.waitRefused);
  });
});

describe('a connection that is lost', () => {
  const losses: [string, (peer: Peer) => void, RegExp][] = [
    ['a reset', (peer) => void peer.socket.resetAndDestroy(), /reset/],
    ['an end', (peer) => void peer.socket.end(), /closed the connection/],
    ['the end of the stream without an end of the connection', (peer) => peer.send('</stream:stream>'), /closed the stream/],
    ['data after the end of the stream', (peer) => peer.send('</stream:stream>' + message('late') + '\u0000<'), /closed the stream/],
    ['a stream error', (peer) => peer.send(streamError('system-shutdown', 'Good night')), /system-shutdown \(Good night\)/],
    ['an empty stream error', (peer) => peer.send('<stream:error/>'), /undefined-condition/],
    [
      'another host',
      (peer) =>
        peer.send(`<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>[::1]:1</see-other-host></stream:error>`),
      /see-other-host/,
    ],
    ['an illegal reference', (peer) => peer.send('<message><body>&#1;</body></message>'), /not-well-formed/],
    ['a document type', (peer) => peer.send('<!DOCTYPE x>'), /restricted-xml/],
    ['bytes that are no XML', (peer) => peer.send('<message></presence>'), /not-well-formed/],
  ];
  test.each(losses)('%s', async (_what, script, why) => {
    const rigged = await onlineRig();
    made = rigged;
    script(rigged.peer);
    await recovers(rigged);
    expect(rigged.handler.ids).toEqual(['r1', 'r2']);
    expect(rigged.handler.events).toEqual(['online', expect.stringMatching(why), 'online']);
    expect(rigged.log.map((line) => line.fields['event'])).toEqual(['link.attached', 'link.lost', 'link.retry', 'link.attached']);
    expect(rigged.logged('link.lost')[0]!.message).toMatch(why);
    expect(rigged.logged('link.retry')[0]!.message).toMatch(/^next try in [\d.]+ s$/);
    await until(() => rigged.peer.closed || rigged.peer.ended, 'the old connection is closed');
  });

  test('what is not XML is told so before the connection ends (RFC 6120 §4.9.1.1)', async () => {
    const rigged = await onlineRig();
    made = rigged;
    rigged.peer.send('<message><body>&nbsp;</body></message>');
    await rigged.peer.expect(
      /<stream:error><restricted-xml xmlns="urn:ietf:params:xml:ns:xmpp-streams"\/><\/stream:error><\/stream:stream>$/,
    );
  });

  test('a half stanza of the old connection does not reach into the new one', async () => {
    const rigged = await onlineRig();
    made = rigged;
    rigged.peer.send(message('whole') + '<message from="a@b" to="c@d" id="half"><body>never');
    await until(() => rigged.handler.stanzas.length === 1, 'the whole one');
    rigged.peer.socket.resetAndDestroy();
    await recovers(rigged);
    expect(rigged.handler.ids).toEqual(['whole', 'r1', 'r2']);
  });

  test('a server that answers no pings is gone after two of them', async () => {
    const rigged = await onlineRig({ pingInterval: 300, pingTimeout: 300 });
    made = rigged;
    await rigged.peer.expect(
      /<iq from="rooms\.example\.org\/link-[^"]+" to="example\.org" type="get" id="[^"]+"><ping xmlns="urn:xmpp:ping"\/><\/iq>/,
    );
    await until(() => rigged.logged('link.lost').length === 1, 'the loss is noticed');
    expect(rigged.logged('link.lost')[0]!.message).toBe('lost: the server has not answered two pings');
  });

  test('a server that answers pings, if only by errors, is there', async () => {
    const rigged = await onlineRig({ pingInterval: 20, pingTimeout: 2000 });
    made = rigged;
    for (let i = 0; i < 4; i++) {
      const [, from, id] = await rigged.peer.expect(/<iq from="([^"]+)" to="example\.org" type="get" id="([^"]+)">/);
      rigged.peer.send(`<iq from="example.org" to="${from}" id="${id}" type="${i % 2 === 0 ? 'result' : 'error'}"/>`);
    }
    expect(rigged.link.online).toBe(true);
    expect(rigged.handler.stanzas).toEqual([]);
  });
});

describe('TLS', () => {
  // A shared key instead of certificates: nothing secret lies in the tests.
  const psk = Buffer.from('0123456789abcdef');
  const common = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
  const client = { ...common, pskCallback: () => ({ psk, identity: 'parlour' }), checkServerIdentity: () => undefined };

  test('from the first byte: attaches, talks, and stops', async () => {
    const server = await FakeServer.listen(undefined, { ...common, pskCallback: () => psk });
    made = await rig({ deadline: 3000 }, {}, { server, tls: client });
    await recovers(made);
    await made.link.stop(500);
    expect(made.log.at(-1)!.message).toBe('the link is closed');
  });

  test('a server that speaks none, or whose key does not fit: said so, with a long wait', async () => {
    made = await rig({ deadline: 3000 }, {}, { tls: client });
    const now = made;
    (await made.server.next()).send('<what do you want/>');
    await until(() => now.logged('link.refused').length === 1, 'a refusal');
    expect(now.logged('link.refused')[0]!.message).toMatch(/^refused: TLS failed: /);
    expect(now.logged('link.retry')[0]!.fields['wait']).toBeGreaterThanOrEqual(SHORT.waitRefused);
  });
});

describe('issue Operators, 4: a port that is not for components', () => {
  test.each([
    ['jabber:client', 'host-unknown', 'clients'],
    ['jabber:client', 'invalid-namespace', 'clients'],
    ['jabber:server', 'undefined-condition', 'other servers'],
  ])('%s, %s', async (namespace, condition, whose) => {
    made = await rig();
    const now = made;
    const peer = await made.server.next();
    await peer.opened();
    peer.send(HEADER.replace('jabber:component:accept', namespace) + streamError(condition, ''));
    await until(() => now.logged('link.retry').length === 1, 'a retry');
    expect(made.log[0]!.message).toMatch(new RegExp(`^refused: that is the server's port for ${whose}, \\d+: set server.port`));
    expect(made.log[0]!.fields).toEqual({ event: 'link.refused', kind: 'wrong-port' });
  });
});

describe('waits', () => {
  test('grow with jitter to their bound, begin anew after a connection that lasted, and refusals wait 30 s at least', () => {
    const backoff = new Backoff(DEFAULT_TIMINGS, () => 0);
    const waits = Array.from({ length: 12 }, () => backoff.next('unreachable', false).wait);
    expect(waits.slice(0, 4)).toEqual([125, 250, 500, 1000]);
    expect(waits[11]).toBe(15_000);
    backoff.lasted(50);
    expect(backoff.next('lost', true).wait).toBe(15_000);
    backoff.lasted(DEFAULT_TIMINGS.stable);
    expect(backoff.next('lost', true).wait).toBe(125);
    expect(new Backoff(DEFAULT_TIMINGS, () => 0.999).next('lost', true).wait).toBeCloseTo(250, 0);
    for (const kind of ['not-authorized', 'host-unknown', 'wrong-port', 'tls'] as const)
      expect(backoff.next(kind, false).wait).toBeGreaterThanOrEqual(30_000);
  });

  test('five tries after conflict fall into three seconds', () => {
    const backoff = new Backoff(DEFAULT_TIMINGS, () => 0.999);
    const waits = Array.from({ length: 6 }, () => backoff.next('conflict', false));
    expect(waits.slice(0, 5).reduce((sum, { wait }) => sum + wait, 0)).toBeLessThanOrEqual(3000);
    expect(waits.map(({ loud }) => loud)).toEqual([false, false, false, false, false, true]);
    expect(waits[5]!.wait).toBeGreaterThanOrEqual(30_000);
  });
});

describe('stopping', () => {
  test('writes what is queued, says good-bye, and tries no more', async () => {
    const rigged = await onlineRig();
    made = rigged;
    for (let i = 0; i < 500; i++)
      rigged.link.send(outgoing('message', 'coven@rooms.example.org', 'a@b', { id: String(i) }, '<body>x</body>'));
    const stopped = rigged.link.stop(2000);
    await rigged.peer.expect(/id="499"><body>x<\/body><\/message><\/stream:stream>$/);
    rigged.peer.send('</stream:stream>');
    rigged.peer.socket.end();
    await stopped;
    expect(rigged.link.online).toBe(false);
    expect(rigged.log.at(-1)!.message).toBe('the link is closed');
    await sleep(100);
    expect(rigged.server.count).toBe(1);
  });

  test('does not wait for ever for a server that says nothing', async () => {
    const rigged = await onlineRig({ goodbye: 50 });
    made = rigged;
    rigged.peer.socket.pause();
    await rigged.link.stop(50);
    expect(rigged.link.online).toBe(false);
  });

  test.each(['while connecting', 'while waiting'])('%s', async (when) => {
    made = await rig({ waitMin: 2000, waitMax: 2000 });
    const now = made;
    const peer = await made.server.next();
    if (when === 'while waiting') {
      peer.socket.resetAndDestroy();
      await until(() => now.logged('link.retry').length === 1, 'a retry');
    }
    await Promise.all([made.link.stop(10), made.link.stop(10)]);
    expect(made.logged('link.retry')).toHaveLength(when === 'while waiting' ? 1 : 0);
    await sleep(50);
    expect(made.server.count).toBe(1);
  });
});

test.each(['ENOTFOUND', 'EAI_AGAIN'])('a host whose name says nothing (%s): the name is to be corrected, not the port', (code) => {
  const failure = socketFailure(Object.assign(new Error('getaddrinfo'), { code }), 'connecting');
  const said = remedy(failure, { host: 'nohost.invalid', port: 5347, domain: 'rooms.x.lit' });
  expect(said).toMatch(/^cannot find nohost\.invalid, the .*: correct server\.host/);
  expect(said).not.toMatch(/port/);
});
