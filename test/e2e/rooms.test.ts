/** Whole conversations of ordinary clients through each of the four servers. */
import { describeServers } from './support/suite';
import { away } from './conversations/away';
import { entering } from './conversations/entering';
import { finding } from './conversations/finding';
import { governing } from './conversations/governing';
import { setStage, strikeStage } from './conversations/stage';
import type { Stage } from './conversations/stage';
import { spellings } from './conversations/spellings';
import { talking } from './conversations/talking';

jest.setTimeout(30_000);

describeServers('rooms', (server) => {
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
});
