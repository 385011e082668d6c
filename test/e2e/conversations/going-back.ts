/** Back to a backup: made under load, restored after `kill -9`, and what clients find then (issue "Operators", 3). */
import { statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import xml from '@xmpp/xml';
import { archivePage, wholeArchive } from '../support/archive';
import { codes, presenceOf, stanzaId } from '../support/stanzas';
import type { User } from '../support/user';
import { roomOfThree, type Stage } from './stage';

/** Messages of each sender on their way at once. */
const IN_FLIGHT = 20;

/** Two people who talk as fast as they are heard, until they are told to end. */
class Talk {
  private round = 0;
  private going = true;
  private readonly done: Promise<void>;

  constructor(
    private readonly people: readonly User[],
    private readonly room: string,
    private readonly about: string,
  ) {
    this.done = this.run();
  }

  /** Rounds that everybody has heard. */
  get rounds(): number {
    return this.round;
  }

  /** So many more rounds have been heard. */
  async more(rounds: number): Promise<void> {
    const until = this.round + rounds;
    while (this.round < until) await Promise.all(this.people.map((each) => each.settle(this.room)));
  }

  async end(): Promise<void> {
    this.going = false;
    await this.done;
  }

  private async run(): Promise<void> {
    while (this.going) {
      const words = (n: number): string => `${this.about} ${this.round} ${n}`;
      for (let n = 0; n < IN_FLIGHT; n++) for (const each of this.people) await each.say(this.room, `${words(n)} of ${each.bareJid}`);
      for (const each of this.people) for (const other of this.people) await each.hear(`${words(IN_FLIGHT - 1)} of ${other.bareJid}`);
      this.round += 1;
    }
  }
}

/** The ids of what somebody was told in a room, in order. */
const heardIds = (user: User, room: string): string[] =>
  user
    .log()
    .filter((stanza) => stanza.is('message') && stanza.attrs['type'] === 'groupchat' && stanza.getChild('body') !== undefined)
    .flatMap((stanza) => stanzaId(stanza, room) ?? []);

/** Somebody says it and hears it: the room's id of it. */
async function said(user: User, room: string, words: string): Promise<string> {
  await user.say(room, words);
  return stanzaId(await user.hear(words), room) ?? '';
}

/** What is in a backup: whether it is sound, and the ids of a room in order. */
function lookedInto(file: string, room: string): { sound: unknown; rooms: unknown; messages: unknown; ids: unknown[] } {
  const db = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    const one = (sql: string): unknown => db.prepare(sql).pluck().get();
    return {
      sound: one('PRAGMA integrity_check'),
      rooms: one("SELECT count(*) FROM room WHERE state <> 'destroyed'"),
      messages: one('SELECT count(*) FROM message'),
      ids: db
        .prepare('SELECT stanza_id FROM message JOIN room ON room.id = message.room WHERE room.jid = ? ORDER BY seq')
        .pluck()
        .all(room),
    };
  } finally {
    db.close();
  }
}

/** Its tests go on from each other. `command`: what a command prints; it throws with the exit code if it is not 0. */
export function goingBack(stageOf: () => Stage, command: (...words: string[]) => Promise<string>): void {
  describe('back to a backup', () => {
    let stage: Stage;
    let [room, doomed, file, retracted] = ['', '', '', ''];
    let kept: unknown[] = [];
    let lost = '';

    it('is made under full load over the socket, sound, counted, and of one moment', async () => {
      stage = stageOf();
      const { alice, bob, carol } = stage;
      await command('config', 'set', 'limits.messagesPerSecond', 'null');
      [room, doomed] = [await roomOfThree(stage, PERSISTENT), await roomOfThree(stage, PERSISTENT)];
      retracted = await said(bob, room, 'to the wrong room');
      await said(carol, room, 'forget that I was here');
      await said(bob, doomed, 'in a room that ends');
      const talk = new Talk([alice, bob], room, 'before');
      await talk.more(2);
      const before = talk.rounds;
      const made = await command('backup');
      // Messages went on.
      expect(talk.rounds).toBeGreaterThan(before);
      await talk.more(1);
      await talk.end();

      const [, name = '', rooms, messages] = /^(\S+\.db) is made and checked: (\d+) rooms?, (\d+) messages?, /m.exec(made) ?? [];
      file = path.join(path.dirname(stage.parlour.configFile), 'backups', name);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const found = lookedInto(file, room);
      expect(found).toMatchObject({ sound: 'ok', rooms: Number(rooms), messages: Number(messages) });
      kept = found.ids;
      expect(kept).toEqual(heardIds(alice, room).slice(0, kept.length));
      expect(kept.length).toBeGreaterThan(before * 2 * IN_FLIGHT);
      await expect(command('restore', name, '--yes')).rejects.toThrow(/ended with 1:[^]*Another Parlour is running/);
    });

    it('restores after kill -9, names what was erased since, and erases it again', async () => {
      const { alice, bob, carol, parlour } = stage;
      await bob.send(xml('message', { type: 'groupchat', to: room, id: 'sorry' }, xml('retract', { xmlns: RETRACT, id: retracted })));
      await alice.waitFor((stanza) => stanza.getChild('retract', RETRACT)?.attrs['id'] === retracted, 'the retraction');
      expect(await command('erase', carol.bareJid, '--yes')).toMatch(/was erased: /);
      await command('room', 'destroy', doomed, '--yes');
      const talk = new Talk([alice, bob], room, 'after');
      await talk.more(1);
      await talk.end();
      lost = heardIds(alice, room).at(-1) ?? '';
      expect(kept).not.toContain(lost);
      await Promise.all([alice.say(room, 'on its way'), parlour.killHard()]);

      const told = await command('restore', path.basename(file), '--yes');
      // Of carol's the tombstone.
      for (const line of [
        `1 person erased: ${carol.bareJid}`,
        `2 messages taken back, in ${room}`,
        `1 room destroyed or erased: ${doomed}`,
      ])
        expect(told).toContain(`\n  ${line}\n`);
      const replaced = /: parlour erase-again (\S+) --config /.exec(told)?.[1] ?? '';
      await expect(command('erase-again', replaced, '--yes')).rejects.toThrow(/ended with 4:/);
      expect(await command('erase-again', replaced, '--number', '1')).toMatch(/^Erased again:\n {2}1 person erased: /);
      await parlour.start();
      await parlour.logged('erasure.finished');
    });

    it('has everything up to the backup but what was erased; an id of later is unknown, and none is given twice', async () => {
      const { alice, bob, carol } = stage;
      const archive = await wholeArchive(alice, room);
      expect(archive.ids.slice(0, kept.length)).toEqual(kept);
      const words = archive.messages.map((message) => message.getChildText('body'));
      expect(words).toContain('before 0 0 of alice@localhost');
      for (const gone of ['to the wrong room', 'forget that I was here']) expect(words).not.toContain(gone);
      expect(words.filter((each) => each?.startsWith('after '))).toEqual([]);
      expect(await archivePage(alice, room, lost)).toMatchObject({ error: 'cancel/item-not-found', ids: [] });
      // The room that was destroyed is a new one to whoever comes.
      const made = await carol.join(doomed, 'carol');
      expect(made.flatMap((stanza) => codes(stanza))).toContain(201);
      expect(made.map((stanza) => stanza.getChildText('body'))).not.toContain('in a room that ends');

      // Both were in at the backup, and still are.
      const former = new Set(stage.alice.log().flatMap((stanza) => stanzaId(stanza, room) ?? []));
      for (const each of [alice, bob]) {
        const id = await said(each, room, `I am still here, says ${each.bareJid}`);
        expect(id).not.toBe('');
        expect(former.has(id)).toBe(false);
        expect((await archivePage(alice, room, archive.ids.at(-1))).ids).toContain(id);
      }
      const own = (await carol.join(room, 'carol')).find(presenceOf(room, 'carol'));
      expect(own === undefined ? [] : codes(own)).toContain(110);
    });
  });
}

const PERSISTENT = { 'muc#roomconfig_persistentroom': '1' };
const RETRACT = 'urn:xmpp:message-retract:1';
