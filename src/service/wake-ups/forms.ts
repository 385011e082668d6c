/** In which form the accounts of a domain are woken: as the operator says, else by the software of their server, which is asked once a week (XEP-0092). */
import type { Link } from '../../link/link';
import type { Log } from '../../log';
import type { Millis } from '../../room/contract/rows';
import { endOf, isFarAhead } from '../../room/room-times';
import type { WakeFormRow } from '../../store/wake-ups';
import type { Domain } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { child, textOf } from '../../xmpp/xml';
import type { Clock } from '../clock';
import { dropFirst, REMEMBERED_MS } from './accounts';
import type { WakeForm } from './wake-stanza';

const WEEK_MS = 7 * 86_400_000;
/** Until somebody is asked again who did not answer in time. */
const RETRY_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
/** How long a server may take to say what it is. */
const ANSWER_MS = 10_000;
/** Domains of which it is known. */
const MOST_DOMAINS = 10_000;
/** Longest name of a software that is looked at. */
const MOST_NAME = 100;

type DomainForm = Omit<WakeFormRow, 'domain'>;

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

/** One that has not said what it is, is asked again the next day. */
const periodOf = (software: string): Millis => (software === '' ? DAY_MS : WEEK_MS);

export class WakeForms {
  private readonly known = new Map<Domain, DomainForm>();
  private readonly asking = new Map<Domain, Promise<WakeForm | undefined>>();
  /** Those of which something else is kept. */
  private readonly changed = new Set<Domain>();

  constructor(private readonly options: FormsOptions) {}

  get hasChanged(): boolean {
    return this.changed.size > 0;
  }

  /** Takes what was kept. */
  load(rows: readonly WakeFormRow[]): void {
    for (const { domain, ...form } of rows) this.known.set(domain, form);
  }

  /** What is to be kept, and what is not any more. */
  changes(): { readonly forms: WakeFormRow[]; readonly formsOver: Domain[] } {
    const [forms, formsOver]: [WakeFormRow[], Domain[]] = [[], []];
    for (const domain of this.changed) {
      const known = this.known.get(domain);
      if (known) forms.push({ domain, ...known });
      else formsOver.push(domain);
    }
    this.changed.clear();
    return { forms, formsOver };
  }

  /** It could not be kept. */
  putBack({ forms, formsOver }: { readonly forms: readonly WakeFormRow[]; readonly formsOver: readonly Domain[] }): void {
    for (const { domain } of forms) this.changed.add(domain);
    for (const domain of formsOver) this.changed.add(domain);
  }

  /** Forgets domains that nobody was woken at for a year. */
  expire(now: Millis): void {
    for (const [domain, { askedAt }] of this.known) {
      if (isFarAhead(askedAt, REMEMBERED_MS, now) || endOf(askedAt, REMEMBERED_MS, now) <= now) {
        this.known.delete(domain);
        this.changed.add(domain);
      }
    }
  }

  /** The form of a domain, or undefined if it has to be asked. */
  get(domain: Domain): WakeForm | undefined {
    const chosen = this.options.chosen().get(domain);
    if (chosen !== undefined) return chosen;
    const known = this.known.get(domain);
    if (!known) return undefined;
    const { software, askedAt, moved } = known;
    const now = this.options.clock.now();
    if (endOf(askedAt, periodOf(software), now) <= now) return undefined;
    return moved ? otherThan(formOf(software)) : formOf(software);
  }

  /** Asks a domain, once at a time. undefined: there is no connection to ask by. */
  ask(domain: Domain): Promise<WakeForm | undefined> {
    const before = this.asking.get(domain);
    if (before) return before;
    const asking = this.learn(domain).finally(() => this.asking.delete(domain));
    this.asking.set(domain, asking);
    return asking;
  }

  private async learn(domain: Domain): Promise<WakeForm | undefined> {
    const { link, clock, log, address } = this.options;
    const payload = `<query xmlns="${NS.version}"/>`;
    const answer = await link.request({ from: address, to: domain, type: 'get', payload, deadline: ANSWER_MS });
    if (answer.type === 'offline') return undefined;
    const query = answer.type === 'result' ? child(answer.stanza, 'query', NS.version) : undefined;
    const name = query && child(query, 'name', NS.version);
    const said = name ? textOf(name).trim().slice(0, MOST_NAME) : '';
    const known = this.known.get(domain);
    // Whoever does not answer is what it was.
    const software = said === '' ? (known?.software ?? '') : said;
    const moved = known?.moved === true && known.software === software;
    // Whoever only has not answered in time is asked again soon: the connection may have been busy.
    const saved = answer.type === 'timeout' ? periodOf(software) - RETRY_MS : 0;
    this.note(domain, { software, askedAt: clock.now() - saved, moved });
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
    this.changed.add(domain);
    const dropped = dropFirst(this.known, MOST_DOMAINS);
    if (dropped !== undefined) this.changed.add(dropped);
  }
}
