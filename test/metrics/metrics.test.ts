/** Metrics and health: names and labels as documented, values as counted, alerts and dashboard that name what is there (issue Operators, 2). */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { get, request } from 'node:http';
import path from 'node:path';
import { ListenRefused } from '../../src/http/listening';
import { Listener } from '../../src/metrics/listener';
import { METRICS, Metrics } from '../../src/metrics/metrics';
import { Watched } from '../../src/metrics/watched';
import { enter, instant, realRooms } from '../service/real-rooms';
import { ANN, BOB, rig, ROOM, say, type Rig } from '../service/rig';
import { packageRoot } from '../support/package-root';

const read = (file: string): string => readFileSync(path.join(packageRoot(), file), 'utf8');

function watchedOf({ service, store, link }: Rig): Watched {
  return new Watched({
    link,
    stats: () => service.stats(),
    store,
    backups: () => ({ made: 3, failed: 1, latestAt: null }),
    refusals: () => [['out-of-scope', 2]],
    database: '/nowhere',
    startedAt: 5_000,
    version: '1.2.3',
  });
}

/** Values by name and labels, as a scrape has them. */
function valuesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

async function scraped(watched: Watched): Promise<Map<string, number>> {
  return valuesOf((await watched.at('/metrics')).text);
}

async function room(): Promise<{ r: Rig; watched: Watched }> {
  const r = await rig({ makeRoom: realRooms(true), rates: { messagesPerSecond: 2 } });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  return { r, watched: watchedOf(r) };
}

test('what was decided, entered, committed and waits is counted, and the text is what Prometheus reads', async () => {
  const { r, watched } = await room();
  try {
    const before = await scraped(watched);
    expect(before.get('parlour_entries_total')).toBe(2);
    await r.play(say(BOB, 'hello'), say(BOB, 'again'));
    const after = await scraped(watched);
    expect(after.get('parlour_decided_total{kind="message"}')).toBe(2);
    expect(after.get('parlour_decided_total{kind="presence"}')).toBe(2);
    expect(after.get('parlour_rooms{state="awake"}')).toBe(1);
    expect(after.get('parlour_commit_seconds_count')).toBe(after.get('parlour_batches_total'));
    expect(after.get('parlour_commit_seconds_bucket{le="+Inf"}')).toBe(after.get('parlour_batches_total'));
    expect(after.get('parlour_link_attached')).toBe(1);
    expect(after.get('parlour_start_time_seconds')).toBe(5);
    expect(after.get('parlour_backups_total{result="failed"}')).toBe(1);
    expect(after.get('parlour_backup_latest_seconds')).toBe(0);
    expect(after.get('parlour_api_refusals_total{code="out-of-scope"}')).toBe(2);
    expect(after.get('parlour_memory_bytes{kind="resident"}')).toBeGreaterThan(1e6);
    expect(after.get('parlour_archive_lag_messages{index="text"}')).toBe(0);
    expect([...after.keys()].join('\n')).not.toContain(ROOM);
    // A rate of two, ten at once.
    r.feed(...Array.from({ length: 15 }, (_, i) => say(BOB, String(i))));
    const full = await scraped(watched);
    expect(full.get('parlour_rate_waiting')).toBeGreaterThan(0);
    expect(full.get('parlour_rate_waits_total')).toBe(full.get('parlour_rate_waiting'));
    await r.clock.pass(20_000);
    const empty = await scraped(watched);
    expect(empty.get('parlour_rate_waiting')).toBe(0);
    expect(empty.get('parlour_rate_waits_total')).toBe(full.get('parlour_rate_waits_total'));
  } finally {
    watched.stop();
  }
});

test('readyz: the link and the store, each with a sentence; healthz stays', async () => {
  const { r, watched } = await room();
  try {
    expect(await watched.at('/readyz')).toMatchObject({ status: 200 });
    r.link.online = false;
    expect(await watched.at('/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('server') as string });
    r.link.online = true;
    r.store.fail('full');
    await r.play(say(BOB, 'lost'));
    expect(await watched.at('/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('database') as string });
    const values = await scraped(watched);
    expect([values.get('parlour_store_writable'), values.get('parlour_commit_failures_total')]).toEqual([0, 1]);
    expect(await watched.at('/healthz')).toMatchObject({ status: 200 });
  } finally {
    watched.stop();
  }
});

test('a store that does not say how far its indexes are keeps nothing else from being told', async () => {
  const { r, watched } = await room();
  try {
    jest.spyOn(r.store, 'lag').mockRejectedValue(new Error('The reader died'));
    const values = await scraped(watched);
    expect(values.get('parlour_link_attached')).toBe(1);
    expect([...values.keys()].filter((key) => key.startsWith('parlour_archive_lag'))).toEqual([]);
  } finally {
    watched.stop();
  }
});

describe('metrics.listen', () => {
  const answer = (port: number, at: string, method = 'GET'): Promise<{ status: number | undefined; text: string }> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path: at, method, agent: false }, (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () => resolve({ status: response.statusCode, text }));
      });
      asked.on('error', reject).end();
    });
  const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };

  test('serves metrics and health, nothing else, and takes nothing', async () => {
    const { watched } = await room();
    const listener = new Listener({ host: '127.0.0.1', port: 0, answer: (at) => watched.at(at), log });
    await listener.start();
    const port = listener.port as number;
    try {
      expect(valuesOf((await answer(port, '/metrics?x=1')).text).get('parlour_link_attached')).toBe(1);
      expect(await answer(port, '/healthz')).toMatchObject({ status: 200 });
      expect(await answer(port, '/readyz')).toMatchObject({ status: 200 });
      expect(await answer(port, '/v1/status')).toMatchObject({ status: 404 });
      expect(await answer(port, '/metrics', 'POST')).toMatchObject({ status: 405 });
      const second = new Listener({ host: '127.0.0.1', port, answer: (at) => watched.at(at), log });
      const refused = second.start();
      // Told without a stack trace.
      await expect(refused).rejects.toBeInstanceOf(ListenRefused);
      await expect(refused).rejects.toThrow(/something else listens there.*metrics\.listen/);
    } finally {
      await listener.stop();
      watched.stop();
    }
    await expect(new Promise((resolve, reject) => get({ host: '127.0.0.1', port }, resolve).on('error', reject))).rejects.toThrow();
  });

  test('a mistake in the program is logged and answered', async () => {
    const listener = new Listener({ host: '127.0.0.1', port: 0, answer: () => Promise.reject(new Error('Lost')), log });
    await listener.start();
    try {
      expect(await answer(listener.port as number, '/metrics')).toMatchObject({ status: 500 });
      expect(log.error).toHaveBeenCalledWith(expect.objectContaining({ event: 'metrics.failed' }), expect.anything());
    } finally {
      await listener.stop();
    }
  });
});

describe('what is documented is there', () => {
  test('docs/monitoring.md has exactly these metrics, with their labels and what they mean', () => {
    const cells = read('docs/monitoring.md')
      .split('\n')
      .filter((line) => line.startsWith('| `parlour_'))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const rows = cells.map(([, first = '', type, help]) => {
      const [name, label] = first.replace(/[`}]/g, '').split('{');
      return { name, label, type, help };
    });
    expect(rows).toEqual(METRICS.map(({ name, label, type, help }) => ({ name, label, type, help })));
  });

  /** Names in an expression that are no metric, or have a label that they do not have. */
  function unknown(expression: string): string[] {
    const known = new Map(
      METRICS.flatMap((one) => (one.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map((end) => [one.name + end, one])),
    );
    return [...expression.matchAll(/(parlour_\w+)(?:\{([^}]*)\})?/g)].flatMap(([all, name, labels = '']) => {
      const metric = known.get(name as string);
      const used = [...labels.matchAll(/(?<=^|, ?)\w+/g)].map(([label]) => label);
      return metric && used.every((label) => label === metric.label || label === 'instance') ? [] : [all];
    });
  }

  test('alerts and dashboard name metrics and labels that there are', async () => {
    const alerts = [...read('contrib/prometheus/alerts.yml').matchAll(/^ +expr: (.*)$/gm)].map(([, text]) => text as string);
    const board = JSON.parse(read('contrib/grafana/parlour.json')) as { panels: { targets: { expr: string }[] }[] };
    const shown = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(alerts.length).toBeGreaterThanOrEqual(12);
    expect([...alerts, ...shown].flatMap(unknown)).toEqual([]);
    expect(unknown('parlour_nothing > 0 and parlour_rooms{name="x"}')).toEqual(['parlour_nothing', 'parlour_rooms{name="x"}']);
    // What can be watched is watched somewhere.
    const all = [...alerts, ...shown].join('\n');
    const { watched } = await room();
    watched.stop();
    expect(METRICS.filter(({ name }) => !all.includes(name)).map(({ name }) => name)).toEqual([
      'parlour_info',
      'parlour_link_attachments_total',
      'parlour_link_stanzas_total',
      'parlour_link_unsent_total',
      'parlour_link_dropped_total',
      'parlour_multicast_open',
      'parlour_multicast_rooms',
      'parlour_multicast_stanzas_total',
      'parlour_multicast_refused_total',
      'parlour_multicast_closed_total',
      'parlour_api_refusals_total',
      'parlour_rate_accounts',
    ]);
  });

  const promtool = process.env['PROMTOOL'] ?? '/usr/bin/promtool';
  (existsSync(promtool) ? test : test.skip)('promtool: each alert is silent on a sound service, and rings for one that is not', () => {
    const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', path.join(packageRoot(), 'test/metrics/alerts.yml')], {
      encoding: 'utf8',
    });
    expect({ status, told: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, told: '' });
  });
});

test('two metrics of one name are refused', () => {
  expect(() => new Metrics([...METRICS, METRICS[0] as (typeof METRICS)[0]])).toThrow(/already been registered/);
});
