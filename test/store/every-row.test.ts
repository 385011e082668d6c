/** Over one room with rows of every declaration: erasing, both exports, import, renaming, another domain and forgetting, looked for in the bytes. */
import { BY_ITSELF } from '../../src/room/contract/audit';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store';
import { changeDomain } from '../../src/store/sqlite';
import { StoreRefused } from '../../src/store/failures';
import { DOMAIN, ROOM } from '../service/rig';
import { asBare, asDomain, asRoom } from '../support/jids';
import { Copy, EVE, furnish, OTHER, type Furnished } from './every-row';
import { House } from './house';
import { ROWS } from './temp';

const NEW_DOMAIN = asDomain('talk.y.lit');
const named = (of: (declaration: (typeof ROWS)[number]) => boolean): string[] => ROWS.filter(of).map(({ name }) => name);

let furnished: Furnished;
beforeAll(async () => {
  furnished = await furnish();
}, 60_000);

async function text(stream: AsyncIterable<string> | null): Promise<string> {
  let whole = '';
  for await (const piece of stream ?? []) whole += piece;
  return whole;
}

/** Does something in a service on a copy, and closes it. */
async function inHouse(act: (house: House, copy: Copy) => Promise<void>, copy = new Copy(furnished), domain = DOMAIN): Promise<Copy> {
  const store = new SqliteStore({ path: copy.file, rows: ROWS });
  await store.open();
  const house = new House(store, domain);
  await house.open();
  await act(house, copy);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await house.close();
  return copy;
}

test('issue The house, 4: the room has a row of everything that is declared, and every trace of the person', () => {
  const copy = new Copy(furnished);
  expect(copy.query('SELECT DISTINCT feature FROM feature ORDER BY feature')).toEqual(named(() => true).sort());
  expect(copy.found(furnished.traces)).toEqual(furnished.traces);
});

test('erasing the person leaves no byte of them, and what is of others', async () => {
  const copy = await inHouse(async (house) => {
    expect(await house.command({ name: 'erase-person', jid: asBare(EVE) })).toMatchObject({ ok: true, erased: 4 });
    house.service.forget(asBare(EVE));
    await house.store.noteErasure(asBare(EVE), null);
  });
  // Tombstones keep their place under an id without meaning (docs/architecture.md, "Results of erased people").
  const id = furnished.eve['occupant-id'];
  expect(copy.found(furnished.traces.filter((trace) => trace !== id))).toEqual([]);
  expect(copy.places(id)).toEqual(['message.occupant_id', 'message_occupant.occupant_id']);
  expect(copy.found([OTHER.jid, 'tea'])).toEqual([OTHER.jid, 'tea']);
}, 60_000);

test('an export of the person has everything of them that is declared to travel, and names nobody else', async () => {
  const copy = await inHouse(async (house) => {
    const document = await text(house.transfers.exportPerson(asBare(EVE)));
    const { rows } = JSON.parse(document) as { rows: { feature?: { feature: string }; [kind: string]: unknown }[] };
    const told = new Set(rows.flatMap(({ feature }) => feature?.feature ?? []));
    const wanted = ROWS.filter(({ travels, key, value }) => travels.includes('person') && tells([...key, value]));
    expect([...told].sort()).toEqual(wanted.map(({ name }) => name).sort());
    for (const kind of ['people', 'affiliation', 'stay', 'message', 'audit', 'woken'])
      expect(rows.filter((row) => kind in row)).not.toEqual([]);
    expect(rows.filter((row) => 'message' in row)).toHaveLength(4);
    for (const other of [OTHER.jid, OTHER.nick, OTHER['occupant-id'], 'ann@x.lit', 'cat@x.lit', 'tea'])
      expect(document).not.toContain(other);
    expect(document).not.toContain((await house.store.rowsOf(ROOM))?.room.secret);
  });
  expect(copy.found(furnished.traces)).toEqual(furnished.traces);
}, 60_000);

/** Whether a declaration can name somebody. */
function tells(shapes: readonly unknown[]): boolean {
  return /"(jid|address|occupant-id|nick|xml)"/.test(JSON.stringify(shapes));
}

test('an export of the room has what travels and nothing else; imported elsewhere, rows speak of the new address', async () => {
  let document = '';
  await inHouse(async (house) => {
    document = await text(await house.transfers.exportRoom(ROOM));
  });
  const { rows } = JSON.parse(document) as { rows: { feature?: { feature: string }; message?: { foreignIds?: string[] } }[] };
  const travelling = named(({ travels }) => travels.includes('room')).sort();
  expect([...new Set(rows.flatMap(({ feature }) => feature?.feature ?? []))].sort()).toEqual(travelling);
  expect(rows.flatMap(({ message }) => message?.foreignIds ?? [])).toEqual(['elsewhere-1']);
  const there = new Copy(furnished);
  await inHouse(
    async (house) => {
      const outcome = await house.transfers.importRoom(
        (async function* (): AsyncGenerator<string> {
          // Where one row is declared the room has those of two, which no import takes.
          const single = new Set(named(({ most }) => most === 1));
          const seen = new Set<string>();
          const taken = rows.filter(
            ({ feature: { feature } = { feature: '' } }) => !single.has(feature) || (!seen.has(feature) && seen.add(feature)),
          );
          yield await Promise.resolve(JSON.stringify({ ...(JSON.parse(document) as object), rows: taken }));
        })(),
        { to: asRoom(`b@${NEW_DOMAIN}`), by: BY_ITSELF },
      );
      expect(outcome.ok ? '' : String(outcome.error.text)).toBe('');
    },
    there,
    NEW_DOMAIN,
  );
  const here = `(SELECT id FROM room WHERE jid = 'b@${NEW_DOMAIN}')`;
  // What is kept of a visit or of a moment may have had its time meanwhile.
  const brought = there.query<string>(`SELECT DISTINCT feature FROM feature WHERE room = ${here} ORDER BY feature`);
  expect(travelling).toEqual(expect.arrayContaining(brought));
  expect(brought.length).toBeGreaterThan(8);
  const old = `SELECT DISTINCT feature FROM feature WHERE room = ${here} AND feature <> 'former-names' AND (instr(key, ?) > 0 OR instr(value, ?) > 0)`;
  expect(there.query(old, ROOM, ROOM)).toEqual([]);
  expect(there.query('SELECT id FROM foreign_id ORDER BY room')).toEqual(['elsewhere-1', 'elsewhere-1']);
}, 60_000);

test('after renaming, only what was said, former names and the trail speak of the old address', async () => {
  const copy = await inHouse(async (house) => {
    expect(await house.command({ name: 'rename', to: asRoom(`b@${DOMAIN}`) })).toEqual({ ok: true });
  });
  const places = copy.places(ROOM);
  // The old name has a row, which leads to the new one; what waits to be said tells both.
  expect(
    places.filter((place) => !['audit_item.before', 'audit_item.object', 'feature notices', 'room.jid', 'saying.what'].includes(place)),
  ).toEqual(['feature former-names']);
  // A notice names both addresses in its sentence, and comes from the present one.
  expect(copy.query("SELECT value FROM feature WHERE feature = 'notices' AND instr(value, ?) > 0", `from=\\"${ROOM}`)).toEqual([]);
}, 60_000);

test('in another domain, only what was said, former names and the trail speak of the old one; the rooms go on there', async () => {
  const copy = new Copy(furnished);
  expect(await changeDomain({ path: copy.file, from: DOMAIN, to: NEW_DOMAIN, rows: ROWS })).toEqual({ rooms: 1 });
  // A program may post where its token says, and that is the old address: its name is free now.
  expect(copy.places(`@${DOMAIN}`)).toEqual(['feature former-names', 'feature posters']);
  expect(copy.query('SELECT count(*) FROM session')).toEqual([0]);
  await inHouse(
    async (house) => {
      const rows = await house.store.rowsOf(asRoom(`a@${NEW_DOMAIN}`));
      expect(rows?.room.state).toBe('open');
      expect(await house.store.messages(asRoom(`a@${NEW_DOMAIN}`), { limit: 100 })).not.toEqual([]);
      expect(await house.store.audit({ room: `a@${NEW_DOMAIN}`, limit: 1 })).toHaveLength(1);
      await expect(changeDomain({ path: copy.file, from: NEW_DOMAIN, to: DOMAIN, rows: ROWS })).rejects.toThrow(StoreRefused);
    },
    copy,
    NEW_DOMAIN,
  );
  await expect(changeDomain({ path: `${copy.file}-none`, from: DOMAIN, to: NEW_DOMAIN, rows: ROWS })).rejects.toThrow('no database');
}, 60_000);

test('forgetting the account leaves what it said, the trail, and what is declared to stay', async () => {
  const copy = await inHouse(async (house) => {
    expect(await house.transfers.forget(asBare(EVE), BY_ITSELF)).toEqual({ rooms: 1, failed: 0 });
    expect(await house.transfers.forget(asBare('nobody@x.lit'), BY_ITSELF)).toEqual({ rooms: 0, failed: 0 });
  });
  const stays = named(({ erasing, forgetting }) => forgetting !== undefined || erasing !== 'forgets').map((name) => `feature ${name}`);
  const allowed = ['affiliation.set_by', 'audit.actor', 'audit_item.object', 'audit_item.after', 'message.sender', 'saying.what', ...stays];
  for (const trace of [EVE, 'EVANGELINE', furnished.eve['occupant-id']])
    expect(
      copy
        .places(trace)
        .filter((place) => ![...allowed, 'message.occupant_id', 'message_occupant.occupant_id', 'room.subject'].includes(place)),
    ).toEqual([]);
  expect(copy.found(['xyzzyword', OTHER.jid])).toEqual(['xyzzyword', OTHER.jid]);
}, 60_000);
