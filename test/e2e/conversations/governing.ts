/** Kicks, bans, affiliations, configuration and destruction (XEP-0045 §8.2, §9, §10.2, §10.9). */
import xml from '@xmpp/xml';
import type { Element } from '@xmpp/xml';
import { adminItem, codes, errorOf, formFields, item, NS, ownerSubmit, presenceOf } from '../support/stanzas';
import type { User } from '../support/user';
import { expectResult, quiet, roomOfThree, setAffiliation } from './stage';
import type { Stage } from './stage';

/** The tests; `stage()` is for use inside them. */
export function governing(stage: () => Stage): void {
  it('kicks an occupant with 307, who may come back (§8.2)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage());
    const refused = await bob.iq('set', room, adminItem({ nick: 'carol', role: 'none' }));
    expect(errorOf(refused)).toBe('auth/forbidden');
    expectResult(await alice.iq('set', room, adminItem({ nick: 'bob', role: 'none' }, 'enough')));
    const own = await bob.waitFor(presenceOf(room, 'bob', 'unavailable'), 'to be kicked');
    expect(codes(own)).toEqual([110, 307]);
    expect(item(own)).toMatchObject({ role: 'none', affiliation: 'none' });
    expect(own.getChild('x', NS.user)!.getChild('item')!.getChildText('reason')).toBe('enough');
    for (const user of [alice, carol]) expect(codes(await user.waitFor(presenceOf(room, 'bob', 'unavailable'), 'the kick'))).toEqual([307]);
    const back = await bob.join(room, 'bob');
    expect(back.some(presenceOf(room, 'bob'))).toBe(true);
  });

  it('bans somebody, keeps them out and lists them, until the ban is lifted (§9.1-9.2)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage());
    await setAffiliation(stage(), room, bob.bareJid, 'outcast', 'spam');
    expect(codes(await bob.waitFor(presenceOf(room, 'bob', 'unavailable'), 'the ban'))).toEqual([110, 301]);
    expect(item(await carol.waitFor(presenceOf(room, 'bob', 'unavailable'), 'the ban'))).toMatchObject({
      affiliation: 'outcast',
      role: 'none',
    });
    expect(errorOf((await bob.join(room, 'bob'))[0]!)).toBe('auth/forbidden');
    expect(await list(alice, room, 'outcast')).toEqual([bob.bareJid]);
    expect(errorOf(await bob.iq('get', room, adminItem({ affiliation: 'outcast' })))).toBe('auth/forbidden');
    await setAffiliation(stage(), room, bob.bareJid, 'none');
    expect(await list(alice, room, 'outcast')).toEqual([]);
    expect((await bob.join(room, 'bob')).some(presenceOf(room, 'bob'))).toBe(true);
  });

  it('makes members, admins and owners, tells those present, and keeps the lists (§9.3-9.8, §10.3-10.8)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage());
    await setAffiliation(stage(), room, bob.bareJid, 'admin');
    for (const user of [alice, bob, carol]) {
      const presence = await user.waitFor((s) => presenceOf(room, 'bob')(s) && item(s)['affiliation'] === 'admin', 'bob as an admin');
      expect(item(presence)['role']).toBe('moderator');
    }
    await setAffiliation(stage(), room, 'absent@elsewhere.example', 'member');
    expect(await list(alice, room, 'member')).toEqual(['absent@elsewhere.example']);
    expect(await list(alice, room, 'admin')).toEqual([bob.bareJid]);
    expect(await list(alice, room, 'owner')).toEqual([alice.bareJid]);
    expect(errorOf(await alice.iq('set', room, adminItem({ jid: alice.bareJid, affiliation: 'none' })))).toBe('cancel/conflict');
    expect(errorOf(await bob.iq('set', room, adminItem({ jid: alice.bareJid, affiliation: 'outcast' })))).toBe('cancel/not-allowed');
  });

  it('takes and gives voice in a moderated room (§8.3-8.4)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage(), { 'muc#roomconfig_moderatedroom': '1' });
    const id = await bob.say(room, 'may I?');
    expect(errorOf(await bob.waitFor((s) => s.attrs['id'] === id, 'the refusal'))).toBe('auth/forbidden');
    expectResult(await alice.iq('set', room, adminItem({ nick: 'bob', role: 'participant' })));
    await carol.waitFor((s) => presenceOf(room, 'bob')(s) && item(s)['role'] === 'participant', 'bob to get voice');
    await bob.say(room, 'thank you');
    await carol.hear('thank you');
  });

  it('shows its form to owners only, applies a submit and tells everybody with 104 (§10.2)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage());
    expect(errorOf(await bob.iq('get', room, xml('query', { xmlns: NS.owner })))).toBe('auth/forbidden');
    const before = await form(alice, room);
    expect(before.get('FORM_TYPE')).toEqual(['http://jabber.org/protocol/muc#roomconfig']);
    expectResult(await alice.iq('set', room, ownerSubmit({ 'muc#roomconfig_roomname': 'Grüße', 'muc#roomconfig_roomdesc': 'a < b' })));
    for (const user of [alice, bob, carol]) {
      const notice = await user.waitFor((s) => s.is('message') && codes(s).includes(104), 'the notice of the new configuration');
      expect(notice.attrs).toMatchObject({ type: 'groupchat', from: room });
    }
    const after = await form(alice, room);
    expect(after.get('muc#roomconfig_roomname')).toEqual(['Grüße']);
    expect(after.get('muc#roomconfig_roomdesc')).toEqual(['a < b']);
    // A form sent back as it came changes nothing and tells nobody.
    await quiet(stage(), room);
    const same = Object.fromEntries([...after].filter(([name]) => name !== 'FORM_TYPE'));
    expectResult(await alice.iq('set', room, ownerSubmit(same)));
    await quiet(stage(), room);
    expect(await form(alice, room)).toEqual(after);
    expect(errorOf(await alice.iq('set', room, ownerSubmit({ 'muc#roomconfig_whois': 'everybody and their dog' })))).toMatch(
      /^modify\/(not-acceptable|bad-request)$/,
    );
  });

  it('shows real JIDs to moderators only, or to everybody once the room is non-anonymous (§10.2, 172)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage());
    const again = await bob.join(room, 'bob');
    expect(item(again.find(presenceOf(room, 'alice'))!)['jid']).toBeUndefined();
    const moderator = await alice.join(room, 'alice');
    expect(item(moderator.find(presenceOf(room, 'bob'))!)['jid']).toBe(bob.fullJid);
    await quiet(stage(), room);
    expectResult(await alice.iq('set', room, ownerSubmit({ 'muc#roomconfig_whois': 'anyone' })));
    await carol.waitFor((s) => s.is('message') && codes(s).includes(172), 'the notice that JIDs are shown from now on');
    const entered = await bob.join(room, 'bob');
    expect(item(entered.find(presenceOf(room, 'alice'))!)['jid']).toBe(alice.fullJid);
    expect(codes(entered.find(presenceOf(room, 'bob'))!)).toContain(100);
  });

  it('removes those who are not members when the room becomes members-only (§10.2, 322)', async () => {
    const { alice, bob, carol } = stage();
    const room = await roomOfThree(stage());
    await setAffiliation(stage(), room, bob.bareJid, 'member');
    await quiet(stage(), room);
    expectResult(await alice.iq('set', room, ownerSubmit({ 'muc#roomconfig_membersonly': '1' })));
    expect(codes(await carol.waitFor(presenceOf(room, 'carol', 'unavailable'), 'to be removed'))).toEqual([110, 322]);
    expect(codes(await bob.waitFor(presenceOf(room, 'carol', 'unavailable'), "carol's removal"))).toContain(322);
    await alice.say(room, 'members now');
    await bob.hear('members now');
  });

  it('destroys a room: everybody is told, and the name is gone from the list (§10.9)', async () => {
    const { alice, bob, carol, server } = stage();
    const room = await roomOfThree(stage());
    const destroy = xml('query', { xmlns: NS.owner }, xml('destroy', { jid: `new@${server.component}` }, xml('reason', {}, 'moved')));
    expect(errorOf(await bob.iq('set', room, destroy))).toBe('auth/forbidden');
    expectResult(await alice.iq('set', room, destroy));
    for (const [user, nick] of [
      [alice, 'alice'],
      [bob, 'bob'],
      [carol, 'carol'],
    ] as const) {
      const end = await user.waitFor(presenceOf(room, nick, 'unavailable'), 'the destruction');
      const told = end.getChild('x', NS.user)!.getChild('destroy')!;
      expect(told.attrs['jid']).toBe(`new@${server.component}`);
      expect(told.getChildText('reason')).toBe('moved');
      expect(codes(end)).toContain(110);
    }
    const items = (await alice.iq('get', server.component, xml('query', { xmlns: NS.discoItems }))).getChild('query', NS.discoItems)!;
    expect(items.getChildren('item').map((each) => each.attrs['jid'] as string)).not.toContain(room);
  });
}

async function list(user: User, room: string, affiliation: string): Promise<string[]> {
  const answer = await user.iq('get', room, adminItem({ affiliation }));
  expectResult(answer);
  const query: Element = answer.getChild('query', NS.admin)!;
  return query.getChildren('item').map((each) => {
    expect(each.attrs['affiliation']).toBe(affiliation);
    return each.attrs['jid'] as string;
  });
}

async function form(user: User, room: string): Promise<Map<string, string[]>> {
  const answer = await user.iq('get', room, xml('query', { xmlns: NS.owner }));
  expectResult(answer);
  return formFields(answer.getChild('query', NS.owner));
}
