/** Whatever happens in whatever order: nothing seen is lost, nothing is said twice without reason, everybody is answered. */
import fc, { runs } from '../support/property';
import { settle } from './fake-clock';
import { ANN, DOMAIN, iq, join, leave, rig } from './rig';
import { asFull, asRoom } from '../support/jids';

jest.setTimeout(30 * 60_000);

const ROOMS = [`a@${DOMAIN}`, `b@${DOMAIN}`];
const PEOPLE = ['bob@x.lit/1', 'cat@x.lit/1', 'dan@x.lit/1'];

type Step =
  | { readonly do: 'say' | 'join' | 'leave' | 'ask' | 'boom'; readonly room: number; readonly who: number }
  | { readonly do: 'refuse'; readonly room: number }
  | { readonly do: 'hold' | 'letGo' | 'holdReads' | 'letReadsGo' | 'failNext' | 'pass' | 'settle' | 'lose' | 'attach' };

const room = fc.integer({ min: 0, max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('say', 'say', 'join', 'leave', 'ask', 'boom'), room, who: fc.integer({ min: 0, max: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const), room }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('hold', 'letGo', 'holdReads', 'letReadsGo', 'failNext', 'pass', 'settle', 'settle', 'lose', 'attach'),
    }),
  },
);

test('storms of stanzas, failing commits, lost links and throwing rooms', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const r = await rig();
      const { store, link, clock } = r;
      await r.play(...ROOMS.map((jid) => join(ANN, 'ann', asRoom(jid))));
      link.take();
      /** What is fed, by its id; true: while it could be answered. */
      const said = new Set<string>();
      const lastPresence = new Map<string, string>();
      const asked = new Map<string, boolean>();
      const seen: string[] = [];
      const send = link.send.bind(link);
      link.send = (out) => {
        const body = /<t>(?:say-again: )?(m\d+)<\/t>/.exec(out.rest)?.[1];
        // Nothing is seen that is not in the archive.
        if (body !== undefined) expect(store.disk.rooms.get(asRoom(out.from))?.messages.some(({ payload }) => payload === body)).toBe(true);
        send(out);
      };
      const answered: string[] = [];
      const collect = (): void => {
        for (const xml of link.xml) {
          const id = /^[^>]* id="([mq]\d+)"/.exec(xml)?.[1];
          const body = /<t>(?:say-again: )?(m\d+)<\/t>/.exec(xml)?.[1];
          if (id !== undefined) answered.push(id);
          if (body !== undefined && xml.includes(`to="${ANN}"`)) seen.push(body);
        }
        link.take();
      };
      let next = 0;
      for (const one of steps) {
        if ('who' in one) {
          if (!link.online) continue;
          const jid = ROOMS[one.room] as string;
          const who = PEOPLE[one.who] as string;
          const id = `${one.do === 'say' ? 'm' : 'q'}${String(next++).padStart(3, '0')}`;
          if (one.do === 'say') {
            said.add(id);
            r.feed(`<message from="${who}" to="${jid}" type="groupchat" id="${id}"><body>${id}</body></message>`);
          } else if (one.do === 'join' || one.do === 'leave') {
            lastPresence.set(`${jid} ${who}`, one.do);
            r.feed((one.do === 'join' ? join : leave)(who, `n${one.who}`, asRoom(jid)));
          } else {
            asked.set(id, true);
            r.feed(iq(who, one.do === 'boom' ? 'boom' : 'who', id, asRoom(jid)));
          }
        } else if (one.do === 'refuse') store.refuse(ROOMS[one.room] as string);
        else if (one.do === 'hold') store.hold();
        else if (one.do === 'letGo') store.letGo();
        else if (one.do === 'holdReads') store.holdReads();
        else if (one.do === 'letReadsGo') store.letReadsGo();
        else if (one.do === 'failNext') store.failNext();
        else if (one.do === 'pass') await clock.pass(300);
        else if (one.do === 'settle') await settle();
        else if (one.do === 'lose' && link.online) {
          collect();
          // Answers under way are lost with the link.
          for (const id of asked.keys()) asked.set(id, false);
          r.offline();
        } else if (one.do === 'attach' && !link.online) await r.online();
      }
      store.letGo();
      store.letReadsGo();
      if (!link.online) await r.online();
      await clock.pass(60_000);
      collect();

      const archived = ROOMS.map((jid) => store.disk.rooms.get(asRoom(jid))?.messages.map(({ payload }) => payload) ?? []);
      // Ann, who is in both rooms, has seen every archived message, in the archive's order.
      const first = [...new Set(seen)];
      for (const list of archived) expect(first.filter((body) => list.includes(body))).toEqual(list);
      // What is not archived was answered with an error, unless the link was lost meanwhile; what is archived never was.
      const errors = new Set(answered.filter((id) => id.startsWith('m')));
      for (const id of said) if (archived.some((list) => list.includes(id))) expect([id, errors.has(id)]).toEqual([id, false]);
      if (!steps.some((one) => one.do === 'lose')) {
        for (const id of said) expect([id, errors.has(id) || archived.some((list) => list.includes(id))]).toEqual([id, true]);
        expect(seen).toEqual([...new Set(seen)]);
      }
      // Every request got at most one answer, and exactly one while the link held.
      for (const [id, certain] of asked) {
        const answers = answered.filter((other) => other === id).length;
        expect([id, certain ? answers === 1 : answers <= 1]).toEqual([id, true]);
      }
      // Everything is confirmed and written, nothing is held on to.
      for (const jid of ROOMS) {
        const counters = store.disk.rooms.get(asRoom(jid))?.counters;
        expect(counters?.deliveredRev).toBe(counters?.rev);
      }
      expect(r.service.stats()).toMatchObject({ gathered: 0, rooms: { loading: 0, 'catching-up': 0, releasing: 0 } });
      // Who left is out, whatever failed.
      for (const [key, last] of lastPresence) {
        const [jid, who] = key.split(' ') as [string, string];
        if (last === 'leave') expect([key, store.disk.rooms.get(asRoom(jid))?.sessions.has(asFull(who))]).toEqual([key, false]);
      }
      // The machines agree with the rows.
      for (const jid of ROOMS) {
        r.feed(iq(ANN, 'who', 'last', asRoom(jid)));
        await settle();
        const rows = [...(store.disk.rooms.get(asRoom(jid))?.sessions.values() ?? [])].map(({ occupantId }) => occupantId);
        const machine = (link.take().at(-1) ?? '').replace(`${ANN} in: `, '').split(' ');
        expect(machine.sort()).toEqual(rows.sort());
      }
    }),
    runs(300),
  );
});
