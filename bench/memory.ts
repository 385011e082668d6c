/** `npm run bench -- memory`: what a session, an awake room and a sleeping room cost Parlour and the baseline in memory. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Attachment } from './attachment';
import { startBaseline, startParlour, THIS_BUILD, type Component } from './component';
import { nick, roomJid, SERVER_DOMAIN, userJid, type Load } from './loads';
import { joinEverybody, quiet } from './set-up';
import { USUAL } from './template';

const ROOMS = 1_000;
/** Rooms of one and of eleven: the difference is ten sessions each. */
const FEW: Load = { name: 'rooms of one', rooms: ROOMS, occupants: 1, target: 0 };
const MORE: Load = { name: 'rooms of eleven', rooms: ROOMS, occupants: 11, target: 0 };
const HEAP = ['--expose-gc', '--require', path.join(__dirname, 'heap-on-signal.js')];

/** Bytes that a process has in use after collecting garbage: its main thread's heap and what hangs on it. */
async function inUse(component: Component, place: string): Promise<number> {
  const file = path.join(place, 'heap.json');
  rmSync(file, { force: true });
  component.process.kill('SIGUSR2');
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await delay(20);
  const { heapUsed, external } = JSON.parse(readFileSync(file, 'utf8')) as { heapUsed: number; external: number };
  return heapUsed + external;
}

type Start = (port: number, place: string) => Component;

/** What is done when everybody is in, before and after it is looked at. */
interface Around {
  readonly prepare?: (attachment: Attachment) => Promise<void>;
  readonly afterwards?: (component: Component) => Promise<void>;
}

/** Starts a program, lets the load's people in, and answers what is in use then. */
async function withLoad(start: Start, load: Load | undefined, place: string, { prepare, afterwards }: Around = {}): Promise<number> {
  process.env['PARLOUR_HEAP'] = path.join(place, 'heap.json');
  const attachment = new Attachment();
  const component = start(await attachment.listen(), place);
  try {
    await attachment.attached;
    if (load !== undefined) await joinEverybody(attachment, load);
    await prepare?.(attachment);
    await delay(1_000);
    const used = await inUse(component, place);
    await afterwards?.(component);
    return used;
  } finally {
    component.process.kill('SIGKILL');
  }
}

/** What people say of themselves, about as much as usual clients do: away, with what their client is. */
const PRESENCE =
  '<show>away</show><c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="https://client.example" ver="QgayPKawpkPSDYmwT/WM94uAlu0="/>';

/** Everybody but the first of each room says more of themselves than that they are there. */
async function showEverybody(attachment: Attachment, { rooms, occupants }: Load): Promise<void> {
  for (let room = 0; room < rooms; room++) {
    for (let one = 1; one < occupants; one++)
      attachment.write(`<presence from="${userJid(room, one)}" to="${roomJid(room)}/${nick(one)}">${PRESENCE}</presence>`);
    if (attachment.backlog > 1e6) await delay(50);
  }
  await quiet(attachment);
}

/** Bytes in use, each thing beside what it lies in. */
export interface Memory {
  readonly nothing: number;
  readonly session: number;
  readonly room: number;
}

/** Measures and prints. `sleeping`: bytes of a room in which nothing happens. `presence`: of what somebody says of themselves. */
export async function memory(): Promise<{ parlour: Memory & { readonly sleeping: number; readonly presence: number }; baseline: Memory }> {
  const below = mkdtempSync(path.join(tmpdir(), 'parlour-memory-'));
  const place = (): string => mkdtempSync(path.join(below, 'run-'));
  const build = { ...THIS_BUILD, nodeOptions: HEAP };
  const parlour: Start = (port, where) => startParlour(build, port, MORE, where, { rates: true, serverDomain: SERVER_DOMAIN });
  const baseline: Start = (port, where) => startBaseline(port, USUAL, where, HEAP);
  const line = (what: string, ours: number, theirs?: number): void =>
    void process.stdout.write(
      `${what.padEnd(18)}${(ours / 1024).toFixed(2).padStart(8)} KB${theirs === undefined ? '' : `, the baseline ${(theirs / 1024).toFixed(2)} KB`}\n`,
    );
  try {
    const of = async (start: Start): Promise<Memory> => {
      const nothing = await withLoad(start, undefined, place());
      const few = await withLoad(start, FEW, place());
      const more = await withLoad(start, MORE, place());
      const session = (more - few) / ROOMS / (MORE.occupants - 1);
      return { nothing, session, room: (few - nothing) / ROOMS - session };
    };
    const ours = await of(parlour);
    const theirs = await of(baseline);
    const bare = await withLoad(parlour, MORE, place());
    const shown = await withLoad(parlour, MORE, place(), { prepare: (attachment) => showEverybody(attachment, MORE) });
    const presence = (shown - bare) / ROOMS / (MORE.occupants - 1);
    line('nothing', ours.nothing, theirs.nothing);
    line('a session', ours.session, theirs.session);
    line('its presence', presence);
    line('an awake room', ours.room, theirs.room);
    // A new process on the database of a full one: every room sleeps, with its people in it.
    const kept = place();
    await withLoad(parlour, MORE, kept, { afterwards: (component) => component.stop() });
    const sleeping = ((await withLoad(parlour, undefined, kept)) - ours.nothing) / ROOMS;
    line('a sleeping room', sleeping);
    return { parlour: { ...ours, sleeping, presence }, baseline: theirs };
  } finally {
    rmSync(below, { recursive: true, force: true });
  }
}
