/** Who may change whose affiliation and role, and the error for everybody else: every asker, target and wish (XEP-0045 §8-10). */
import { ASKERS, bareJidOf, comesTo, INSIDE, jidOf, stage, type Asker } from './askers';
import { admin, ROOM } from './expected';

const set = (asker: Asker, item: string): string => `<iq from="${jidOf(asker)}" to="${ROOM}" type="set" id="i">${admin(item)}</iq>`;

describe('affiliations (§9.1-9.5, §10.3-10.8)', () => {
  const WANTED = ['owner', 'admin', 'member', 'none', 'outcast'] as const;
  /** Targets by what they are, and for each in the order of WANTED what comes of it. */
  type Table = Record<(typeof WANTED)[number], string>;
  const OWNER: Table = {
    owner: 'ok ok ok ok ok',
    admin: 'ok ok ok ok ok',
    member: 'ok ok ok ok ok',
    none: 'ok ok ok ok ok',
    outcast: 'ok ok ok ok ok',
  };
  /** §9.1: an admin does not ban another admin or an owner (not-allowed). §10.3-10.8: only owners decide who is admin or owner (forbidden). */
  const ADMIN: Table = {
    owner: 'ok forbidden forbidden forbidden not-allowed',
    admin: 'forbidden ok forbidden forbidden not-allowed',
    member: 'forbidden forbidden ok ok ok',
    none: 'forbidden forbidden ok ok ok',
    outcast: 'forbidden forbidden ok ok ok',
  };
  /** §9: only admins and owners may. Others are told just that: what is so already is refused too, or it would tell the list (found F11). */
  const NOTHING = 'forbidden forbidden forbidden forbidden forbidden';
  const NONE: Table = { owner: NOTHING, admin: NOTHING, member: NOTHING, none: NOTHING, outcast: NOTHING };
  const TABLES: Record<Asker, Table> = {
    owner: OWNER,
    admin: ADMIN,
    member: NONE,
    moderator: NONE,
    participant: NONE,
    visitor: NONE,
    'absent-owner': OWNER,
    'absent-admin': ADMIN,
    'absent-member': NONE,
    outcast: NONE,
    stranger: NONE,
  };
  const cases = ASKERS.flatMap((asker) =>
    WANTED.flatMap((target) => {
      const outcomes = TABLES[asker][target].split(' ');
      return WANTED.map((wanted, i) => ({ asker, target, wanted, outcome: outcomes[i] as string }));
    }),
  );

  test.each(cases)('$asker makes $target $wanted: $outcome', ({ asker, target, wanted, outcome }) => {
    const whom = target === 'none' ? 'other-participant' : `other-${target}`;
    comesTo(stage(), set(asker, `<item affiliation="${wanted}" jid="${bareJidOf(whom)}"/>`), outcome);
  });

  test.each(['owner', 'admin', 'absent-owner', 'absent-admin'] as const)('§9.1 %s bans themselves: conflict', (asker) => {
    comesTo(stage(), set(asker, `<item affiliation="outcast" jid="${bareJidOf(asker)}"/>`), 'conflict');
  });

  test('§10.4 the last owner, also by two items together: conflict', () => {
    const c = stage();
    const items = ['owner', 'other-owner', 'absent-owner'].map((who) => `<item affiliation="admin" jid="${bareJidOf(who)}"/>`);
    comesTo(c, set('owner', items.join('')), 'conflict');
    comesTo(c, set('owner', items.slice(1).join('')), 'ok');
    comesTo(c, set('owner', items[0] as string), 'conflict');
  });
});

describe('roles (§8.2-8.5, §9.6-9.8)', () => {
  const WANTED = ['moderator', 'participant', 'visitor', 'none'] as const;
  /** Targets by what they are, and for each in the order of WANTED what comes of it. */
  type Table = Record<(typeof INSIDE)[number], string>;
  /** §8.4, §9.7: admins and owners keep voice and moderator status; they can be kicked by their like (§8.2). */
  const OWNER: Table = {
    owner: 'ok not-allowed not-allowed ok',
    admin: 'ok not-allowed not-allowed ok',
    member: 'ok ok ok ok',
    moderator: 'ok ok ok ok',
    participant: 'ok ok ok ok',
    visitor: 'ok ok ok ok',
  };
  const ADMIN: Table = { ...OWNER, owner: 'ok not-allowed not-allowed not-allowed' };
  /** §8.2: nobody of higher affiliation; §9.6-9.7: moderators are made and unmade by admins. */
  const MODERATOR: Table = {
    owner: 'ok not-allowed not-allowed not-allowed',
    admin: 'ok not-allowed not-allowed not-allowed',
    member: 'not-allowed ok not-allowed not-allowed',
    moderator: 'ok forbidden forbidden not-allowed',
    participant: 'forbidden ok ok ok',
    visitor: 'forbidden ok ok ok',
  };
  /** §8: only moderators may. Others are told just that, whoever is in and in whatever role (found F11). */
  const NOTHING = 'forbidden forbidden forbidden forbidden';
  const NONE: Table = { owner: NOTHING, admin: NOTHING, member: NOTHING, moderator: NOTHING, participant: NOTHING, visitor: NOTHING };
  const TABLES: Record<Asker, Table> = {
    owner: OWNER,
    admin: ADMIN,
    member: NONE,
    moderator: MODERATOR,
    participant: NONE,
    visitor: NONE,
    'absent-owner': OWNER,
    'absent-admin': ADMIN,
    'absent-member': NONE,
    outcast: NONE,
    stranger: NONE,
  };
  const cases = ASKERS.flatMap((asker) =>
    INSIDE.flatMap((target) => {
      const outcomes = TABLES[asker][target].split(' ');
      return WANTED.map((wanted, i) => ({ asker, target, wanted, outcome: outcomes[i] as string }));
    }),
  );

  test.each(cases)('$asker gives $target the role $wanted: $outcome', ({ asker, target, wanted, outcome }) => {
    comesTo(stage(), set(asker, `<item nick="other-${target}" role="${wanted}"/>`), outcome);
  });

  const NOBODY = {
    owner: 'item-not-found',
    admin: 'item-not-found',
    member: 'forbidden',
    moderator: 'item-not-found',
    participant: 'forbidden',
    visitor: 'forbidden',
    'absent-owner': 'item-not-found',
    'absent-admin': 'item-not-found',
    'absent-member': 'forbidden',
    outcast: 'forbidden',
    stranger: 'forbidden',
  } as const;

  test.each(ASKERS)('%s kicks somebody who is not there', (asker) => {
    comesTo(stage(), set(asker, '<item nick="nobody" role="none"/>'), NOBODY[asker]);
  });
});
