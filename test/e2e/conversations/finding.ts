/** Discovery and questions: the service, rooms, occupants, self-ping (XEP-0045 §6, XEP-0030, XEP-0059, XEP-0092, XEP-0199, XEP-0410). */
import xml from '@xmpp/xml';
import type { Element } from '@xmpp/xml';
import { errorOf, NS, ownerSubmit } from '../support/stanzas';
import type { User } from '../support/user';
import { expectResult, roomOfAlice, roomOfThree } from './stage';
import type { Stage } from './stage';

const RSM = 'http://jabber.org/protocol/rsm';

/** The tests; `stage()` is for use inside them. */
export function finding(stage: () => Stage): void {
  it('is found from the server and says that it is a chat service (§6.1-6.2)', async () => {
    const { bob, server } = stage();
    const items = (await disco(bob, 'items', server.domain)).getChildren('item').map((each) => each.attrs['jid'] as string);
    expect(items).toContain(server.component);
    const info = await disco(bob, 'info', server.component);
    expect(info.getChild('identity')!.attrs).toMatchObject({ category: 'conference', type: 'text' });
    expect(features(info)).toEqual(expect.arrayContaining([NS.muc, NS.discoInfo, NS.discoItems, NS.ping, RSM]));
  });

  it('lists public rooms, page by page if asked, and leaves hidden ones out (§6.3, XEP-0059)', async () => {
    const { bob, server } = stage();
    const open = [await roomOfAlice(stage()), await roomOfAlice(stage())];
    const hidden = await roomOfAlice(stage(), { 'muc#roomconfig_publicroom': '0' });
    const all = (await disco(bob, 'items', server.component)).getChildren('item').map((each) => each.attrs['jid'] as string);
    expect(all).toEqual(expect.arrayContaining(open));
    expect(all).not.toContain(hidden);

    const paged: string[] = [];
    for (let after: string | null | undefined = ''; after !== undefined;) {
      const set = xml('set', { xmlns: RSM }, xml('max', {}, '1'));
      if (after) set.append(xml('after', {}, after));
      const answer = await bob.iq('get', server.component, xml('query', { xmlns: NS.discoItems }, set));
      const query = answer.getChild('query', NS.discoItems)!;
      const page = query.getChildren('item').map((each) => each.attrs['jid'] as string);
      expect(page.length).toBeLessThanOrEqual(1);
      paged.push(...page);
      after = page.length === 0 ? undefined : (query.getChild('set', RSM)!.getChildText('last') ?? undefined);
    }
    expect(paged.sort()).toEqual([...all].sort());
  });

  it('finds rooms by their words, those alone whose owner wants it (XEP-0433, XEP-0055)', async () => {
    const { bob, server } = stage();
    const word = `w${Date.now().toString(36)}`;
    const found = { '{urn:parlour:room}search': '1', 'muc#roomconfig_roomname': `Tea ${word}` };
    const open = [await roomOfAlice(stage(), found), await roomOfAlice(stage(), { ...found, 'muc#roomconfig_membersonly': '1' })].sort();
    await roomOfAlice(stage(), { 'muc#roomconfig_roomname': `Tea ${word}` });
    await roomOfAlice(stage(), { ...found, 'muc#roomconfig_publicroom': '0' });
    const form = (type: string, fields: Readonly<Record<string, string>>): Element =>
      xml(
        'x',
        { xmlns: NS.data, type: 'submit' },
        ...Object.entries({ FORM_TYPE: type, ...fields }).map(([name, value]) => xml('field', { var: name }, xml('value', {}, value))),
      );
    const SEARCH = 'urn:xmpp:channel-search:0:search';
    const params = form('urn:xmpp:channel-search:0:search-params', { q: word, key: '{urn:xmpp:channel-search:0:order}address' });
    const answer = await bob.iq('get', server.component, xml('search', { xmlns: SEARCH }, params));
    expectResult(answer);
    const items = answer.getChild('result', SEARCH)!.getChildren('item');
    expect(items.map((item) => item.attrs['address'] as string)).toEqual(open);
    expect(items.map((item) => item.getChildText('nusers'))).toEqual(['1', '1']);
    expect(items.filter((item) => item.getChild('is-open'))).toHaveLength(1);
    const words = form('jabber:iq:search', { '{urn:parlour:service}words': word });
    const table = await bob.iq('set', server.component, xml('query', { xmlns: 'jabber:iq:search' }, words));
    expectResult(table);
    for (const room of open) expect(table.toString()).toContain(`<value>${room}</value>`);
  });

  it('describes a room, and who is in it where that may be known (§6.4-6.5)', async () => {
    const { alice, bob } = stage();
    const room = await roomOfThree(stage());
    expectResult(await alice.iq('set', room, ownerSubmit({ 'muc#roomconfig_roomname': 'Tea', 'muc#roomconfig_roomdesc': 'About tea' })));
    const info = await disco(bob, 'info', room);
    expect(info.getChild('identity')!.attrs).toMatchObject({ category: 'conference', type: 'text', name: 'Tea' });
    expect(features(info)).toEqual(
      expect.arrayContaining([
        NS.muc,
        'muc_open',
        'muc_semianonymous',
        'muc_unmoderated',
        'muc_unsecured',
        'muc_public',
        NS.occupantId,
        'http://jabber.org/protocol/muc#stable_id',
        'http://jabber.org/protocol/muc#self-ping-optimization',
      ]),
    );
    const roominfo = info.getChild('x', NS.data)!;
    const value = (name: string): string | null | undefined =>
      roominfo
        .getChildren('field')
        .find((f) => f.attrs['var'] === name)
        ?.getChildText('value');
    expect(value('FORM_TYPE')).toBe('http://jabber.org/protocol/muc#roominfo');
    expect(value('muc#roominfo_description')).toBe('About tea');
    expect(value('muc#roominfo_occupants')).toBe('3');
    const outside = await bob.iq('get', `${room.split('@')[0]}-nothere@${room.split('@')[1]}`, xml('query', { xmlns: NS.discoInfo }));
    expect(errorOf(outside)).toBe('cancel/item-not-found');
  });

  it('answers a self-ping: a result to those in the room, not-acceptable to others (XEP-0410)', async () => {
    const { alice, bob } = stage();
    const room = await roomOfAlice(stage());
    expectResult(await alice.iq('get', `${room}/alice`, xml('ping', { xmlns: NS.ping })));
    expect(errorOf(await bob.iq('get', `${room}/bob`, xml('ping', { xmlns: NS.ping })))).toBe('cancel/not-acceptable');
    expect(errorOf(await bob.iq('get', `${room}/alice`, xml('ping', { xmlns: NS.ping })))).toBe('cancel/not-acceptable');
  });

  it('answers ping and version at its own address and refuses what it does not know', async () => {
    const { bob, server } = stage();
    expectResult(await bob.iq('get', server.component, xml('ping', { xmlns: NS.ping })));
    const version = await bob.iq('get', server.component, xml('query', { xmlns: 'jabber:iq:version' }));
    expect(version.getChild('query', 'jabber:iq:version')!.getChildText('name')).toBe('Parlour');
    expect(errorOf(await bob.iq('get', server.component, xml('query', { xmlns: 'urn:example:unknown' })))).toMatch(
      /^cancel\/(service-unavailable|feature-not-implemented)$/,
    );
  });
}

async function disco(user: User, what: 'info' | 'items', jid: string): Promise<Element> {
  const namespace = what === 'info' ? NS.discoInfo : NS.discoItems;
  const answer = await user.iq('get', jid, xml('query', { xmlns: namespace }));
  expectResult(answer);
  return answer.getChild('query', namespace)!;
}

function features(info: Element): string[] {
  return info.getChildren('feature').map((each) => each.attrs['var'] as string);
}
