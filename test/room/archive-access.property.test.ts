/** Everybody reads, as history and from the archive, all messages within their stays and none outside them. */
import fc, { runs } from '../support/property';
import { readablePart, refuseReading } from '../../src/room/talking/archive-readers';
import type { Input, ReadMessages } from '../../src/room/contract/machine';
import { isAdmin } from '../../src/room/governing/roles';
import type { RoomState } from '../../src/room/state';
import { bareOf } from '../../src/xmpp/jid';
import { make, move, PEOPLE, type Move } from './play';
import { ROOM, World } from './world';
import { asFull } from '../support/jids';

jest.setTimeout(30 * 60_000);

const configure = (fields: Record<string, string>): string =>
  `<iq from="{who}" to="${ROOM}" type="set" id="i"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit">` +
  `<field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field>${Object.entries(fields)
    .map(([name, value]) => `<field var="${name}"><value>${value}</value></field>`)
    .join('')}</x></query></iq>`;

const ANNA = 'anna@users.lit/1';
const opening = (access: string): readonly Move[] => [
  { do: 'join', who: ANNA, nick: 'A', inX: '', content: '' },
  { do: 'send', who: ANNA, xml: configure({ 'muc#roomconfig_persistentroom': '1', '{urn:parlour:room}archiveaccess': access }) },
  { do: 'send', who: ANNA, xml: `<message from="{who}" to="${ROOM}" type="groupchat"><body>first</body></message>` },
  { do: 'join', who: 'bert@users.lit/1', nick: 'B', inX: '', content: '' },
];

/** Who belongs, by the state: occupants, and people with an affiliation of their own. */
function belonging(state: RoomState): Set<string> {
  const all = new Set([...state.occupants.all()].map(({ jid }) => jid));
  for (const { jid, affiliation } of state.affiliationRows()) if (affiliation !== 'outcast') all.add(jid);
  return all;
}

/** A world that notes of each message who belonged when it was said, while stays were kept. */
class WatchedWorld extends World {
  readonly heard = new Map<number, Set<string>>();
  private noted = 0;

  private note(): void {
    const { state } = this;
    for (const { seq } of this.allMessages()) {
      if (seq <= this.noted) continue;
      if (state.facts.archiveAccess === 'stays') this.heard.set(seq, belonging(state));
      this.noted = seq;
    }
  }

  override give(input: Input): ReturnType<World['give']> {
    const said = super.give(input);
    this.note();
    // Whoever is erased was never there.
    if (input.kind === 'command' && input.command.name === 'erase-person')
      for (const jids of this.heard.values()) jids.delete(input.command.jid);
    return said;
  }

  override historyOf(effect: ReadMessages): ReturnType<World['historyOf']> {
    const rows = super.historyOf(effect);
    if (effect.stayOf === undefined) return rows;
    // As it was at the question: the asker may have become an admin since, or have left.
    const wanted = this.allMessages()
      .filter((row) => row.inHistory && row.seq <= effect.upToSeq && row.stamp >= (effect.since ?? 0))
      .filter(({ seq }) => this.heard.get(seq)?.has(bareOf(effect.session)))
      .slice(-effect.limit);
    expect(rows.map(({ seq }) => seq)).toEqual(wanted.map(({ seq }) => seq));
    return rows;
  }

  /** Checks that each person may read what they should. */
  check(): void {
    const { state } = this;
    if (!state.exists) return;
    const all = this.allMessages().map(({ seq }) => seq);
    for (const jid of new Set(PEOPLE.map(bareOf))) {
      const affiliation = state.affiliationOf(asFull(jid));
      const refused = refuseReading(state, asFull(jid)) !== undefined;
      if (state.facts.archiveAccess === 'members' && affiliation === 'none') expect({ jid, refused }).toEqual({ jid, refused: true });
      const filter = readablePart(state, asFull(jid));
      const answer = this.tables.archive(ROOM, { want: 'page', filter, paging: { max: 1e6 } });
      const read = answer.kind === 'page' ? answer.rows.map(({ seq }) => seq) : [];
      const limited = state.facts.archiveAccess === 'stays' && !isAdmin(affiliation);
      expect({ jid, read }).toEqual({ jid, read: limited ? all.filter((seq) => this.heard.get(seq)?.has(jid)) : all });
    }
  }
}

test('in a room that keeps stays, now and then, whatever happens', () => {
  fc.assert(
    fc.property(fc.array(move, { minLength: 1, maxLength: 60, size: 'max' }), (moves) => {
      const world = new WatchedWorld();
      for (const one of [...opening('stays'), ...moves]) {
        make(world, one);
        world.check();
      }
      world.settle();
      world.check();
    }),
    runs(80),
  );
});

test('a joiner who is no member gets no history where it is for members', () => {
  fc.assert(
    fc.property(fc.array(move, { minLength: 1, maxLength: 40, size: 'max' }), (moves) => {
      const world = new (class extends World {
        private readonly seen = new WeakSet<object>();
        override give(input: Input): ReturnType<World['give']> {
          const said = super.give(input);
          const { state } = this;
          for (const effect of this.reads) {
            if (effect.kind !== 'read-messages' || effect.purpose !== 'history' || this.seen.has(effect)) continue;
            this.seen.add(effect);
            expect(state.facts.archiveAccess === 'members' ? state.affiliationOf(effect.session) : 'anybody').not.toBe('none');
          }
          return said;
        }
      })();
      for (const one of [...opening('members'), ...moves]) make(world, one);
      world.settle();
    }),
    runs(40),
  );
});
