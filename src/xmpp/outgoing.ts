/** What leaves: one template and the addresses it goes to (architecture.md, rule 3, "serialise once"). All of it is immutable. */
import { NS } from './ns';
import { escapeAttribute, attributes, clean } from './xml';

export type StanzaName = 'message' | 'presence' | 'iq';

/** An address that stanzas go to, with its attribute text escaped once, when it first becomes known. */
export interface Address {
  readonly jid: string;
  /** The JID as UTF-8 inside a double-quoted attribute. */
  readonly wire: Buffer;
}

/** A JID ready to be written any number of times. */
export function address(jid: string): Address {
  return { jid, wire: Buffer.from(escapeAttribute(jid), 'utf8') };
}

/**
 * One stanza for one or many recipients. On the wire: `<name from="from" to="…` + each address + `"` + rest.
 * `rest` is finished XML: the other attributes (each with a space before it), `>`, the content and the end tag, or `/>`.
 */
export interface Outgoing {
  readonly name: StanzaName;
  /** Unescaped; must lie in the component's own domain. */
  readonly from: string;
  /** One JID (unescaped), or a frozen list. */
  readonly to: string | readonly Address[];
  readonly rest: string;
  /**
   * Addresses of the list `to`, each in it once, that get no copy: a thousand stanzas that each leave out somebody else share one list. Most
   * have none.
   */
  readonly except?: readonly Address[];
  /** Decides whether it is sent again after a lost link; if absent, `kindOf` tells. */
  readonly kind?: OutgoingKind;
  /** It leaves once, and a service hands a copy to each address of the list `to` (XEP-0033). */
  readonly via?: Via;
}

/** A multicast service, and what marks this stanza among those that it is given. */
export interface Via {
  /** Its domain. */
  readonly service: string;
  /** Letters and digits. It stands at the first address (`desc`), so that an error which repeats the stanza says which it was; nobody receives it. */
  readonly mark: string;
}

/**
 * `reply`: sent once, never again. `fan-out`: visible to the room's occupants, and sent again from
 * the ledger after a lost link. `farewell`: the same, to somebody who is removed by it.
 */
export type OutgoingKind = 'reply' | 'fan-out' | 'farewell';

/** The same stanza for others, sent directly. */
export function readdressed({ name, from, rest, kind }: Outgoing, to: Outgoing['to'], except: readonly Address[] = []): Outgoing {
  return { name, from, to, rest, ...(kind === undefined ? {} : { kind }), ...(except.length > 0 ? { except } : {}) };
}

/** The kind of an output. Rooms mark theirs; if unmarked, one recipient means a reply and a list means fan-out. */
export function kindOf(out: Outgoing): OutgoingKind {
  return out.kind ?? (typeof out.to === 'string' ? 'reply' : 'fan-out');
}

/** Builds an Outgoing from attributes and finished inner XML. */
export function outgoing(
  name: StanzaName,
  from: string,
  to: string | readonly Address[],
  attrs: Readonly<Record<string, string | undefined | null>>,
  inner: string,
): Outgoing {
  const head = attributes(attrs);
  return { name, from, to, rest: inner === '' ? `${head}/>` : `${head}>${inner}</${name}>` };
}

/** The whole stanza as text, for one address: for logs at trace level and for tests. */
export function toXml(out: Outgoing, to: string): string {
  return `<${out.name} from="${escapeAttribute(out.from)}" to="${escapeAttribute(clean(to))}"${out.rest}`;
}

/** The same for all addresses of a list at once, as it goes to a multicast service: all of them `bcc`, so that nobody is told of another. */
export function toMulticastXml(out: Outgoing, via: Via): string {
  const { head, tail } = multicastSeams(out, via);
  const jids = recipientsOf(out).map((jid) => escapeAttribute(clean(jid)));
  return `${head}${jids.join(NEXT_ADDRESS)}${tail}`;
}

/** What stands between two addresses of a list that goes to a multicast service. */
export const NEXT_ADDRESS = '"/><address type="bcc" jid="';

/** What stands before the first address and behind the last: `<addresses/>` is the first child of the stanza. */
export function multicastSeams({ name, from, rest }: Outgoing, { service, mark }: Via): { readonly head: string; readonly tail: string } {
  // In attributes it is escaped.
  const end = rest.indexOf('>');
  const isEmpty = rest.charAt(end - 1) === '/';
  const attrs = rest.slice(0, isEmpty ? end - 1 : end);
  const content = isEmpty ? `</${name}>` : rest.slice(end + 1);
  return {
    head: `<${name} from="${escapeAttribute(from)}" to="${escapeAttribute(service)}"${attrs}><addresses xmlns="${NS.addresses}"><address type="bcc" desc="${mark}" jid="`,
    tail: `"/></addresses>${content}`,
  };
}

/** How many stanzas leave. */
export function copiesOf(out: Outgoing): number {
  return out.via ? 1 : deliveriesOf(out);
}

/** To how many addresses it goes. */
export function deliveriesOf({ to, except }: Outgoing): number {
  return typeof to === 'string' ? 1 : to.length - (except?.length ?? 0);
}

/** Who gets it, as spelt. Walks over the list: for those who look at each stanza. */
export function recipientsOf({ to, except }: Outgoing): readonly string[] {
  if (typeof to === 'string') return [to];
  return (except ? to.filter((one) => !except.includes(one)) : to).map(({ jid }) => jid);
}

/** What an address and its quotes count for in estimates, in bytes. */
const ADDRESS_ESTIMATE = 48;

/** A stanza for one recipient has memory of its own, while a template shares it among many: in queues its bytes count this many times. */
const ALONE = 4;

/** How many times the bytes of a stanza count in the queue of its room. */
export function weightOf(out: Outgoing): number {
  return deliveriesOf(out) === 1 ? ALONE : 1;
}

/** Bytes of one copy on the wire, estimated. */
export function costOf(out: Outgoing): number {
  const addresses = out.via ? deliveriesOf(out) * (ADDRESS_ESTIMATE + NEXT_ADDRESS.length) : 0;
  return out.from.length + out.rest.length + ADDRESS_ESTIMATE + addresses;
}
