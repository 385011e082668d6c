/** The metrics by name, and their text for Prometheus. No names of rooms or people. */
import { Counter, Gauge, Registry, type Metric } from 'prom-client';
import type { Spread } from '../service/counted';
import type { Numbers } from './numbers';

type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

/** One metric: what it is, its label if it has one, and where its values are. */
export interface Declared {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly label?: string;
  readonly read: (numbers: Numbers) => readonly Sample[] | Spread;
}

const one = (value: number | boolean): readonly Sample[] => [[Number(value)]];
const each = (label: string, values: Iterable<readonly [string, number]>): readonly Sample[] =>
  Array.from(values, ([name, value]) => [value, { [label]: name }] as const);

/** All of them; docs/monitoring.md has a row for each, and a test compares. */
export const METRICS: readonly Declared[] = [
  {
    name: 'parlour_info',
    help: 'The version, as a label; always 1.',
    type: 'gauge',
    label: 'version',
    read: ({ version }) => [[1, { version }]],
  },
  { name: 'parlour_link_attached', help: '1 while the server takes us.', type: 'gauge', read: ({ link }) => one(link.online) },
  {
    name: 'parlour_link_attachments_total',
    help: 'Connections that the server accepted.',
    type: 'counter',
    read: ({ link }) => one(link.counts.attached),
  },
  {
    name: 'parlour_link_queue_bytes',
    help: 'Bytes that wait for the server to read.',
    type: 'gauge',
    read: ({ link }) => one(link.queued),
  },
  {
    name: 'parlour_link_congested',
    help: '1 while more waits for the server than its bound.',
    type: 'gauge',
    read: ({ link }) => one(link.congested),
  },
  {
    name: 'parlour_link_stanzas_total',
    help: 'Stanzas that were queued for the server; what goes to many is one.',
    type: 'counter',
    read: ({ link }) => one(link.counts.sent),
  },
  {
    name: 'parlour_deliveries_total',
    help: 'Copies of these: one for each recipient.',
    type: 'counter',
    read: ({ link }) => one(link.counts.copies),
  },
  {
    name: 'parlour_link_unsent_total',
    help: 'Stanzas thrown away while there was no connection; rooms say again what people are to have.',
    type: 'counter',
    read: ({ link }) => one(link.counts.unsent),
  },
  {
    name: 'parlour_link_dropped_total',
    help: 'Stanzas that came and broke a limit of size or depth.',
    type: 'counter',
    read: ({ link }) => one(link.counts.dropped),
  },
  {
    name: 'parlour_multicast_open',
    help: '1 while large rooms may speak by a multicast service.',
    type: 'gauge',
    read: ({ service }) => one(service.multicast.open),
  },
  { name: 'parlour_multicast_rooms', help: 'Rooms that do.', type: 'gauge', read: ({ service }) => one(service.multicast.rooms) },
  {
    name: 'parlour_multicast_stanzas_total',
    help: 'Stanzas that the service was given, each for many.',
    type: 'counter',
    read: ({ service }) => one(service.multicast.stanzas),
  },
  {
    name: 'parlour_multicast_refused_total',
    help: 'Those that it refused, which left one by one.',
    type: 'counter',
    read: ({ service }) => one(service.multicast.refused),
  },
  {
    name: 'parlour_multicast_closed_total',
    help: 'How often the service was closed, since it refused or said nothing.',
    type: 'counter',
    read: ({ service }) => one(service.multicast.closed),
  },
  {
    name: 'parlour_errors_total',
    help: 'Errors that were sent: refusals, by condition.',
    type: 'counter',
    label: 'condition',
    read: ({ link }) => each('condition', link.counts.errors),
  },
  {
    name: 'parlour_api_refusals_total',
    help: 'Requests to the API, also by the command line, that were refused, by code.',
    type: 'counter',
    label: 'code',
    read: ({ refusals }) => each('code', refusals),
  },
  {
    name: 'parlour_decided_total',
    help: 'Stanzas that rooms have decided.',
    type: 'counter',
    label: 'kind',
    read: ({ service }) => each('kind', Object.entries(service.counted.decided)),
  },
  {
    name: 'parlour_entries_total',
    help: 'Sessions that have entered a room, also again.',
    type: 'counter',
    read: ({ service }) => one(service.counted.entries),
  },
  {
    name: 'parlour_rooms',
    help: 'Rooms in memory, by state: awake, loading, catching-up, failed, resting, releasing.',
    type: 'gauge',
    label: 'state',
    read: ({ service }) => each('state', Object.entries(service.rooms)),
  },
  {
    name: 'parlour_pending_bytes',
    help: 'Bytes of what is undecided or not saved yet.',
    type: 'gauge',
    read: ({ service }) => one(service.gathered),
  },
  {
    name: 'parlour_store_writable',
    help: '1 while the database takes writes.',
    type: 'gauge',
    read: ({ service }) => one(service.writable),
  },
  { name: 'parlour_batches_total', help: 'Batches handed to the store.', type: 'counter', read: ({ service }) => one(service.batches) },
  {
    name: 'parlour_commit_failures_total',
    help: 'Batches, and parts of single rooms, that the store did not take.',
    type: 'counter',
    read: ({ service }) => one(service.failures),
  },
  {
    name: 'parlour_commit_seconds',
    help: 'From handing a batch to the store to its answer.',
    type: 'histogram',
    read: ({ service }) => service.counted.commits,
  },
  {
    name: 'parlour_archive_lag_messages',
    help: 'Newest messages that an index does not have yet; missing while the store does not answer.',
    type: 'gauge',
    label: 'index',
    read: ({ lag }) => (lag ? each('index', Object.entries(lag) as [string, number][]) : []),
  },
  {
    name: 'parlour_database_bytes',
    help: 'Size of the database and of its log.',
    type: 'gauge',
    label: 'file',
    read: ({ database }) =>
      each('file', [
        ['database', database.bytes],
        ['log', database.log],
      ]),
  },
  {
    name: 'parlour_backups_total',
    help: 'Backups, by result: made, failed.',
    type: 'counter',
    label: 'result',
    read: ({ backups }) =>
      each('result', [
        ['made', backups.made],
        ['failed', backups.failed],
      ]),
  },
  {
    name: 'parlour_backup_latest_seconds',
    help: 'When the latest backup was begun that is there; 0: there is none.',
    type: 'gauge',
    read: ({ backups }) => one((backups.latestAt ?? 0) / 1000),
  },
  {
    name: 'parlour_rate_accounts',
    help: 'Accounts whose rates are kept in mind.',
    type: 'gauge',
    read: ({ service }) => one(service.accounts),
  },
  {
    name: 'parlour_rate_waiting',
    help: 'Stanzas that wait, since their account is above a rate.',
    type: 'gauge',
    read: ({ service }) => one(service.waits.now),
  },
  { name: 'parlour_rate_waits_total', help: 'Stanzas that had to.', type: 'counter', read: ({ service }) => one(service.waits.all) },
  {
    name: 'parlour_loop_delay_seconds',
    help: 'How late the event loop was since the last look.',
    type: 'gauge',
    label: 'quantile',
    read: ({ loop }) =>
      each('quantile', [
        ['0.5', loop.median],
        ['0.99', loop.p99],
        ['1', loop.most],
      ]),
  },
  {
    name: 'parlour_memory_bytes',
    help: 'Memory of the process: resident, and of it the heap in use and what lies outside of the heap.',
    type: 'gauge',
    label: 'kind',
    read: ({ memory }) => each('kind', Object.entries(memory)),
  },
  { name: 'parlour_start_time_seconds', help: 'When the process started.', type: 'gauge', read: ({ startedAt }) => one(startedAt) },
  {
    name: 'parlour_processor_seconds_total',
    help: 'Processor time of all threads.',
    type: 'counter',
    read: ({ processor }) => one(processor),
  },
];

/** A histogram whose values are counted elsewhere: the library's own only counts by itself. What its registry asks of a metric is this. */
class ReadHistogram {
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  spread: Spread | undefined;

  constructor(
    readonly name: string,
    readonly help: string,
  ) {}

  async get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    const { counts = [], bounds = [], sum = 0 } = this.spread ?? {};
    let count = 0;
    const buckets = counts.map((more, i) => {
      count += more;
      return { metricName: `${name}_bucket`, labels: { le: i < bounds.length ? (bounds[i] as number) : '+Inf' }, value: count };
    });
    const ends = [
      { metricName: `${name}_sum`, labels: {}, value: sum },
      { metricName: `${name}_count`, labels: {}, value: count },
    ];
    return { name, help, type, aggregator, values: [...buckets, ...ends] };
  }
}

/** The text that Prometheus reads, and its media type. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly fill: ((numbers: Numbers) => void)[] = [];

  constructor(declared: readonly Declared[] = METRICS) {
    for (const { name, help, type, label, read } of declared) {
      const labelNames = label === undefined ? [] : [label];
      if (type === 'histogram') {
        const metric = new ReadHistogram(name, help);
        this.registry.registerMetric(metric as unknown as Metric);
        this.fill.push((numbers) => void (metric.spread = read(numbers) as Spread));
        continue;
      }
      const registers = [this.registry];
      const metric =
        type === 'gauge' ? new Gauge({ name, help, labelNames, registers }) : new Counter({ name, help, labelNames, registers });
      this.fill.push((numbers) => {
        metric.reset();
        for (const [value, labels = {}] of read(numbers) as readonly Sample[]) metric.inc(labels, value);
      });
    }
  }

  get mediaType(): string {
    return this.registry.contentType;
  }

  async text(numbers: Numbers): Promise<string> {
    for (const fill of this.fill) fill(numbers);
    return this.registry.metrics();
  }
}
