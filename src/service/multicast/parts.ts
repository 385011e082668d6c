/** One stanza for a room as what leaves for it: one for each group of addresses that it serves, as large as it takes them, and copies for everybody else. */
import { NEXT_ADDRESS, readdressed, type Address, type Outgoing } from '../../xmpp/outgoing';
import { NS } from '../../xmpp/ns';

/** Most bytes of one list of addresses, whatever their number. */
const LIST_BYTES = 32 * 1024;
/** What a stanza may be larger by than its content and its list: names, attributes, and what the server adds. */
const AROUND_BYTES = 12 * 1024;

/** A list of a room's, split once: rooms use it until somebody comes or goes. */
interface Split {
  /** Each at most as many as the service takes. */
  readonly groups: readonly (readonly Address[])[];
  /** Those that do not get theirs from the service. */
  readonly others: readonly Address[];
}

/** In which group of a split somebody is. */
const OTHERS = -1;

export interface PartsOptions {
  /** Most addresses of one stanza. */
  readonly most: number;
  /** Largest stanza that leaves, in bytes. */
  readonly sentBytes: number;
  /** Whether somebody gets theirs from the service. */
  readonly serves: (jid: string) => boolean;
}

/** What one stanza becomes: `direct` and then `grouped`, which still need their `via`. */
export interface Parts {
  readonly direct: Outgoing | undefined;
  readonly grouped: readonly Outgoing[];
}

export class Splitter {
  private readonly splits = new WeakMap<readonly Address[], Split>();
  /** By split, once somebody was left out of it. */
  private readonly places = new WeakMap<Split, ReadonlyMap<Address, number>>();

  constructor(private readonly options: PartsOptions) {}

  /** Splits a presence or message for a list. What it holds of `<addresses/>` itself is taken out: the service would obey that. */
  parts(whole: Outgoing & { readonly to: readonly Address[] }): Parts {
    const out = withoutAddresses(whole);
    const { to, except = [] } = whole;
    const large = out.rest.length * 3 > this.options.sentBytes - AROUND_BYTES - LIST_BYTES;
    const split = large ? this.split(to, 1) : this.known(to);
    const left = except.length === 0 ? undefined : this.byGroup(split, except);
    const { groups, others } = split;
    return {
      direct: others.length === 0 ? undefined : withList(out, others, left?.get(OTHERS)),
      grouped: groups.flatMap((group, i) => withList(out, group, left?.get(i)) ?? []),
    };
  }

  /** Who is left out of each group: looked up once for each, since a stanza may leave out all who wait for an answer, and have many groups. */
  private byGroup(split: Split, except: readonly Address[]): ReadonlyMap<number, readonly Address[]> {
    let places = this.places.get(split);
    if (places === undefined) this.places.set(split, (places = placesOf(split)));
    const left = new Map<number, Address[]>();
    for (const one of except) {
      const place = places.get(one);
      if (place === undefined) continue;
      const there = left.get(place);
      if (there) there.push(one);
      else left.set(place, [one]);
    }
    return left;
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
      if (!this.options.serves(one.jid)) {
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

function placesOf({ groups, others }: Split): ReadonlyMap<Address, number> {
  const places = new Map<Address, number>(others.map((one) => [one, OTHERS]));
  for (const [i, group] of groups.entries()) for (const one of group) places.set(one, i);
  return places;
}

/** The stanza for a part of its list, but for some of it; undefined: nobody is left. */
function withList(out: Outgoing, list: readonly Address[], except: readonly Address[] = []): Outgoing | undefined {
  return list.length > except.length ? readdressed(out, list, except) : undefined;
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
