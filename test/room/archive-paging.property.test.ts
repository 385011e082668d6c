/** Whoever pages through an archive, whichever way and however much at a time, gets each message once and in order, whatever happens meanwhile. */
import fc, { runs } from '../support/property';
import { answerTo, says, type Asked } from '../conversations/archive-stanzas';
import { coven, crone, hag, hecate, ROOM, wicca } from '../conversations/expected';
import type { Conversation } from '../support/conversation';
import { asStanzaId } from '../support/ids';

jest.setTimeout(30 * 60_000);

const PEOPLE = { firstwitch: crone, secondwitch: wicca, thirdwitch: hag } as const;
type Nick = keyof typeof PEOPLE;
const nick = fc.constantFrom<Nick>('firstwitch', 'secondwitch', 'thirdwitch');

/** What happens between two pages. */
type Event = { say: Nick } | { retract: number; person: 'kept' | 'erased' } | { wait: number } | { restart: true };
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ say: nick }),
  fc.record({ retract: fc.nat(), person: fc.constantFrom('kept' as const, 'erased' as const) }),
  fc.record({ wait: fc.constantFrom(1, 1000, 86_400_000) }),
  fc.constant<Event>({ restart: true }),
);

const scenario = fc.record({
  said: fc.array(nick, { maxLength: 25 }),
  size: fc.integer({ min: 1, max: 9 }),
  flip: fc.boolean(),
  meanwhile: fc.array(fc.array(event, { maxLength: 3 }), { maxLength: 30 }),
  author: fc.option(nick, { freq: 2 }),
  asker: fc.constantFrom(crone, hag, hecate),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** A room with its archive, and what a reader should find in it. */
class Archive {
  readonly c: Conversation = coven(['secondwitch', 'thirdwitch'], { 'muc#roomconfig_publiclist': '1' });
  readonly messages: { id: string; by: Nick }[] = [];

  happen(one: Event): void {
    if ('say' in one) {
      const [id] = says(this.c, PEOPLE[one.say], `message ${this.messages.length}`) as [string];
      this.messages.push({ id, by: one.say });
    } else if ('retract' in one) {
      const id = this.messages[one.retract % Math.max(1, this.messages.length)]?.id;
      const payload = '<retracted xmlns="urn:xmpp:message-retract:1" stamp="2026-01-01T00:00:00Z"/>';
      if (id !== undefined) this.c.change(ROOM, { table: 'retraction', id: asStanzaId(id), payload, person: one.person });
    } else if ('wait' in one) this.c.advance(one.wait);
    else this.c.restart();
  }

  /** The ids of what that person said, or all. */
  of(author: Nick | null): string[] {
    return this.messages.filter(({ by }) => author === null || by === author).map(({ id }) => id);
  }
}

/** Pages until the archive says that it is complete; the ids of each page, oldest first within it. */
function pageThrough(
  archive: Archive,
  { size, flip, meanwhile, author, asker }: Scenario,
  next: (edge: string | undefined) => Partial<Asked>,
  edge: 'first' | 'last',
): string[][] {
  const pages: string[][] = [];
  let cursor: string | undefined;
  for (let i = 0; ; i++) {
    if (i > 200) throw new Error('There is no end to it.');
    const { fields, page } = next(cursor);
    const asked = {
      page: `<max>${size}</max>${page ?? ''}`,
      flip,
      fields: { ...fields, ...(author === null ? {} : { with: `${ROOM}/${author}` }) },
    };
    const answer = answerTo(archive.c, asker, asked);
    expect(answer.refused).toBeUndefined();
    const ids = flip ? [...answer.ids].reverse() : answer.ids;
    const all = archive.of(author);
    expect(ids.length).toBeLessThanOrEqual(size);
    expect([answer.first, answer.last]).toEqual([ids[0], ids.at(-1)]);
    // A filter by id narrows the result that is counted; a cursor does not.
    if (fields === undefined) {
      expect(answer.count).toBe(all.length);
      expect(answer.index).toBe(ids[0] === undefined || edge === 'first' ? undefined : all.indexOf(ids[0]));
    }
    pages.push(ids);
    if (answer.complete) return pages;
    expect(ids).toHaveLength(size);
    cursor = answer[edge];
    for (const one of meanwhile[i] ?? []) archive.happen(one);
  }
}

function archiveOf(one: Scenario): Archive {
  const archive = new Archive();
  for (const say of one.said) archive.happen({ say });
  return archive;
}

const forwards: Record<string, (cursor: string | undefined) => Partial<Asked>> = {
  'after in the result set': (cursor) => ({ page: cursor === undefined ? '' : `<after>${cursor}</after>` }),
  'after-id in the form': (cursor) => ({ fields: cursor === undefined ? {} : { 'after-id': cursor } }),
};
const backwards: Record<string, (cursor: string | undefined) => Partial<Asked>> = {
  'before in the result set': (cursor) => ({ page: `<before>${cursor ?? ''}</before>` }),
  'before-id in the form, from the end of it': (cursor) => ({
    page: '<before/>',
    fields: cursor === undefined ? {} : { 'before-id': cursor },
  }),
};

test.each(Object.keys(forwards))('forwards, by %s: everything, also what is said meanwhile', (way) => {
  fc.assert(
    fc.property(scenario, (one) => {
      const archive = archiveOf(one);
      const pages = pageThrough(archive, one, forwards[way] as (cursor: string | undefined) => Partial<Asked>, 'last');
      expect(pages.flat()).toEqual(archive.of(one.author));
    }),
    runs(100),
  );
});

test.each(Object.keys(backwards))('backwards, by %s: everything that was there when it began', (way) => {
  fc.assert(
    fc.property(scenario, (one) => {
      const archive = archiveOf(one);
      const there = archive.of(one.author);
      const pages = pageThrough(archive, one, backwards[way] as (cursor: string | undefined) => Partial<Asked>, 'first');
      expect(pages.reverse().flat()).toEqual(there);
    }),
    runs(100),
  );
});
