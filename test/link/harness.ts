/** A link under test with short times, what it logged, and what its handler was told. */
import type { Link, LinkHandler } from '../../src/link/link';
import { createLink } from '../../src/link/supervisor';
import type { LinkLimits, LinkOptions, LinkTimings } from '../../src/link/options';
import { serialize, type Element } from '../../src/xmpp/xml';
import { DOMAIN, FakeServer, SECRET, until, type Peer } from './fake-server';

interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

/** Short enough for tests, long enough for a busy machine. */
export const SHORT: LinkTimings = {
  deadline: 400,
  waitMin: 10,
  waitMax: 40,
  waitRefused: 300,
  conflictWindow: 50,
  stable: 10_000,
  pingInterval: 60_000,
  pingTimeout: 60_000,
  barrier: 5000,
  stall: 5000,
  goodbye: 300,
};

/** Remembers all it is told. */
class Recorder implements LinkHandler {
  readonly stanzas: Element[] = [];
  readonly bytes: number[] = [];
  readonly events: string[] = [];
  readonly drops: string[] = [];
  /** Runs for each stanza, before it is remembered. */
  onStanza: (stanza: Element) => void = () => undefined;

  stanza(stanza: Element, bytes: number): void {
    this.onStanza(stanza);
    this.stanzas.push(stanza);
    this.bytes.push(bytes);
  }
  dropped(stanza: Element, reason: string): void {
    this.drops.push(`${stanza.name} ${String(stanza.attrs['id'])}: ${reason}`);
  }
  online(): void {
    this.events.push('online');
  }
  offline(why: string): void {
    this.events.push(`offline: ${why}`);
  }
  drained(): void {
    this.events.push('drained');
  }
  get xml(): string[] {
    return this.stanzas.map(serialize);
  }
  get ids(): string[] {
    return this.stanzas.map((stanza) => String(stanza.attrs['id']));
  }
}

export interface Rig {
  readonly server: FakeServer;
  readonly link: Link;
  readonly handler: Recorder;
  readonly log: LogLine[];
  /** Log lines of one event. */
  readonly logged: (event: string) => LogLine[];
  readonly end: () => Promise<void>;
}

/** A started link towards a fake server (or a port where nothing listens). */
export async function rig(
  timings: Partial<LinkTimings> = {},
  limits: Partial<LinkLimits> = {},
  more: Partial<LinkOptions> & { server?: FakeServer } = {},
): Promise<Rig> {
  const { server = await FakeServer.listen(), ...options } = more;
  const log: LogLine[] = [];
  const write =
    (level: LogLine['level']) =>
    (fields: object, message: string): void => {
      log.push({ level, fields: fields as Record<string, unknown>, message });
    };
  const link = createLink({
    host: '127.0.0.1',
    port: server.port,
    secret: SECRET,
    domain: DOMAIN,
    limits,
    timings: { ...SHORT, ...timings },
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    random: () => 0.5,
    ...options,
  });
  const handler = new Recorder();
  link.start(handler);
  return {
    server,
    link,
    handler,
    log,
    logged: (event) => log.filter((line) => line.fields['event'] === event),
    async end() {
      await link.stop(100);
      await server.close();
    },
  };
}

/** A rig whose first connection is online. */
export async function onlineRig(
  timings: Partial<LinkTimings> = {},
  limits: Partial<LinkLimits> = {},
  more: Partial<LinkOptions> & { server?: FakeServer } = {},
): Promise<Rig & { peer: Peer }> {
  const made = await rig(timings, limits, more);
  const peer = await (await made.server.next()).accept();
  await online(made);
  return { ...made, peer };
}

/** Waits until the link is online. */
export async function online(made: Rig): Promise<void> {
  await until(() => made.link.online, 'the link is online');
}

/** A message to a room, numbered. */
export function message(id: string | number, body = 'hello'): string {
  return `<message from="romeo@example.org/orchard" to="coven@${DOMAIN}" type="groupchat" id="${id}"><body>${body}</body></message>`;
}
