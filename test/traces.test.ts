/** OpenTelemetry traces (issue "Operators", 2): spans of the real program arrive at a collector, tell nothing of rooms and people, and without the key nothing of it is there. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigRefused } from '../src/config-mistakes';
import { openTraces, SPANS } from '../src/traces';
import { DOMAIN, FakeServer, SECRET, sleep, until, type Peer } from './link/fake-server';
import { packageRoot } from './support/package-root';

const ROOM = `coven@${DOMAIN}`;
const ANN = 'ann@example.org/one';
const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };

jest.setTimeout(60_000);

interface Span {
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}
interface Body {
  readonly resourceSpans: readonly { readonly resource: object; readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

describe('with a collector', () => {
  const bodies: string[] = [];
  const folder = mkdtempSync(path.join(tmpdir(), 'parlour-traces-'));
  let collector: Server;
  let server: FakeServer;
  let program: ChildProcess;
  let peer: Peer;
  let output = '';

  const spans = (): Span[] =>
    bodies.flatMap((body) => (JSON.parse(body) as Body).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans)));

  beforeAll(async () => {
    collector = createServer((asked, answer) => {
      let text = '';
      asked.setEncoding('utf8').on('data', (more: string) => (text += more));
      asked.on('end', () => {
        bodies.push(text);
        answer.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await once(collector.listen(0, '127.0.0.1'), 'listening');
    server = await FakeServer.listen();
    const file = path.join(folder, 'component.json');
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
    writeFileSync(
      file,
      JSON.stringify({
        server: { port: server.port, secret: SECRET, domain: 'example.org' },
        component: { domain: DOMAIN },
        otel: { endpoint },
      }),
    );
    program = spawn(process.execPath, [path.join(packageRoot(), 'dist/src/cli.js'), 'run', '--config', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    program.stdout?.setEncoding('utf8').on('data', (more: string) => (output += more));
    // However long it takes to start here.
    while (server.count === 0 && program.exitCode === null) await sleep(20);
    peer = await (await server.next()).accept();
  });
  afterAll(async () => {
    program.kill('SIGKILL');
    await server.close();
    collector.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('each kind of span arrives, with its time, and names no room, nobody and no text', async () => {
    peer.send(`<presence from="${ANN}" to="${ROOM}/ann"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    await peer.expect(/status code="201"/);
    const form = '<x xmlns="jabber:x:data" type="submit"/>';
    peer.send(`<iq from="${ANN}" to="${ROOM}" type="set" id="1"><query xmlns="http://jabber.org/protocol/muc#owner">${form}</query></iq>`);
    await peer.expect(/<iq [^>]*type="result"/);
    peer.send(`<message from="${ANN}" to="${ROOM}" type="groupchat"><body>hurlyburly</body></message>`);
    await peer.expect(/hurlyburly/);
    peer.send(`<iq from="${ANN}" to="${ROOM}" type="set" id="2"><query xmlns="urn:xmpp:mam:2"/></iq>`);
    await peer.expect(/<fin /);
    const asked = request({ socketPath: path.join(folder, 'parlour.sock'), path: '/v1/rooms/coven', agent: false }).end();
    const [answer] = (await once(asked, 'response')) as [{ resume: () => void; statusCode: number }];
    answer.resume();
    expect(answer.statusCode).toBe(200);
    // What is left is sent at the end.
    program.kill('SIGTERM');
    peer.socket.on('end', () => peer.socket.end());
    expect(await once(program, 'exit')).toEqual([0, null]);

    const sent = spans().map(({ name, attributes }) => [name, attributes.map(({ key }) => key)] as const);
    expect(Object.fromEntries([...sent])).toEqual(SPANS);
    for (const { startTimeUnixNano: began, endTimeUnixNano: ended } of spans()) {
      expect(BigInt(ended)).toBeGreaterThanOrEqual(BigInt(began));
      expect(Number(BigInt(began) / 1_000_000n)).toBeGreaterThan(Date.now() - 600_000);
    }
    const kinds = spans().flatMap(({ name, attributes }) =>
      name === 'room.decide' ? [attributes.find(({ key }) => key === 'parlour.kind')?.value] : [],
    );
    expect(kinds).toEqual(expect.arrayContaining(['message', 'presence', 'iq'].map((stringValue) => ({ stringValue }))));
    expect(bodies.join('')).toContain('"/v1/rooms/:room"');
    expect(bodies.join('')).not.toMatch(/coven|ann|example\.org|hurlyburly/);
    expect(output).toContain('"event":"traces.running"');
  });
});

test('docs/monitoring.md has exactly these spans and attributes', () => {
  const [, table = ''] = /^\| span \|([^]*?)^$/m.exec(readFileSync(path.join(packageRoot(), 'docs/monitoring.md'), 'utf8')) ?? [];
  const rows = [...table.matchAll(/^\| `([a-z.]+)` \|[^|]*\|(.*)\|$/gm)].map(([, name = '', attributes = '']) => [
    name,
    [...attributes.matchAll(/`([^`]+)`/g)].map(([, attribute]) => attribute),
  ]);
  expect(Object.fromEntries(rows)).toEqual(SPANS);
});

test('Without an endpoint nothing is loaded', () => {
  const load = jest.fn();
  expect(openTraces({ endpoint: null, samplePercent: 100 }, log, load)).toBeUndefined();
  expect(load).not.toHaveBeenCalled();
});

test('Packages that are not installed are refused with the command that installs them', () => {
  const load = (name: string): unknown => {
    if (name.startsWith('@')) throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
    return createRequire(path.join(packageRoot(), 'dist/src/traces.js'))(name);
  };
  const open = (): unknown => openTraces({ endpoint: 'http://127.0.0.1:1/', samplePercent: 100 }, log, load);
  expect(open).toThrow(ConfigRefused);
  expect(open).toThrow(/^otel\.endpoint: .* npm install --no-save --omit=dev @opentelemetry\/api@1\.\S+ .*resources@2\.\S+$/);
  const [, command] = /(npm install .*)$/m.exec(readFileSync(path.join(packageRoot(), 'docs/monitoring.md'), 'utf8')) ?? [];
  expect(open).toThrow(command);
});

test('A collector that is not there costs a line of the log', async () => {
  const traces = openTraces({ endpoint: 'http://127.0.0.1:9/v1/traces', samplePercent: 100 }, log);
  traces?.online();
  await traces?.stop();
  await until(() => log.warn.mock.calls.length > 0, 'a line');
  expect(log.warn).toHaveBeenCalledWith(expect.objectContaining({ event: 'traces.failed', spans: 1 }), expect.any(String));
});
