/** A client that nobody here wrote: two people with Profanity, in terminals. */
import { Profanity } from './clients/profanity';
import { ensurePackage } from './support/packages';
import { Parlour } from './support/parlour';
import { AtTheWire, BY_A_FRIEND, ONE_MESSAGE, PRESET, PRIVACY, withDoorbells } from './support/private-group';
import { CLIENT_FLAVOURS, describeServers, describeWith, START_TIMEOUT } from './support/suite';

jest.setTimeout(60_000);

describeWith(['profanity', 'tmux'], 'profanity', () => {
  beforeAll(async () => {
    await ensurePackage('profanity');
    await ensurePackage('tmux');
  }, START_TIMEOUT);

  describeServers(
    'profanity',
    (server) => {
      let parlour: Parlour | undefined;
      const people: Profanity[] = [];
      beforeAll(async () => {
        parlour = await new Parlour(server(), withDoorbells).start();
      }, START_TIMEOUT);
      beforeEach(async () => {
        for (const name of ['ann', 'ben']) people.push(await Profanity.start(server(), name));
      });
      afterEach(async () => {
        await Promise.all(people.splice(0).map((each) => each.stop()));
      });
      afterAll(async () => {
        await parlour?.stop();
      });

      it('creates a reserved room with its form, gives voice, kicks, bans and changes the configuration', async () => {
        const [ann, ben] = people as [Profanity, Profanity];
        const room = `terminals@${server().component}`;

        await ann.types(`/join ${room}`);
        await ann.sees('You have joined the room as ann, role: moderator, affiliation: owner');
        await ann.sees('Room locked, requires configuration.');
        await ann.types('/room config');
        await ann.sees(`Form title: Configuration of ${room}`);
        await ann.sees(/Room owners:\n\S* -   ann@localhost/);
        await ann.fillsIn('Name', '"Grüße & <more>"', 'Grüße & <more>');
        await ann.fillsIn('Only those with voice may speak', 'on', 'TRUE');
        await ann.fillsIn('Who may see real addresses', 'anyone', '[anyone] Anyone');
        await ann.types('/form submit');
        await ann.sees('Room configuration successful');

        await ben.types(`/join ${room}`);
        await ben.sees('You have joined the room as ben, role: visitor, affiliation: none');
        await ben.sees(/^ Grüße & <more> /); // the title bar: the room's name from its disco#info
        await ben.types('may I?');
        await ben.sees(`Error from ${room}: You may listen in this room but not speak. Ask a moderator for voice.`);
        await ann.types('/role set participant ben');
        await ben.sees('Your role has been changed to: participant, by: ann');
        await ben.types('thank you');
        await ann.sees('ben: thank you');
        await ann.types('/subject set Tea, and nothing but tea');
        await ben.sees('*ann has set the room subject: Tea, and nothing but tea');

        await ann.types('/room config');
        await ann.fillsIn('Name', '"Tea room"', 'Tea room');
        await ann.types('/form submit');
        await ben.sees(/^ Tea room /); // 104 made it ask again

        await ann.types('/kick ben be quiet');
        await ben.sees(`Kicked from ${room} by ann, reason: be quiet`);
        await ann.sees('ben has been kicked from the room by ann, reason: be quiet');
        await ben.types(`/join ${room}`);
        await ben.sees(/You have joined the room as ben[^]*ben: thank you[^]*ann has set the room subject: Tea, and nothing but tea/);
        await ann.types('/affiliation set member ben@localhost');
        await ben.sees('Your role and affiliation have been changed, role: participant, affiliation: member, by: ann');
        await ann.types('/affiliation list member');
        await ann.sees(/Affiliation: member\n\S* !   ben@localhost/);

        await ann.types('/ban ben@localhost go away');
        await ben.sees(`Banned from ${room} by ann, reason: go away`);
        await ann.sees('ben has been banned from the room by ann, reason: go away');
        await ben.types(`/join ${room}`);
        await ben.sees(`Error joining room ${room}, reason: forbidden`);
        await ann.types('/affiliation list outcast');
        await ann.sees(/Affiliation: outcast\n\S* !   ben@localhost/);

        await ann.types('/room destroy');
        await ann.sees(`Room destroyed: ${room}`);
      });

      it('invites somebody into a members-only room through the room, who enters (§7.8.2)', async () => {
        const [ann, ben] = people as [Profanity, Profanity];
        const room = `members@${server().component}`;
        await ann.types(`/join ${room}`);
        await ann.sees('Room locked, requires configuration.');
        await ann.types('/room accept');
        await ann.sees('Room unlocked.');
        await ann.types('/room config');
        await ann.fillsIn('Name', '"Tea room"', 'Tea room');
        await ann.fillsIn('Only members may enter', 'on', 'TRUE');
        await ann.types('/form submit');
        // Profanity sends invitations through the room where it knows the room to be members-only: 104 makes it ask.
        await ann.sees(/^ Tea room /);
        await ann.types('/invite send ben@localhost come & see');
        // The inviter is named by occupant JID, since the room is semi-anonymous; Profanity shows the bare JID of that.
        await ben.sees(
          /Chat room invite received:\n.*From +: members@rooms\.localhost\n.*Room +: members@rooms\.localhost\n.*Message: come & see/,
        );
        await ben.types(`/join ${room}`);
        await ben.sees('You have joined the room as ben, role: participant, affiliation: member');
      });

      it('makes a private group with one word of its form and adds somebody; it rings for them, and shows no chat (docs/extensions.md)', async () => {
        const [ann, ben] = people as [Profanity, Profanity];
        const room = `family@${server().component}`;
        const wire = await AtTheWire.of(server(), 'ben');
        await ann.types(`/join ${room}`);
        await ann.sees('Room locked, requires configuration.');
        await ann.types('/room config');
        await ann.fillsIn(
          'Kind of room: sets the fields that go with it, unless you change them here',
          PRESET.value,
          `[${PRESET.value}] ${PRESET.label}`,
        );
        await ann.types('/form submit');
        await ann.sees('Room configuration successful');
        expect(await wire.privacy(room)).toEqual(PRIVACY);
        await ann.types('/affiliation set member ben@localhost');
        await ben.sees(/Chat room invite received:\n.*From +: ann@localhost\n.*Room +: family@rooms\.localhost/);
        expect(await wire.invitations(room)).toBe(1);
        await ben.types(`/join ${room}`);
        await ben.sees('You have joined the room as ben, role: participant, affiliation: member');
        await ben.types('/close');
        // In the list of those who are there, nobody is between these two.
        await ann.sees(/Participants\s*\n.*Visitors/);
        await ann.types('supper is ready');
        expect(await wire.doorbell(room)).toEqual(ONE_MESSAGE);
        // The one chat that there is, is the friend's.
        const { input } = await ben.sees(/<< chat message: friend@localhost.*/);
        expect(input.match(/<< .*message: \S*/g)).toEqual([expect.stringContaining('friend@localhost')]);
        await ben.types('/win friend@localhost');
        await ben.sees(BY_A_FRIEND);
        await wire.leaves();
      });
    },
    CLIENT_FLAVOURS,
  );
});
