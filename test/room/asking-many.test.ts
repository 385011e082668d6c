/** Rule 6: forms that wait for many people who may answer them, in a room where as many ask as may wait. Counts, not seconds. */
import { NS } from '../../src/xmpp/ns';
import { copiesOf, type Outgoing } from '../../src/xmpp/outgoing';
import { Crowd, OWNER, ROOM, type Cost } from './crowd';

const MODERATED = {
  'muc#roomconfig_persistentroom': ['1'],
  'muc#roomconfig_moderatedroom': ['1'],
  'muc#roomconfig_membersbydefault': ['0'],
  '{urn:parlour:room}approvemessages': ['1'],
  '{urn:parlour:room}registration': ['approval'],
};
const room = (waiting: number, occupants = 400): Crowd =>
  new Crowd({ occupants, affiliations: 0, rows: 0, messages: 10, waiting }, MODERATED);
const people = (first: number, count: number, what: string): string =>
  Array.from({ length: count }, (_, i) => `<item ${what} jid="p${first + i}@x.lit"/>`).join('');
const set = (items: string): string =>
  `<iq from="${OWNER}" to="${ROOM}" type="set" id="i"><query xmlns="${NS.mucAdmin}">${items}</query></iq>`;
const KINDS = ['urn:parlour:message-approval', NS.mucRequest, NS.mucRegister];
const formsIn = (said: readonly Outgoing[], kind: string): Outgoing[] =>
  said.filter(({ name, rest }) => name === 'message' && rest.includes(`<value>${kind}</value>`));
const copies = (said: readonly Outgoing[]): number =>
  KINDS.flatMap((kind) => formsIn(said, kind)).reduce((sum, one) => sum + copiesOf(one), 0);

/** What it costs beside the same where nothing waits. */
const more = (waiting: number, text: string): Pick<Cost, 'steps' | 'characters'> => {
  const [none, full] = [0, waiting].map((count) => room(count).send(text)) as [Cost, Cost];
  return { steps: full.steps - none.steps, characters: full.characters - none.characters };
};

describe('many become admins at once where many wait', () => {
  const promote = (crowd: Crowd, count: number): Cost[] => {
    crowd.send(set(people(200, count, 'affiliation="admin"')));
    return crowd.decisions;
  };

  test('found F12: each gets twenty forms of each kind once, the copies of one decision are bounded, and each form is put together once in it', () => {
    const crowd = room(100);
    const decisions = promote(crowd, 100);
    expect(decisions.length).toBeGreaterThan(10);
    expect(copies(crowd.said)).toBe(3 * 20 * 100);
    // What is said of a hundred promotions themselves, in the first.
    for (const { stanzas } of decisions.slice(1)) expect(stanzas).toBeLessThanOrEqual(520);
    const heard = new Map<string, number>();
    for (const { to, rest } of KINDS.flatMap((kind) => formsIn(crowd.said, kind)))
      for (const one of Array.isArray(to) ? to : [to]) {
        const key = `${String(typeof one === 'string' ? one : one.jid)} ${rest.replace(/ id="[^"]*"/, '')}`;
        heard.set(key, (heard.get(key) ?? 0) + 1);
      }
    expect(Math.max(...heard.values())).toBe(1);
    for (const { outputs } of decisions.slice(1)) expect(outputs).toBeLessThanOrEqual(3 * 20);
  });

  test('the work of one decision does not grow with how many wait, nor by twenty for each of them', () => {
    const most = (decisions: readonly Cost[], what: 'steps' | 'builtBytes'): number => Math.max(...decisions.map((cost) => cost[what]));
    const [few, many] = [promote(room(40), 100), promote(room(200), 100)];
    expect(most(many.slice(1), 'steps')).toBeLessThan(1.5 * most(few.slice(1), 'steps') + 1_000);
    expect(most(many.slice(1), 'builtBytes')).toBeLessThan(1.5 * most(few.slice(1), 'builtBytes'));
  });

  test('who is no admin any more when their turn comes gets no form', () => {
    const crowd = room(100);
    const stanza = set(people(200, 100, 'affiliation="admin"'));
    const first = crowd.first(stanza);
    expect(copies(first)).toBeLessThan(600);
    crowd.send(set(people(200, 100, 'affiliation="none"')));
    expect(copies(crowd.said)).toBeLessThanOrEqual(20);
  });
});

test('found F12: that many of those who wait go at once costs twice as much where twice as many wait, not four times', () => {
  // p0 … have a message, a request for voice and an affiliation each.
  const [few, many] = [100, 200].map((waiting) => more(waiting, set(people(0, waiting, 'affiliation="outcast"'))).steps) as [
    number,
    number,
  ];
  expect(many).toBeLessThan(2.5 * few);
});

test('…and one answer in a room with many moderators looks at a few questions for each of them', () => {
  const answer = (waiting: number): number => {
    const crowd = room(waiting);
    crowd.send(set(people(200, 100, 'affiliation="admin"')));
    return crowd.send(set(people(0, 1, 'affiliation="outcast"'))).steps;
  };
  // 170 more wait, and 101 moderators are looked at. Each of the 170 belongs to the room too: the deadline of what wakes them is found anew.
  expect(answer(200) - answer(30)).toBeLessThan((101 * 170) / 2.5);
});

test('§8.6: who was sent the oldest before the room was loaded gets the next when these are answered', () => {
  const crowd = room(100);
  crowd.send(set(people(0, 30, 'affiliation="outcast"')));
  expect(formsIn(crowd.said, KINDS[0] as string)).toHaveLength(20);
  crowd.send(set(people(30, 1, 'affiliation="outcast"')));
  expect(formsIn(crowd.said, KINDS[0] as string)).toHaveLength(1);
});
