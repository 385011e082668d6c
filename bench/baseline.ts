/** The baseline: the smallest component that splices addresses into deliveries. With a file to keep messages in it is the least durable program (`least.ts`). */
import net from 'node:net';
import { Least } from './least';
import { COMPONENT_DOMAIN, SECRET } from './loads';
import { handshake, streamId } from './server';
import { Splicer, type Forms } from './splicer';
import type { Template } from './template';

export interface BaselineJob extends Forms {
  readonly port: number;
  readonly template: Template;
  /** A database file: each message is in it before it leaves. */
  readonly keep?: string;
}

const job = JSON.parse(process.argv[2] ?? '') as BaselineJob;
const socket = net.connect({ port: job.port, host: '127.0.0.1', noDelay: true });
socket.setEncoding('latin1');
socket.write(`<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${COMPONENT_DOMAIN}'>`);
let greeting = '';
let ending = (): Promise<void> | undefined => undefined;
socket.on('data', function greet(chunk: string) {
  const before = streamId(greeting);
  greeting += chunk;
  const id = streamId(greeting);
  if (before === undefined && id !== undefined) socket.write(`<handshake>${handshake(id, SECRET)}</handshake>`);
  const accepted = /<handshake ?\/>|<\/handshake>/.exec(greeting);
  if (accepted === null) return;
  socket.off('data', greet);
  const splicer = new Splicer(socket, job.template, job);
  const least = job.keep === undefined ? undefined : new Least(socket, splicer, job.keep);
  ending = () => least?.end();
  const feed = least?.feed ?? ((more: string): void => splicer.feed(more));
  socket.on('data', feed);
  feed(greeting.slice(accepted.index + accepted[0].length));
});
socket.on('close', () => {
  void (ending() ?? Promise.resolve()).then(() => process.exit(0));
});
process.on('SIGTERM', () => socket.end('</stream:stream>'));
