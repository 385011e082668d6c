/** While the database refuses writes, moderators' questions are answered from what is saved, and what changes something is refused at once. */
import { NS } from '../../src/xmpp/ns';
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, DOMAIN, rig, ROOM, say, type Rig } from './rig';

const OTHER = `b@${DOMAIN}`;

const command = (node: string, more = '', inner = '', from = ANN): string =>
  `<iq from="${from}" to="${ROOM}" type="set" id="c"><command xmlns="${NS.commands}" node="${node}"${more}>${inner}</command></iq>`;
const submit = (fields = ''): string => `<x xmlns="${NS.forms}" type="submit">${fields}</x>`;
const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
const AUDIT = 'urn:parlour:audit';
const PURGE = 'urn:parlour:ban-and-retract';

async function room(): Promise<Rig> {
  const r = await rig({ makeRoom: realRooms(true) });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  await r.play(enter(BOB, OTHER, 'bob'), instant(BOB, OTHER));
  await r.play(say(BOB, 'hello'));
  r.link.take();
  return r;
}

/** What came back to an IQ of ann's, as XML. */
async function asks(r: Rig, text: string): Promise<string> {
  r.link.take();
  r.feed(text);
  await settle();
  const answers = r.link.xml.filter((xml) => xml.startsWith('<iq'));
  r.link.take();
  return answers.join('\n');
}

async function refusing(): Promise<{ r: Rig; sessions: { audit: string; purge: string } }> {
  const r = await room();
  const begin = async (node: string): Promise<string> => /sessionid="([^"]+)"/.exec(await asks(r, command(node)))?.[1] ?? '';
  const sessions = { audit: await begin(AUDIT), purge: await begin(PURGE) };
  r.store.fail('full');
  await r.play(say(BOB, 'lost'));
  return { r, sessions };
}

describe('found H4, XEP-0050 §3.3: the database refuses writes', () => {
  test('forms of commands are handed out, and commands are canceled', async () => {
    const { r, sessions } = await refusing();
    for (const node of [AUDIT, PURGE])
      expect(await asks(r, command(node, ' action="execute"'))).toMatch(/type="result".*status="executing"/);
    expect(await asks(r, command(PURGE, ` sessionid="${sessions.purge}" action="cancel"`))).toMatch(/type="result".*status="canceled"/);
    expect(await asks(r, command('nothing'))).toMatch(/type="error".*<item-not-found/);
    expect(await asks(r, command(AUDIT, '', '', BOB))).toMatch(/type="error".*<forbidden/);
  });

  test('the owner’s look at the audit trail is answered from what is saved', async () => {
    const { r, sessions } = await refusing();
    expect(await asks(r, command(AUDIT, ` sessionid="${sessions.audit}" action="complete"`, submit()))).toMatch(
      /type="result".*status="completed".*ann@x.lit/,
    );
  });

  test('what changes something is refused at once, with what the store says', async () => {
    const { r, sessions } = await refusing();
    const filled = submit(field('nick', 'bob') + field('minutes', '60'));
    expect(await asks(r, command(PURGE, ` sessionid="${sessions.purge}" action="complete"`, filled))).toMatch(
      /type="error".*<resource-constraint.*cannot save/,
    );
  });

  test('…also where the archive was read already, when the store began to refuse: a trim, a moderation', async () => {
    const requests = [
      `<trim xmlns="${NS.mamTrim}"><id>{id}</id></trim>`,
      `<moderate xmlns="${NS.moderate}" id="{id}"><retract xmlns="${NS.retract}"/></moderate>`,
    ];
    for (const request of requests) {
      const r = await room();
      const id = r.store.disk.rooms.get(ROOM)?.messages.at(-1)?.id ?? '';
      r.store.holdReads();
      r.feed(`<iq from="${ANN}" to="${ROOM}" type="set" id="m">${request.replace('{id}', id)}</iq>`);
      await settle();
      r.store.fail('full');
      // What is lost is another room's: this one has nothing to say again.
      await r.play(say(BOB, 'lost', OTHER));
      r.link.take();
      r.store.letReadsGo();
      await settle();
      const answers = r.link.xml.filter((xml) => xml.includes('id="m"'));
      expect([request, answers.length]).toEqual([request, 1]);
      expect(answers[0]).toMatch(/type="error".*<resource-constraint/);
      // Nothing of it happens later.
      r.store.heal();
      await r.clock.pass(5_000);
      expect(r.store.disk.rooms.get(ROOM)?.messages.at(-1)?.payload).toContain('hello');
    }
  });
});
