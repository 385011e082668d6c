/** An example plug-in in a folder that knows nothing of Parlour: compiled with the types that docs/plugins.md names, loaded by the program as it was built, met by people. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { roomOfAlice, setStage, strikeStage, type Stage } from './conversations/stage';
import { packageRoot } from './support/package-root';
import { describeServers } from './support/suite';

jest.setTimeout(120_000);

const root = packageRoot();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-plugin-'));
  cpSync(path.join(root, 'examples/plugins/welcome'), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Compiles what is in the folder, where Parlour is at this place. */
function compile(place: string): { code: number | null; told: string } {
  const file = path.join(folder, 'tsconfig.json');
  writeFileSync(file, readFileSync(path.join(root, 'examples/plugins/welcome/tsconfig.json'), 'utf8').replaceAll('/opt/parlour', place));
  const { status, stdout } = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', folder], {
    encoding: 'utf8',
    cwd: folder,
  });
  return { code: status, told: stdout };
}

test('its types are found in the folder of Parlour, and nowhere else', () => {
  expect(compile('/nowhere').told).toContain("Cannot find module 'parlour/plugin'");
  expect(compile(root)).toEqual({ code: 0, told: '' });
});

describeServers(
  'a plug-in from an empty folder',
  (server) => {
    let stage: Stage;
    beforeEach(async () => {
      expect(compile(root).code).toBe(0);
      stage = await setStage(server(), (config) => {
        config['plugins'] = [{ module: path.join(folder, 'welcome.js'), config: { text: 'Tea is at five.' } }];
      });
    });
    afterEach(async () => {
      await strikeStage(stage);
    });

    it('greets who enters for the first time, and nobody twice, also after a kill', async () => {
      const { bob, parlour } = stage;
      const room = await roomOfAlice(stage);
      await bob.join(room, 'bob');
      await bob.settle(room);
      const greetings = (): number => bob.log().filter((stanza) => stanza.getChildText('body') === 'Tea is at five.').length;
      expect(greetings()).toBe(1);
      await parlour.killHard();
      await parlour.start();
      await bob.leave(room, 'bob');
      await bob.join(room, 'bob');
      await bob.settle(room);
      expect(greetings()).toBe(1);
    });
  },
  ['prosody (stable)'],
);
