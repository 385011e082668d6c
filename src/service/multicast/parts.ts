/** One stanza for a room as what leaves for it: one for each group of local addresses, as large as the service takes them, and copies for everybody else. */
import { deliveriesOf, NEXT_ADDRESS, readdressed, type Address, type Outgoing } from '../../xmpp/outgoing';
import { NS } from '../../xmpp/ns';

/** Most bytes of one list of addresses, whatever their number. */
const LIST_BYTES = 32 * 1024;
/** What a stanza may be larger by than its content and its list: names, attributes, and what the server adds. */
const AROUND_BYTES = 12 * 1024;

/** A list of a room's, split once: rooms use it until somebody comes or goes. */
interface Split {
  /** Each at most as many as the service takes. */
  readonly groups: readonly (readonly Address[])[];
  /** Those that are not on the server's own domain. */
  readonly others: readonly Address[];
}

export interface PartsOptions {
  /** Most addresses of one stanza. */
  readonly most: number;
  /** Largest stanza that leaves, in bytes. */
  readonly sentBytes: number;
  /** Whether somebody gets theirs from the service. */
  readonly isLocal: (jid: string) => boolean;
}

/** What one stanza becomes: `direct` and then `grouped`, which still need their `via`. */
export interface Parts {
  readonly direct: Outgoing | undefined;
  readonly grouped: readonly Outgoing[];
}

export class Splitter {
  private readonly splits = new WeakMap<readonly Address[], Split>();

  constructor(private readonly options: PartsOptions) {}

  /** Splits a presence or message for a list. What it holds of `<addresses/>` itself is taken out: the service would obey that. */
  parts(whole: Outgoing & { readonly to: readonly Address[] }): Parts {
    const out = withoutAddresses(whole);
    const { to, except = [] } = whole;
    const large = out.rest.length * 3 > this.options.sentBytes - AROUND_BYTES - LIST_BYTES;
    const { groups, others } = large ? this.split(to, 1) : this.known(to);
    return {
      direct: others.length === 0 ? undefined : withList(out, others, except),
      grouped: groups.flatMap((group) => withList(out, group, except) ?? []),
    };
  }

  private known(list: readonly Address[]): Split {
    let split = this.splits.get(list);
    if (split === undefined) this.splits.set(list, (split = this.split(list, this.options.most)));
    return split;
  }

  private split(list: readonly Address[], most: number): Split {
    const groups: Address[][] = [];
    const others: Address[] = [];
    let group: Address[] = [];
    let bytes = 0;
    for (const one of list) {
      if (!this.options.isLocal(one.jid)) {
        others.push(one);
        continue;
      }
      const size = one.wire.length + NEXT_ADDRESS.length;
      if (group.length === 0 || group.length >= most || bytes + size > LIST_BYTES) {
        groups.push((group = []));
        bytes = 0;
      }
      group.push(one);
      bytes += size;
    }
    return { groups, others };
  }
}

/** The stanza for a part of its list; undefined: nobody is left. */
function withList(out: Outgoing, list: readonly Address[], except: readonly Address[]): Outgoing | undefined {
  const part = readdressed(out, list, except.length === 0 ? except : except.filter((one) => list.includes(one)));
  return deliveriesOf(part) > 0 ? part : undefined;
}

/** The stanza without child elements of XEP-0033, which messages in archives of earlier versions may have. */
export function withoutAddresses(out: Outgoing): Outgoing {
  if (!out.rest.includes(NS.addresses)) return out;
  return { ...out, rest: cut(out.rest) };
}

const TAG = /<(\/?)[^<>]*?(\/?)>/g;
/** In a tag: it declares the namespace, with a prefix or without. */
const DECLARES = new RegExp(` xmlns(:[^=]*)?="${NS.addresses.replace(/[.]/g, '\\.')}"`);

/** Finished XML behind a stanza's addresses: signs in texts and attributes are escaped, so each `<` begins a tag. */
function cut(rest: string): string {
  const content = rest.indexOf('>') + 1;
  let kept = rest.slice(0, content);
  let from = content;
  let depth = 0;
  /** Where the element begins that is to go. */
  let begin = -1;
  for (const tag of rest.slice(content).matchAll(TAG)) {
    const [text, closes, isEmpty] = tag;
    const at = content + tag.index;
    if (closes !== '') depth--;
    else {
      if (depth === 0 && DECLARES.test(text)) begin = at;
      if (isEmpty === '') depth++;
    }
    if (depth > 0 || begin < 0) continue;
    kept += rest.slice(from, begin);
    from = at + text.length;
    begin = -1;
  }
  return kept + rest.slice(from);
}
