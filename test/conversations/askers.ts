/** Every kind of person who may ask something of a room, two of each, and the result of their request. */
import { conversation, parse, type Conversation } from '../support/conversation';
import { childElements, serialize } from '../../src/xmpp/xml';
import { admin, iq, join, refusal, ROOM, submit } from './expected';

/** In the room, under a nickname that says what they are. */
export const INSIDE = ['owner', 'admin', 'member', 'moderator', 'participant', 'visitor'] as const;
/** Not in the room, whatever the lists say of them. */
export const OUTSIDE = ['absent-owner', 'absent-admin', 'absent-member', 'outcast', 'stranger'] as const;
export const ASKERS = [...INSIDE, ...OUTSIDE];
export type Asker = (typeof ASKERS)[number];

const AFFILIATIONS = ['owner', 'admin', 'member', 'outcast'] as const;

/** Full JID of an asker, or of the second of that kind (`other-admin`). */
export const jidOf = (who: string): string => `${who}@shakespeare.lit/globe`;
export const bareJidOf = (who: string): string => `${who}@shakespeare.lit`;

/** The room with all of them, configured by `fields`. Moderated, so that it has visitors. */
export function stage(fields: Record<string, string> = {}): Conversation {
  const c = conversation();
  const founder = jidOf('owner');
  join(c, founder, 'owner');
  iq(c, founder, 'set', 'a', submit({ 'muc#roomconfig_moderatedroom': '1' }));
  const listed = AFFILIATIONS.flatMap((affiliation) =>
    [affiliation, `other-${affiliation}`, `absent-${affiliation}`].map(
      (who) => `<item affiliation="${affiliation}" jid="${bareJidOf(who)}"/>`,
    ),
  );
  iq(c, founder, 'set', 'b', admin(listed.join('')));
  for (const who of INSIDE.flatMap((each) => [each, `other-${each}`])) if (who !== 'owner') join(c, jidOf(who), who);
  const roles = ['moderator', 'participant'].flatMap((role) =>
    [role, `other-${role}`].map((who) => `<item nick="${who}" role="${role}"/>`),
  );
  iq(c, founder, 'set', 'c', admin(roles.join('')));
  // Last, since a room may be closed to those who are in by now.
  iq(c, founder, 'set', 'd', submit(fields));
  const results = c.take().filter((stanza) => stanza.startsWith('<iq ') && stanza.includes('type="result"'));
  expect(results).toHaveLength(4);
  return c;
}

/** The type that goes with each condition; `not-acceptable/cancel` names another. */
const TYPES: Record<string, string> = {
  'bad-request': 'modify',
  conflict: 'cancel',
  forbidden: 'auth',
  'item-not-found': 'cancel',
  'jid-malformed': 'modify',
  'not-acceptable': 'modify',
  'not-allowed': 'cancel',
  'not-authorized': 'auth',
  'registration-required': 'auth',
  'service-unavailable': 'cancel',
};

/** The request is refused with exactly one error to who asked and nothing to anybody else; or, `ok`, nobody gets an error. */
export function comesTo(c: Conversation, request: string, outcome: string): void {
  c.send(request);
  const stanza = parse(request);
  const { from, to, id } = stanza.attrs as Record<'from' | 'to' | 'id', string>;
  if (outcome === 'ok') {
    const said = c.take();
    expect(said.filter((each) => each.includes('type="error"'))).toEqual([]);
    // A change that changes nothing, and a message, need no answer but the one that every IQ gets.
    if (stanza.name === 'iq') expect(said.filter((each) => each.startsWith('<iq '))).toHaveLength(1);
    else expect(said).not.toEqual([]);
    return;
  }
  const [condition, type] = outcome.split('/') as [string, string?];
  const content = stanza.name === 'iq' ? '' : childElements(stanza).map(serialize).join('');
  c.expect(refusal(stanza.name, to, from, id, type ?? (TYPES[condition] as string), condition, content));
}

/** A table with a column for each asker: what comes of a request, word by word. */
export function columns<T extends string>(askers: readonly T[], words: string): { asker: T; outcome: string }[] {
  const outcomes = words.trim().split(/\s+/);
  expect(outcomes).toHaveLength(askers.length);
  return askers.map((asker, i) => ({ asker, outcome: outcomes[i] as string }));
}

export interface Request {
  readonly section: string;
  readonly what: string;
  /** The stanza, from that asker. */
  readonly stanza: (asker: Asker) => string;
  /** What comes of it, for each asker in order. */
  readonly outcomes: string;
  readonly fields?: Record<string, string>;
}

/** Stanzas of an asker. */
export const message =
  (payload: string, to: string = ROOM, type = 'groupchat') =>
  (asker: Asker): string =>
    `<message from="${jidOf(asker)}" to="${to}" type="${type}" id="i">${payload}</message>`;
export const request =
  (type: 'get' | 'set', payload: string, to: string = ROOM) =>
  (asker: Asker): string =>
    `<iq from="${jidOf(asker)}" to="${to}" type="${type}" id="i">${payload}</iq>`;
export const presence =
  (nick: string, payload = '') =>
  (asker: Asker): string =>
    `<presence from="${jidOf(asker)}" to="${ROOM}/${nick}" id="i">${payload}</presence>`;
export const list = (item: string): ((asker: Asker) => string) => request('get', admin(`<item ${item}/>`));

/** Runs a table with a column for each of these askers. */
export function check(askers: readonly Asker[], requests: readonly Request[]): void {
  const cases = requests.flatMap((each) => columns(askers, each.outcomes).map((column) => ({ ...each, ...column })));
  test.each(cases)('§$section $what, by $asker: $outcome', ({ stanza, asker, outcome, fields }) => {
    comesTo(stage(fields), stanza(asker), outcome);
  });
}
