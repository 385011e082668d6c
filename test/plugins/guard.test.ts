/** Plug-ins that throw: what people are told, who can disable one, and what a disabled one answers. */
import { conversation } from '../support/conversation';
import { pluginsOf, withHooks, type Lines } from './feature-of';
import type { Hooks } from '../../src/plugin';
import type { Plugins } from '../../src/plugins/runtime';
import type { Conversation } from '../support/conversation';

const ROOM = 'tea@rooms.example.com';

function roomWith(hooks: Hooks, lines: Lines = []): { talk: Conversation; plugins: Plugins } {
  const plugins = pluginsOf(withHooks(hooks), undefined, lines);
  const talk = conversation({ plugins: plugins.features });
  talk.send(join('owner'));
  talk.send(
    `<iq from="owner@x.lit/h" to="${ROOM}" type="set" id="o"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"/></query></iq>`,
  );
  talk.forget();
  return { talk, plugins };
}

const join = (who: string): string =>
  `<presence from="${who}@x.lit/h" to="${ROOM}/${who}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`;
const message = (who: string, body: string): string =>
  `<message from="${who}@x.lit/h" to="${ROOM}" type="groupchat"><body>${body}</body></message>`;

function told(talk: Conversation, stanza: string): string {
  talk.send(stanza);
  return talk.take().join('\n');
}

test('what throws refuses that stanza with wait, and the room goes on', () => {
  const lines: Lines = [];
  const { talk } = roomWith(
    {
      checkMessage: {
        failing: 'pass',
        check: ({ body }) => {
          if (body === 'boom') throw new Error('a mistake');
          return undefined;
        },
      },
      said: (_, { body }) => {
        if (body === 'later') throw new Error('another');
      },
    },
    lines,
  );
  expect(told(talk, message('owner', 'boom'))).toMatch(/type="wait".*<internal-server-error/);
  expect(told(talk, message('owner', 'later'))).toContain('<body>later</body>');
  expect(told(talk, message('owner', 'fine'))).toContain('<body>fine</body>');
  expect(lines[0]).toContain('a plug-in failed');
});

test('one account cannot open a closed door: it fails as often as it likes, and others are checked still', () => {
  const { talk, plugins } = roomWith({
    checkEntry: {
      check: ({ jid, stanza }) => {
        if (stanza?.children.length === 2) throw new Error('a mistake');
        return jid.startsWith('eve') ? { verdict: 'refuse', condition: 'not-allowed', text: 'No.', wait: false } : undefined;
      },
    },
  });
  const trick = join('eve').replace('/></presence>', '/><status/></presence>');
  for (let i = 0; i < 50; i++) expect(told(talk, trick)).toContain('type="error"');
  expect(plugins.states[0]).toMatchObject({ failures: 50, disabled: false });
  expect(told(talk, join('eve'))).toContain('<not-allowed');
  expect(told(talk, join('ann'))).toContain('<status code="110"/>');
});

test('three accounts that fail it ten times in a row disable it: the closed door stays closed, the open one passes, until it is enabled', () => {
  const lines: Lines = [];
  let broken = true;
  const fail = (): undefined => {
    if (broken) throw new Error('a mistake');
    return undefined;
  };
  const { talk, plugins } = roomWith(
    {
      checkEntry: { check: ({ jid }) => (jid.startsWith('owner') ? undefined : fail()) },
      checkMessage: { failing: 'pass', check: fail },
      checkPresence: { failing: 'refuse', check: () => undefined },
      addToPresence: [{ audience: 'all', add: () => ({ name: 'tag', attrs: { xmlns: 'urn:x' }, children: [] }) }],
    },
    lines,
  );
  for (let i = 0; i < 12; i++) expect(told(talk, join(`p${i % 2}`))).toContain('<internal-server-error');
  expect(plugins.states[0]?.disabled).toBe(false);
  expect(told(talk, join('p3'))).toContain('<internal-server-error');
  expect(plugins.states[0]?.disabled).toBe(true);
  expect(lines.filter((line) => line.includes('is disabled'))).toHaveLength(1);
  // Closed: nobody enters, with `wait` and a sentence.
  const answer = told(talk, join('ann'));
  expect(answer).toMatch(/type="wait".*<resource-constraint/);
  expect(answer).toContain('The operator has been told');
  // Open: messages pass. Declared to refuse: they do.
  expect(told(talk, message('owner', 'hello'))).toContain('<body>hello</body>');
  expect(told(talk, `<presence from="owner@x.lit/h" to="${ROOM}/owner"><show>away</show></presence>`)).toContain('<resource-constraint');
  broken = false;
  plugins.enable();
  expect(told(talk, join('ann'))).toContain('<status code="110"/>');
});

test('a check that passes in between ends the row', () => {
  let n = 0;
  const { plugins, talk } = roomWith({
    checkMessage: {
      failing: 'pass',
      check: () => {
        if (++n % 10 !== 0) throw new Error('a mistake');
        return undefined;
      },
    },
  });
  for (const who of ['a', 'b', 'c']) talk.send(join(who));
  for (let i = 0; i < 60; i++) talk.send(message(['a', 'b', 'c'][i % 3] as string, 'x'));
  expect(plugins.states[0]).toMatchObject({ failures: 54, disabled: false });
});

test('a hook that answers with a promise has failed: it must answer at once', () => {
  const lines: Lines = [];
  const { talk } = roomWith({ checkMessage: { failing: 'pass', check: (async () => undefined) as never } }, lines);
  expect(told(talk, message('owner', 'x'))).toContain('<internal-server-error');
});
