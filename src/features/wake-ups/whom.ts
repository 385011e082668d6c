/** Whom a message mentions of those who may be woken: by reference or mention (XEP-0372, 0513), as the author of what it replies to (XEP-0461), or by nickname. */
import { localName, namespaceOf, type Element } from '../../xmpp/xml';
import { NS } from '../../xmpp/ns';
import type { BareJid } from '../../xmpp/fold';
import { bareOf, resourceOf } from '../../xmpp/jid';
import { prepareJid } from '../../xmpp/prepare';
import type { RoomState } from '../../room/state';
import { wishers } from './wake-wishes';
import { mentionedIn, MOST_NAMED } from '../mentions/mentioned';
import type { Heard } from './heard';
import { isTheirs, type Roll } from './roll';

/** People whom it mentions as a group. */
const MOST_OF_GROUP = 500;

/** Those whom a message mentions, each once, whether they are away or not. Not all of them need have a wish. */
export function mentionedBy(room: RoomState, roll: Roll, { text, elements }: Heard): ReadonlySet<BareJid> {
  const people = new Set<BareJid>();
  const add = (jid: BareJid): void => {
    if (people.size < MOST_NAMED) people.add(jid);
  };
  const { named, groups } = elements.length === 0 ? NOBODY : mentionedIn(room, elements, (nick) => wearersOf(room, roll, nick)[0]);
  named.forEach(add);
  const reply = elements.find(isReply);
  if (reply) for (const jid of repliedTo(room, roll, reply)) add(jid);
  for (const one of roll.nicks.in(text)) if (isTheirs(room, one)) add(one.whose);
  if (groups.length === 0) return people;
  const most = people.size + MOST_OF_GROUP;
  for (const jid of wishers(room)) {
    if (people.size >= most) break;
    const row = room.affiliationRow(jid);
    if (row && groups.some((group) => group(room, row))) people.add(jid);
  }
  return people;
}

const NOBODY = { named: [], groups: [] } as const;

const isReply = (element: Element): boolean => localName(element) === 'reply' && namespaceOf(element) === NS.reply;

/** The first reply counts. XEP-0461 §3: "a 'to' attribute containing the full jid of the author", which in a room is the address of an occupant. */
function repliedTo(room: RoomState, roll: Roll, element: Element): readonly BareJid[] {
  const to = prepareJid((element.attrs['to'] as string | undefined) ?? '');
  if (to === undefined || bareOf(to) !== room.jid) return [];
  return wearersOf(room, roll, resourceOf(to));
}

/** Longest id that is looked up, in characters. */
const MOST_ID = 256;

/** The stanza-id of what a message replies to (XEP-0461 §3) without naming its author; undefined: there is none. The first counts. */
export function unnamedReply(elements: readonly Element[]): string | undefined {
  const reply = elements.find(isReply);
  if (!reply || reply.attrs['to'] !== undefined) return undefined;
  const id = reply.attrs['id'] as string | undefined;
  return id === undefined || id === '' || id.length > MOST_ID ? undefined : id;
}

/** Who wears a nickname in the room, or wore it last. */
function wearersOf(room: RoomState, roll: Roll, nick: string): readonly BareJid[] {
  const there = room.occupants.withNick(nick);
  if (there) return [there.jid];
  return roll.nicks
    .like(nick)
    .filter((one) => isTheirs(room, one))
    .map(({ whose }) => whose);
}
