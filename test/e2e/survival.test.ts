/** What must last: `kill -9` of Parlour, a restart of the XMPP server, people whose connection breaks. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import xml from '@xmpp/xml';
import type { Element } from '@xmpp/xml';
import { expectResult, roomOfAlice, roomOfThree, setAffiliation, setStage, strikeStage } from './conversations/stage';
import type { Stage } from './conversations/stage';
import { run } from './servers/process';
import { CLI, configFor, Parlour } from './support/parlour';
import { adminItem, codes, formFields, isSubject, nickOf, NS, presenceOf, stanzaId } from './support/stanzas';
import { CLIENT_FLAVOURS, describeServers } from './support/suite';
import { User } from './support/user';

jest.setTimeout(120_000);

describeServers(
  'survival',
  (server, flavour) => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await setStage(server());
    });
    afterEach(async () => {
      await strikeStage(stage);
    });

    it('loses nothing by kill -9 that anybody has seen, and nobody has to come back', async () => {
      const { alice, bob, parlour } = stage;
      const room = await roomOfAlice(stage, {
        'muc#roomconfig_roomname': 'Survivors',
        'muc#roomconfig_persistentroom': '1',
        'muc#maxhistoryfetch': '200',
      });
      await setAffiliation(stage, room, 'friend@elsewhere.example', 'member');
      await setAffiliation(stage, room, 'foe@elsewhere.example', 'outcast');
      await alice.send(xml('message', { type: 'groupchat', to: room, id: 'topic' }, xml('subject', {}, 'Still here')));
      await bob.join(room, 'bob');
      await bob.send(xml('presence', { to: `${room}/bob` }, xml('show', {}, 'away')));
      await alice.waitFor((s) => presenceOf(room, 'bob')(s) && s.getChildText('show') === 'away', 'bob to be away');
      const before = await ownersForm(alice, room);

      for (const [round, patience] of [2, 12, 25].entries()) {
        // Messages go on being sent while the process dies; those on their way come back as errors or are lost, as on any link.
        const sending: Promise<string>[] = [];
        for (let i = 0; i < 30; i++) sending.push(alice.say(room, `round ${round} alice ${i}`), bob.say(room, `round ${round} bob ${i}`));
        await bob.hear(`round ${round} alice ${patience}`);
        await parlour.killHard();
        await Promise.all(sending);
        await parlour.start();
        await alice.say(room, `after round ${round}`);
        await Promise.all([alice.hear(`after round ${round}`), bob.hear(`after round ${round}`)]);
      }

      const dave = await User.connect(server(), 'dave');
      const arrived = await dave.join(room, 'dave', { history: { maxstanzas: '200' } });
      const history = arrived.filter((s) => s.is('message') && !isSubject(s));
      const archived = history.map((s) => line(s, room));
      for (const user of [alice, bob]) {
        await user.settle(room);
        const heard = unique(
          user
            .log()
            .filter((s) => s.is('message') && s.attrs['type'] === 'groupchat' && s.getChild('body') !== undefined)
            .map((s) => line(s, room)),
        );
        // Everything heard is in the archive in that order, and what was saved without having been heard was said again.
        expect(heard).toEqual(archived);
      }

      expect(
        arrived
          .filter((s) => s.is('presence'))
          .map((s) => nickOf(s))
          .sort(),
      ).toEqual(['alice', 'bob', 'dave']);
      expect(arrived.find(presenceOf(room, 'bob'))!.getChildText('show')).toBe('away');
      expect(arrived.at(-1)!.getChildText('subject')).toBe('Still here');
      expect(nickOf(arrived.at(-1)!)).toBe('alice');
      expect(await ownersForm(alice, room)).toEqual(before);
      expect(await listed(alice, room, 'member')).toEqual(['friend@elsewhere.example']);
      expect(await listed(alice, room, 'outcast')).toEqual(['foe@elsewhere.example']);
      await dave.say(room, 'the last word');
      await Promise.all([alice, bob, dave].map((user) => user.hear('the last word')));
      await dave.disconnect();
    });

    it('stops gracefully, and a restart is seen by nobody', async () => {
      const { alice, bob, carol, parlour } = stage;
      const room = await roomOfThree(stage);
      expect(await parlour.terminate()).toBe(0);
      await parlour.start();
      await bob.say(room, 'did anything happen?');
      for (const user of [alice, bob, carol]) {
        await user.hear('did anything happen?');
        expect(
          user
            .drain()
            .filter((s) => s.is('presence'))
            .map(String),
        ).toEqual([]);
      }
    });

    it('removes with 333 who went away while Parlour was not there, and nobody else', async () => {
      const { alice, bob, carol, parlour } = stage;
      const room = await roomOfThree(stage);
      await parlour.killHard();
      await bob.disconnect();
      await parlour.start();
      await alice.say(room, 'who is there?');
      const gone = await alice.waitFor(presenceOf(room, 'bob', 'unavailable'), 'bob to be removed', 30_000);
      expect(codes(gone)).toContain(333);
      await carol.say(room, 'I am');
      await alice.hear('I am');
      expect(
        alice
          .drain()
          .filter((s) => s.attrs['type'] === 'unavailable')
          .map(String),
      ).toEqual([]);
    });

    it('removes somebody whose connection breaks', async () => {
      const { alice, bob } = stage;
      const room = await roomOfThree(stage);
      bob.vanish();
      await alice.waitFor(presenceOf(room, 'bob', 'unavailable'), 'bob to leave', 30_000);
      await alice.say(room, 'he is gone');
      await alice.hear('he is gone');
    });

    it('attaches again by itself when the XMPP server comes back', async () => {
      const { parlour } = stage;
      const room = await roomOfThree(stage, { 'muc#roomconfig_persistentroom': '1' });
      await stage.alice.say(room, 'before the restart');
      await stage.alice.hear('before the restart');
      const attachments = parlour.attachments();
      await server().halt();
      await server().resume();
      await parlour.attachedAgain(attachments);
      const alice = await User.connect(server(), 'alice');
      const carol = await User.connect(server(), 'carol');
      stage = { ...stage, alice, carol };
      await carol.join(room, 'carol');
      const arrived = await alice.join(room, 'alice');
      expect(arrived.some((s) => s.getChildText('body') === 'before the restart')).toBe(true);
      await carol.say(room, 'after the restart');
      await Promise.all([alice.hear('after the restart'), carol.hear('after the restart')]);
      // Bob has not come back; nobody told Parlour, so it finds out.
      if (arrived.some(presenceOf(room, 'bob'))) await alice.waitFor(presenceOf(room, 'bob', 'unavailable'), 'bob to be removed', 30_000);
    });

    // What a server does when a second one comes is the same in all its versions, and waiting for what does not come takes half a minute.
    const once = flavour.endsWith('(stable)') ? it : undefined;
    once?.('who else has the domain of the rooms is found by the check and by whoever attaches (issue Operators, 4)', async () => {
      const place = mkdtempSync(path.join(tmpdir(), 'parlour-second-'));
      const config = path.join(place, 'component.json');
      writeFileSync(config, JSON.stringify(configFor(server(), path.join(place, 'parlour.db'))));
      const checked = run(process.execPath, [CLI, 'check', '--config', config], 60_000).catch((error: Error) => error.message);
      try {
        if (flavour.startsWith('prosody')) {
          // It takes one component of a domain.
          expect(await checked).toMatch(/ended with 1:[^]*The server says that rooms\.localhost is connected already/);
          return;
        }
        // ejabberd gives each stanza to one of them, by chance, and the answers to pings too.
        const second = new Parlour(server());
        try {
          await second.start();
          await second.said('"event":"link.shared"', 60_000);
          expect(second.log()).toMatch(/\d of 10 stanzas that were sent to rooms\.localhost came back/);
          expect(await checked).toMatch(/ended with 1:[^]*\d of 10 stanzas that were sent to rooms\.localhost came back/);
          expect(await checked).not.toContain('nobody answers there');
        } finally {
          await second.stop();
        }
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    });
  },
  CLIENT_FLAVOURS,
);

/** One message as far as it must be the same for everybody: its id, sender and text. */
function line(message: Element, room: string): string {
  return `${stanzaId(message, room)} ${nickOf(message)}: ${message.getChildText('body')}`;
}

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}

async function ownersForm(owner: User, room: string): Promise<Map<string, string[]>> {
  const answer = await owner.iq('get', room, xml('query', { xmlns: NS.owner }));
  expectResult(answer);
  return formFields(answer.getChild('query', NS.owner));
}

async function listed(owner: User, room: string, affiliation: string): Promise<string[]> {
  const answer = await owner.iq('get', room, adminItem({ affiliation }));
  expectResult(answer);
  return answer
    .getChild('query', NS.admin)!
    .getChildren('item')
    .map((each) => each.attrs['jid'] as string);
}
