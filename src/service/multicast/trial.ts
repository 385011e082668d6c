/**
 * Whether a multicast service does what rooms need of it, tried with addresses of ours alone, before any room relies on it: it takes so many addresses in messages
 * and in presence, hands out one copy to each and in order, shows nobody the addresses, and tells presence to those alone whom we name (a service may tell
 * everybody of an end to whom it told the beginning, XEP-0033 §5.1: people would be told twice).
 */
import type { Link } from '../../link/link';
import type { BareJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { address, type Outgoing } from '../../xmpp/outgoing';
import { conditionOf } from '../../xmpp/stanza-error';
import { child, type Element } from '../../xmpp/xml';
import type { Clock } from '../clock';
import { isFrom, LOOP_XML, Loops } from './loops';

/** What came of it. */
export type Verdict =
  | { readonly kind: 'good' }
  | { readonly kind: 'offline' }
  /** It refuses; `tooMany`: perhaps it would take fewer. */
  | { readonly kind: 'refused'; readonly condition: string; readonly tooMany: boolean }
  | { readonly kind: 'bad'; readonly why: string };

export interface TrialOptions {
  readonly link: Pick<Link, 'send' | 'fence' | 'moved' | 'barrier'>;
  readonly clock: Pick<Clock, 'after'>;
  /** The component's own. */
  readonly domain: BareJid;
  readonly secret: () => string;
}

/** Conditions of a service that was given too many addresses (XEP-0033 §10), or that may mean it. */
const TOO_MANY: ReadonlySet<string> = new Set(['not-acceptable', 'policy-violation', 'resource-constraint']);
/** Milliseconds until a service that says nothing is none. */
const PATIENCE_MS = 30_000;

/** One stanza of a trial. */
interface Probe {
  /** From where copies come, and errors. */
  readonly from: string;
  readonly service: string;
  readonly expected: ReadonlySet<string>;
  /** Who has theirs. */
  readonly came: Set<string>;
}

export class Trial {
  private readonly probes = new Map<string, Probe>();
  private readonly loops: Loops;
  private refused: string | undefined;
  private wrong: string | undefined;

  constructor(private readonly options: TrialOptions) {
    this.loops = new Loops({ ...options, deaf: () => false, patience: PATIENCE_MS });
  }

  /** Tries it with so many addresses. Never rejects. */
  async run(service: string, addresses: number): Promise<Verdict> {
    const { domain, secret } = this.options;
    const base = `multicast-${secret()}`;
    const all = Array.from({ length: addresses }, (_, i) => `${domain}/${base}-${i}`);
    this.refused = undefined;
    this.wrong = undefined;
    for (const [name, type, to] of [
      ['message', undefined, all],
      ['presence', undefined, all],
      ['presence', 'unavailable', all.slice(0, 1)],
    ] as const) {
      const id = secret();
      this.probes.set(id, { from: `${domain}/${base}`, service, expected: new Set(to), came: new Set() });
      const rest = `${type === undefined ? '' : ` type="${type}"`} id="${id}">${LOOP_XML}</${name}>`;
      const out: Outgoing = { name, from: `${domain}/${base}`, to: to.map(address), rest, via: { service, mark: 'trial' } };
      this.options.link.send(out, domain);
    }
    const outcome = await this.loops.fly(service);
    const probes = [...this.probes.values()];
    this.probes.clear();
    if (outcome.kind === 'offline') return { kind: 'offline' };
    const condition = this.refused ?? (outcome.kind === 'refused' ? outcome.condition : undefined);
    if (condition !== undefined) return { kind: 'refused', condition, tooMany: TOO_MANY.has(condition) };
    if (outcome.kind === 'silent') return { kind: 'bad', why: 'it hands nothing out' };
    const isShort = probes.some(({ came, expected }) => came.size < expected.size);
    const why = this.wrong ?? (isShort ? 'it does not hand out a copy to each address, in order' : undefined);
    if (why !== undefined) return { kind: 'bad', why };
    return { kind: 'good' };
  }

  /** Whether a stanza is of a trial. */
  took(stanza: Element): boolean {
    if (this.loops.took(stanza)) return true;
    if (this.probes.size === 0 || stanza.name === 'iq') return false;
    const { id, type, to } = stanza.attrs as Record<string, string | undefined>;
    const probe = id === undefined ? undefined : this.probes.get(id);
    if (probe === undefined || !isFrom(stanza, type === 'error' ? probe.service : probe.from)) return false;
    if (type === 'error') this.refused = conditionOf(stanza) ?? 'undefined-condition';
    else this.came(probe, to ?? '', stanza);
    return true;
  }

  private came(probe: Probe, to: string, stanza: Element): void {
    const probes = [...this.probes.values()];
    const before = probes.slice(0, probes.indexOf(probe));
    if (child(stanza, 'addresses', NS.addresses)) this.wrong = 'it shows recipients the addresses';
    else if (probe.came.has(to) || !probe.expected.has(to)) this.wrong = 'it hands out copies that nobody asked for';
    else if (before.some(({ came }) => !came.has(to))) this.wrong = 'it does not keep the order';
    probe.came.add(to);
  }

  offline(): void {
    this.loops.offline();
  }
}
