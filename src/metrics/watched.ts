/** What is answered at /metrics, /healthz and /readyz, whoever serves it. */
import { Metrics } from './metrics';
import { Gatherer, type Sources } from './numbers';

export interface Answer {
  /** HTTP. */
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

type Path = '/metrics' | '/healthz' | '/readyz';
const PLAIN = 'text/plain; charset=utf-8';

export class Watched {
  private readonly metrics = new Metrics();
  private readonly gatherer: Gatherer;

  constructor(private readonly sources: Sources) {
    this.gatherer = new Gatherer(sources);
  }

  stop(): void {
    this.gatherer.stop();
  }

  at(path: Path): Promise<Answer>;
  /** Undefined: nothing is there. */
  at(path: string): Promise<Answer | undefined>;
  async at(path: string): Promise<Answer | undefined> {
    switch (path) {
      case '/metrics':
        return { status: 200, mediaType: this.metrics.mediaType, text: await this.metrics.text(await this.gatherer.gather()) };
      case '/healthz':
        return { status: 200, mediaType: PLAIN, text: 'The process runs.\n' };
      case '/readyz':
        return this.ready();
      default:
        return undefined;
    }
  }

  private ready(): Answer {
    const wrong = [
      ...(this.sources.link.online ? [] : ['The server does not take us: see the log for lines of the link.']),
      ...(this.sources.stats().writable ? [] : ['The database takes no writes: see the log for lines of the store.']),
    ];
    return { status: wrong.length === 0 ? 200 : 503, mediaType: PLAIN, text: `${wrong.join('\n') || 'Ready.'}\n` };
  }
}
