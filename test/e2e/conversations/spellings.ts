/** One address is one account, and one room, however client and server spell it (RFC 7622 §3.1). */
import xml from '@xmpp/xml';
import { adminItem, codes, errorOf, item, NS, ownerSubmit, presenceOf } from '../support/stanzas';
import { User } from '../support/user';
import { expectResult, freshRoom, roomOfAlice, setAffiliation } from './stage';
import type { Stage } from './stage';

/** The tests; `stage()` is for use inside them. */
export function spellings(stage: () => Stage): void {
  it.each([
    ['mallory', 'MalLory'],
    ['жора', 'ЖОРА'],
    ['josé', 'Jose\u0301'],
  ])('A1: keeps out who is banned as %s and logs in as %s; a ban throws out who came in so', async (name, login) => {
    const { server } = stage();
    const room = await roomOfAlice(stage());
    const mallory = await User.connect(server, name, 'ph', { login });
    try {
      await setAffiliation(stage(), room, mallory.bareJid, 'outcast');
      expect(errorOf((await mallory.join(room, 'mal')).at(-1)!)).toBe('auth/forbidden');
      await setAffiliation(stage(), room, mallory.bareJid, 'none');
      await mallory.join(room, 'mal');
      await mallory.say(room, 'it is me');
      await mallory.hear('it is me');
      await setAffiliation(stage(), room, mallory.bareJid, 'outcast');
      expect(codes(await mallory.waitFor(presenceOf(room, 'mal', 'unavailable'), 'the ban'))).toEqual([110, 301]);
    } finally {
      await mallory.disconnect();
    }
  });

  it.each([
    ['cased', 'CaSeD'],
    ['café', 'Cafe\u0301'],
    ['зал', 'ЗАЛ'],
    ['strasse', 'straße'],
  ])('A2: enters %s when %s is asked for, and answers from the address that was asked', async (name, spelt) => {
    const { server, alice, bob } = stage();
    const room = freshRoom(stage(), name);
    const other = room.replace(name, spelt);
    await alice.join(room, 'alice');
    expectResult(await alice.iq('set', room, ownerSubmit({})));
    await bob.send(xml('presence', { to: `${other}/bob` }, xml('x', { xmlns: NS.muc })));
    const own = await bob.waitFor(presenceOf(room, 'bob'), 'to be in');
    expect(codes(own)).not.toContain(201);
    expect(item(own)).toMatchObject({ affiliation: 'none', role: 'participant' });
    await alice.waitFor(presenceOf(room, 'bob'), 'bob to come in');
    await bob.say(other, 'is this the room?');
    expect((await alice.hear('is this the room?')).attrs['from']).toBe(`${room}/bob`);
    expectResult(await bob.iq('get', other, xml('query', { xmlns: NS.discoInfo })));
    expect(server.component).toBe(room.split('@')[1]);
    await bob.leave(room, 'bob');
  });

  it('A3: bans by the JID that the room shows who comes from a host in Punycode', async () => {
    const { server, alice } = stage();
    const room = await roomOfAlice(stage());
    const mallory = await User.connect(server, 'mallory', 'ph', { domain: server.elsewhere });
    try {
      await mallory.join(room, 'mal');
      const shown = String(item(await alice.waitFor(presenceOf(room, 'mal'), 'mallory'))['jid']).split('/')[0] as string;
      expect(shown).toBe('mallory@bücher.localhost');
      await mallory.say(room, 'hello');
      await mallory.hear('hello');
      await setAffiliation(stage(), room, shown, 'outcast');
      expect(codes(await mallory.waitFor(presenceOf(room, 'mal', 'unavailable'), 'the ban'))).toEqual([110, 301]);
      expect(errorOf((await mallory.join(room, 'mal')).at(-1)!)).toBe('auth/forbidden');
      const list = await alice.iq('get', room, adminItem({ affiliation: 'outcast' }));
      expect(
        list
          .getChild('query')
          ?.getChildren('item')
          .map((one) => String(one.attrs['jid'])),
      ).toEqual([shown]);
    } finally {
      await mallory.disconnect();
    }
  });

  it('A7: drops what never shows from a nick', async () => {
    const { bob } = stage();
    const room = await roomOfAlice(stage());
    await bob.send(xml('presence', { to: `${room}/❤\uFE0F` }, xml('x', { xmlns: NS.muc })));
    await bob.waitFor(presenceOf(room, '❤'), 'to be in');
    await bob.leave(room, '❤');
  });
}
