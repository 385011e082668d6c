/** A client that nobody here wrote: Smack, the library of clients in Java. Played where it is asked for (`SMACK=true`): see the README. */
import { playSmack, smackLibraries } from './clients/smack';
import { Parlour } from './support/parlour';
import { describeServers, START_TIMEOUT } from './support/suite';

jest.setTimeout(180_000);

describe('Smack', () => {
  let libraries: string;
  beforeAll(async () => {
    libraries = await smackLibraries();
  }, START_TIMEOUT);

  describeServers('Smack', (server) => {
    let parlour: Parlour | undefined;
    beforeAll(async () => {
      parlour = await new Parlour(server()).start();
    }, START_TIMEOUT);
    afterAll(async () => {
      await parlour?.stop();
    });

    it('found E3: takes the presence of a room that has an avatar for no occupant, from its creation to a kick (XEP-0486)', async () => {
      const room = `smack@${server().component}`;
      const both = ['ann', 'ben'];
      // Complaints in Smack's log would stand among these.
      expect(await playSmack(server(), libraries, ['ann', 'ben'], room)).toEqual([
        { event: 'created', present: ['ann'], reserved: true, title: `Configuration of ${room}` },
        { event: 'described', name: 'Grüße & <more>', occupants: 1 },
        { event: 'heard', words: 'ann: first of all' },
        { event: 'avatar', same: true, present: ['ann'] },
        { event: 'entered', same: true, history: 'ann: first of all', subject: 'ann: Nothing but tea', present: both },
        { event: 'fetched', same: true },
        { event: 'changed', same: true },
        { event: 'changed', same: true },
        { event: 'fetched', same: true },
        { event: 'heard', words: 'ben: a nice picture' },
        { event: 'removed', avatar: 'available ', present: both },
        { event: 'removed', avatar: 'available ', present: both },
        { event: 'heard', words: 'ben: a nice picture' },
        { event: 'heard', words: 'ann: it is gone' },
        { event: 'refused', condition: 'forbidden' },
        { event: 'kicked', who: 'ben: be quiet' },
        { event: 'kicked', who: 'ben: be quiet' },
        { event: 'present', there: false, present: ['ann'] },
        { event: 'seen', by: 'ann', occupants: [`${room}/ann`, `${room}/ben`] },
        { event: 'seen', by: 'ben', occupants: [`${room}/ann`, `${room}/ben`] },
      ]);
    });
  });
});
