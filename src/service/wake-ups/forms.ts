/** In which form the accounts of a domain are woken: as the operator says, else by the software of their server, which is asked once a week (XEP-0092). */
import type { Link } from '../../link/link';
import type { Log } from '../../log';
import type { Millis } from '../../room/contract/rows';
import { endOf } from '../../room/periods';
import type { Domain } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { child, textOf } from '../../xmpp/xml';
import type { Clock } from '../clock';
import { dropFirst } from './accounts';
import type { WakeForm } from './wake-stanza';

const WEEK_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;
/** How long a server may take to say what it is. */
const ANSWER_MS = 10_000;
/** Domains of which it is known. */
const MOST_DOMAINS = 10_000;
/** Longest name of a software that is looked at. */
const MOST_NAME = 100;

/** What is known of a domain. */
export interface DomainForm {
  /** The name of its software; '': it has not said. */
  readonly software: string;
  readonly askedAt: Millis;
  /** It took the form of its software for a mistake, and gets the other one. */
  readonly moved: boolean;
}

export interface FormsOptions {
  readonly link: Pick<Link, 'request'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A private address of ours, which asks. */
  readonly address: string;
  /** What the operator says, by domain. */
  readonly chosen: () => ReadonlyMap<Domain, WakeForm>;
}

/** The form that a software pushes. */
const formOf = (software: string): WakeForm => (/^prosody\b/i.test(software) ? 'groupchat' : 'doorbell');
const otherThan = (form: WakeForm): WakeForm => (form === 'groupchat' ? 'doorbell' : 'groupchat');

export class WakeForms {
  private readonly known = new Map<Domain, DomainForm>();
  private readonly asking = new Map<Domain, Promise<WakeForm>>();

  constructor(private readonly options: FormsOptions) {}

  /** The form of a domain, or undefined if it has to be asked. */
  get(domain: Domain): WakeForm | undefined {
    const chosen = this.options.chosen().get(domain);
    if (chosen !== undefined) return chosen;
    const known = this.known.get(domain);
    if (!known) return undefined;
    const { software, askedAt, moved } = known;
    // One that has not said is asked again the next day.
    const period = software === '' ? DAY_MS : WEEK_MS;
    const now = this.options.clock.now();
    if (endOf(askedAt, period, now) <= now) return undefined;
    return moved ? otherThan(formOf(software)) : formOf(software);
  }

  /** Asks a domain, once at a time. */
  ask(domain: Domain): Promise<WakeForm> {
    const before = this.asking.get(domain);
    if (before) return before;
    const asking = this.learn(domain).finally(() => this.asking.delete(domain));
    this.asking.set(domain, asking);
    return asking;
  }

  private async learn(domain: Domain): Promise<WakeForm> {
    const { link, clock, log, address } = this.options;
    const payload = `<query xmlns="${NS.version}"/>`;
    const answer = await link.request({ from: address, to: domain, type: 'get', payload, deadline: ANSWER_MS });
    const query = answer.type === 'result' ? child(answer.stanza, 'query', NS.version) : undefined;
    const name = query && child(query, 'name', NS.version);
    const said = name ? textOf(name).trim().slice(0, MOST_NAME) : '';
    const known = this.known.get(domain);
    // Whoever does not answer is what it was.
    const software = said === '' ? (known?.software ?? '') : said;
    const moved = known?.moved === true && known.software === software;
    this.note(domain, { software, askedAt: clock.now(), moved });
    const form = moved ? otherThan(formOf(software)) : formOf(software);
    log.info({ event: 'wake-up.form', domain, software, form }, 'the form in which the accounts of a domain are woken is known');
    return form;
  }

  /** The server of a domain has refused a form for good: it gets the other one from now on, and stays with that. */
  refused(domain: Domain, form: WakeForm, condition: string): void {
    const known = this.known.get(domain);
    if (!known || known.moved || this.options.chosen().has(domain) || formOf(known.software) !== form) return;
    this.note(domain, { ...known, moved: true });
    this.options.log.warn(
      { event: 'wake-up.form-refused', domain, software: known.software, condition, form: otherThan(form) },
      'the server of a domain refuses the form in which its accounts were woken, and gets the other one',
    );
  }

  private note(domain: Domain, form: DomainForm): void {
    this.known.delete(domain);
    this.known.set(domain, form);
    dropFirst(this.known, MOST_DOMAINS);
  }
}
