/**
 * Rule 6: whatever anybody sends, what a room does and says for it is at most a constant times its occupants and a stated limit. Counts, not
 * seconds. What is sent is derived from what is registered: a handler, stage, node, command or field without a stanza fails.
 */
import { ROOM_REQUESTS } from '../../src/room/iq';
import { archiveForm } from '../../src/features/archive/archive-form';
import { PEOPLE_FIELDS } from '../../src/room/configuring/configure';
import type { FeatureSet } from '../../src/room/contract/feature-set';
import type { Input } from '../../src/room/contract/machine';
import type { Option } from '../../src/room/contract/options';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NS } from '../../src/xmpp/ns';
import { childElements, localName, namespaceOf, type Element } from '../../src/xmpp/xml';
import { parse } from '../support/conversation';
import { asBare, asFull } from '../support/jids';
import * as stanzas from './budget-stanzas';
import { Crowd, OWNER, ROOM, SOMEBODY, STRANGER, type Cost, type Size } from './crowd';

jest.setTimeout(10 * 60_000);

const BASE: Size = { occupants: 1_000, affiliations: 1_000, rows: 250, messages: 1_000 };
const OPEN = {
  'muc#roomconfig_persistentroom': ['1'],
  'muc#roomconfig_forwardmentions': ['1'],
  'muc#roomconfig_whois': ['anyone'],
  'muc#roomconfig_allowinvites': ['1'],
};
const STRICT = {
  'muc#roomconfig_persistentroom': ['1'],
  'muc#roomconfig_moderatedroom': ['1'],
  'muc#roomconfig_membersbydefault': ['0'],
  'muc#roomconfig_allowvoicerequests': ['1'],
  'muc#roomconfig_allowinvites': ['1'],
  '{urn:parlour:room}approvemessages': ['1'],
  '{urn:parlour:room}archiveaccess': ['stays'],
  '{urn:parlour:room}registration': ['approval'],
};
const ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = { open: OPEN, strict: STRICT };
const PEOPLE = { owner: OWNER, occupant: SOMEBODY, stranger: STRANGER };

const { features } = new Crowd({ occupants: 0, affiliations: 0, rows: 0, messages: 0 }, OPEN);
const options = features.all.flatMap((feature) => (feature.options ?? []) as readonly Option<unknown>[]);
const archiveFields = [...archiveForm('en').matchAll(/<field var="([^"]+)"/g)]
  .map(([, name = '']) => name)
  .filter((name) => name !== 'FORM_TYPE');
const commands = [...features.nodes.keys()].filter((node) => !stanzas.NODES.includes(node));
/** Those in which a built-in feature has a part; the others are for plug-ins. */
const stages = Object.entries(features)
  .filter(([name, value]) => Array.isArray(value) && value.length > 0 && name !== 'all')
  .map(([name]) => name);

const fieldsOf = (option: Option<unknown>): readonly string[] => {
  const choices = option.choices?.(option.initial).map(({ value }) => value);
  return stanzas.valuesFor({ var: option.var, type: option.type, ...(choices ? { choices } : {}) }) ?? [];
};

/** Everything that is sent, by what it is. */
const sent = (set: FeatureSet): readonly (readonly [what: string, text: string])[] => {
  const all: [string, string][] = [];
  const add = (what: string, texts: readonly string[]): void => texts.forEach((text, i) => all.push([`${what} ${i}`, text]));
  for (const [what, texts] of Object.entries(stanzas.REQUESTS)) add(what, texts);
  for (const [what, texts] of Object.entries(stanzas.STAGES)) add(`stage ${what}`, texts);
  add('the room itself', stanzas.ROOM_ITSELF);
  for (const node of set.nodes.keys()) add(`node ${node}`, stanzas.discover(node));
  for (const node of commands) add(`command ${node}`, [stanzas.execute(node)]);
  for (const option of options)
    add(
      `option ${option.var}`,
      fieldsOf(option).map((value) => stanzas.setField(option.var, value)),
    );
  for (const name of Object.keys(PEOPLE_FIELDS))
    add(`people ${name}`, [stanzas.setField(name, 'ann@x.lit'), stanzas.setField(name, 'new@x.lit')]);
  for (const [name, values] of Object.entries(stanzas.ARCHIVE_FIELDS))
    add(
      `archive ${name}`,
      values.map((value) => stanzas.askArchive(name, value)),
    );
  return all;
};
const SENT = sent(features);

test('rule 6: everything that is registered has a stanza here', () => {
  expect(Object.keys(stanzas.REQUESTS).sort()).toEqual([...ROOM_REQUESTS, ...features.iq.keys()].sort());
  expect(Object.keys(stanzas.STAGES).sort()).toEqual(stages.sort());
  expect(Object.keys(stanzas.MESSAGES).sort()).toEqual(features.message.map(({ name }) => name).sort());
  expect(Object.keys(stanzas.COMMANDS).sort()).toEqual([...commands].sort());
  expect(Object.keys(stanzas.ARCHIVE_FIELDS).sort()).toEqual([...archiveFields].sort());
  expect(options.filter((option) => fieldsOf(option).length === 0).map((option) => option.var)).toEqual([]);
});

test('rule 6: every element that a room looks for by its name has a stanza here', () => {
  const files = ['room', 'features'].flatMap((folder) =>
    readdirSync(join('src', folder), { recursive: true, encoding: 'utf8' }).map((file) => join('src', folder, file)),
  );
  const looked = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/child\(\w[\w.]*, '([\w-]+)', NS\.(\w+)\)/g)])
    .map(([, name = '', space = '']) => `${name} ${(NS as Readonly<Record<string, string>>)[space] ?? space}`);
  expect(looked.length).toBeGreaterThan(20);
  const there = new Set<string>();
  const note = (element: Element): void => {
    there.add(`${localName(element)} ${namespaceOf(element)}`);
    childElements(element).forEach(note);
  };
  for (const [, text] of SENT) note(parse(text));
  for (const make of Object.values(stanzas.HOSTILE)) note(parse(make(1)));
  expect(looked.filter((one) => !there.has(one))).toEqual([]);
});

/** What a stanza may cost, however large the room's lists, rows and archive are: so much for each occupant, and this beside. */
const PER_OCCUPANT: Readonly<Record<keyof Cost, number>> = {
  steps: 30,
  characters: 300,
  hashes: 3,
  writes: 4,
  writtenBytes: 800,
  reads: 0,
  outputs: 3,
  builtBytes: 800,
  stanzas: 5,
};
/** The stated limits come to this: 4,000 rows of a list, 400 KB of one answer, 250 messages of a page, 500 people who asked for copies. */
const BESIDE: Readonly<Record<keyof Cost, number>> = {
  steps: 60_000,
  characters: 3_000_000,
  hashes: 5_000,
  writes: 5_000,
  writtenBytes: 1_000_000,
  reads: 1_000,
  outputs: 1_000,
  builtBytes: 1_000_000,
  stanzas: 5_000,
};

/** What each thing that somebody wrote into a stanza may cost: how many there can be is bounded by the size of one stanza. */
const PER_THING: Partial<Readonly<Record<keyof Cost, number>>> = { steps: 100 };

/** What costs by its nature what the number of people is times itself, or times a list: everybody is told of everybody. Owners alone can ask for it. */
const EVERYBODY_TO_EVERYBODY =
  /^option muc#roomconfig_(membersbydefault|membersonly|moderatedroom|presencebroadcast|whois) |^people muc#roomconfig_roomadmins /;

/** The same of lists that somebody writes down. */
const BULK = /^(affiliations|bans|roles|one nick|a form with|a field of)/;

/** What grows with something else than occupants, up to its stated limit, and why. */
const GROWS: readonly (readonly [which: RegExp, why: string])[] = [
  [
    /#admin |^people |#owner 0|^stage (affiliated|promoted)/,
    'a list, or a look at whether the longest list still fits one answer (limits.listBytes, affiliationsPerRoom)',
  ],
  [/^query jabber:iq:register|^message hook/, 'registering makes a member: the list of members must still fit one answer'],
  [/^markers /, 'the markers of 500 people at most'],
  [
    /speak|detain|moderate|apply-to|itself|mention|command (say|allow-posting|post) /,
    'copies to people who are away and asked for them, and mentioned people (500 at most), by rows of people who belong to the room',
  ],
  [/archiveaccess/, 'everybody who belongs to the room begins a stay'],
  [/enablearchiving|^stage reconfigured/, 'what was kept by person is forgotten'],
  [/^command urn:parlour:ban-and-retract|ban-and-retract \d$/, 'the messages of one person, a hundred at a time, and a ban'],
  [/^the command ask [126789]/, 'a list, a thousand entries of it at most; it is sorted first'],
  [/^the command (set-affiliations|create|configure)/, 'the first look at whether a list still fits one answer'],
  [/^the command (erase-person|forget|erase|trim|destroy|rename)/, 'the archive or the lists of the room, in slices where they are long'],
];

const sizes = {
  'twice as many affiliations, rows and messages': { affiliations: 2_000, rows: 500, messages: 2_000 },
  'twice as many occupants': { occupants: 2_000 },
};

/** A room that is made anew after something was changed in it. */
class Again {
  private crowd: Crowd | undefined;
  constructor(
    private readonly size: Size,
    private readonly config: Readonly<Record<string, readonly string[]>>,
  ) {}

  send(text: string): Cost {
    this.crowd ??= new Crowd(this.size, this.config);
    const cost = this.crowd.send(text);
    if (cost.writes > 0) this.crowd = undefined;
    return cost;
  }

  /** Always on a room of its own. */
  give(input: Input): Cost {
    return new Crowd(this.size, this.config).give(input);
  }
}

const CASES = Object.entries(ROOMS).flatMap(([room, config]) => Object.entries(PEOPLE).map(([who, from]) => ({ room, config, who, from })));
/** Every stanza in each room from each of them takes minutes: that is for the night. Otherwise each has its turn in one of the six, and large ones in two; each command in one of the two rooms. */
const PART = process.env['PROPERTY_RUNS'] === undefined ? 6 : 1;

const hasTurn = (room: string, at: number): boolean => PART === 1 || at % 2 === Object.keys(ROOMS).indexOf(room);

/** What is wrong with a cost, beside those of twice as much else and twice as many people. */
function wrongs(what: string, isEverybody: boolean, cost: Cost, more: Cost, double: Cost): string[] {
  const wrong: string[] = [];
  const stated = isEverybody || GROWS.some(([which]) => which.test(what));
  for (const key of Object.keys(BESIDE) as (keyof Cost)[]) {
    const bound = PER_OCCUPANT[key] * BASE.occupants + BESIDE[key];
    const squares = isEverybody && key === 'stanzas';
    // A sum over many decisions, of which each is a slice.
    const isLong = /^the command erase-person/.test(what);
    if (!squares && !isLong && cost[key] > bound) wrong.push(`${what}: ${cost[key]} ${key}, above ${bound}`);
    if (!squares && double[key] > 2.2 * cost[key] + 200)
      wrong.push(`${what}: ${key} from ${cost[key]} to ${double[key]} with twice as many people`);
    if (!stated && more[key] > 1.02 * cost[key] + 200)
      wrong.push(`${what}: ${key} from ${cost[key]} to ${more[key]} with twice as much else`);
    if (more[key] > 2.2 * cost[key] + 200)
      wrong.push(`${what}: ${key} from ${cost[key]} to ${more[key]}, more than twice, with twice as much else`);
  }
  return wrong;
}

describe('rule 6, B1-B11: in a room of a thousand people, with a thousand of everything else', () => {
  test.each(CASES)(
    'a room that is $room: what the $who sends costs no more than its budget, and what grows with anything but people is stated',
    ({ room, config, who, from }) => {
      const turn = CASES.findIndex((one) => one.room === room && one.who === who);
      const base = new Again(BASE, config);
      const [others, people] = Object.values(sizes).map((more) => new Again({ ...BASE, ...more }, config)) as [Again, Again];
      const wrong: string[] = [];
      for (const [i, [what, text]] of SENT.entries()) {
        // Only an owner's form is read.
        const isForm = /^(option|people) /.test(what);
        if (isForm && who !== 'owner' && !what.includes('roomname')) continue;
        if (isForm ? i % 2 !== turn % 2 && PART > 1 : i % PART !== turn % PART) continue;
        const stanza = text.replaceAll('{from}', from);
        const [cost, more, double] = [base.send(stanza), others.send(stanza), people.send(stanza)];
        wrong.push(...wrongs(what, EVERYBODY_TO_EVERYBODY.test(what) && who === 'owner', cost, more, double));
      }
      expect(wrong).toEqual([]);
    },
  );

  test.each(Object.entries(ROOMS))('a room that is %s: commands are completed within it', (room, config) => {
    const wrong: string[] = [];
    for (const [at, [node, forms]] of Object.entries(stanzas.COMMANDS).entries()) {
      if (!hasTurn(room, at)) continue;
      for (const fields of forms) {
        const [cost, more] = [BASE, { ...BASE, ...sizes['twice as many affiliations, rows and messages'] }].map((size) => {
          const crowd = new Crowd(size, config);
          crowd.send(stanzas.execute(node).replaceAll('{from}', OWNER));
          const session = /sessionid="([^"]+)"/.exec(crowd.answer)?.[1] ?? '';
          expect(session).not.toBe('');
          return crowd.send(stanzas.complete(node, session, fields).replaceAll('{from}', OWNER));
        }) as [Cost, Cost];
        for (const key of Object.keys(BESIDE) as (keyof Cost)[])
          if (more[key] > 2.2 * cost[key] + 200) wrong.push(`${node}: ${key} from ${cost[key]} to ${more[key]}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test.each(Object.entries(ROOMS))('a room that is %s: so is what the other faces ask of it', (room, config) => {
    const base = new Again(BASE, config);
    const [others, people] = Object.values(sizes).map((more) => new Again({ ...BASE, ...more }, config)) as [Again, Again];
    const wrong: string[] = [];
    for (const [at, [name, commands]] of Object.entries(stanzas.COMMAND_EXAMPLES).entries()) {
      for (const [i, command] of commands.entries()) {
        if (!hasTurn(room, at + i)) continue;
        const input: Input = { kind: 'command', command, done: () => undefined };
        wrong.push(...wrongs(`the command ${name} ${i}`, false, base.give(input), others.give(input), people.give(input)));
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('rule 6: stanzas as large as they may be', () => {
  test.each(Object.entries(stanzas.HOSTILE))(
    '%s: a thousand are within the budget, and two thousand cost no more than twice that',
    (what, make) => {
      const wrong: string[] = [];
      const turn = Object.values(stanzas.HOSTILE).indexOf(make);
      for (const [i, { room, config, who, from }] of CASES.entries()) {
        const part = Math.min(PART, 3);
        if (i % part !== turn % part) continue;
        const again = new Again(BASE, config);
        // Everybody is told of each of them: owners can ask for that.
        const squares = who === 'owner' && BULK.test(what);
        const [once, twice] = [1_000, 2_000].map((scale) => again.send(make(scale).replaceAll('{from}', from))) as [Cost, Cost];
        for (const key of Object.keys(BESIDE) as (keyof Cost)[]) {
          const things = (PER_THING[key] ?? 0) * 1_000;
          const bound = squares && key === 'stanzas' ? 3_000 * BASE.occupants : PER_OCCUPANT[key] * BASE.occupants + things + BESIDE[key];
          if (once[key] > bound) wrong.push(`${room}, ${who}: ${once[key]} ${key}, above ${bound}`);
          if (twice[key] > 2.2 * once[key] + 1_000) wrong.push(`${room}, ${who}: ${key} from ${once[key]} to ${twice[key]}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});

describe('rule 6: what waits in a room', () => {
  const FULL: Size = { ...BASE, affiliations: 100, rows: 0, messages: 100, waiting: 100 };
  const lists = Object.entries(stanzas.HOSTILE).filter(([what]) =>
    /^(affiliations|bans|roles|one nick|a form with|as many inv)/.test(what),
  );

  test.each(lists)('found F12, B5: %s: a thousand of them are not a thousand looks at all that waits', (what, make) => {
    const wrong: string[] = [];
    // Where a hundred of those who leave wait for a moderator, the questions that are left are looked through for each.
    const settled = what === 'bans of as many people who are in' ? 120_000 : 0;
    for (const [room, config] of Object.entries(ROOMS)) {
      const text = make(1_000).replaceAll('{from}', OWNER);
      const [none, full] = [{ ...FULL, waiting: 0 }, FULL].map((size) => new Crowd(size, config).send(text)) as [Cost, Cost];
      // Each row is read once, and each thing may look at a few.
      for (const [key, most] of [
        ['steps', 60_000 + settled],
        ['characters', 3_000_000],
      ] as const)
        if (full[key] - none[key] > most) wrong.push(`${room}: ${key} from ${none[key]} to ${full[key]} where 100 of each kind wait`);
    }
    expect(wrong).toEqual([]);
  });

  const again: Readonly<Record<string, Input | string>> = {
    'a message of a visitor': `<message from="${SOMEBODY}" to="${ROOM}" type="groupchat"><body>hi</body></message>`,
    'a registration': `<iq from="${STRANGER}" to="${ROOM}" type="set" id="i"><query xmlns="${NS.register}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${NS.mucRegister}</value></field><field var="muc#register_roomnick"><value>stranger</value></field></x></query></iq>`,
    'a stranger who enters': `<presence from="${STRANGER}" to="${ROOM}/stranger"><x xmlns="${NS.muc}"/></presence>`,
    'an error from nobody who was invited': { kind: 'bounced', bounce: { jid: asFull('z1@evil.lit/1'), condition: 'gone' } },
    'an error from somebody who was invited': { kind: 'bounced', bounce: { jid: asFull('m3@x.lit'), condition: 'remote-server-timeout' } },
    'a request for voice': `<message from="${SOMEBODY}" to="${ROOM}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${NS.mucRequest}</value></field><field var="muc#role"><value>participant</value></field></x></message>`,
    'the deadline of a room': { kind: 'timer' },
  };
  test.each(Object.entries(again))('found F12: what waits is read once, and no more of it for %s', (_what, what) => {
    const crowd = new Crowd(FULL, STRICT);
    const [, second] = [0, 1].map(() => (typeof what === 'string' ? crowd.send(what) : crowd.give(what))) as [Cost, Cost];
    expect(second.characters).toBeLessThan(100_000);
  });
});

describe('rule 6: what comes without being asked', () => {
  test('somebody is gone, a message bounces, a deadline comes: no more than a constant for each occupant', () => {
    const inputs: readonly Input[] = [
      { kind: 'gone', jid: asFull(SOMEBODY), text: 'no such session' },
      { kind: 'bounced', bounce: { jid: asFull('m3@x.lit'), condition: 'item-not-found' } },
      { kind: 'bounced', bounce: { jid: asFull('m3@x.lit'), nick: 'p5', condition: 'service-unavailable' } },
      { kind: 'account', answer: { about: 'bookmark', jid: asBare('b3@x.lit') } },
      {
        kind: 'account',
        answer: { about: 'settings', asked: { kind: 'ask-settings', jid: asBare('m3@x.lit'), belongs: true, nick: null }, wake: 'all' },
      },
      { kind: 'timer' },
      { kind: 'say-again' },
    ];
    const wrong: string[] = [];
    for (const config of Object.values(ROOMS)) {
      for (const input of inputs) {
        const [cost, double, more] = [
          BASE,
          { ...BASE, occupants: 2_000 },
          { ...BASE, affiliations: 2_000, rows: 500, messages: 2_000 },
        ].map((size) => new Crowd(size, config).give(input)) as [Cost, Cost, Cost];
        for (const key of Object.keys(BESIDE) as (keyof Cost)[]) {
          if (double[key] > 2.2 * cost[key] + 200)
            wrong.push(`${input.kind}: ${key} from ${cost[key]} to ${double[key]} with twice as many people`);
          if (more[key] > 1.02 * cost[key] + 200)
            wrong.push(`${input.kind}: ${key} from ${cost[key]} to ${more[key]} with twice as much else`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});
