/** Whole conversations of ordinary clients through each of the four servers. */
import { CROWDS, FLAVOURS } from './servers/server';
import { describeServers } from './support/suite';
import { accounts, ADMINISTRATOR } from './conversations/accounts';
import { away } from './conversations/away';
import { entering } from './conversations/entering';
import { fanningOut } from './conversations/fanning-out';
import { finding } from './conversations/finding';
import { governing } from './conversations/governing';
import { setStage, strikeStage } from './conversations/stage';
import type { Stage } from './conversations/stage';
import { spellings } from './conversations/spellings';
import { talking } from './conversations/talking';

jest.setTimeout(30_000);

describeServers(
  'rooms',
  (server, flavour) => {
    let stage: Stage | undefined;
    beforeAll(async () => {
      stage = await setStage(server());
    });
    afterAll(async () => {
      if (stage !== undefined) await strikeStage(stage);
    });
    beforeEach(() => {
      for (const user of [onStage().alice, onStage().bob, onStage().carol]) user.drain();
    });
    const onStage = (): Stage => {
      if (stage === undefined) throw new Error('nobody is on the stage: the start failed');
      return stage;
    };
    describe('entering', () => entering(onStage));
    describe('talking', () => talking(onStage));
    describe('governing', () => governing(onStage));
    describe('finding', () => finding(onStage));
    describe('away', () => away(onStage));
    describe('spellings', () => spellings(onStage));
    // The last: nobody on the stage is logged in any more.
    describe('fanning out', () =>
      fanningOut(onStage, {
        kills: flavour === 'ejabberd (stable)' || process.env['ALL_SERVERS'] === 'true',
        everywhere: flavour.startsWith('prosody'),
      }));
  },
  FLAVOURS,
  CROWDS,
);

// Of the four servers the one that can grant it.
describeServers(
  'accounts',
  (server) => {
    let stage: Stage | undefined;
    beforeAll(async () => {
      stage = await setStage(server(), (config) => {
        config['service'] = { admins: [`${ADMINISTRATOR}@localhost`] };
        config['rooms'] = { bookmarks: true };
      });
    });
    afterAll(async () => {
      if (stage !== undefined) await strikeStage(stage);
    });
    accounts(() => {
      if (stage === undefined) throw new Error('nobody is on the stage: the start failed');
      return stage;
    });
  },
  ['ejabberd (newest)'],
);
