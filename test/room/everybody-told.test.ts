/** Where everybody is told of everybody (an owner's form, a list of many people), there is one stanza for each of them, and the lists are shared. */
import { recipientsOf } from '../../src/xmpp/outgoing';
import { configure } from './budget-stanzas';
import { Crowd, OWNER, ROOM } from './crowd';

const OPEN = { 'muc#roomconfig_persistentroom': ['1'], 'muc#roomconfig_whois': ['anyone'] };
const SEMI = { 'muc#roomconfig_persistentroom': ['1'], 'muc#roomconfig_whois': ['moderators'] };
const MODERATED = { ...SEMI, 'muc#roomconfig_moderatedroom': ['1'], 'muc#roomconfig_membersbydefault': ['0'] };

/** A room of 30 people, the owner beside them, and a second client of one of them. */
function room(options: Readonly<Record<string, readonly string[]>>): Crowd {
  const crowd = new Crowd({ occupants: 30, affiliations: 0, rows: 0, messages: 0 }, options);
  crowd.send(`<presence from="p5@x.lit/2" to="${ROOM}/p5"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
  return crowd;
}

const setting = (crowd: Crowd, name: string, value: string): void => {
  const field = `<field var="${name}"><value>${value}</value></field>`;
  crowd.send(configure(field).replaceAll('{from}', OWNER));
};

/** Presence that says nothing to its own subject, by its occupant JID: who got it. */
function told({ said }: Crowd): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const out of said) {
    if (out.name !== 'presence' || out.rest.includes('<status code="110"/>')) continue;
    map.set(out.from, [...(map.get(out.from) ?? []), ...recipientsOf(out)]);
  }
  return map;
}
const lists = ({ said }: Crowd): number =>
  new Set(said.filter(({ to, name }) => name === 'presence' && typeof to !== 'string' && to.length > 1).map(({ to }) => to)).size;
const clients = (i: number): string[] => (i === 5 ? ['p5@x.lit/1', 'p5@x.lit/2'] : [`p${i}@x.lit/1`]);
const PEOPLE = Array.from({ length: 30 }, (_, i) => i);
const othersOf = (i: number): string[] => PEOPLE.filter((other) => other !== i).flatMap(clients);

test('§14.5, rule 6: in a room that becomes non-anonymous each is shown each other’s address once, by one stanza with a shared list', () => {
  const crowd = room(SEMI);
  setting(crowd, 'muc#roomconfig_whois', 'anyone');
  const heard = told(crowd);
  expect([...heard.keys()].sort()).toEqual([`${ROOM}/ann`, ...PEOPLE.map((i) => `${ROOM}/p${i}`)].sort());
  for (const i of PEOPLE) expect(heard.get(`${ROOM}/p${i}`)?.sort()).toEqual(othersOf(i).sort());
  // The owner saw them already, and is seen.
  expect(heard.get(`${ROOM}/ann`)?.sort()).toEqual(PEOPLE.flatMap(clients).sort());
  expect(lists(crowd)).toBe(1);
});

test('§7.2.2, rule 6: out of sight and back into it: all others hear of each, nobody of themselves, and the lists are shared', () => {
  for (const options of [OPEN, SEMI]) {
    const crowd = room(options);
    for (const roles of ['moderator', 'participant']) {
      setting(crowd, 'muc#roomconfig_presencebroadcast', roles);
      const heard = told(crowd);
      for (const i of PEOPLE) expect(heard.get(`${ROOM}/p${i}`)?.sort()).toEqual([OWNER, ...othersOf(i)].sort());
      expect(lists(crowd)).toBe(1);
    }
  }
});

test('§8.4, rule 6: when a room gives voice to everybody, all hear of each, and the lists are shared', () => {
  const crowd = room(MODERATED);
  setting(crowd, 'muc#roomconfig_membersbydefault', '1');
  const heard = told(crowd);
  const silent = PEOPLE.filter((i) => i % 3 !== 0);
  expect(heard.size).toBe(silent.length);
  for (const i of silent) expect(heard.get(`${ROOM}/p${i}`)?.sort()).toEqual([OWNER, ...othersOf(i)].sort());
  expect(lists(crowd)).toBe(1);
});

test('§10.2, rule 6: who remains in a room that becomes members-only hears of each who leaves, and the lists are shared', () => {
  const crowd = room(OPEN);
  setting(crowd, 'muc#roomconfig_membersonly', '1');
  const heard = told(crowd);
  const members = PEOPLE.filter((i) => i % 3 === 0).flatMap(clients);
  for (const i of PEOPLE.filter((one) => one % 3 !== 0)) expect(heard.get(`${ROOM}/p${i}`)?.sort()).toEqual([OWNER, ...members].sort());
  expect(lists(crowd)).toBe(1);
});
