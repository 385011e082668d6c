/**
 * OpenTelemetry traces, if `otel.endpoint` is configured: what is watched is wrapped once, at start, so that nothing is paid without it.
 * Spans name no rooms, no people and no texts.
 */
import { createRequire } from 'node:module';
import type * as Api from '@opentelemetry/api';
import type * as Exporters from '@opentelemetry/exporter-trace-otlp-http';
import type * as Resources from '@opentelemetry/resources';
import type * as Sdk from '@opentelemetry/sdk-trace-base';
import type { AnsweredRequest } from './api/server';
import type { Config } from './config';
import { ConfigRefused } from './config-mistakes';
import type { Log } from './log';
import type { Machine } from './room/contract/machine';
import type { MakeRoom } from './service/life/loader';
import type { Store } from './store/store';
import { VERSION } from './version';

/** Code of the SDK for what was sent (`ExportResultCode.SUCCESS`). */
const SENT = 0;
/** Between two lines about spans that could not be sent, in milliseconds. */
const TELL_EVERY_MS = 60_000;
/** For one request to the collector, and for what is left at the end, in milliseconds. */
const SEND_MS = 5_000;

/** Every span and its attributes; docs/monitoring.md has a row for each, and a test compares. */
export const SPANS = {
  'room.decide': ['parlour.kind', 'parlour.occupants'],
  'store.commit': ['parlour.rooms', 'parlour.messages'],
  'archive.query': [],
  'api.request': ['http.request.method', 'http.response.status_code', 'http.route'],
  'link.connect': [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type SpanName = keyof typeof SPANS;
type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Traces {
  /** Each commit of a batch, and each question to the archive, is a span from now on. */
  watchStore(store: Pick<Store, 'commit' | 'archive'>): void;
  /** Rooms whose decisions about stanzas and commands are spans. */
  watchRooms(make: MakeRoom): MakeRoom;
  answered(request: AnsweredRequest): void;
  /** The server takes us; a span from the start, or from when the connection was lost. */
  online(): void;
  offline(): void;
  /** Sends what is left. Never throws. */
  stop(): Promise<void>;
}

/** Finds a package of the SDK. Throws with the code MODULE_NOT_FOUND. */
export type LoadPackage = (name: string) => unknown;

const PACKAGES = ['api', 'sdk-trace-base', 'exporter-trace-otlp-http', 'resources'].map((name) => `@opentelemetry/${name}`);

/** Milliseconds since 1970, with fractions: never back within a process. */
const now = (): number => performance.timeOrigin + performance.now();

/**
 * The traces, or undefined if none are wanted. Throws ConfigRefused if they are, and the SDK is not installed.
 *
 * @param load tests have their own.
 */
export function openTraces(
  { endpoint, samplePercent }: Config['otel'],
  log: Log,
  load: LoadPackage = createRequire(__filename),
): Traces | undefined {
  if (endpoint === null) return undefined;
  let packages: unknown[];
  try {
    packages = PACKAGES.map(load);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new ConfigRefused([{ path: 'otel.endpoint', text: notInstalled(load) }]);
  }
  const [
    { SpanStatusCode },
    { BasicTracerProvider, BatchSpanProcessor, TraceIdRatioBasedSampler },
    { OTLPTraceExporter },
    { resourceFromAttributes },
  ] = packages as [typeof Api, typeof Sdk, typeof Exporters, typeof Resources];
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'parlour', 'service.version': VERSION }),
    sampler: new TraceIdRatioBasedSampler(samplePercent / 100),
    spanProcessors: [new BatchSpanProcessor(telling(new OTLPTraceExporter({ url: endpoint, timeoutMillis: SEND_MS }), log))],
  });
  const tracer = provider.getTracer('parlour', VERSION);
  const span = (name: SpanName, began: number, attributes: Attributes, failed = false): void => {
    const one = tracer.startSpan(name, { startTime: began, attributes });
    if (failed) one.setStatus({ code: SpanStatusCode.ERROR });
    one.end(now());
  };
  log.info({ event: 'traces.running', endpoint, samplePercent }, 'traces are sent');
  return new Watching(span, () => provider.shutdown(), log);
}

/** The versions are those that this version was tested with. */
function notInstalled(load: LoadPackage): string {
  const { peerDependencies } = load('../../package.json') as { peerDependencies: Readonly<Record<string, string>> };
  const wanted = PACKAGES.map((name) => `${name}@${peerDependencies[name] ?? ''}`).join(' ');
  return `traces are wanted, and the packages of OpenTelemetry are not installed. Take the key away, or run in the folder of Parlour: npm install --no-save --omit=dev ${wanted}`;
}

/** The exporter, with a line of the log for spans that could not be sent: one a minute at most. */
function telling(exporter: Exporters.OTLPTraceExporter, log: Log): Sdk.SpanExporter {
  let told = -Infinity;
  let lost = 0;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (Number(result.code) !== SENT) {
          lost += spans.length;
          if (performance.now() - told >= TELL_EVERY_MS) {
            told = performance.now();
            log.warn({ event: 'traces.failed', spans: lost, err: result.error }, 'spans could not be sent; they are dropped');
            lost = 0;
          }
        }
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  };
}

class Watching implements Traces {
  /** Since when there is no connection. */
  private alone: number | undefined = now();

  constructor(
    private readonly span: (name: SpanName, began: number, attributes: Attributes, failed?: boolean) => void,
    private readonly end: () => Promise<void>,
    private readonly log: Log,
  ) {}

  watchStore(store: Pick<Store, 'commit' | 'archive'>): void {
    const commit = store.commit.bind(store);
    const archive = store.archive.bind(store);
    store.commit = (batch) =>
      this.during('store.commit', { 'parlour.rooms': batch.rooms.length, 'parlour.messages': batch.messages.room.length }, commit(batch));
    store.archive = (room, query) => this.during('archive.query', {}, archive(room, query));
  }

  watchRooms(make: MakeRoom): MakeRoom {
    return (jid, rows) => this.watched(make(jid, rows));
  }

  private watched(machine: Machine): Machine {
    const decide = machine.decide.bind(machine);
    machine.decide = (input, time) => {
      if (input.kind !== 'stanza' && input.kind !== 'command') return decide(input, time);
      const kind = input.kind === 'stanza' ? input.stanza.name : input.kind;
      const attributes = { 'parlour.kind': kind, 'parlour.occupants': machine.occupants ?? 0 };
      const began = now();
      try {
        const decision = decide(input, time);
        this.span('room.decide', began, attributes);
        return decision;
      } catch (error) {
        this.span('room.decide', began, attributes, true);
        throw error;
      }
    };
    return machine;
  }

  answered({ method, route, status, ms }: AnsweredRequest): void {
    const attributes = {
      'http.request.method': method,
      'http.response.status_code': status,
      ...(route === undefined ? {} : { 'http.route': route }),
    };
    this.span('api.request', now() - ms, attributes, status >= 500);
  }

  online(): void {
    if (this.alone !== undefined) this.span('link.connect', this.alone, {});
    this.alone = undefined;
  }

  offline(): void {
    this.alone ??= now();
  }

  async stop(): Promise<void> {
    await this.end().catch((error: unknown) => {
      this.log.warn({ event: 'traces.failed', err: error }, 'the last spans could not be sent');
    });
  }

  private async during<T>(name: SpanName, attributes: Attributes, answer: Promise<T>): Promise<T> {
    const began = now();
    let failed = true;
    try {
      const answered = await answer;
      failed = false;
      return answered;
    } finally {
      this.span(name, began, attributes, failed);
    }
  }
}
