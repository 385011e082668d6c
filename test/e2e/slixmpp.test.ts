/** A client that nobody here wrote: slixmpp, from Debian's python3-slixmpp. */
import { launchPython, play, toldBy } from './clients/python';
import { roomOfAlice, setStage, strikeStage } from './conversations/stage';
import type { Stage } from './conversations/stage';
import { ensurePackage } from './support/packages';
import { endOf } from './servers/process';
import { nickOf, presenceOf } from './support/stanzas';
import { CLIENT_FLAVOURS, describeServers, describeWith, START_TIMEOUT } from './support/suite';

jest.setTimeout(60_000);

/** The types that XEP-0045 §16.5.3 registers for the fields of the room's form, as far as this service has them. */
const TYPES = {
  FORM_TYPE: 'hidden',
  'muc#roomconfig_roomname': 'text-single',
  'muc#roomconfig_roomdesc': 'text-single',
  'muc#roomconfig_lang': 'text-single',
  'muc#roomconfig_publicroom': 'boolean',
  'muc#roomconfig_persistentroom': 'boolean',
  'muc#roomconfig_membersonly': 'boolean',
  'muc#roomconfig_passwordprotectedroom': 'boolean',
  'muc#roomconfig_roomsecret': 'text-private',
  'muc#roomconfig_maxusers': 'list-single',
  'muc#roomconfig_whois': 'list-single',
  'muc#roomconfig_moderatedroom': 'boolean',
  'muc#roomconfig_changesubject': 'boolean',
  'muc#roomconfig_allowpm': 'list-single',
  'muc#maxhistoryfetch': 'text-single',
  'muc#roomconfig_enablelogging': 'boolean',
  'muc#roomconfig_roomadmins': 'jid-multi',
  'muc#roomconfig_roomowners': 'jid-multi',
};

/** The types of the fields by which an archive is searched (XEP-0313 §10.2, XEP-0431). */
const ARCHIVE_FIELDS = {
  FORM_TYPE: 'hidden',
  with: 'jid-single',
  start: 'text-single',
  end: 'text-single',
  'before-id': 'text-single',
  'after-id': 'text-single',
  ids: 'list-multi',
  '{urn:xmpp:fulltext:0}fulltext': 'text-single',
};

describeWith(['python3-slixmpp'], 'slixmpp', () => {
  beforeAll(() => ensurePackage('python3-slixmpp'), START_TIMEOUT);

  describeServers(
    'slixmpp',
    (server) => {
      let stage: Stage;
      beforeAll(async () => {
        stage = await setStage(server());
      }, START_TIMEOUT);
      afterAll(async () => {
        await strikeStage(stage);
      });

      it('joins a room, is heard, hears the others and leaves', async () => {
        const { alice } = stage;
        const room = await roomOfAlice(stage);
        const visitor = launchPython('slixmpp_room.py', {
          jid: 'snake@localhost',
          password: await server().account('snake'),
          host: server().host,
          port: server().c2sPort,
          room,
          nick: 'snake',
        });

        expect(nickOf(await alice.hear('hello from slixmpp', 20_000))).toBe('snake');
        await alice.say(room, 'good day');
        await alice.say(room, 'goodbye, slixmpp');
        await alice.waitFor(presenceOf(room, 'snake', 'unavailable'), 'the visitor to leave');
        const code = await endOf(visitor, 20_000);
        if (code !== 0) throw new Error(`slixmpp ended with ${code}:\n${visitor.output()}`);

        const told = toldBy(visitor);
        expect(told.filter((each) => each.event === 'failed')).toEqual([]);
        expect(told.find((each) => each.event === 'joined')?.['roster']).toEqual(['alice', 'snake']);
        const heard = told.filter((each) => each.event === 'message');
        expect(heard.map((each) => [each['nick'], each['body']])).toEqual([
          ['snake', 'hello from slixmpp'],
          ['alice', 'good day'],
          ['alice', 'goodbye, slixmpp'],
        ]);
      });

      it('creates a reserved room with its form, gives voice, changes the configuration, kicks, bans and destroys', async () => {
        const room = `slixmpp@${server().component}`;
        const none = { reason: '', actor: '' };
        const by = { reason: '', actor: 'owner' };
        expect(await play(server(), 'slixmpp_story.py', 'reserved room', ['ann', 'ben'], room)).toEqual([
          { event: 'created', codes: [110, 201], role: 'moderator', affiliation: 'owner', subject: '', roster: ['owner'], history: [] },
          { event: 'form', type: 'form', types: expect.objectContaining(TYPES) as unknown, owners: ['ann@localhost'] },
          { event: 'described', names: ['Grüße & <more>'], moderated: true },
          { event: 'entered', codes: [110], role: 'visitor', affiliation: 'none', subject: '', roster: ['guest', 'owner'], history: [] },
          { event: 'seen', codes: [], role: 'visitor', affiliation: 'none', ...none },
          { event: 'refused', condition: 'forbidden' },
          { event: 'voiced', codes: [110], role: 'participant', affiliation: 'none', ...by },
          { event: 'heard', body: 'thank you' },
          { event: 'subject', text: 'Tea, and nothing but tea', nick: 'owner' },
          { event: 'form again', name: 'Grüße & <more>', moderated: true },
          { event: 'changed', codes: [104], sender: room, type: 'groupchat' },
          { event: 'kicked', codes: [110, 307], role: 'none', affiliation: 'none', reason: 'be quiet', actor: 'owner' },
          {
            event: 'back',
            codes: [110],
            role: 'participant',
            affiliation: 'none',
            subject: 'Tea, and nothing but tea',
            roster: ['guest', 'owner'],
            history: [['guest', 'thank you']],
          },
          { event: 'member', codes: [110], role: 'participant', affiliation: 'member', ...by },
          { event: 'members', jids: ['ben@localhost'] },
          { event: 'participants', nicks: ['guest'] },
          { event: 'banned', codes: [110, 301], role: 'none', affiliation: 'outcast', reason: 'go away', actor: 'owner' },
          { event: 'kept out', condition: 'forbidden', by: room, sender: `${room}/guest` },
          { event: 'no form', condition: 'forbidden' },
          { event: 'outcasts', jids: ['ben@localhost'] },
          { event: 'destroyed', reason: 'the end', venue: `new-${room}`, role: 'none' },
        ]);
      });

      it('invites somebody into a members-only room through the room, who enters (§7.8.2)', async () => {
        const room = `invitation@${server().component}`;
        expect(await play(server(), 'slixmpp_story.py', 'invitation', ['ann', 'ben'], room)).toEqual([
          { event: 'invited', sender: room, inviter: `${room}/owner`, reason: 'come & see' },
          { event: 'entered', codes: [110], affiliation: 'member' },
        ]);
      });

      it('reads the archive by pages, forwards and backwards, and searches it (XEP-0313, XEP-0431)', async () => {
        const room = `archive@${server().component}`;
        const numbers = Array.from({ length: 25 }, (_, i) => i);
        const found = (ids: readonly number[]): Record<string, unknown> => ({
          ids,
          bodies: ids.map((i) => `message ${i}`),
          ...{ senders: [`${room}/owner`], types: ['groupchat'], dated: true },
        });
        expect(await play(server(), 'slixmpp_story.py', 'archive', ['ann', 'ben'], room)).toEqual([
          { event: 'announced', features: ['urn:xmpp:fulltext:0', 'urn:xmpp:mam:2', 'urn:xmpp:mam:2#extended'] },
          { event: 'fields', types: expect.objectContaining(ARCHIVE_FIELDS) as unknown },
          { event: 'forwards', ...found(numbers) },
          { event: 'backwards', ...found(numbers.slice(-9).reverse()) },
          { event: 'ends', start: 0, end: 24 },
          // Who wrote it is not told.
          { event: 'nobody', ids: [], bodies: [], senders: [], types: [], dated: true },
          { event: 'search', complete: 'true', count: '2', ...found([7, 21]) },
          { event: 'refused', condition: 'forbidden' },
        ]);
      });

      it('registers from outside to be woken, and is mentioned while away (§7.10): errors end no wish', async () => {
        const room = `away@${server().component}`;
        expect(await play(server(), 'slixmpp_story.py', 'away', ['ann', 'ben'], room)).toEqual([
          { event: 'form', registered: false, type: 'boolean', offline: false },
          { event: 'registered', registered: true, nick: 'guest', offline: true },
          { event: 'woken', offline: true },
        ]);
      });

      it('gives the room a picture, which the others are told of and fetch (XEP-0054, XEP-0486)', async () => {
        expect(await play(server(), 'slixmpp_story.py', 'avatar', ['ann', 'ben'], `avatar@${server().component}`)).toEqual([
          { event: 'changed', codes: [104] },
          { event: 'avatar', name: 'Tea room', type: 'image/png', same: true },
          { event: 'announced', feature: true, same: true },
          { event: 'refused', condition: 'forbidden' },
        ]);
      });
    },
    CLIENT_FLAVOURS,
  );
});
