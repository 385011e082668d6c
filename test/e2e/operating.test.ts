/** The jobs of an operator, each by one command and by one call of the API, on the real program behind a real server (issue "Operators"). Restoring is not there over HTTP: it is for a Parlour that does not run. */
import { request } from 'node:http';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { goingBack } from './conversations/going-back';
import { freshRoom, roomOfAlice, roomOfThree, setStage, strikeStage, type Stage } from './conversations/stage';
import { run } from './servers/process';
import { CLI } from './support/parlour';
import { codes, isJoinError, presenceOf } from './support/stanzas';
import { describeServers } from './support/suite';

jest.setTimeout(60_000);

interface Reply {
  readonly status: number;
  readonly text: string;
  /** What it is, if it is JSON. */
  readonly body: Record<string, unknown> & { readonly entries?: readonly Record<string, unknown>[] };
}

describeServers(
  'operating',
  (server) => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await setStage(server());
    });
    afterAll(async () => {
      await strikeStage(stage);
    });

    /** What a command prints. */
    const command = (...words: string[]): Promise<string> =>
      run(process.execPath, [CLI, ...words, '--config', stage.parlour.configFile], 30_000);

    /** What the API answers over the socket. */
    const call = (method: string, where: string, body?: object | string): Promise<Reply> =>
      new Promise((resolve, reject) => {
        const headers = body === undefined ? {} : { 'content-type': 'application/json' };
        const asking = request({ socketPath: stage.parlour.socket, method, path: where, agent: false, headers });
        asking.on('error', reject);
        asking.on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const isJson = (response.headers['content-type'] ?? '').includes('json');
            const reply = { status: response.statusCode ?? 0, text, body: (isJson ? JSON.parse(text) : {}) as Reply['body'] };
            if (reply.status < 400) resolve(reply);
            else reject(new Error(`${method} ${where} was answered ${reply.status}: ${text}`));
          });
        });
        asking.end(typeof body === 'object' ? JSON.stringify(body) : body);
      });

    const at = (room: string, more = ''): string => `/v1/rooms/${encodeURIComponent(room)}${more}`;
    const jid = (user: 'alice' | 'bob' | 'carol'): string => `${user}@${server().domain}`;
    const nobody = (room: string, user: 'alice' | 'bob' | 'carol'): Promise<boolean> =>
      stage[user].join(room, user).then((answers) => answers.some(isJoinError));
    /** Changes the file of the configuration. */
    const configured = (change: (config: Record<string, Record<string, unknown>>) => void): void => {
      const { configFile } = stage.parlour;
      const config = JSON.parse(readFileSync(configFile, 'utf8')) as Record<string, Record<string, unknown>>;
      change(config);
      writeFileSync(configFile, JSON.stringify(config));
    };
    /** Each job twice: by a command, and by a call. */
    const job = (name: string, byCommand: () => Promise<void>, byCall: () => Promise<void>): void => {
      describe(name, () => {
        it('by a command', byCommand);
        it('by a call', byCall);
      });
    };

    job(
      'list rooms with their occupants',
      async () => {
        const room = await roomOfThree(stage, { 'muc#roomconfig_publicroom': '0' });
        expect(await command('rooms', '--hidden')).toMatch(new RegExp(`^${room} +- +3 `, 'm'));
      },
      async () => {
        const room = await roomOfThree(stage);
        const { body } = await call('GET', '/v1/rooms?listed=true&empty=false');
        expect(body.entries).toContainEqual(expect.objectContaining({ jid: room, occupants: 3 }));
      },
    );

    job(
      'who is in a room',
      async () => {
        const room = await roomOfThree(stage);
        expect(await command('occupants', room)).toMatch(new RegExp(`^bob +${jid('bob')} +none +participant +1 `, 'm'));
      },
      async () => {
        const room = await roomOfThree(stage);
        expect((await call('GET', at(room, '/occupants'))).body.entries?.map(({ nick }) => nick)).toEqual(['alice', 'bob', 'carol']);
      },
    );

    job(
      'see and change its configuration',
      async () => {
        const room = await roomOfThree(stage);
        await command('room', 'configure', room, 'roomname=Tea', 'moderatedroom=1');
        await stage.bob.waitFor((stanza) => codes(stanza).includes(104), 'the change');
        expect(await command('room', 'configure', room)).toMatch(/^muc#roomconfig_roomname +Tea/m);
      },
      async () => {
        const room = await roomOfThree(stage);
        await call('PUT', at(room, '/options'), { options: { 'muc#roomconfig_roomname': 'Tea' } });
        await stage.bob.waitFor((stanza) => codes(stanza).includes(104), 'the change');
        const { body } = await call('GET', at(room, '/options'));
        expect(body['fields']).toContainEqual(expect.objectContaining({ var: 'muc#roomconfig_roomname', values: ['Tea'] }));
      },
    );

    job(
      'create a room for its owner',
      async () => {
        const room = freshRoom(stage);
        await command('room', 'create', room, '--owner', jid('bob'), 'persistentroom=1');
        const [own] = (await stage.bob.join(room, 'bob')).filter(presenceOf(room, 'bob'));
        expect(own?.toString()).toContain('affiliation="owner"');
      },
      async () => {
        const room = freshRoom(stage);
        await call('PUT', at(room), { owner: jid('bob'), options: { 'muc#roomconfig_persistentroom': true } });
        const [own] = (await stage.bob.join(room, 'bob')).filter(presenceOf(room, 'bob'));
        expect(own?.toString()).toContain('affiliation="owner"');
      },
    );

    job(
      'ban everywhere',
      async () => {
        const rooms = [await roomOfThree(stage), await roomOfThree(stage)];
        await command('ban', jid('carol'), '--everywhere', '--reason', 'Spam', '--yes');
        for (const room of rooms) {
          const out = await stage.carol.waitFor(presenceOf(room, 'carol', 'unavailable'), 'the ban');
          expect(codes(out)).toContain(301);
        }
        expect(await nobody(rooms[0] ?? '', 'carol')).toBe(true);
        await command('unban', jid('carol'), '--everywhere', '--yes');
        expect(await nobody(rooms[0] ?? '', 'carol')).toBe(false);
      },
      async () => {
        const room = await roomOfThree(stage);
        await call('POST', '/v1/bans', { jids: [jid('carol')] });
        await stage.carol.waitFor(presenceOf(room, 'carol', 'unavailable'), 'the ban');
        await call('POST', '/v1/bans', { jids: [jid('carol')], lift: true });
        expect(await nobody(room, 'carol')).toBe(false);
      },
    );

    job(
      'who banned whom, and when',
      async () => {
        const room = await roomOfThree(stage);
        await command('ban', jid('carol'), '--room', room, '--reason', 'Spam');
        expect(await command('audit', room, '--object', jid('carol'))).toMatch(
          new RegExp(
            `^\\d{4}-\\d\\d-\\d\\d \\S+Z +${room} +set-affiliations +\\S+ \\(claimed\\) +command-line +${jid('carol')} none -> outcast \\(Spam\\)`,
            'm',
          ),
        );
      },
      async () => {
        const room = await roomOfThree(stage);
        await call('POST', at(room, '/affiliations'), { items: [{ jid: jid('carol'), affiliation: 'outcast' }] });
        const { body } = await call('GET', `/v1/audit?room=${encodeURIComponent(room)}&object=${encodeURIComponent(jid('carol'))}`);
        expect(body.entries).toMatchObject([
          { act: 'set-affiliations', by: { kind: 'operator', face: 'http' }, items: [{ after: 'outcast' }] },
        ]);
      },
    );

    job(
      'delete rooms that nobody uses',
      async () => {
        const room = freshRoom(stage);
        await command('room', 'create', room, '--owner', 'gone@elsewhere.example', 'persistentroom=1');
        await command('rooms', 'destroy', '--empty', '--creator', 'gone@elsewhere.example', '--idle', '0', '--number', '1');
        await expect(command('room', 'show', room)).rejects.toThrow(/ended with 1:/);
      },
      async () => {
        const room = freshRoom(stage);
        await call('PUT', at(room), { owner: 'gone@elsewhere.example', options: { 'muc#roomconfig_persistentroom': true } });
        const search = { empty: true, creator: 'gone@elsewhere.example', idleDays: 0 };
        await expect(call('POST', '/v1/destructions', { ...search, number: 7 })).rejects.toThrow(/number-differs/);
        expect((await call('POST', '/v1/destructions', { ...search, number: 1 })).body).toEqual({ destroyed: 1, failures: [] });
      },
    );

    /** A room that lost its only owner: their account was deleted, and forgotten. */
    const orphan = async (): Promise<string> => {
      const room = freshRoom(stage);
      await call('PUT', at(room), { owner: 'gone@elsewhere.example', options: { 'muc#roomconfig_persistentroom': true } });
      await call('POST', '/v1/forgotten-accounts', { jid: 'gone@elsewhere.example' });
      return room;
    };
    job(
      'an owner for a room without one',
      async () => {
        const room = await orphan();
        expect(await command('rooms', '--orphaned')).toContain(room);
        await command('affiliate', room, jid('bob'), 'owner');
        expect(await command('affiliations', room, 'owner')).toContain(jid('bob'));
        expect(await command('rooms', '--orphaned')).not.toContain(room);
      },
      async () => {
        const room = await orphan();
        expect((await call('GET', '/v1/rooms?orphaned=true')).body.entries).toContainEqual(expect.objectContaining({ jid: room }));
        await call('POST', at(room, '/affiliations'), { items: [{ jid: jid('bob'), affiliation: 'owner' }] });
        expect((await call('GET', '/v1/rooms?orphaned=true')).body.entries).toEqual([]);
      },
    );

    job(
      'metrics',
      async () => expect(await command('metrics')).toMatch(/^# HELP parlour_/m),
      async () => expect((await call('GET', '/metrics')).text).toMatch(/^# HELP parlour_/m),
    );

    job(
      'health',
      async () => expect(await command('status')).toMatch(/^link +up/m),
      async () => {
        expect((await call('GET', '/readyz')).status).toBe(200);
        expect((await call('GET', '/v1/status')).body).toMatchObject({ attached: true });
      },
    );

    /** A room in which Bob has said something nobody else says. */
    const spoken = async (): Promise<string> => {
      const room = await roomOfThree(stage, { 'muc#roomconfig_persistentroom': '1' });
      await stage.bob.say(room, 'Buy potions');
      await stage.bob.hear('Buy potions');
      return room;
    };
    job(
      'export a person',
      async () => {
        const room = await spoken();
        const file = path.join(path.dirname(stage.parlour.configFile), 'bob.html');
        await command('export-person', jid('bob'), file, '--html');
        expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`<h2><bdi>${room}</bdi></h2>[^]*<blockquote><bdi>Buy potions</bdi>`));
        rmSync(file);
      },
      async () => {
        const room = await spoken();
        const { body } = await call('GET', `/v1/people/${encodeURIComponent(jid('bob'))}/export`);
        expect(body).toMatchObject({ format: 'parlour-person', jid: jid('bob') });
        expect(JSON.stringify((body['rows'] as { room?: string }[]).filter((row) => row.room === room))).toContain('Buy potions');
      },
    );

    job(
      'export a room, and bring it along',
      async () => {
        const [room, copy] = [await spoken(), freshRoom(stage, 'copy')];
        const file = path.join(path.dirname(stage.parlour.configFile), 'room.json');
        await command('room', 'export', room, file);
        await command('room', 'import', copy, file);
        expect(await command('search', copy, 'potions')).toContain('Buy potions');
        rmSync(file);
      },
      async () => {
        const [room, copy] = [await spoken(), freshRoom(stage, 'copy')];
        const { text } = await call('GET', at(room, '/export'));
        expect((await call('POST', at(copy, '/import'), text)).body).toMatchObject({ room: copy, messages: 1 });
      },
    );

    job(
      'say something as the room',
      async () => {
        const room = await roomOfThree(stage);
        await command('room', 'say', room, 'The kettle boils.');
        expect((await stage.bob.hear('The kettle boils.')).attrs['from']).toBe(room);
      },
      async () => {
        const room = await roomOfThree(stage);
        await call('POST', at(room, '/messages'), { body: 'The kettle boils again.' });
        expect((await stage.bob.hear('The kettle boils again.')).attrs['from']).toBe(room);
      },
    );

    job(
      'another address for a room',
      async () => {
        const [room, to] = [await spoken(), freshRoom(stage, 'renamed')];
        await command('room', 'rename', room, to);
        expect(await command('search', to, 'potions')).toContain('Buy potions');
      },
      async () => {
        const [room, to] = [await spoken(), freshRoom(stage, 'renamed')];
        expect((await call('POST', at(room, '/rename'), { to })).body).toEqual({ jid: to });
      },
    );

    job(
      'search what was said',
      async () => expect(await command('search', await spoken(), 'potions')).toMatch(/ bob +bob@\S+ +\S+ +Buy potions$/m),
      async () => {
        const { body } = await call('GET', at(await spoken(), '/messages?text=potions'));
        expect(body.entries).toMatchObject([{ nick: 'bob' }]);
      },
    );

    job(
      'take back what somebody said',
      async () => {
        const room = await spoken();
        expect(await command('purge', room, '--jid', jid('bob'), '--minutes', '5', '--yes')).toContain('1 message taken back');
        await stage.carol.waitFor((stanza) => stanza.toString().includes('urn:xmpp:message-retract:1'), 'the retraction');
      },
      async () => {
        const room = await spoken();
        expect((await call('POST', at(room, '/purge'), { nick: 'bob', minutes: 5 })).body).toEqual({ retracted: 1 });
      },
    );

    job(
      'forget an account that was deleted',
      async () => {
        const room = await roomOfAlice(stage, { 'muc#roomconfig_persistentroom': '1' });
        await command('affiliate', room, 'gone@elsewhere.example', 'member');
        await command('forget', 'gone@elsewhere.example', '--yes');
        expect(await command('affiliations', room, 'member')).toBe('Nobody.\n');
      },
      async () => {
        const room = await roomOfAlice(stage, { 'muc#roomconfig_persistentroom': '1' });
        await call('POST', at(room, '/affiliations'), { items: [{ jid: 'gone@elsewhere.example', affiliation: 'admin' }] });
        expect((await call('POST', '/v1/forgotten-accounts', { jid: 'gone@elsewhere.example' })).body).toMatchObject({ failed: 0 });
        expect((await call('GET', at(room, '/affiliations?affiliation=admin'))).body.entries).toEqual([]);
      },
    );

    job(
      'erase somebody',
      async () => {
        const room = await spoken();
        expect(await command('erase', jid('bob'), '--yes')).toMatch(/was erased: [1-9]\d* messages?/);
        expect(await command('search', room, 'potions')).toBe('Nothing of that is in the archive.\n');
      },
      async () => {
        const room = await spoken();
        expect((await call('POST', '/v1/erasures', { jid: jid('bob') })).body).toMatchObject({ finished: true, failed: 0 });
        expect((await call('GET', at(room, '/messages?text=potions'))).body.entries).toEqual([]);
      },
    );

    job(
      'read the configuration again',
      async () => {
        configured((config) => (config['limits'] = { ...config['limits'], subject: 500 }));
        expect(await command('reload')).toBe('Taken: limits.subject.\n');
        configured((config) => (config['limits'] = { ...config['limits'], subject: 'long' }));
        await expect(command('reload')).rejects.toThrow(/ended with 1:[^]*limits\.subject/);
        configured((config) => (config['limits'] = { ...config['limits'], subject: 500 }));
      },
      async () => {
        configured((config) => (config['limits'] = { ...config['limits'], subject: 600 }));
        expect((await call('POST', '/v1/reload')).body).toEqual({ taken: ['limits.subject'], restart: [] });
        configured((config) => (config['limits'] = { ...config['limits'], subject: 'long' }));
        await expect(call('POST', '/v1/reload')).rejects.toThrow(/422.*limits\.subject/);
        configured((config) => (config['limits'] = { ...config['limits'], subject: 600 }));
      },
    );

    job(
      'restrict who creates rooms',
      async () => {
        configured((config) => (config['service'] = { createRooms: 'admins' }));
        expect(await command('reload')).toBe('Taken: service.createRooms.\n');
        expect(await nobody(freshRoom(stage), 'bob')).toBe(true);
      },
      async () => {
        configured((config) => (config['service'] = { createRooms: 'anyone' }));
        expect((await call('POST', '/v1/reload')).body).toEqual({ taken: ['service.createRooms'], restart: [] });
        expect(await nobody(freshRoom(stage), 'bob')).toBe(false);
      },
    );

    job(
      'rate limits',
      async () => {
        configured((config) => (config['limits'] = { ...config['limits'], messagesPerSecond: 1 }));
        expect(await command('reload')).toBe('Taken: limits.messagesPerSecond.\n');
      },
      async () => {
        configured((config) => (config['limits'] = { ...config['limits'], messagesPerSecond: 50 }));
        expect((await call('POST', '/v1/reload')).body).toEqual({ taken: ['limits.messagesPerSecond'], restart: [] });
      },
    );

    goingBack(() => stage, command);

    job(
      'stop',
      async () => {
        await command('stop');
        expect(await stage.parlour.ended()).toBe(0);
        await expect(command('status')).rejects.toThrow(/ended with 3:[^]*is not there\. Start Parlour/);
        await stage.parlour.start();
      },
      async () => {
        const room = await roomOfThree(stage);
        await call('POST', '/v1/shut-down', { reason: 'For good' });
        expect(codes(await stage.bob.waitFor(presenceOf(room, 'bob', 'unavailable'), 'the end'))).toContain(332);
        expect(await stage.parlour.ended()).toBe(0);
      },
    );
  },
  ['prosody (stable)'],
);
