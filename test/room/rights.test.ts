/** Every kind of asker, target and change of §8-10, against tables written from the specification. */
import { affiliationRefusal, roleRefusal } from '../../src/room/governing/rights';
import { compareAffiliations, isAdmin, type Affiliation, type Role } from '../../src/room/governing/roles';
import { asBare } from '../support/jids';

const AFFILIATIONS: readonly Affiliation[] = ['owner', 'admin', 'member', 'none', 'outcast'];
const ROLES: readonly Role[] = ['moderator', 'participant', 'visitor', 'none'];

describe('affiliations', () => {
  /**
   * What an admin may do (§5.2.1: members and bans are theirs, admins and owners are the owners'): by the target's present affiliation,
   * what comes of each wish in the order of AFFILIATIONS.
   */
  const BY_ADMIN: Record<Affiliation, readonly (string | undefined)[]> = {
    owner: ['forbidden', 'forbidden', 'forbidden', 'forbidden', 'not-allowed'],
    admin: ['forbidden', 'forbidden', 'forbidden', 'forbidden', 'not-allowed'],
    member: ['forbidden', 'forbidden', undefined, undefined, undefined],
    none: ['forbidden', 'forbidden', undefined, undefined, undefined],
    outcast: ['forbidden', 'forbidden', undefined, undefined, undefined],
  };
  const cases = AFFILIATIONS.flatMap((asker) =>
    AFFILIATIONS.flatMap((target) => AFFILIATIONS.map((wanted, i) => ({ asker, target, wanted, i }))),
  );

  test.each(cases)('$asker makes $target $wanted', ({ asker, target, wanted, i }) => {
    const refusal = affiliationRefusal(
      { jid: asBare('asker@s.lit'), affiliation: asker, role: 'moderator' },
      { jid: asBare('target@s.lit'), affiliation: target },
      wanted,
    );
    const expected = asker === 'owner' ? undefined : asker === 'admin' ? BY_ADMIN[target][i] : 'forbidden';
    expect(refusal?.condition).toBe(expected);
  });

  test.each(['owner', 'admin'] as const)('§9.1 %s bans themselves: conflict', (affiliation) => {
    const self = { jid: asBare('self@s.lit'), affiliation };
    expect(affiliationRefusal({ ...self, role: 'none' }, self, 'outcast')?.condition).toBe('conflict');
  });

  test('the service may do everything', () => {
    for (const target of AFFILIATIONS) {
      for (const wanted of AFFILIATIONS) {
        expect(
          affiliationRefusal(
            { jid: null, affiliation: 'owner', role: 'moderator' },
            { jid: asBare('a@s.lit'), affiliation: target },
            wanted,
          ),
        ).toBeUndefined();
      }
    }
  });
});

describe('roles', () => {
  interface Case {
    asker: { affiliation: Affiliation; role: Role };
    target: { affiliation: Affiliation; role: Role };
    wanted: Role;
  }
  /** The rules in the order in which they are said: each is one sentence of the specification. */
  function expected({ asker, target, wanted }: Case): string | undefined {
    const mayAtAll = asker.role === 'moderator' || isAdmin(asker.affiliation);
    if (!mayAtAll) return 'forbidden';
    // §8.2, §8.4, §9.7: nobody acts on somebody of higher affiliation.
    if (compareAffiliations(target.affiliation, asker.affiliation) > 0) return 'not-allowed';
    // §8.4, §9.7: admins and owners keep voice and moderator status, whoever asks; they can be kicked by their like (§8.2).
    if (isAdmin(target.affiliation)) return wanted === 'none' ? undefined : 'not-allowed';
    if (isAdmin(asker.affiliation)) return undefined;
    // §9.6-9.7: moderators are made and unmade by admins; §5.1.1: moderators kick participants and visitors.
    if (wanted === 'moderator') return 'forbidden';
    if (target.role !== 'moderator') return undefined;
    return wanted === 'none' ? 'not-allowed' : 'forbidden';
  }
  const present = AFFILIATIONS.filter((affiliation) => affiliation !== 'outcast').flatMap((affiliation) =>
    ROLES.map((role) => ({ affiliation, role })).filter(({ role }) =>
      isAdmin(affiliation) ? role === 'moderator' || role === 'none' : true,
    ),
  );
  const cases = present.flatMap((asker) =>
    present.filter(({ role }) => role !== 'none').flatMap((target) => ROLES.map((wanted): Case => ({ asker, target, wanted }))),
  );

  test.each(cases)('$asker.affiliation/$asker.role gives $target.affiliation/$target.role the role $wanted', (one) => {
    const refusal = roleRefusal({ jid: asBare('asker@s.lit'), ...one.asker }, { jid: asBare('target@s.lit'), ...one.target }, one.wanted);
    expect(refusal?.condition).toBe(expected(one));
  });

  test('moderators may kick themselves; participants may not, but leave as anybody does', () => {
    const moderator = { jid: asBare('self@s.lit'), affiliation: 'none', role: 'moderator' } as const;
    expect(roleRefusal(moderator, moderator, 'none')).toBeUndefined();
    const participant = { ...moderator, role: 'participant' } as const;
    expect(roleRefusal(participant, participant, 'none')?.condition).toBe('forbidden');
  });
});
