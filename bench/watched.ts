/** Parlour as an operator watches it: its metrics are fetched through the API's socket, once a second. */
import { get } from 'node:http';
import path from 'node:path';
import type { Component } from './component';

const EVERY_MS = 1_000;

/** `component` with its metrics fetched until it stops; its socket lies in `place`. Stopping rejects if they were never answered. */
export function watched(component: Component, place: string): Component {
  let answered = 0;
  const fetchOnce = (): void => {
    get({ socketPath: path.join(place, 'parlour.sock'), path: '/metrics' }, (response) => {
      if (response.statusCode === 200) answered++;
      response.resume();
    }).on('error', () => undefined); // It starts or ends; what was never answered is told at the end.
  };
  const timer = setInterval(fetchOnce, EVERY_MS);
  component.process.once('exit', () => clearInterval(timer));
  return {
    ...component,
    async stop() {
      clearInterval(timer);
      await component.stop();
      if (answered === 0) throw new Error('Its metrics were never answered.');
    },
  };
}
