/** A client that nobody here wrote: slixmpp, from Debian's python3-slixmpp. */
import path from 'node:path';
import { roomOfAlice, setStage, strikeStage } from './conversations/stage';
import { ensurePackage } from './support/packages';
import { endOf, launch } from './servers/process';
import { nickOf, presenceOf } from './support/stanzas';
import { packageRoot } from './support/package-root';
import { describeServers, describeWith, START_TIMEOUT } from './support/suite';

jest.setTimeout(60_000);

interface Told {
  readonly event: string;
  readonly [fact: string]: unknown;
}

describeWith(['python3-slixmpp'], 'slixmpp', () => {
  beforeAll(() => ensurePackage('python3-slixmpp'), START_TIMEOUT);

  describeServers(
    'slixmpp',
    (server) => {
      it('joins a room, is heard, hears the others and leaves', async () => {
        const stage = await setStage(server());
        try {
          const { alice } = stage;
          const room = await roomOfAlice(stage);
          const task = {
            jid: 'snake@localhost',
            password: await server().account('snake'),
            host: server().host,
            port: server().c2sPort,
            room,
            nick: 'snake',
          };
          const script = path.join(packageRoot(), 'test/e2e/clients/slixmpp_room.py');
          // The system's own python3, for which the Debian package is made.
          const visitor = launch('/usr/bin/python3', [script, JSON.stringify(task)]);
          const told = (): Told[] =>
            visitor
              .output()
              .split('\n')
              .filter((line) => line.startsWith('{'))
              .map((line) => JSON.parse(line) as Told);

          expect(nickOf(await alice.hear('hello from slixmpp', 20_000))).toBe('snake');
          await alice.say(room, 'good day');
          await alice.say(room, 'goodbye, slixmpp');
          await alice.waitFor(presenceOf(room, 'snake', 'unavailable'), 'the visitor to leave');
          const code = await endOf(visitor, 20_000);
          if (code !== 0) throw new Error(`slixmpp ended with ${code}:\n${visitor.output()}`);

          expect(told().filter((each) => each.event === 'failed')).toEqual([]);
          expect(told().find((each) => each.event === 'joined')?.['roster']).toEqual(['alice', 'snake']);
          const heard = told().filter((each) => each.event === 'message');
          expect(heard.map((each) => [each['nick'], each['body']])).toEqual([
            ['snake', 'hello from slixmpp'],
            ['alice', 'good day'],
            ['alice', 'goodbye, slixmpp'],
          ]);
        } finally {
          await strikeStage(stage);
        }
      });
    },
    ['prosody (stable)', 'ejabberd (stable)'],
  );
});
