/** A client that nobody here wrote: nbxmpp, the library of Gajim, which drops forms and stanzas that break the rules. */
import { play } from './clients/python';
import { ensurePackage } from './support/packages';
import { Parlour } from './support/parlour';
import { withDoorbells } from './support/private-group';
import { CLIENT_FLAVOURS, describeServers, describeWith, START_TIMEOUT } from './support/suite';

jest.setTimeout(60_000);

/** How nbxmpp shows the fields of the form of a new room; `offered` says that the value is among the options, and no option twice. */
const FIELDS = {
  FORM_TYPE: { type: 'hidden', value: 'http://jabber.org/protocol/muc#roomconfig' },
  'muc#roomconfig_roomname': { type: 'text-single', value: '' },
  'muc#roomconfig_roomdesc': { type: 'text-single', value: '' },
  'muc#roomconfig_lang': { type: 'text-single', value: '' },
  'muc#roomconfig_publicroom': { type: 'boolean', value: true },
  'muc#roomconfig_persistentroom': { type: 'boolean', value: false },
  'muc#roomconfig_membersonly': { type: 'boolean', value: false },
  'muc#roomconfig_passwordprotectedroom': { type: 'boolean', value: false },
  'muc#roomconfig_roomsecret': { type: 'text-private', value: '' },
  'muc#roomconfig_maxusers': { type: 'list-single', value: 'none', offered: true },
  'muc#roomconfig_whois': { type: 'list-single', value: 'moderators', offered: true },
  'muc#roomconfig_moderatedroom': { type: 'boolean', value: false },
  'muc#roomconfig_changesubject': { type: 'boolean', value: false },
  'muc#roomconfig_allowpm': { type: 'list-single', value: 'anyone', offered: true },
  'muc#maxhistoryfetch': { type: 'text-single', value: '20' },
  'muc#roomconfig_enablelogging': { type: 'boolean', value: false },
  'muc#roomconfig_roomadmins': { type: 'jid-multi', value: [] },
  'muc#roomconfig_roomowners': { type: 'jid-multi', value: ['ann@localhost'] },
};

describeWith(['python3-nbxmpp', 'python3-gi'], 'nbxmpp', () => {
  beforeAll(async () => {
    await ensurePackage('python3-nbxmpp');
    await ensurePackage('python3-gi');
  }, START_TIMEOUT);

  describeServers(
    'nbxmpp',
    (server) => {
      let parlour: Parlour | undefined;
      beforeAll(async () => {
        parlour = await new Parlour(server(), withDoorbells).start();
      }, START_TIMEOUT);
      afterAll(async () => {
        await parlour?.stop();
      });

      it('creates a reserved room with its form, gives voice, changes the configuration, kicks, bans and destroys', async () => {
        const room = `gajim@${server().component}`;
        const entry = { history: [], subject: [null, ''], reason: null, actor: null, identified: true };
        const guest = { role: 'participant', affiliation: 'none', reason: null, actor: null, identified: true };
        expect(await play(server(), 'nbxmpp_story.py', 'reserved room', ['ann', 'ben'], room)).toEqual([
          { event: 'created', ...entry, others: [], codes: [110, 201], role: 'moderator', affiliation: 'owner' },
          { event: 'form', fields: expect.objectContaining(FIELDS) as unknown },
          {
            event: 'described',
            name: 'Grüße & <more>',
            description: 'For tea',
            moderated: true,
            open: true,
            nonanonymous: true,
            users: '1',
          },
          { event: 'entered', ...entry, others: ['owner'], codes: [100, 110], role: 'visitor', affiliation: 'none' },
          { event: 'seen', ...guest, codes: [], role: 'visitor' },
          { event: 'refused', condition: 'forbidden', text: 'You may listen in this room but not speak. Ask a moderator for voice.' },
          { event: 'voiced', ...guest, codes: [110], actor: 'owner' },
          { event: 'heard', nick: 'guest', by: [room], identified: true },
          { event: 'subject', text: 'Tea, and nothing but tea', author: 'owner' },
          { event: 'changed', codes: [104, 173], senders: [room] },
          { event: 'described', name: 'Tea room', description: 'For tea', moderated: false, open: true, nonanonymous: false, users: '2' },
          { event: 'form again', name: 'Tea room', same: true },
          { event: 'kicked', ...guest, codes: [110, 307], role: 'none', reason: 'be quiet', actor: 'owner' },
          {
            event: 'back',
            ...guest,
            codes: [110],
            history: [['guest', 'thank you']],
            subject: ['owner', 'Tea, and nothing but tea'],
            others: ['owner'],
          },
          { event: 'member', ...guest, codes: [110], affiliation: 'member', reason: 'welcome', actor: 'owner' },
          { event: 'banned', ...guest, codes: [110, 301], role: 'none', affiliation: 'outcast', reason: 'go away', actor: 'owner' },
          { event: 'kept out', condition: 'forbidden', sender: `${room}/guest` },
          { event: 'no form', condition: 'forbidden' },
          { event: 'list', affiliation: 'owner', users: { 'ann@localhost': {} } },
          { event: 'list', affiliation: 'admin', users: {} },
          { event: 'list', affiliation: 'member', users: {} },
          { event: 'list', affiliation: 'outcast', users: { 'ben@localhost': { reason: 'go away' } } },
          { event: 'destroyed', venue: `new-${room}` },
        ]);
      });

      it('invites somebody through a members-only room with a password; they enter, and decline the second time (§7.8.2)', async () => {
        const room = `invitation@${server().component}`;
        expect(await play(server(), 'nbxmpp_story.py', 'invitation', ['ann', 'ben'], room)).toEqual([
          { event: 'kept out', condition: 'registration-required', sender: `${room}/guest` },
          { event: 'invited', room, inviter: `${room}/owner`, reason: 'come & see', password: 'open sesame', type: 'mediated' },
          { event: 'entered', codes: [110], affiliation: 'member' },
          { event: 'declined', room, by: 'ben@localhost', reason: 'not today' },
        ]);
      });

      it('gives the room a picture, which the others are told of and find (XEP-0054, XEP-0486)', async () => {
        expect(await play(server(), 'nbxmpp_story.py', 'avatar', ['ann', 'ben'], `avatar@${server().component}`)).toEqual([
          { event: 'avatar', same: true, sha: true, announced: true },
          { event: 'changed', codes: [104] },
          { event: 'refused', condition: 'forbidden' },
        ]);
      });

      it('makes a private group with one word of its form and adds somebody; it rings for them, and shows no chat (docs/extensions.md)', async () => {
        const room = `family@${server().component}`;
        expect(await play(server(), 'nbxmpp_story.py', 'private group', ['ann', 'ben'], room)).toEqual([
          { event: 'described', open: false, nonanonymous: true, hidden: true, persistent: true },
          { event: 'invited', room, type: 'mediated' },
          { event: 'entered', affiliation: 'member' },
          { event: 'woken', messages: '1', body: null, type: 'normal', private: false },
        ]);
      });
    },
    CLIENT_FLAVOURS,
  );
});
