/** A person with an ordinary XMPP client (`@xmpp/client` over c2s), as the tests use one. */
import { client } from '@xmpp/client';
import type { Client } from '@xmpp/client';
import xml from '@xmpp/xml';
import type { Element } from '@xmpp/xml';
import { setTimeout as delay } from 'node:timers/promises';
import type { XmppServer } from '../servers/server';
import { isJoinError, isSubject, NS, pretty, sender } from './stanzas';

/** How long a stanza may take to arrive, in ms, unless the test says otherwise. */
const PATIENCE = 8_000;

interface Waiter {
  matches(stanza: Element): boolean;
  found(stanza: Element): void;
}

/** A logged-in client. What it receives is kept in order until a `waitFor` takes it. */
export class User {
  private readonly waiters: Waiter[] = [];
  private unread: Element[] = [];
  private everything: Element[] = [];
  private ids = 0;

  private constructor(
    private readonly connection: Client,
    readonly bareJid: string,
    readonly fullJid: string,
  ) {
    connection.on('stanza', (stanza: Element) => this.receive(stanza));
  }

  /**
   * Logs in as `name@localhost`, creating the account if needed, and sends initial presence. Unlike the bare library it
   * answers pings, as clients for people do.
   *
   * @param spelt how the login is written, and another host than `localhost`
   */
  static async connect(
    server: XmppServer,
    name: string,
    resource = 'test',
    { login = name, domain = server.domain }: { login?: string; domain?: string } = {},
  ): Promise<User> {
    const connection = client({
      service: `xmpp://${server.host}:${server.c2sPort}`,
      domain,
      // The library writes each character of the login as one byte.
      username: Buffer.from(login, 'utf8').toString('latin1'),
      password: await server.account(name, domain),
      resource,
    });
    connection.reconnect.stop();
    connection.on('error', () => undefined); // a lost connection is seen by the stanzas that do not come
    // The library would cut a character in two where TCP does.
    connection.on('connect', () => connection.socket?.setEncoding('utf8'));
    connection.iqCallee.get(NS.ping, 'ping', () => true);
    await connection.start();
    const user = new User(connection, `${name}@${domain}`, `${name}@${domain}/${resource}`);
    await connection.send(xml('presence'));
    return user;
  }

  /** Sends a stanza as it is. */
  async send(stanza: Element): Promise<void> {
    await this.connection.send(stanza);
  }

  /** Takes the first unread stanza that matches, waiting for it if need be; `what` completes "waited for …". */
  async waitFor(matches: (stanza: Element) => boolean, what: string, patience = PATIENCE): Promise<Element> {
    const at = this.unread.findIndex(matches);
    if (at >= 0) return this.unread.splice(at, 1)[0] as Element;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        matches,
        found: (stanza) => {
          clearTimeout(timer);
          resolve(stanza);
        },
      };
      const error = new Error(); // made here for a stack that leads to the test
      const timer = setTimeout(() => {
        this.waiters.splice(this.waiters.indexOf(waiter), 1);
        error.message = `${this.fullJid} waited ${patience} ms for ${what}; unread:\n${this.unread.map(pretty).join('\n') || '(nothing)'}`;
        reject(error);
      }, patience);
      this.waiters.push(waiter);
    });
  }

  /** Forgets what has not been read, and answers it, oldest first. */
  drain(): Element[] {
    const unread = this.unread;
    this.unread = [];
    return unread;
  }

  /** Everything that was ever received, in order. */
  log(): readonly Element[] {
    return this.everything;
  }

  /** Sends an IQ and answers the reply, a result or an error. */
  async iq(type: 'get' | 'set', to: string, ...children: Element[]): Promise<Element> {
    const id = this.nextId('iq');
    await this.send(xml('iq', { type, to, id }, ...children));
    return this.waitFor((s) => s.is('iq') && s.attrs['id'] === id, `the answer to the iq ${type} to ${to}`);
  }

  /**
   * Enters a room: everything the room sent up to and including the subject, or up to an error. Stanzas from other
   * addresses stay unread.
   */
  async join(room: string, nick: string, options: { password?: string; history?: Record<string, string> } = {}): Promise<Element[]> {
    const x = xml('x', { xmlns: NS.muc });
    if (options.password !== undefined) x.append(xml('password', {}, options.password));
    if (options.history !== undefined) x.append(xml('history', options.history));
    const before = this.everything.length;
    await this.send(xml('presence', { to: `${room}/${nick}` }, x));
    const fromRoom = (s: Element): boolean => sender(s) === room;
    const isNew = (s: Element): boolean => this.everything.lastIndexOf(s) >= before;
    await this.waitFor(
      (s) => isNew(s) && fromRoom(s) && (isSubject(s) || isJoinError(s)),
      `the end of the entry into ${room} (the subject or an error)`,
    );
    const arrived = this.everything.slice(before).filter(fromRoom);
    this.unread = this.unread.filter((s) => !arrived.includes(s));
    return arrived;
  }

  /** Says something in a room; answers the id of the message. */
  async say(room: string, body: string): Promise<string> {
    const id = this.nextId('m');
    await this.send(xml('message', { type: 'groupchat', to: room, id }, xml('body', {}, body)));
    return id;
  }

  /** Waits for the message with this body from a room; its stanza. */
  hear(body: string, patience = PATIENCE): Promise<Element> {
    return this.waitFor((s) => s.is('message') && s.getChildText('body') === body, `the message "${body}"`, patience);
  }

  /** Leaves a room and waits for the room's farewell. */
  async leave(room: string, nick: string): Promise<Element> {
    await this.send(xml('presence', { to: `${room}/${nick}`, type: 'unavailable' }));
    return this.waitFor(
      (s) => s.is('presence') && s.attrs['type'] === 'unavailable' && s.attrs['from'] === `${room}/${nick}`,
      `to have left ${room}`,
    );
  }

  /** Waits until everything is here that the room had said to this user before now: an IQ answer comes in the room's order. */
  async settle(room: string): Promise<void> {
    await this.iq('get', room, xml('query', { xmlns: NS.discoInfo }));
  }

  /** Logs out as a client should. */
  async disconnect(): Promise<void> {
    const late = new AbortController();
    await Promise.race([this.connection.stop(), delay(3_000, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    this.connection.socket?.destroy();
  }

  /** Breaks the connection without a word, like a dead battery. */
  vanish(): void {
    this.connection.socket?.destroy();
  }

  private nextId(kind: string): string {
    return `${kind}-${this.fullJid.split('@')[0]}-${++this.ids}`;
  }

  private receive(stanza: Element): void {
    // Requests are answered by the library and are not what a person sees.
    if (stanza.is('iq') && (stanza.attrs['type'] === 'get' || stanza.attrs['type'] === 'set')) return;
    this.everything.push(stanza);
    const at = this.waiters.findIndex((waiter) => waiter.matches(stanza));
    if (at < 0) this.unread.push(stanza);
    else this.waiters.splice(at, 1)[0]?.found(stanza);
  }
}
