/** What erasing and forgetting do to rooms' own rows follows from what is declared of each kind (issue The house, 4). */
import { leftOf } from '../../src/features/erasing/own-leaving';
import { OWN_ROWS, type RowKind } from '../../src/room/contract/own-rows';
import type { AffiliationRow, OccupantRow } from '../../src/room/contract/rows';
import { asBare } from '../support/jids';
import { asNick, asOccupantId } from '../support/ids';

const EVE = { jid: 'eve@x.lit', ids: new Set(['eves-id']), nicks: new Set(['Eve']) };
const row = (jid: string, more: Partial<AffiliationRow> = {}): AffiliationRow => ({
  ...{
    jid: asBare(jid),
    affiliation: 'member',
    nick: asNick('a nick'),
    reason: 'a reason',
    setBy: null,
    setByName: null,
    setAt: 1,
    expiresAt: null,
    afterwards: null,
  },
  ...more,
});

test('each kind says what becomes of it, or what else does that', () => {
  for (const kind of Object.keys(OWN_ROWS) as RowKind[]) {
    for (const leaving of [OWN_ROWS[kind].erasing, OWN_ROWS[kind].forgetting]) {
      if ('elsewhere' in leaving) expect(leaving.elsewhere).toMatch(/^[A-Z].*\.$/);
      else expect(['go', 'stay']).toContain(leaving.theirs);
    }
  }
});

describe('affiliations', () => {
  const { affiliation } = OWN_ROWS;
  test.each(['erasing', 'forgetting'] as const)(
    '%s: theirs go, a ban stays, and others are no matter of the nick that they have',
    (leave) => {
      expect(leftOf(affiliation, leave, row('eve@x.lit'), EVE)).toBeNull();
      const ban = row('eve@x.lit', { affiliation: 'outcast' });
      expect(leftOf(affiliation, leave, ban, EVE)).toBe(ban);
      const other = row('bob@x.lit', { nick: asNick('Eve') });
      expect(leftOf(affiliation, leave, other, EVE)).toBe(other);
    },
  );

  test('who granted something is erased, and stays when an account is forgotten', () => {
    const granted = row('bob@x.lit', { setBy: asBare('eve@x.lit') });
    expect(leftOf(affiliation, 'erasing', granted, EVE)).toEqual({ ...granted, setBy: null });
    expect(leftOf(affiliation, 'forgetting', granted, EVE)).toBe(granted);
    const own = row('eve@x.lit', { affiliation: 'outcast', setBy: asBare('eve@x.lit') });
    expect(leftOf(affiliation, 'erasing', own, EVE)).toEqual({ ...own, setBy: null });
  });
});

test("the room's own row keeps no creator and no contact that they are, and stays", () => {
  const people = { creator: asBare('eve@x.lit'), createdAt: 1, contacts: ['eve@x.lit', 'bob@x.lit'], subject: null };
  for (const leave of ['erasing', 'forgetting'] as const)
    expect(leftOf(OWN_ROWS.people, leave, people, EVE)).toEqual({ ...people, creator: '', contacts: ['bob@x.lit'] });
});

test('occupants go by their JID, and by nothing else that they share with others', () => {
  const occupant = (jid: string, nick: string): OccupantRow => ({
    id: asOccupantId('an-id'),
    jid: asBare(jid),
    nick: asNick(nick),
    role: 'participant',
    rev: 1,
  });
  expect(leftOf(OWN_ROWS.occupant, 'erasing', occupant('eve@x.lit', 'anybody'), EVE)).toBeNull();
  const other = occupant('bob@x.lit', 'Eve');
  expect(leftOf(OWN_ROWS.occupant, 'erasing', other, EVE)).toBe(other);
});
