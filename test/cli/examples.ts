/** Each command that asks, as it is given: in a service with the room `a`, in which Ann is the owner and Bob has said "Buy pills". */

export interface Example {
  readonly words: readonly string[];
  /** What it prints. */
  readonly out: RegExp;
  readonly code?: number;
  /** Routes that are asked in a test of its own. */
  readonly also?: readonly string[];
}

/** By what commands are called. `{id}`: the message; `{folder}`: one for files; `{exported}`: a file with the room. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  status: [{ words: ['status'], out: /^link +up: the server takes us$/m }],
  metrics: [{ words: ['metrics'], out: /^parlour_up |^# HELP parlour_/m }],
  audit: [
    { words: ['audit', '--limit', '1'], out: /create|configure/ },
    { words: ['audit', 'a', '--actor', 'ann@x.lit', '--from', '1970-01-01'], out: /ann@x\.lit/ },
  ],
  admins: [{ words: ['admins'], out: /None\. The key service\.admins/ }],
  'log-level': [{ words: ['log-level', 'debug'], out: /^debug$/m }],
  reload: [{ words: ['reload'], out: /Taken: limits\.history\.\nThese change with the next start: server\.port\./ }],
  stop: [
    { words: ['stop'], out: /People stay in their rooms/ },
    { words: ['stop', '--final', '--reason', 'Moving', '--yes'], out: /Everybody was told/ },
  ],
  rooms: [{ words: ['rooms', '--occupied', '--creator', 'ann@x.lit', '--listed'], out: /^a@rooms\.x\.lit .* 2 +yes +ann@x\.lit/m }],
  'rooms destroy': [{ words: ['rooms', 'destroy', '--occupied', '--number', '1', '--reason', 'Over'], out: /^1 room destroyed/m }],
  'room show': [{ words: ['room', 'show', 'a'], out: /^people in it +2$/m }],
  'room create': [
    { words: ['room', 'create', 'new', '--owner', 'cat@x.lit', 'roomname=Tea'], out: /was made/ },
    { words: ['room', 'create', 'group', '--owner', 'cat@x.lit', '--preset', 'private-group'], out: /was made/ },
  ],
  'room configure': [
    { words: ['room', 'configure', 'a'], out: /muc#roomconfig_roomname/ },
    {
      words: ['room', 'configure', 'a', 'roomname=Tea', 'moderatedroom=1'],
      out: /Changed: muc#roomconfig_roomname, muc#roomconfig_moderatedroom/,
    },
  ],
  'room rename': [{ words: ['room', 'rename', 'a', 'b'], out: /is b@rooms\.x\.lit now/ }],
  'room say': [{ words: ['room', 'say', 'a', 'The kettle boils.'], out: /Said/ }],
  'room subject': [
    { words: ['room', 'subject', 'a', 'Tea'], out: /Set/ },
    { words: ['room', 'subject', 'a'], out: /^(None\.|subject)/m },
  ],
  'room export': [
    { words: ['room', 'export', 'a', '{folder}/new.json'], out: /The room is in .*new\.json/ },
    { words: ['room', 'export', 'a'], out: /"format":"parlour-room"/ },
  ],
  'room import': [{ words: ['room', 'import', 'c', '{exported}'], out: /c@rooms\.x\.lit is here, with 1 message/ }],
  'room destroy': [{ words: ['room', 'destroy', 'a', '--reason', 'Over', '--yes'], out: /was destroyed/ }],
  'room erase': [{ words: ['room', 'erase', 'a', '--yes'], out: /was erased/ }],
  occupants: [{ words: ['occupants', 'a'], out: /^Bob +bob@y\.lit +none +participant +1/m }],
  affiliations: [{ words: ['affiliations', 'a'], out: /^ann@x\.lit +owner/m }],
  affiliate: [
    { words: ['affiliate', 'a', 'bob@y.lit', 'admin', '--reason', 'Helps'], out: /Changed/ },
    { words: ['affiliate', 'a', 'bob@y.lit', 'member', '--for', '1w'], out: /Changed/ },
  ],
  ban: [
    { words: ['ban', 'bob@y.lit', 'spam.example', '--room', 'a', '--reason', 'Spam'], out: /banned in 1 room/ },
    { words: ['ban', 'cat@y.lit', '--everywhere', '--for', '2d', '--yes'], out: /banned in 1 room/ },
    { words: ['ban', 'dan@y.lit', '--room', 'a', '--until', '1971-01-31T12:00:00Z'], out: /banned in 1 room/ },
  ],
  unban: [
    { words: ['unban', 'eve@y.lit', '--room', 'a'], out: /^eve@y\.lit is not banned in a\.$/m },
    { words: ['unban', 'eve@y.lit', '--everywhere', '--yes'], out: /^eve@y\.lit: banned in none, of 1 room\.$/m },
  ],
  kick: [{ words: ['kick', 'a', 'Bob', '--reason', 'Loud'], out: /Kicked: 1 person/ }],
  role: [{ words: ['role', 'a', 'Bob', 'moderator'], out: /Changed/ }],
  nick: [{ words: ['nick', 'a', 'Bob', 'Robert'], out: /Changed/ }],
  invite: [{ words: ['invite', 'a', 'cat@x.lit'], out: /Invited/ }],
  'hat list': [{ words: ['hat', 'list', 'a'], out: /^Host +urn:x:host +- +no +-$/m }],
  'hat set': [{ words: ['hat', 'set', 'a', 'urn:x:host', 'Host', '--role', 'moderator', '--mentions'], out: /^Made\.$/m }],
  'hat destroy': [{ words: ['hat', 'destroy', 'a', 'urn:x:host', '--yes'], out: /^Destroyed\.$/m }],
  'hat assign': [{ words: ['hat', 'assign', 'a', 'urn:x:host', 'Bob'], out: /^Given\.$/m }],
  // Nobody wears it: that it is asked is what is shown here.
  'hat unassign': [{ words: ['hat', 'unassign', 'a', 'urn:x:host', '--jid', 'bob@y.lit'], out: /^$/, code: 1 }],
  limits: [{ words: ['limits', 'a'], out: /^Nothing\.$/m }],
  mute: [
    { words: ['mute', 'a', 'Bob', '--for', '2h', '--reason', 'Loud'], out: /^Muted\.$/m },
    { words: ['mute', 'a', '--jid', 'eve@y.lit'], out: /^Muted\.$/m },
  ],
  // Nobody is muted, or was warned: that it is asked is what is shown here.
  unmute: [{ words: ['unmute', 'a', 'Bob'], out: /^$/, code: 1 }],
  warn: [{ words: ['warn', 'a', 'Bob', '--reason', 'No shouting.'], out: /^Warned\.$/m }],
  unwarn: [{ words: ['unwarn', 'a', '--jid', 'bob@y.lit'], out: /^$/, code: 1 }],
  queues: [{ words: ['queues', 'a'], out: /Nothing waits/ }],
  // Nothing waits: that it is asked is what is shown here.
  answer: ['registration', 'voice', 'message'].map((what) => ({ words: ['answer', 'a', what, 'bob@y.lit', 'yes'], out: /^$/, code: 1 })),
  search: [{ words: ['search', 'a', 'pills'], out: /Bob +bob@y\.lit +\S+ +Buy pills$/m }],
  moderate: [{ words: ['moderate', 'a', '{id}', '--yes'], out: /Taken back/ }],
  purge: [
    { words: ['purge', 'a', '--jid', 'bob@y.lit', '--minutes', '60', '--ban', '--yes'], out: /1 message taken back\. They are banned\./ },
  ],
  trim: [{ words: ['trim', 'a', '--yes'], out: /Trimmed/ }],
  'export-person': [
    { words: ['export-person', 'bob@y.lit', '{folder}/bob.json'], out: /is in .*bob\.json/ },
    { words: ['export-person', 'bob@y.lit', '--html'], out: /<!doctype html>.*Buy pills/s },
    { words: ['export-person', 'bob@y.lit', '--lang', 'de-AT'], out: /<html lang="de">.*Was Räume über .*Buy pills/s },
    { words: ['export-person', 'bob@y.lit', '--lang', 'tlh'], out: /^$/, code: 2 },
  ],
  erase: [
    {
      words: ['erase', 'bob@y.lit', '--yes'],
      out: /bob@y\.lit was erased: 1 message, in 1 room that was looked at/,
      also: ['GET /v1/erasures'],
    },
    { words: ['erase', 'bob@y.lit', '--room', 'a', '--yes'], out: /Erased/ },
  ],
  erasures: [{ words: ['erasures'], out: /Nobody/ }],
  forget: [{ words: ['forget', 'bob@y.lit', '--yes'], out: /was forgotten in 1 room/ }],
  'token create': [
    { words: ['token', 'create', 'bot', '--scope', 'read', '--rooms', 'team-*'], out: /^parlour_[\w-]{43}$/m },
    { words: ['token', 'create', 'ci', '--post-as', 'CI', '--rooms', 'a'], out: /^parlour_[\w-]{43}$/m },
  ],
  backup: [{ words: ['backup'], out: /^parlour-rooms\.x\.lit-\d{8}T\d{6}Z\.db is made and checked: 1 room, 2 messages, 0\.0 MiB\.$/m }],
  backups: [{ words: ['backups'], out: /There is none/ }],
  'config set': [
    {
      words: ['config', 'set', 'limits.history', '100', '--config', '{config}', '--socket', '{socket}'],
      out: /Changed limits\.history in .*component\.json\.old\.\nParlour has taken: limits\.history\. These change with the next start: server\.port\./s,
    },
  ],
  'config unset': [
    {
      words: ['config', 'unset', 'limits.nick', '--config', '{config}', '--socket', '{socket}'],
      out: /Changed limits\.nick/,
    },
  ],
  'token list': [{ words: ['token', 'list'], out: /^t1 +read +\*/m }],
  'token revoke': [{ words: ['token', 'revoke', 't1', '--yes'], out: /Revoked/ }],
};
