/** What one client believes about the room, from nothing but what was sent to it. Throws when it is told what cannot be. */
import { NS } from '../../src/xmpp/ns';
import { child, childElements, textOf, type Element } from '../../src/xmpp/xml';
import { bareOf, resourceOf } from '../../src/xmpp/jid';
import { parse } from '../support/conversation';

export interface Seen {
  affiliation: string;
  role: string;
  jid: string | undefined;
}

export class Client {
  /** Its own nick, if it believes to be in. */
  nick: string | undefined;
  readonly roster = new Map<string, Seen>();
  /** The subject as text; undefined until it was told. */
  subject: string | undefined;
  /** Numbers of the archived messages it has seen since it came in. */
  readonly seen = new Set<number>();
  /** Whether its entry is over: the subject has come (§7.2.15). */
  entered = false;
  /** The bodies of private messages, and whatever else was said to it alone. */
  readonly whispers: string[] = [];
  /** Messages up to this one may come again. */
  private againUpTo = 0;
  private latest = 0;

  constructor(
    readonly jid: string,
    private readonly seqOf: (id: string) => number,
  ) {}

  /** It believes what another does. */
  knows({ nick, roster, subject, seen, entered, againUpTo, latest }: Client): void {
    Object.assign(this, { nick, roster: new Map(roster), subject, seen: new Set(seen), entered, againUpTo, latest });
  }

  /** A crash or a lost link: what was said may be said again. */
  mayHearAgain(): void {
    this.againUpTo = Math.max(this.againUpTo, this.latest);
  }

  receive(xml: string): void {
    const stanza = parse(xml);
    if (stanza.attrs['to'] !== this.jid) throw new Error(`Not for ${this.jid}: ${xml}`);
    if (stanza.attrs['type'] === 'error' || stanza.name === 'iq') return;
    if (stanza.name === 'presence') this.presence(stanza, xml);
    else this.message(stanza, xml);
  }

  private presence(stanza: Element, xml: string): void {
    const nick = resourceOf(stanza.attrs['from'] as string);
    const x = child(stanza, 'x', NS.mucUser);
    const item = x && child(x, 'item', NS.mucUser);
    if (!x || !item) throw new Error(`Presence without an item: ${xml}`);
    const codes = childElements(x)
      .filter((element) => element.name === 'status')
      .map((element) => Number(element.attrs['code']));
    const { affiliation, role, jid, nick: newNick } = item.attrs as Record<string, string | undefined>;
    const own = codes.includes(110);
    if (stanza.attrs['type'] === 'unavailable') {
      // §7.6's examples keep the role in the presence that announces another nick.
      if (role !== 'none' && !codes.includes(303)) throw new Error(`Unavailable in a role: ${xml}`);
      this.roster.delete(nick);
      // 110 says that it is about oneself, also where a change of nick did not arrive any more.
      if (!own) return;
      if (codes.includes(303)) this.nick = newNick;
      else this.leave();
      return;
    }
    if (role === 'none' || affiliation === 'outcast') throw new Error(`Available without a role: ${xml}`);
    const known = this.roster.get(nick)?.jid;
    this.roster.set(nick, { affiliation: affiliation as string, role: role as string, jid: jid ?? known });
    if (own && this.nick === undefined) this.nick = nick;
    else if (own && this.nick !== nick) throw new Error(`${this.jid} is ${String(this.nick)} and is told to be ${nick}`);
  }

  /** It is out and knows it, or has gone without hearing. */
  leave(): void {
    this.nick = undefined;
    this.roster.clear();
    this.subject = undefined;
    this.entered = false;
    this.seen.clear();
    this.latest = 0;
    this.againUpTo = 0;
  }

  /** It has sent a join: what it knew of the room counts no more, but what it has read it has read. */
  startsOver(): void {
    this.roster.clear();
    this.nick = undefined;
    this.subject = undefined;
    this.entered = false;
    this.againUpTo = this.latest;
  }

  private message(stanza: Element, xml: string): void {
    if (stanza.attrs['type'] !== 'groupchat') {
      this.whispers.push(xml);
      return;
    }
    if (this.nick === undefined) throw new Error(`A message before self-presence (§7.1): ${xml}`);
    const subject = child(stanza, 'subject', '');
    if (subject && !child(stanza, 'body', '')) {
      this.subject = textOf(subject);
      this.entered = true;
    }
    const stanzaId = childElements(stanza).find(
      (element) => element.name === 'stanza-id' && element.attrs['by'] === bareOf(stanza.attrs['from'] as string),
    );
    if (!stanzaId) return;
    const seq = this.seqOf(stanzaId.attrs['id'] as string);
    const known = this.seen.has(seq);
    if (known && seq > this.againUpTo) throw new Error(`Message ${seq} twice: ${xml}`);
    // What it did not want to hear when it entered may come when all is said again.
    const maybeUnwanted = seq <= this.againUpTo || child(stanza, 'delay', NS.delay) !== undefined;
    if (!known && seq < this.latest && !maybeUnwanted) throw new Error(`Message ${seq} after ${this.latest}: ${xml}`);
    this.seen.add(seq);
    this.latest = Math.max(seq, this.latest);
  }
}
