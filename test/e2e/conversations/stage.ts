/** Three people, a server and Parlour behind it: what every conversation starts from. */
import { adminItem, ownerSubmit } from '../support/stanzas';
import { Parlour } from '../support/parlour';
import { User } from '../support/user';
import type { XmppServer } from '../servers/server';

/** What a conversation is played on; the people stay logged in from one to the next. */
export interface Stage {
  readonly server: XmppServer;
  readonly parlour: Parlour;
  readonly alice: User;
  readonly bob: User;
  readonly carol: User;
}

let rooms = 0;

/** An address that no room has yet. */
export function freshRoom(stage: Stage, name = 'room'): string {
  return `${name}${++rooms}@${stage.server.component}`;
}

/** A room opened by alice with the default configuration, in which alice, bob and carol are under their own names; nothing is unread. */
export async function roomOfThree(stage: Stage, fields: Record<string, string | readonly string[]> = {}): Promise<string> {
  const room = await roomOfAlice(stage, fields);
  await stage.bob.join(room, 'bob');
  await stage.carol.join(room, 'carol');
  await quiet(stage, room);
  return room;
}

/** A room in which only its owner alice is. */
export async function roomOfAlice(stage: Stage, fields: Record<string, string | readonly string[]> = {}): Promise<string> {
  const room = freshRoom(stage);
  const { alice } = stage;
  await alice.join(room, 'alice');
  expectResult(await alice.iq('set', room, ownerSubmit(fields)));
  await alice.settle(room);
  alice.drain();
  return room;
}

/** Everybody has read what the room had to say so far. */
export async function quiet(stage: Stage, room: string): Promise<void> {
  for (const user of [stage.alice, stage.bob, stage.carol]) {
    await user.settle(room);
    user.drain();
  }
}

/** Alice sets somebody's affiliation; the answer must be a result. */
export async function setAffiliation(stage: Stage, room: string, jid: string, affiliation: string, reason?: string): Promise<void> {
  expectResult(await stage.alice.iq('set', room, adminItem({ jid, affiliation }, reason)));
}

/** Fails with the whole stanza when it is not a result. */
export function expectResult(answer: { attrs: Record<string, unknown>; toString(): string }): void {
  if (answer.attrs['type'] !== 'result') throw new Error(`expected a result, got ${answer.toString()}`);
}

/** Starts Parlour on the server, with its configuration changed if need be, and logs three people in. */
export async function setStage(server: XmppServer, change?: (config: Record<string, unknown>) => void): Promise<Stage> {
  const parlour = await new Parlour(server, change).start();
  const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map((name) => User.connect(server, name)));
  return { server, parlour, alice: alice as User, bob: bob as User, carol: carol as User };
}

/** Logs them out and ends Parlour. */
export async function strikeStage(stage: Stage): Promise<void> {
  await Promise.all([stage.alice, stage.bob, stage.carol].map((user) => user.disconnect()));
  await stage.parlour.stop();
}
