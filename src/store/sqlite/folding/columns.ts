/** Which columns hold addresses, or names made of them: what folding looks at. A test refuses a column that is not listed here. */

/**
 * `jid`: bare or full, compared folded. `id`: an occupant-id, made of a bare JID. `json`: has one or the other within. `spelt`: an
 * address as it came, on purpose. `feature`: what the declaration of the row says (room/contract/row-declaration.ts). `plain`: nothing of the kind.
 */
export type Holds = 'jid' | 'id' | 'json' | 'spelt' | 'feature' | 'plain';

/** Every table of rooms, people and messages, with all of its columns. */
export const COLUMNS: Readonly<Record<string, Readonly<Record<string, Holds>>>> = {
  room: {
    id: 'plain',
    jid: 'jid',
    state: 'plain',
    options: 'json',
    name: 'plain',
    listed: 'plain',
    subject: 'json',
    secret: 'plain',
    creator: 'jid',
    created_at: 'plain',
    archive_from: 'plain',
    deadline: 'plain',
    keep_days: 'plain',
    keep_messages: 'plain',
    tombstone: 'json',
  },
  counters: { room: 'plain', rev: 'plain', delivered_rev: 'plain', seq: 'plain', stamp: 'plain' },
  affiliation: {
    room: 'plain',
    jid: 'jid',
    affiliation: 'plain',
    nick: 'plain',
    reason: 'plain',
    set_by: 'jid',
    set_at: 'plain',
    expires_at: 'plain',
  },
  occupant: { room: 'plain', id: 'id', jid: 'jid', nick: 'plain', role: 'plain', rev: 'plain' },
  session: {
    room: 'plain',
    jid: 'jid',
    occupant_id: 'id',
    presence: 'plain',
    priority: 'plain',
    entering: 'plain',
    asked_nick: 'plain',
    joined_at: 'plain',
    spelling: 'spelt',
  },
  // Said once more to those who were there, as they were there.
  saying: { id: 'plain', room: 'plain', rev: 'plain', what: 'spelt' },
  feature: { room: 'plain', feature: 'plain', key: 'feature', value: 'feature', place: 'plain' },
  stay: { room: 'plain', jid: 'jid', begin_seq: 'plain', end_seq: 'plain' },
  message: {
    id: 'plain',
    room: 'plain',
    seq: 'plain',
    rev: 'plain',
    stamp: 'plain',
    stanza_id: 'plain',
    nick: 'plain',
    sender: 'jid',
    occupant_id: 'id',
    client_id: 'plain',
    lang: 'plain',
    in_history: 'plain',
    payload: 'plain',
    jid_shown: 'plain',
  },
  message_time: { room: 'plain', stamp: 'plain', seq: 'plain', id: 'plain' },
  message_occupant: { room: 'plain', occupant_id: 'id', id: 'plain' },
  // Made of who wrote it among other things: filled in anew when an author is folded.
  message_name: { room: 'plain', hash: 'plain', id: 'plain' },
  // What it said, no addresses; folding authors makes the index anew.
  message_forget: { id: 'plain', room: 'plain', payload: 'plain' },
  message_tail: { first: 'plain', rooms: 'plain' },
  message_tombstone: { id: 'plain', payload: 'plain' },
  // Who and what they were called when it happened.
  audit: {
    id: 'plain',
    at: 'plain',
    room: 'spelt',
    kind: 'plain',
    actor: 'spelt',
    face: 'plain',
    claimed: 'plain',
    act: 'plain',
    count: 'plain',
    bytes: 'plain',
  },
  audit_item: { audit: 'plain', place: 'plain', object: 'spelt', before: 'spelt', after: 'spelt', reason: 'plain' },
  person_erasure: {
    jid: 'jid',
    asked_by: 'jid',
    asked_at: 'plain',
    after_room: 'jid',
    rooms: 'plain',
    messages: 'plain',
    failed: 'plain',
  },
  erasure: { room: 'plain', up_to: 'plain' },
  filled: { name: 'plain', up_to: 'plain', ahead: 'plain', room: 'plain', id: 'plain' },
  progress: { one: 'plain', batch: 'plain', refused: 'plain', messages: 'plain', owner: 'plain' },
  // Nobody has any when addresses are folded.
  writer: { id: 'plain', lease_until: 'plain', batch: 'plain', refused: 'plain' },
  claim: { room: 'spelt', writer: 'plain', token: 'plain' },
  probe: { one: 'plain', filler: 'plain' },
  room_list: { one: 'plain', rooms: 'plain' },
  text_rules: { one: 'plain', rules: 'plain', names_up_to: 'plain' },
  fold: { one: 'plain', version: 'plain', own: 'plain' },
  migration: { number: 'plain', name: 'plain', checksum: 'plain', applied_at: 'plain' },
};
