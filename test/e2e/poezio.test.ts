/** A client that nobody here wrote: two people with Poezio, in terminals. */
import { setTimeout as delay } from 'node:timers/promises';
import xml from '@xmpp/xml';
import { Poezio } from './clients/poezio';
import { hashOf, PICTURES, setAvatar } from './support/avatar';
import { ensurePackage } from './support/packages';
import { Parlour } from './support/parlour';
import { AtTheWire, ONE_MESSAGE, PRESET, PRIVACY, withDoorbells } from './support/private-group';
import { NS } from './support/stanzas';
import { CLIENT_FLAVOURS, describeServers, describeWith, START_TIMEOUT } from './support/suite';
import { User } from './support/user';

jest.setTimeout(120_000);

describeWith(['poezio', 'tmux'], 'poezio', () => {
  beforeAll(async () => {
    await ensurePackage('poezio');
    await ensurePackage('tmux');
  }, START_TIMEOUT);

  describeServers(
    'poezio',
    (server) => {
      let parlour: Parlour | undefined;
      let ownersOther: User;
      const people: Poezio[] = [];
      beforeAll(async () => {
        parlour = await new Parlour(server(), withDoorbells).start();
        for (const name of ['ann', 'ben']) people.push(await Poezio.start(server(), name));
        ownersOther = await User.connect(server(), 'ann', 'pictures');
      }, START_TIMEOUT);
      afterAll(async () => {
        await ownersOther.disconnect();
        await Promise.all(people.map((each) => each.stop()));
        await parlour?.stop();
      });

      it('found E3: takes the presence of a room that has an avatar for no occupant, from its creation to a kick (XEP-0486)', async () => {
        const [ann, ben] = people as [Poezio, Poezio];
        const room = `terminals@${server().component}`;
        const [first, second] = PICTURES;

        await ann.joins(room);
        await ann.sees('Info: The room has been created');
        await ann.types('/configure');
        await ann.sees(`Configuration of ${room}`);
        // The kind of room comes first, the name is next.
        await ann.press('Down');
        await ann.writes('Grüße & <more>');
        await ann.press('Down');
        await ann.writes('For tea');
        await ann.press('C-y');
        await ann.sees('A configuration change not privacy-related occurred.');
        const info = (await ownersOther.iq('get', room, xml('query', { xmlns: NS.discoInfo }))).getChild('query', NS.discoInfo);
        expect(info?.getChild('identity')?.attrs['name']).toBe('Grüße & <more>');
        await ann.types('first of all');
        await ann.sees('ann> first of all');
        await ann.types('/topic Nothing but tea');
        await ann.sees('ann (You) set the subject to: Nothing but tea');
        await setAvatar(ownersOther, room, first);
        await ann.hasReceivedAvatar(room, hashOf(first));
        await ann.counts(room, 'ann', 'owner, moderator', ['ann']);

        // Poezio reads the archive up to the last whole second before it enters, and asks for no history beside.
        await delay(1_100);
        await ben.joins(room);
        await ben.sees('You (ben) joined the room');
        await ben.sees('ann> first of all');
        await ben.sees(/^ *0\.Roster +│Nothing but tea/m);
        await ben.hasReceivedAvatar(room, hashOf(first));
        await ben.counts(room, 'ben', 'participant', ['ann', 'ben']);
        await ann.sees(/ben .*joined the room/);

        await setAvatar(ownersOther, room, second);
        for (const each of people) await each.hasReceivedAvatar(room, hashOf(second));
        await ben.types('a nice picture');
        await ann.sees('ben> a nice picture');
        await setAvatar(ownersOther, room, null);
        for (const each of people) await each.hasReceivedAvatar(room, '');
        await ann.types('it is gone');
        await ben.sees('ann> it is gone');
        await ben.counts(room, 'ben', 'participant', ['ann', 'ben']);
        await ann.counts(room, 'ann', 'owner, moderator', ['ann', 'ben']);

        await ann.types('/kick ben be quiet');
        await ben.sees('You have been kicked by ann Reason: be quiet');
        await ann.sees('ben has been kicked by ann Reason: be quiet');
        await ann.counts(room, 'ann', 'owner, moderator', ['ann']);
        for (const each of people) expect(await each.complaints()).toEqual([]);
        // Back to the tab of contacts.
        for (const each of people) await each.types('/close');
      });

      it('makes a private group with one word of its form and adds somebody; it rings for them, and shows no chat (docs/extensions.md)', async () => {
        const [ann, ben] = people as [Poezio, Poezio];
        const room = `family@${server().component}`;
        const wire = await AtTheWire.of(server(), 'ben');
        await ann.joins(room);
        await ann.sees('Info: The room has been created');
        await ann.types('/configure');
        await ann.sees(`Configuration of ${room}`);
        // The kind of room is the field at which the form begins.
        await ann.press('Right');
        await ann.sees(PRESET.label);
        await ann.press('C-y');
        await ann.sees(/family@rooms/);
        await ann.types('/affiliation ben@localhost member');
        expect(await wire.invitations(room)).toBe(1);
        expect(await wire.privacy(room)).toEqual(PRIVACY);
        await ben.sees(`You are invited to the room ${room}`);
        await ben.joins(room);
        await ben.sees('You (ben) joined the room');
        await ben.counts(room, 'ben', 'member, participant', ['ann', 'ben']);
        await ben.types('/close');
        await ann.counts(room, 'ann', 'owner, moderator', ['ann']);
        await ann.types('supper is ready');
        expect(await wire.doorbell(room)).toEqual(ONE_MESSAGE);
        // The one tab beside that of the contacts is the friend's.
        const { input } = await ben.sees(/^ *1\.friend/m);
        expect(input).not.toMatch(/^ *2\./m);
        for (const each of people) expect(await each.complaints()).toEqual([]);
        await wire.leaves();
      });
    },
    CLIENT_FLAVOURS,
  );
});
