/**
 * The least that is durable: a component that splices as the baseline does, but reads stanzas with Parlour's own reader, and has each message committed to a database, fully
 * durable, in a thread of its own, before a byte of it leaves. No rules of rooms, no indexes, no limits. What it reaches is the most that a durable component can reach here.
 */
import type net from 'node:net';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { StreamParser } from '../src/link/parser';
import { serialize, serializeChildren, type Element } from '../src/xmpp/xml';
import { notIn, type Said, type Splicer } from './splicer';
import { COMPONENT_DOMAIN } from './loads';

/** Commits under way: one is written, one waits, as in Parlour. */
const UNDER_WAY = 2;
/** Messages that are not committed; above it nothing is read. */
const MOST = 8_192;
/** As Parlour's own come. */
const LIMITS = { stanzaBytes: 262_144, depth: 64 };

/** What is kept of messages, column by column. */
export interface Kept {
  readonly room: string[];
  readonly stanzaId: string[];
  readonly sender: string[];
  readonly occupantId: string[];
  readonly clientId: string[];
  readonly payload: string[];
}

const nothing = (): Kept => ({ room: [], stanzaId: [], sender: [], occupantId: [], clientId: [], payload: [] });

export class Least {
  private readonly parser = new StreamParser(LIMITS);
  private readonly writer: Worker;
  private kept = nothing();
  private said: Said[] = [];
  /** What leaves with each commit that is under way, in order. */
  private readonly underWay: Said[][] = [];
  /** Committed, in order; the socket may take no more of it yet. */
  private ready: Said[] = [];
  private first = 0;
  private waiting = 0;

  constructor(
    private readonly socket: net.Socket,
    private readonly splicer: Splicer,
    file: string,
  ) {
    this.writer = new Worker(path.join(__dirname, 'least-writer.js'), { workerData: file });
    this.writer.on('message', () => this.committed());
    this.writer.on('error', (error) => {
      throw error;
    });
    this.parser.on('element', (stanza: Element) => this.stanza(stanza));
    this.parser.on('error', (error: Error) => {
      throw error;
    });
    this.parser.write(
      `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='${COMPONENT_DOMAIN}'>`,
    );
    socket.on('drain', () => this.leave());
  }

  /** Reads on; what was said in the chunk is given to the writer together. */
  readonly feed = (chunk: string): void => {
    this.parser.write(chunk);
    this.commit();
    if (this.waiting > MOST) this.socket.pause();
  };

  /** Ends the writer once it has written what it has. */
  async end(): Promise<void> {
    this.writer.postMessage(null);
    await new Promise((resolve) => this.writer.once('exit', resolve));
  }

  private stanza(stanza: Element): void {
    const { from, to, id, type } = stanza.attrs as Record<string, string>;
    if (stanza.name !== 'message') {
      // Who enters is told at once: in the loads nobody speaks before everybody is in.
      this.splicer.feed(serialize(stanza));
      return;
    }
    const message = { from: from ?? '', to: to ?? '', id: id ?? '', content: serializeChildren(stanza) };
    const said = this.splicer.said(message);
    if (said === undefined) {
      if (type !== 'error') throw notIn(message);
      return;
    }
    const { values } = said;
    this.kept.room.push(values.room);
    this.kept.stanzaId.push(values['stanza-id']);
    this.kept.sender.push(message.from);
    this.kept.occupantId.push(values['occupant-id']);
    this.kept.clientId.push(message.id);
    this.kept.payload.push(message.content);
    this.said.push(said);
    this.waiting++;
  }

  private commit(): void {
    if (this.said.length === 0 || this.underWay.length >= UNDER_WAY) return;
    this.underWay.push(this.said);
    this.writer.postMessage(this.kept);
    this.kept = nothing();
    this.said = [];
  }

  private committed(): void {
    this.ready.push(...(this.underWay.shift() ?? []));
    this.commit();
    this.leave();
  }

  /** Lets leave what is committed, until the socket takes no more. */
  private leave(): void {
    const { ready, splicer } = this;
    while (this.first < ready.length && splicer.takesMore) {
      splicer.spread(ready[this.first++] as Said);
      this.waiting--;
    }
    if (this.first < ready.length) return;
    this.ready = [];
    this.first = 0;
    splicer.flush();
    if (this.waiting <= MOST) this.socket.resume();
  }
}
