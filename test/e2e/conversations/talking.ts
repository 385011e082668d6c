/** Talking in a room: messages, nicks, subject, private messages, leaving (XEP-0045 §7.4-7.6, §7.14, §8.1; XEP-0359, XEP-0421). */
import xml from '@xmpp/xml';
import { codes, errorOf, isSubject, item, nickOf, NS, occupantId, presenceOf, stanzaId } from '../support/stanzas';
import { quiet, roomOfAlice, roomOfThree } from './stage';
import type { Stage } from './stage';

/** The tests; `stage()` is for use inside them. */
export function talking(stage: () => Stage): void {
  it('brings a message to everybody under one id, and the same id to those who come later', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfAlice(stage());
    const entered = await bob.join(room, 'bob');
    const alicesId = occupantId(entered.find(presenceOf(room, 'alice'))!);
    const id = await alice.say(room, 'one id');
    const live = [await alice.hear('one id'), await bob.hear('one id')];
    const later = (await carol.join(room, 'carol')).find((s) => s.getChildText('body') === 'one id')!;
    for (const copy of [...live, later]) {
      expect(copy.attrs).toMatchObject({ type: 'groupchat', from: `${room}/alice`, id });
      expect(stanzaId(copy, room)).toMatch(/.{8}/);
      expect(stanzaId(copy, room)).toBe(stanzaId(later, room));
      expect(occupantId(copy)).toBe(alicesId);
    }
    await bob.say(room, 'other');
    const other = await alice.hear('other');
    expect(stanzaId(other, room)).not.toBe(stanzaId(later, room));
    expect(occupantId(other)).not.toBe(alicesId);
  });

  it('keeps the order in which everybody spoke', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage());
    const count = 30;
    const sent: Promise<string>[] = [];
    for (let i = 0; i < count; i++) sent.push(alice.say(room, `a${i}`), bob.say(room, `b${i}`));
    await Promise.all(sent);
    const heard = [];
    for (const user of [alice, bob, carol]) {
      const bodies: string[] = [];
      while (bodies.length < 2 * count)
        bodies.push((await user.waitFor((s) => s.getChild('body') !== undefined, 'the next message')).getChildText('body')!);
      heard.push(bodies);
    }
    expect(heard[1]).toEqual(heard[0]);
    expect(heard[2]).toEqual(heard[0]);
    expect(heard[0]!.filter((body) => body.startsWith('a'))).toEqual(Array.from({ length: count }, (_, i) => `a${i}`));
  });

  it('carries any text unchanged', async () => {
    const { alice, bob } = stage();
    const room = await roomOfThree(stage());
    const text = `Привет 👩‍👩‍👧 日本語 <b>&amp; "'\n\t` + 'ö'.repeat(9_000);
    await alice.say(room, text);
    expect((await bob.hear(text)).getChildText('body')).toBe(text);
  });

  it("keeps what a client puts into a message, but no stanza-id in the room's name", async () => {
    const { alice, bob } = stage();
    const room = await roomOfThree(stage());
    await alice.send(
      xml(
        'message',
        { type: 'groupchat', to: room, id: 'rich' },
        xml('body', {}, 'rich'),
        xml('origin-id', { xmlns: NS.sid, id: 'mine' }),
        xml('stanza-id', { xmlns: NS.sid, id: 'forged', by: room }),
        xml('occupant-id', { xmlns: NS.occupantId, id: 'forged' }),
        xml('markable', { xmlns: 'urn:xmpp:chat-markers:0' }),
      ),
    );
    const copy = await bob.hear('rich');
    expect(copy.getChild('origin-id', NS.sid)?.attrs['id']).toBe('mine');
    expect(copy.getChild('markable', 'urn:xmpp:chat-markers:0')).toBeDefined();
    expect(
      copy
        .getChildren('stanza-id')
        .filter((s) => s.attrs['by'] === room)
        .map((s) => s.attrs['id'] as string),
    ).toEqual([stanzaId(copy, room)]);
    expect(copy.toString()).not.toContain('forged');
  });

  it('refuses a message from outside (§7.4)', async () => {
    const { bob } = stage();
    const room = await roomOfAlice(stage());
    const id = await bob.say(room, 'let me in');
    const refused = await bob.waitFor((s) => s.is('message') && s.attrs['id'] === id, 'the refusal');
    expect(errorOf(refused)).toBe('modify/not-acceptable');
    expect(refused.attrs['from']).toBe(room);
  });

  it('changes a nick for everybody, with 303 (§7.6)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage());
    await bob.send(xml('presence', { to: `${room}/Robert the 2nd` }));
    for (const user of [alice, bob, carol]) {
      const gone = await user.waitFor(presenceOf(room, 'bob', 'unavailable'), 'the old nick to go');
      expect(codes(gone)).toEqual(user === bob ? [110, 303] : [303]);
      expect(item(gone)['nick']).toBe('Robert the 2nd');
      const here = await user.waitFor(presenceOf(room, 'Robert the 2nd'), 'the new nick');
      expect(codes(here)).toEqual(user === bob ? [110] : []);
    }
    await bob.say(room, 'new name');
    expect(nickOf(await alice.hear('new name'))).toBe('Robert the 2nd');
  });

  it('refuses a change to a nick that is taken (§7.6)', async () => {
    const { bob } = stage();
    const room = await roomOfThree(stage());
    await bob.send(xml('presence', { to: `${room}/alice`, id: 'take' }));
    const refused = await bob.waitFor((s) => s.is('presence') && s.attrs['type'] === 'error', 'the refusal');
    expect(errorOf(refused)).toBe('cancel/conflict');
    expect(refused.attrs).toMatchObject({ from: `${room}/alice`, id: 'take' });
  });

  it('changes the subject for everybody and refuses it to those who may not (§8.1)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage(), { 'muc#roomconfig_changesubject': '0' });
    await alice.send(xml('message', { type: 'groupchat', to: room, id: 's1' }, xml('subject', {}, 'Cakes & ale')));
    for (const user of [alice, bob, carol]) {
      const subject = await user.waitFor(isSubject, 'the subject');
      expect([subject.getChildText('subject'), nickOf(subject)]).toEqual(['Cakes & ale', 'alice']);
    }
    await bob.send(xml('message', { type: 'groupchat', to: room, id: 's2' }, xml('subject', {}, 'Mine')));
    const refused = await bob.waitFor((s) => s.attrs['id'] === 's2', 'the refusal');
    expect(errorOf(refused)).toBe('auth/forbidden');
    await quiet(stage(), room);
  });

  it('delivers a private message to one occupant only (§7.5)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage());
    await alice.send(xml('message', { type: 'chat', to: `${room}/bob`, id: 'pm' }, xml('body', {}, 'psst'), xml('x', { xmlns: NS.user })));
    const heard = await bob.hear('psst');
    expect(heard.attrs).toMatchObject({ type: 'chat', from: `${room}/alice`, to: bob.fullJid });
    expect(heard.getChild('x', NS.user)).toBeDefined();
    expect(occupantId(heard)).toBeDefined();
    await carol.settle(room);
    expect(carol.drain()).toEqual([]);
    await alice.send(xml('message', { type: 'chat', to: `${room}/nobody`, id: 'pm2' }, xml('body', {}, 'hello?')));
    expect(errorOf(await alice.waitFor((s) => s.attrs['id'] === 'pm2', 'the refusal'))).toBe('cancel/item-not-found');
  });

  it('says farewell to somebody who leaves, and tells the others (§7.14)', async () => {
    const { alice, bob } = stage();
    const room = await roomOfThree(stage());
    await bob.send(xml('presence', { to: `${room}/bob`, type: 'unavailable' }, xml('status', {}, 'gone fishing')));
    const own = await bob.waitFor(presenceOf(room, 'bob', 'unavailable'), 'the farewell');
    expect(codes(own)).toEqual([110]);
    const seen = await alice.waitFor(presenceOf(room, 'bob', 'unavailable'), 'bob to leave');
    expect(codes(seen)).toEqual([]);
    expect(item(seen)['role']).toBe('none');
    expect(seen.getChildText('status')).toBe('gone fishing');
    await alice.say(room, 'he has left');
    await alice.hear('he has left');
    await bob.settle(room);
    expect(bob.drain()).toEqual([]);
  });
}
