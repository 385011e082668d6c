/** People who belong to a room and are not in it: mentions (XEP-0452), activity (XEP-0437), and what is said sent to their account. */
import xml from '@xmpp/xml';
import type { Element } from '@xmpp/xml';
import { NS, occupantId, stanzaId } from '../support/stanzas';
import { expectResult, freshRoom, roomOfAlice, setAffiliation } from './stage';
import type { Stage } from './stage';
import type { User } from '../support/user';

const OFFLINE = '{http://tigase.org/protocol/muc}offline';
const field = (name: string, value: string): Element => xml('field', { var: name }, xml('value', {}, value));

/** The tests; `stage()` is for use inside them. */
export function away(stage: () => Stage): void {
  it('sends absent people the messages that mention them, as everybody had them, whichever client they have', async () => {
    const { alice, bob } = stage();
    const room = await roomOfAlice(stage(), { 'muc#roomconfig_forwardmentions': '1' });
    await setAffiliation(stage(), room, bob.bareJid, 'member');
    bob.drain();
    const reference = xml('reference', {
      xmlns: 'urn:xmpp:reference:0',
      type: 'mention',
      begin: '0',
      end: '3',
      uri: `xmpp:${bob.bareJid}`,
    });
    await alice.send(xml('message', { type: 'groupchat', to: room, id: 'm-1' }, xml('body', {}, 'bob: tea?'), reference));
    const live = await alice.hear('bob: tea?');
    const notice = await bob.waitFor((s) => s.is('message') && s.getChild('mentions', 'urn:xmpp:mmn:0') !== undefined, 'the mention');
    expect(notice.attrs['from']).toBe(room);
    const forwarded = notice.getChild('mentions', 'urn:xmpp:mmn:0')?.getChild('forwarded', 'urn:xmpp:forward:0');
    const message = forwarded?.getChildren('message')[0] as Element;
    expect(message.attrs).toMatchObject({ xmlns: 'jabber:client', from: `${room}/alice`, to: room, type: 'groupchat', id: 'm-1' });
    expect(message.getChildText('body')).toBe('bob: tea?');
    expect(stanzaId(message, room)).toBe(stanzaId(live, room));
    expect(occupantId(message)).toBe(occupantId(live));
  });

  it('tells a client in which rooms something was said since its last visit, and once of each later', async () => {
    const { server, alice, bob } = stage();
    const rooms = [await roomOfAlice(stage(), PERSISTENT), await roomOfAlice(stage(), PERSISTENT)] as const;
    for (const room of rooms) await setAffiliation(stage(), room, bob.bareJid, 'member');
    await bob.join(rooms[0], 'bob');
    await bob.leave(rooms[0], 'bob');
    await alice.say(rooms[1], 'news');
    await alice.hear('news');
    const subscribe = xml('presence', { to: server.component }, xml('rai', { xmlns: RAI }));
    await bob.send(subscribe);
    expect(named(await indicator(bob))).toContain(rooms[1]);
    bob.drain();
    await alice.say(rooms[0], 'one');
    expect(named(await indicator(bob))).toEqual([rooms[0]]);
    await alice.say(rooms[0], 'two');
    await alice.say(rooms[1], 'two');
    await alice.iq('get', rooms[1], xml('query', { xmlns: NS.discoInfo }));
    await bob.iq('get', server.component, xml('query', { xmlns: NS.discoInfo }));
    expect(bob.drain().filter((s) => s.getChild('rai', RAI))).toEqual([]);
    await bob.send(xml('presence', { to: server.component, type: 'unavailable' }));
  });

  it('wakes absent people who want that, in the form of their server: errors end no wish, and no client is shown a private chat', async () => {
    const { alice, bob } = stage();
    const room = freshRoom(stage());
    await alice.join(room, 'alice');
    const submit = (namespace: string, type: string, ...fields: Element[]): Element =>
      xml('query', { xmlns: namespace }, xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, field('FORM_TYPE', type), ...fields));
    expectResult(await alice.iq('set', room, submit(`${NS.muc}#owner`, `${NS.muc}#roomconfig`)));
    const nick = field('muc#register_roomnick', 'bob');
    expectResult(await bob.iq('set', room, submit('jabber:iq:register', `${NS.muc}#register`, nick, field(OFFLINE, '1'))));
    const wanted = async (): Promise<string | undefined> => {
      const query = (await bob.iq('get', room, xml('query', { xmlns: 'jabber:iq:register' }))).getChild('query', 'jabber:iq:register');
      const fields = query?.getChild('x', 'jabber:x:data')?.getChildren('field') ?? [];
      return fields.find((one) => one.attrs['var'] === OFFLINE)?.getChildText('value') ?? undefined;
    };
    expect(await wanted()).toBe('1');
    await alice.say(room, 'are you there?');
    await alice.hear('are you there?');
    // Behind whatever the server makes of the wake-up.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await wanted()).toBe('1');
    const heard = bob.drain().filter((s) => s.is('message') && s.attrs['from'] === room);
    expect(heard.filter((s) => s.getChild('body') !== undefined)).toEqual([]);
    for (const bell of heard) expect(bell.getChild('encrypted', 'urn:parlour:wake:0')?.attrs).toMatchObject({ messages: '1' });
  });
}

const RAI = 'urn:xmpp:rai:0';
const PERSISTENT = { 'muc#roomconfig_persistentroom': '1' };

const indicator = (user: User): Promise<Element> =>
  user.waitFor((s) => s.is('message') && s.getChild('rai', RAI) !== undefined, 'an activity indicator');
const named = (stanza: Element): string[] =>
  (stanza.getChild('rai', RAI)?.getChildren('activity') ?? []).map((activity) => activity.text());
