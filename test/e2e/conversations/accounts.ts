/** What a server lets Parlour do in the name of its accounts (XEP-0356): bookmarks of rooms (XEP-0402), and what people have set for a room (XEP-0492). */
import xml from '@xmpp/xml';
import type { Element } from '@xmpp/xml';
import { setTimeout as delay } from 'node:timers/promises';
import { adminItem } from '../support/stanzas';
import { User } from '../support/user';
import { expectResult, roomOfAlice, type Stage } from './stage';

/** The administrator of the service, whom the stage's configuration names. */
export const ADMINISTRATOR = 'hecate';

const PUBSUB = 'http://jabber.org/protocol/pubsub';
const BOOKMARKS = 'urn:xmpp:bookmarks:1';
const PERSISTENT = { 'muc#roomconfig_persistentroom': '1' };

/** The tests; `stage()` is for use inside them. */
export function accounts(stage: () => Stage): void {
  let hecate: User;
  beforeAll(async () => {
    hecate = await User.connect(stage().server, ADMINISTRATOR);
  });
  afterAll(async () => {
    await hecate.disconnect();
  });
  const add = async (room: string, user: User, affiliation = 'member'): Promise<void> =>
    expectResult(await hecate.iq('set', room, adminItem({ jid: user.bareJid, affiliation })));

  it('writes the bookmark of a room in the name of whom an administrator of the service adds, once: what a person removed stays removed', async () => {
    const { bob, carol } = stage();
    const room = await roomOfAlice(stage(), { ...PERSISTENT, 'muc#roomconfig_roomname': 'The coven' });
    const other = await roomOfAlice(stage(), PERSISTENT);
    await publish(bob, other, xml('conference', { xmlns: BOOKMARKS, name: 'Mine' }));
    await add(room, bob);
    expect(await until(bob, room)).toMatchObject({ name: 'The coven', autojoin: 'true' });
    // It stands beside those that are there, and one that is theirs stays theirs.
    await add(other, bob);
    await add(other, carol);
    await until(carol, other);
    expect((await bookmarks(bob)).get(other)).toMatchObject({ name: 'Mine' });
    const retract = xml('retract', { node: BOOKMARKS, notify: 'true' }, xml('item', { id: room }));
    expectResult(await bob.iq('set', bob.bareJid, xml('pubsub', { xmlns: PUBSUB }, retract)));
    await add(room, bob, 'none');
    await add(room, bob);
    // One account after the other: what was to be asked of bob's is asked before.
    await add(room, carol);
    await until(carol, room);
    expect((await bookmarks(bob)).has(room)).toBe(false);
  });

  it('reads what absent people have set for a room in their account: always rings them, never does not', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfAlice(stage(), PERSISTENT);
    const set = (user: User, setting: string): Promise<void> =>
      publish(
        user,
        room,
        xml(
          'conference',
          { xmlns: BOOKMARKS },
          xml('extensions', {}, xml('notify', { xmlns: 'urn:xmpp:notification-settings:1' }, xml(setting))),
        ),
      );
    await set(carol, 'never');
    await set(bob, 'always');
    for (const [user, nick] of [
      [carol, 'carol'],
      [bob, 'bob'],
    ] as const) {
      expectResult(await alice.iq('set', room, adminItem({ jid: user.bareJid, affiliation: 'member' })));
      await user.join(room, nick);
      await user.leave(room, nick);
      user.drain();
    }
    const isRung = (user: User): boolean => user.drain().some((s) => s.is('message') && s.getChild('encrypted', 'urn:parlour:wake:0'));
    let rings = false;
    for (let i = 0; i < 50 && !rings; i++) {
      await alice.say(room, `message ${i}`);
      await alice.hear(`message ${i}`);
      await delay(100);
      rings = isRung(bob);
    }
    expect(rings).toBe(true);
    // Carol's account was asked before bob's; without a setting a mention would ring her.
    expect(isRung(carol)).toBe(false);
    await alice.say(room, 'carol: are you there?');
    await alice.hear('carol: are you there?');
    await delay(300);
    expect(isRung(carol)).toBe(false);
  });
}

/** XEP-0402 §"Adding a bookmark": what clients say of the node when they publish the first. */
const OPTIONS = {
  FORM_TYPE: `${PUBSUB}#publish-options`,
  'pubsub#persist_items': 'true',
  'pubsub#max_items': 'max',
  'pubsub#send_last_published_item': 'never',
  'pubsub#access_model': 'whitelist',
};

async function publish(user: User, room: string, bookmark: Element): Promise<void> {
  const item = xml('item', { id: room }, bookmark);
  const fields = Object.entries(OPTIONS).map(([name, value]) => xml('field', { var: name }, xml('value', {}, value)));
  const options = xml('publish-options', {}, xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, ...fields));
  expectResult(await user.iq('set', user.bareJid, xml('pubsub', { xmlns: PUBSUB }, xml('publish', { node: BOOKMARKS }, item), options)));
}

/** The bookmarks of an account as its client reads them: the attributes of each, by room. */
async function bookmarks(user: User): Promise<ReadonlyMap<string, Record<string, unknown>>> {
  const answer = await user.iq('get', user.bareJid, xml('pubsub', { xmlns: PUBSUB }, xml('items', { node: BOOKMARKS })));
  const items = answer.getChild('pubsub', PUBSUB)?.getChild('items')?.getChildren('item') ?? [];
  return new Map(items.map((item) => [String(item.attrs['id']), item.getChild('conference', BOOKMARKS)?.attrs ?? {}]));
}

/** Waits until an account has a bookmark of a room. */
async function until(user: User, room: string): Promise<Record<string, unknown>> {
  for (let i = 0; i < 100; i++) {
    const found = (await bookmarks(user)).get(room);
    if (found) return found;
    await delay(50);
  }
  throw new Error(`${user.bareJid} has no bookmark of ${room}`);
}
