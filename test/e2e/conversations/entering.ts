/** Creating and entering rooms: XEP-0045 §7.1-7.2, §10.1, §17.3. */
import xml from '@xmpp/xml';
import { codes, errorOf, formFields, isSubject, item, nickOf, NS, ownerSubmit, presenceOf } from '../support/stanzas';
import { User } from '../support/user';
import { expectResult, freshRoom, quiet, roomOfAlice, roomOfThree } from './stage';
import type { Stage } from './stage';

/** The tests; `stage()` is for use inside them. */
export function entering(stage: () => Stage): void {
  it('creates a locked room with 201, keeps others out, and opens it as an instant room (§10.1.2)', async () => {
    const { alice, bob } = stage();
    const room = freshRoom(stage());
    const self = (await alice.join(room, 'alice')).filter((s) => s.is('presence'));
    expect(self).toHaveLength(1);
    expect(codes(self[0]!)).toEqual(expect.arrayContaining([110, 201]));
    expect(item(self[0]!)).toMatchObject({ affiliation: 'owner', role: 'moderator' });

    const refused = (await bob.join(room, 'bob'))[0]!;
    expect(errorOf(refused)).toBe('cancel/item-not-found');
    expect(refused.attrs['from']).toBe(`${room}/bob`);

    expectResult(await alice.iq('set', room, ownerSubmit({})));
    const entered = await bob.join(room, 'bob');
    expect(codes(entered.find((s) => s.is('presence') && nickOf(s) === 'bob')!)).not.toContain(201);
  });

  it('creates a reserved room by its form (§10.1.3)', async () => {
    const { alice, bob } = stage();
    const room = freshRoom(stage());
    await alice.join(room, 'alice');
    const form = formFields((await alice.iq('get', room, xml('query', { xmlns: NS.owner }))).getChild('query', NS.owner));
    expect([...form.keys()][0]).toBe('FORM_TYPE');
    expectResult(
      await alice.iq('set', room, ownerSubmit({ 'muc#roomconfig_roomname': 'Reading circle', 'muc#roomconfig_membersonly': '1' })),
    );
    expect(errorOf((await bob.join(room, 'bob'))[0]!)).toBe('auth/registration-required');
    const info = (await bob.iq('get', room, xml('query', { xmlns: NS.discoInfo }))).getChild('query', NS.discoInfo)!;
    expect(info.getChild('identity')!.attrs).toMatchObject({ category: 'conference', type: 'text', name: 'Reading circle' });
    expect(info.getChildren('feature').map((f) => f.attrs['var'] as string)).toContain('muc_membersonly');
  });

  it('forgets a room whose owner cancels the first form (§10.1.3)', async () => {
    const { alice, bob } = stage();
    const room = freshRoom(stage());
    await alice.join(room, 'alice');
    const cancelled = await alice.iq('set', room, xml('query', { xmlns: NS.owner }, xml('x', { xmlns: NS.data, type: 'cancel' })));
    expectResult(cancelled);
    await alice.waitFor(presenceOf(room, 'alice', 'unavailable'), 'the end of the room');
    const again = (await bob.join(room, 'bob')).find((s) => s.is('presence'))!;
    expect(codes(again)).toContain(201);
  });

  it('sends presence, self-presence, history and subject in this order (§7.1)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfAlice(stage());
    await bob.join(room, 'bob');
    await alice.send(xml('message', { type: 'groupchat', to: room, id: 'topic' }, xml('subject', {}, 'Order of things')));
    await bob.waitFor((s) => isSubject(s) && s.getChildText('subject') === 'Order of things', 'the new subject');
    await alice.say(room, 'first');
    await bob.hear('first');
    await bob.say(room, 'second');
    await bob.hear('second');

    const arrived = (await carol.join(room, 'carol')).map((s) => {
      if (s.is('presence')) return `presence ${nickOf(s)}${codes(s).includes(110) ? ' (self)' : ''}`;
      return isSubject(s) ? `subject ${s.getChildText('subject')} by ${nickOf(s)}` : `history ${s.getChildText('body')} by ${nickOf(s)}`;
    });
    expect(arrived.slice(0, 2).sort()).toEqual(['presence alice', 'presence bob']);
    expect(arrived.slice(2)).toEqual([
      'presence carol (self)',
      'history first by alice',
      'history second by bob',
      'subject Order of things by alice',
    ]);
  });

  it('honours the four limits of history together (§7.2.14)', async () => {
    const { alice, bob } = stage();
    const room = await roomOfAlice(stage());
    for (const body of ['one', 'two', 'three']) {
      await alice.say(room, body);
      await alice.hear(body);
    }
    const bodies = async (history: Record<string, string>): Promise<(string | null)[]> => {
      const arrived = await bob.join(room, 'bob', { history });
      await bob.leave(room, 'bob');
      return arrived.filter((s) => s.is('message') && !isSubject(s)).map((s) => s.getChildText('body') ?? null);
    };
    expect(await bodies({ maxstanzas: '2' })).toEqual(['two', 'three']);
    expect(await bodies({ maxstanzas: '0' })).toEqual([]);
    expect(await bodies({ maxchars: '0' })).toEqual([]);
    expect(await bodies({ seconds: '3600', maxstanzas: '1' })).toEqual(['three']);
    expect(await bodies({ since: new Date(Date.now() + 3_600_000).toISOString() })).toEqual([]);
    expect(await bodies({ since: '1970-01-01T00:00:00Z' })).toEqual(['one', 'two', 'three']);
  });

  it('stamps history with the time and the room (§7.2.13)', async () => {
    const { alice, bob } = stage();
    const room = await roomOfAlice(stage());
    const said = Date.now();
    await alice.say(room, 'remember me');
    await alice.hear('remember me');
    const old = (await bob.join(room, 'bob')).find((s) => s.getChildText('body') === 'remember me')!;
    const stamp = old.getChild('delay', NS.delay)!;
    expect(stamp.attrs['from']).toBe(room);
    expect(Math.abs(Date.parse(stamp.attrs['stamp'] as string) - said)).toBeLessThan(60_000);
  });

  it('refuses a nick that somebody else has (§7.2.8)', async () => {
    const { bob } = stage();
    const room = await roomOfAlice(stage());
    const refused = (await bob.join(room, 'alice'))[0]!;
    expect(errorOf(refused)).toBe('cancel/conflict');
    expect(refused.attrs['from']).toBe(`${room}/alice`);
  });

  it('asks for the password of a protected room (§7.2.5)', async () => {
    const { bob } = stage();
    const room = await roomOfAlice(stage(), { 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'öffne dich' });
    expect(errorOf((await bob.join(room, 'bob'))[0]!)).toBe('auth/not-authorized');
    expect(errorOf((await bob.join(room, 'bob', { password: 'sesame' }))[0]!)).toBe('auth/not-authorized');
    expect((await bob.join(room, 'bob', { password: 'öffne dich' })).some(presenceOf(room, 'bob'))).toBe(true);
  });

  it('lets two sessions of one account share a nick; the last one to leave ends the presence (§7.2.8)', async () => {
    const { server, alice, bob } = stage();
    const room = await roomOfThree(stage());
    const phone = await User.connect(server, 'bob', 'phone');
    await phone.join(room, 'bob');
    await alice.say(room, 'to both');
    await Promise.all([bob.hear('to both'), phone.hear('to both')]);
    await phone.leave(room, 'bob');
    await phone.disconnect();
    await alice.settle(room);
    expect(alice.drain().filter(presenceOf(room, 'bob', 'unavailable'))).toEqual([]);
    await bob.leave(room, 'bob');
    await alice.waitFor(presenceOf(room, 'bob', 'unavailable'), 'bob to leave');
  });

  it('tells everything again to somebody who enters a second time (§17.3)', async () => {
    const { bob } = stage();
    const room = await roomOfThree(stage());
    await bob.say(room, 'before');
    await bob.hear('before');
    const again = await bob.join(room, 'bob');
    const nicks = again.filter((s) => s.is('presence')).map(nickOf);
    expect(nicks.slice(0, 2).sort()).toEqual(['alice', 'carol']);
    expect(nicks[2]).toBe('bob');
    expect(again.some((s) => s.getChildText('body') === 'before')).toBe(true);
  });

  it('answers plain presence from outside with unavailable, 110, 307 and 333 (§7.2.18)', async () => {
    const { alice, bob } = stage();
    const room = await roomOfAlice(stage());
    await bob.send(xml('presence', { to: `${room}/bob` }));
    const answer = await bob.waitFor(presenceOf(room, 'bob', 'unavailable'), 'the answer to plain presence');
    expect(codes(answer)).toEqual([110, 307, 333]);
    await quiet(stage(), room);
    await alice.say(room, 'bob is not here');
    await alice.hear('bob is not here');
    await bob.settle(room);
    expect(bob.drain().filter((s) => s.is('message'))).toEqual([]);
  });

  it('passes on a change of availability to everybody (§7.7)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage());
    await bob.send(xml('presence', { to: `${room}/bob` }, xml('show', {}, 'away'), xml('status', {}, 'tea & biscuits')));
    for (const user of [alice, bob, carol]) {
      const presence = await user.waitFor((s) => presenceOf(room, 'bob')(s) && s.getChildText('show') === 'away', "bob's availability");
      expect(presence.getChildText('status')).toBe('tea & biscuits');
      expect(item(presence)).toMatchObject({ role: 'participant', affiliation: 'none' });
    }
  });
}
