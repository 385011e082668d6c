/** Retracting while the room goes on: what is decided between the question to the archive and its answer, and crashes in between. */
import { messagePayload } from '../../src/room/talking/message-xml';
import type { ReadArchive, ReadMessages } from '../../src/room/contract/machine';
import { correctedId } from '../../src/room/retracting/retraction-xml';
import { NS } from '../../src/xmpp/ns';
import { parse } from '../support/conversation';
import { ROOM, World } from './world';
import { asBare, asFull } from '../support/jids';

const PASSED = { jid: ROOM, reserved: new Set<string>() };

const ANNA = 'anna@users.lit/1';
const BERT = 'bert@users.lit/1';
const CLEO = asFull('cleo@users.lit/1');
const PAGE = 100;

/** Anna's room, with Bert in it. */
function room(held = 50): World {
  const world = new World(held);
  const enter = (who: string, nick: string): void => {
    world.join(who, `<presence from="${who}" to="${ROOM}/${nick}"><x xmlns="${NS.muc}"/></presence>`);
  };
  enter(ANNA, 'A');
  world.send(
    `<iq from="${ANNA}" to="${ROOM}" type="set" id="i"><query xmlns="${NS.mucOwner}"><x xmlns="${NS.forms}" type="submit"/></query></iq>`,
  );
  enter(BERT, 'B');
  world.settle();
  return world;
}

const say = (world: World, who: string, payload: string): ReturnType<World['send']> =>
  world.send(`<message from="${who}" to="${ROOM}" type="groupchat" id="m">${payload}</message>`);
const words = '<body>words</body>';
const retract = (id: string): string => `<retract xmlns="${NS.retract}" id="${id}"/>`;
const moderate = (world: World, who: string, id: string): ReturnType<World['send']> =>
  world.send(`<iq from="${who}" to="${ROOM}" type="set" id="i"><moderate xmlns="${NS.moderate}" id="${id}">${retractNow}</moderate></iq>`);
const retractNow = `<retract xmlns="${NS.retract}"/>`;
const latest = (world: World): string => world.allMessages().at(-1)?.id as string;
const payloads = (world: World): string[] => world.allMessages().map(({ payload }) => payload);
const said = (world: World): string => world.log.splice(0).join('\n');
const answerAll = (world: World): void => {
  while (world.answer());
};

test.each([
  ['has left', `<presence from="${BERT}" to="${ROOM}/B" type="unavailable"/>`, 'not-acceptable'],
  [
    'has lost voice',
    `<iq from="${ANNA}" to="${ROOM}" type="set" id="i"><query xmlns="${NS.mucAdmin}"><item nick="B" role="visitor"/></query></iq>`,
    'forbidden',
  ],
])('who %s meanwhile is refused, and the message stays', (_, stanza, condition) => {
  const world = room();
  say(world, BERT, words);
  say(world, BERT, retract(latest(world)));
  world.send(stanza);
  said(world);
  answerAll(world);
  expect(said(world)).toContain(`<${condition} `);
  expect(payloads(world)).toEqual([words]);
});

test('a moderator who is none any more is refused', () => {
  const world = room();
  say(world, ANNA, words);
  world.send(
    `<iq from="${ANNA}" to="${ROOM}" type="set" id="i"><query xmlns="${NS.mucAdmin}"><item nick="B" role="moderator"/></query></iq>`,
  );
  say(world, BERT, words);
  moderate(world, BERT, latest(world));
  world.send(
    `<iq from="${ANNA}" to="${ROOM}" type="set" id="i"><query xmlns="${NS.mucAdmin}"><item nick="B" role="participant"/></query></iq>`,
  );
  said(world);
  answerAll(world);
  expect(said(world)).toContain('<forbidden ');
  expect(payloads(world)).toEqual([words, words]);
});

test('two who retract the same at the same time: the first does, the second learns of it', () => {
  const world = room();
  say(world, BERT, words);
  const id = latest(world);
  moderate(world, ANNA, id);
  // One looks twice, the other once.
  world.answer();
  say(world, BERT, retract(id));
  said(world);
  answerAll(world);
  expect(said(world)).toContain('<conflict ');
  const [tombstone, moderation, ...more] = payloads(world);
  expect(tombstone).toMatch(/^<retracted .*<moderated /);
  expect(moderation).toMatch(/^<retract .*<moderated /);
  expect(more).toEqual([]);
});

test('a room destroyed meanwhile, and made anew, keeps nothing of it', () => {
  const world = room();
  say(world, BERT, words);
  moderate(world, ANNA, latest(world));
  world.send(`<iq from="${ANNA}" to="${ROOM}" type="set" id="d"><query xmlns="${NS.mucOwner}"><destroy/></query></iq>`);
  world.join(ANNA, `<presence from="${ANNA}" to="${ROOM}/A"><x xmlns="${NS.muc}"/></presence>`);
  said(world);
  answerAll(world);
  expect(said(world)).toContain('<item-not-found ');
  expect(payloads(world)).toEqual([]);
});

test('messages held for somebody who is entering no longer have the retracted words', () => {
  const world = room();
  world.send(`<message from="${BERT}" to="${ROOM}" type="groupchat" id="m"><body>before</body></message>`);
  world.send(`<presence from="${CLEO}" to="${ROOM}/C"><x xmlns="${NS.muc}"/></presence>`);
  say(world, BERT, words);
  const id = latest(world);
  expect(world.state.occupants.session(CLEO)?.entry?.isOut).toBe(false);
  // This person's history is read last.
  const history = (world as unknown as { reads: unknown[] }).reads.splice(0);
  say(world, BERT, retract(id));
  answerAll(world);
  const toCleo = (): string[] =>
    said(world)
      .split('\n')
      .filter((xml) => xml.includes(`to="${CLEO}"`));
  toCleo();
  (world as unknown as { reads: unknown[] }).reads.push(...history);
  answerAll(world);
  const told = toCleo();
  expect(told.filter((xml) => xml.includes('<retracted '))).toHaveLength(1);
  expect(told.filter((xml) => xml.includes('<retract '))).toHaveLength(1);
  expect(told.join('')).not.toContain('words');
});

describe('what was read before it was retracted, and is answered behind the retraction, does not tell the words any more', () => {
  const reads = (world: World): (ReadMessages | ReadArchive)[] => (world as unknown as { reads: (ReadMessages | ReadArchive)[] }).reads;

  /** Bert's words are read for somebody by this stanza; then that happens, then the answer comes. What it says. */
  function late(stanza: string, meanwhile: (world: World, id: string) => void): string {
    const world = room();
    say(world, BERT, words);
    const id = latest(world);
    world.send(stanza);
    const [effect] = reads(world).splice(0) as [ReadMessages | ReadArchive];
    const read =
      effect.kind === 'read-archive'
        ? ({ kind: 'archive', effect, answer: world.tables.archive(ROOM, effect.query) } as const)
        : ({ kind: 'messages', effect, rows: world.historyOf(effect) } as const);
    meanwhile(world, id);
    answerAll(world);
    said(world);
    world.give(read);
    return said(world);
  }
  const page = `<iq from="${CLEO}" to="${ROOM}" type="set" id="q"><query xmlns="${NS.mam}"/></iq>`;
  const entry = `<presence from="${CLEO}" to="${ROOM}/C"><x xmlns="${NS.muc}"/></presence>`;

  test.each([
    ['a page of the archive', page],
    ['history', entry],
  ])('%s', (_, stanza) => {
    const byAuthor = late(stanza, (world, id) => void say(world, BERT, retract(id)));
    expect(byAuthor).toMatch(/<retracted [^>]* id="m"\/>/);
    expect(byAuthor).not.toContain('words');
    const moderated = late(stanza, (world, id) => void moderate(world, ANNA, id));
    expect(moderated).toMatch(/<retracted [^>]*><moderated /);
    expect(moderated).not.toContain('words');
  });

  test.each([
    ['a page of the archive', page],
    ['history', entry],
  ])('%s, nor their author, if that person was erased', (_, stanza) => {
    const erased = late(stanza, (world) => {
      const command = { name: 'erase-person', jid: asBare('bert@users.lit') } as const;
      world.give({ kind: 'command', command, done: () => undefined });
    });
    expect(erased).toContain('<retracted ');
    expect(erased).not.toContain('words');
    expect(erased).not.toContain(`<message from="${ROOM}/B"`);
    expect(erased).not.toContain(`<message xmlns="jabber:client" from="${ROOM}/B"`);
  });
});

describe('banning and retracting', () => {
  const begin = (world: World, done: (outcome: unknown) => void): void => {
    world.give({
      kind: 'command',
      command: { name: 'ban-and-retract', target: { jid: asBare('bert@users.lit') }, minutes: 60, ban: true },
      done,
    });
  };

  test('after a crash between two pages, each message is whole or gone with the room saying so; run again, it ends the rest', () => {
    const world = room();
    for (let i = 0; i < 2 * PAGE; i++) say(world, BERT, words);
    world.settle();
    begin(world, () => {
      throw new Error('It is not over.');
    });
    world.answer();
    world.crash(0);
    const all = payloads(world);
    expect(all.filter((payload) => payload === words)).toHaveLength(PAGE);
    expect(all.filter((payload) => payload.startsWith('<retracted '))).toHaveLength(PAGE);
    expect(all.filter((payload) => payload.startsWith('<retract '))).toHaveLength(PAGE);
    const outcomes: unknown[] = [];
    world.give({
      kind: 'command',
      command: { name: 'ban-and-retract', target: { jid: asBare('bert@users.lit') }, minutes: 60, ban: true },
      done: (outcome) => outcomes.push(outcome),
    });
    answerAll(world);
    expect(outcomes).toEqual([{ ok: true, retracted: PAGE }]);
    expect(payloads(world)).not.toContain(words);
  });

  test('it is over when all is committed: in a decision that writes nothing', () => {
    const world = room();
    for (let i = 0; i < PAGE; i++) say(world, BERT, words);
    const outcomes: unknown[] = [];
    begin(world, (outcome) => outcomes.push(outcome));
    world.answer();
    expect(payloads(world)).not.toContain(words);
    expect(outcomes).toEqual([]);
    world.answer();
    expect(outcomes).toEqual([{ ok: true, retracted: PAGE }]);
  });

  test('it ends with the room', () => {
    const world = room();
    say(world, BERT, words);
    const outcomes: { ok?: boolean }[] = [];
    begin(world, (outcome) => outcomes.push(outcome as { ok?: boolean }));
    world.send(`<iq from="${ANNA}" to="${ROOM}" type="set" id="d"><query xmlns="${NS.mucOwner}"><destroy/></query></iq>`);
    answerAll(world);
    expect(outcomes).toEqual([expect.objectContaining({ ok: false })]);
  });
});

describe('the id that a message corrects', () => {
  const payload = (inner: string): string =>
    messagePayload(parse(`<message xmlns="jabber:client" xmlns:d="${NS.correct}">${inner}</message>`), PASSED, 'groupchat');
  test.each([
    ['plain', `<replace xmlns="${NS.correct}" id="a"/>`, 'a'],
    ['with other attributes', `<replace from="x" xmlns="${NS.correct}" id="a" to="y"/>`, 'a'],
    ['with a prefix', `<c:replace id="a" xmlns:c="${NS.correct}"/>`, 'a'],
    ['with a prefix of the message', '<d:replace id="a"/>', 'a'],
    ['not empty', `<replace xmlns="${NS.correct}" id="a"><y/></replace>`, 'a'],
    ['with signs', `<replace xmlns="${NS.correct}" id="&quot;&gt;&amp;"/>`, '&quot;&gt;&amp;'],
    ['behind something of the name', `<replace xmlns="urn:example" id="b"/><replace xmlns="${NS.correct}" id="a"/>`, 'a'],
    ['of something else', '<replace xmlns="urn:example" id="a"/>', undefined],
    ['in words', `<body>&lt;replace xmlns="${NS.correct}" id="a"/></body>`, undefined],
    ['missing', `<replace xmlns="${NS.correct}"/>`, undefined],
  ])('%s', (_, inner, id) => expect(correctedId(payload(inner))).toBe(id));
});

const origin = (id: string): string => `<origin-id xmlns="${NS.stanzaId}" id="${id}"/>`;
const replace = (id: string): string => `<replace xmlns="${NS.correct}" id="${id}"/>`;

test.each([
  ['its stanza-id', (id: string) => id],
  ['its origin-id', () => 'o1'],
  ['its id', () => 'm'],
])('found E5: a correction that names %s goes with the original, and so do corrections of it', (_, name) => {
  for (const take of [
    (world: World, original: string) => say(world, BERT, retract(original)),
    (world: World, original: string) => moderate(world, ANNA, original),
    (world: World) => moderate(world, ANNA, latest(world)),
  ]) {
    const world = room();
    say(world, BERT, `${words}${origin('o1')}`);
    const original = latest(world);
    say(world, BERT, `<body>other words</body>${replace(name(original))}${origin('o2')}`);
    say(world, BERT, `<body>last words</body>${replace('o2')}`);
    take(world, original);
    answerAll(world);
    expect(payloads(world).slice(0, 3).join()).not.toContain('words');
    expect(payloads(world)).toHaveLength(4);
  }
});

test('found H24: a retraction of a message that was trimmed reaches its corrections', () => {
  const world = room();
  world.send(`<message from="${BERT}" to="${ROOM}" type="groupchat" id="m1">${words}</message>`);
  const original = latest(world);
  world.send(`<message from="${BERT}" to="${ROOM}" type="groupchat" id="m2"><body>second words</body>${replace('m1')}</message>`);
  world.send(`<iq from="${ANNA}" to="${ROOM}" type="set" id="t"><trim xmlns="urn:xmpp:mamtrim:0"><id>${original}</id></trim></iq>`);
  answerAll(world);
  say(world, BERT, retract('m1'));
  said(world);
  answerAll(world);
  expect(said(world)).not.toContain('type="error"');
  expect(payloads(world).join()).not.toContain('second words');
});

test('found B7: a retraction of an unknown id looks into the archive once', () => {
  const world = room();
  for (let i = 0; i < 300; i++) say(world, BERT, words);
  say(world, BERT, retract('unknown'));
  expect(world.answer()).toBeTruthy();
  expect(world.answer()).toBeFalsy();
  expect(said(world)).toContain('<item-not-found ');
});
