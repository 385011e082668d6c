/** The one JSON file: every key, its default and its meaning. Nothing but the schema; `config.ts` reads a file by it. */
import * as z from 'zod';
import {
  bareJid,
  checked,
  choice,
  domain,
  FIELD_VALUE,
  flag,
  group,
  isAddress,
  isHttp,
  list,
  listen,
  perAccount,
  PLUGIN_NAME,
  text,
  TRACES,
  uri,
  uris,
  whole,
  wholeOrNone,
} from './config-values';
import { LONGEST_NAME } from './config-secret';
import { LOG_LEVELS } from './log';
import { MORE_ACCESS } from './features/data-policy';

/** The whole file. */
export const configSchema = group({
  $schema: z
    .string({ error: 'text' })
    .optional()
    .describe('Where an editor finds the JSON Schema of this file, as `parlour schema` prints it. Parlour itself ignores it.'),
  server: group({
    host: text(255)
      .refine((raw) => !/^(?:[^:]*|\[.*\]):\d+$/.test(raw), {
        error: 'a host name or an IP address alone; its port is the key server.port',
      })
      .default('127.0.0.1')
      .describe('Host name or IP address of the XMPP server, as this machine reaches it.'),
    port: whole(1, 65535).default(5347).describe("Port of the server's component listener (XEP-0114)."),
    domain: domain()
      .optional()
      .describe(
        "The server's own domain, that of its users: it is pinged, and `local` means it. Default: the component's domain after its first dot.",
      ),
    secret: text(1024).optional().describe('The secret shared with the server. Give exactly one of secret, secretFile and secretEnv.'),
    secretFile: text(4096)
      .optional()
      .describe('A file that holds the secret and nothing else; a relative path starts at the folder of this configuration file.'),
    secretEnv: text(LONGEST_NAME).optional().describe('The environment variable that holds the secret.'),
  }).describe('The XMPP server to attach to.'),
  component: group({
    domain: domain().describe('The domain of the rooms, as the server has it in its configuration.'),
  }).describe('What Parlour is to the server.'),
  database: group({
    path: text(4096)
      .default('parlour.db')
      .describe('The SQLite file, created when it is not there; a relative path starts at the folder of this configuration file.'),
    durability: choice(['full', 'normal'])
      .default('full')
      .describe(
        'full: what anybody has seen survives a power cut. normal: it survives a crash of Parlour, but a power cut may lose the last moments.',
      ),
  })
    .prefault({})
    .describe('Where rooms and messages are kept.'),
  backups: group({
    folder: text(4096)
      .optional()
      .describe(
        'Where backups are; a relative path starts at the folder of this configuration file, and the folder must be there. Default: a folder backups beside the database, which is made.',
      ),
    everyHours: wholeOrNone(1, 8_760)
      .default(null)
      .describe('Hours from one backup by the clock to the next; null: none is made by the clock.'),
    keep: whole(1, 10_000).default(7).describe('Backups by the clock that are kept, the latest. Those that somebody wanted stay.'),
    mostByHand: whole(1, 10_000)
      .default(20)
      .describe('Most backups in the folder that somebody asked for; one more is refused until you move or delete some of them.'),
  })
    .prefault({})
    .describe('Copies of the database that are made while it is in use (docs/backups.md).'),
  multicast: group({
    service: z
      .union([choice(['auto', 'none']), domain()], { error: '"auto", "none", or a domain such as "multicast.example.com"' })
      .default('none')
      .describe(
        'The service at the server that takes one stanza with a list of addresses (XEP-0033). auto: whichever the server names in its discovery; none: never. It is tried before rooms use it.',
      ),
    from: whole(2, 100_000).default(50).describe('Occupants from which on a room speaks by it, until it has less than half as many.'),
    addresses: whole(2, 5_000)
      .default(100)
      .describe(
        'Most addresses of one stanza; halved until the service takes as many. Servers have limits of their own (docs/operating.md).',
      ),
  })
    .prefault({})
    .describe('How what goes to many in large rooms leaves: once for many of them, if the server can (docs/operating.md).'),
  service: group({
    name: text(200).default('Chat rooms').describe('The name that clients show for this service.'),
    description: text(1000).optional().describe('What this service is for, in a sentence; shown by clients that look.'),
    contact: group({
      abuse: uris().describe('Where abuse is reported.'),
      admin: uris().describe('Where the administrators are reached.'),
      feedback: uris().describe('Where praise and complaints go.'),
      sales: uris().describe('Where to ask about buying.'),
      security: uris().describe('Where security problems are reported.'),
      status: uris().describe('Where outages are announced.'),
      support: uris().describe('Where users find help.'),
    })
      .prefault({})
      .describe('Contact addresses as URIs (XEP-0157).'),
    dataPolicy: group({
      tos: uri().optional().describe('A URI of the terms of service.'),
      encryptionAtRest: flag().optional().describe("Whether the database's disk is encrypted."),
      dataExport: flag().optional().describe('Whether people can have all their data.'),
      fullErasure: flag().optional().describe('Whether people can have all their data erased (administrators have a command for it).'),
      access: list(choice(MORE_ACCESS), `a list of ${MORE_ACCESS.join(', ')}`)
        .optional()
        .describe('Who may get at the data beside administrators and moderators.'),
      backupEvery: whole(0, 100_000).optional().describe('Hours between two backups at most; 0: there are none.'),
      backupKept: z
        .union([whole(0, 10_000_000), choice(['infinite', 'unknown'])], { error: 'a whole number, "infinite" or "unknown"' })
        .optional()
        .describe('Hours for which backups are kept, "infinite" or "unknown".'),
      location: text(1000).optional().describe('Where the data are: country, region, company.'),
      extra: text(10_000).optional().describe('What else people should know.'),
    })
      .prefault({})
      .describe(
        'What you state about the data of people (XEP-0504); how long messages are kept stands in it by itself. What you leave out is not stated.',
      ),
    admins: list(bareJid(), 'a list of bare JIDs')
      .default([])
      .describe('Service administrators, by bare JID: they act as owners in every room.'),
    createRooms: z
      .union([choice(['anyone', 'local', 'admins']), z.array(checked('a domain or a bare JID', isAddress))], {
        error: '"anyone", "local", "admins", or a list of domains and bare JIDs',
      })
      .default('local')
      .describe(
        "Who may create rooms. anyone; local: users of the server's domain; admins: service administrators; or a list of domains, bare JIDs and these words. Administrators always may.",
      ),
  })
    .prefault({})
    .describe('How the service presents itself and whom it obeys.'),
  roomDefaults: z
    .record(z.string(), z.union([z.string(), z.boolean(), z.number(), z.array(z.string())], { error: FIELD_VALUE }), {
      error: `an object from form field names such as "muc#roomconfig_persistentroom" to ${FIELD_VALUE}`,
    })
    .default({})
    .describe("Options of a room that its owner has not changed, by the field names of the room's configuration form (XEP-0045 §16.5.3)."),
  rooms: group({
    conditions: flag()
      .default(false)
      .describe('Whether status codes carry their conditions of XEP-0306. Strict clients drop what has them: XEP-0045 wants them empty.'),
    ownersNeedPassword: flag()
      .default(false)
      .describe('Whether owners need the password of their own rooms to enter, as XEP-0045 §7.2.5 says; admins and members always do.'),
    avatarPresence: flag()
      .default(true)
      .describe("Whether a room's avatar is also told by presence from the room's own address, which most clients look for."),
    bookmarks: flag()
      .default(false)
      .describe(
        'Whether whom operators and administrators of the service add to a room finds it among their bookmarks (XEP-0402). Their server must let Parlour read and write pubsub in their name (XEP-0356: permission "iq").',
      ),
  })
    .prefault({})
    .describe('How rooms speak, and whom they let in.'),
  wakeUps: group({
    default: choice(['auto', 'all', 'mentions', 'nothing'])
      .default('auto')
      .describe(
        'What wakes those who are away in rooms whose owner has chosen nothing. auto: every message in private groups (members-only, and not anonymous), mentions elsewhere.',
      ),
    forms: z
      .record(domain(), choice(['groupchat', 'doorbell']), { error: 'an object from domains to "groupchat" or "doorbell"' })
      .default({})
      .describe(
        'How the accounts of a domain are woken, where the software of their server must not decide (docs/extensions.md). groupchat: Prosody with cloud_notify. doorbell: all others.',
      ),
    intervalSeconds: whole(1, 86_400)
      .default(600)
      .describe('Seconds between two wake-ups of somebody by one room, as long as they do not come; mentions wait less.'),
  })
    .prefault({})
    .describe('How people are told of messages while they are not in the room (docs/extensions.md).'),
  archive: group({
    markers: z
      .boolean({ error: 'true or false' })
      .default(false)
      .describe('Whether chat markers (XEP-0333: who has read how far) are kept. Everybody who may read the archive can read them.'),
    events: z
      .boolean({ error: 'true or false' })
      .default(false)
      .describe('Whether changes of the configuration and of affiliations are kept, as messages of the room.'),
    ownersTrim: flag()
      .default(true)
      .describe('Whether owners may remove the old end of their rooms’ archives. false: what is said must be kept.'),
    days: group({
      default: wholeOrNone(1, 36_500).default(null).describe('For rooms whose owner has set none.'),
      max: wholeOrNone(1, 36_500).default(null).describe('For every room, whatever its owner has set.'),
    })
      .prefault({})
      .describe('Days for which messages are kept; null: no limit.'),
    messages: group({
      default: wholeOrNone(1, 999_999_999).default(null).describe('For rooms whose owner has set none.'),
      max: wholeOrNone(1, 999_999_999).default(null).describe('For every room, whatever its owner has set.'),
    })
      .prefault({})
      .describe('Messages of one room that are kept, the newest; null: no limit.'),
  })
    .prefault({})
    .describe('What rooms keep of what was said, beside what they always keep (docs/operating.md), and for how long.'),
  audit: group({
    days: wholeOrNone(1, 36_500).default(365).describe('Days for which acts are kept; null: no limit.'),
    rows: whole(100, 100_000_000).default(100_000).describe('Acts that are kept, the newest.'),
    bytes: whole(1_000_000, 100_000_000_000)
      .default(100_000_000)
      .describe('What the kept acts may hold: their texts, 100 bytes an act and 50 for each thing it changed.'),
  })
    .prefault({})
    .describe('How much of the audit trail is kept: who changed what in which room.'),
  events: group({
    days: whole(1, 3650).default(7).describe('Days for which an event is kept that a plug-in has not taken.'),
    rows: whole(100, 100_000_000).default(100_000).describe('Events that are kept, the newest.'),
    bytes: whole(1_000_000, 100_000_000_000).default(100_000_000).describe('What they may hold: their texts, and 100 bytes each.'),
  })
    .prefault({})
    .describe('How much is kept of what happened in rooms, for plug-ins that ask for it and have not been told yet.'),
  limits: group({
    history: whole(0, 10_000).default(200).describe('Most messages that somebody who enters is shown.'),
    nick: whole(1, 1023).default(64).describe('Longest nickname, in characters.'),
    subject: whole(1, 65_536).default(1000).describe('Longest subject of a room, in characters.'),
    name: whole(1, 1024).default(100).describe('Longest name of a room, in characters.'),
    description: whole(1, 65_536).default(1000).describe('Longest description of a room, in characters.'),
    affiliationsPerRoom: whole(1, 1_000_000)
      .default(4000)
      .describe('Most owners of one room, most admins, most members and most bans: nobody is added to a list that is full.'),
    listBytes: whole(10_000, 10_000_000)
      .default(400_000)
      .describe(
        'Longest list of affiliations or roles in one answer, in bytes; a longer one goes without reasons and nicknames, or by pages. Keep it below what your server takes from a component.',
      ),
    presenceBytes: whole(10_000, 1_000_000)
      .default(16_384)
      .describe('Most that a client adds to a presence, in bytes: all of it is kept, and sent to everybody who enters.'),
    occupants: whole(1, 100_000).default(5000).describe('Most people in one room at a time.'),
    heldForEntering: whole(1, 100_000)
      .default(1000)
      .describe('Most new messages kept back for somebody who is still being shown the history.'),
    messagesPerSecond: perAccount(
      10,
      100_000,
      'Messages of one account in a second, five times that at once. Typing notices are counted apart, at the same rate',
    ),
    presencePerSecond: perAccount(5, 100_000, 'Changes of status of one account in a second, five times that at once'),
    nickChangesPerSecond: perAccount(1, 100_000, 'Changes of nickname of one account in a second, five times that at once'),
    entriesPerSecond: perAccount(
      5,
      100_000,
      'Rooms that one account enters in a second, five times that at once; not counted where somebody is in, belongs, or was in within 24 hours',
    ),
    invitationsPerMinute: perAccount(10, 100_000, 'People whom one account invites in a minute, twice that at once'),
    requestsPerSecond: perAccount(20, 100_000, 'Requests (IQs) of one account in a second, twenty times that at once'),
    archiveQueriesPerSecond: perAccount(5, 100_000, 'Queries of archives by one account in a second, forty times that at once'),
    roomsPerHour: perAccount(60, 100_000, 'Rooms that one account creates in an hour, as many at once'),
    trusted: list(checked('a domain or a bare JID', isAddress), 'a list of domains and bare JIDs')
      .default([])
      .describe('Accounts and domains that no rate holds up: bridges, gateways, test suites. Service administrators are among them.'),
    destroyedDays: whole(0, 36_500)
      .default(30)
      .describe('Days for which a destroyed persistent room is remembered: who comes is told that it is gone; 0: not at all.'),
    lockedMinutes: whole(1, 525_600)
      .default(60)
      .describe('Minutes after which a new room that its creator has not configured is given up.'),
    vcardBytes: whole(1_000, 1_000_000).default(131_072).describe('Largest vCard of a room, its avatar included, in bytes.'),
    archivePage: whole(1, 1_000).default(250).describe('Most archived messages in one answer, whatever the query asks for.'),
    waiting: whole(1, 100_000)
      .default(200)
      .describe('Most registrations, invitations, voice requests and held messages of one room that wait for an answer, of each kind.'),
    unreachableHours: whole(1, 720)
      .default(2)
      .describe('Hours between two failed questions to an unreachable server after which its people are taken out of the rooms.'),
    rooms: wholeOrNone(0, 100_000_000).default(null).describe('Most rooms on this service; null: no limit.'),
    roomsPerCreator: wholeOrNone(0, 1_000_000).default(100).describe('Most rooms created by one account; null: no limit.'),
    stanzaBytes: whole(10_000, 16_777_216)
      .default(262_144)
      .describe('Largest stanza accepted, in bytes; a larger one is refused. At least 10000 (RFC 6120 §13.12).'),
    stanzaDepth: whole(8, 512).default(64).describe('Deepest nesting of elements accepted in a stanza.'),
    queueBytes: whole(1_048_576, 1_073_741_824)
      .default(33_554_432)
      .describe(
        'Most memory, in bytes, for what waits for a server that reads slowly; above, Parlour reads no further as long as anything moves, and after 10 s without that refuses new messages of the rooms that fill it. One room takes 16 MiB at most.',
      ),
    pendingBytes: whole(1_048_576, 1_073_741_824)
      .default(67_108_864)
      .describe(
        'Most bytes of messages not yet saved; above, Parlour reads no further as long as anything moves, and after 10 s without that refuses new messages until it has caught up.',
      ),
    awakeRooms: whole(1, 1_000_000)
      .default(5000)
      .describe('Rooms kept in memory before the least recently used are let go (they are read again when needed).'),
  })
    .prefault({})
    .describe('Bounds. What exceeds them is refused with an error that says so.'),
  api: group({
    socket: text(4096)
      .optional()
      .describe(
        'The Unix socket of the HTTP API, for programs of the same user; a relative path starts at the folder of this configuration file. Default: parlour.sock beside the database.',
      ),
    listen: listen()
      .default(null)
      .describe(
        'Where the HTTP API listens for programs that have a token: a port, then on 127.0.0.1, or an address with a port. The connection is not encrypted. null: nowhere.',
      ),
  })
    .prefault({})
    .describe('The HTTP API for those who run the service (docs/api.md).'),
  metrics: group({
    listen: listen()
      .default(null)
      .describe(
        'Where metrics and health alone are served, without a token and not encrypted: a port, then on 127.0.0.1, or an address with a port. null: at the socket of the API only.',
      ),
  })
    .prefault({})
    .describe('What programs that watch the service read (docs/monitoring.md).'),
  otel: group({
    endpoint: z
      .union([checked(TRACES, isHttp), z.null()], { error: TRACES })
      .meta({ title: TRACES })
      .default(null)
      .describe('Where OpenTelemetry traces are sent (OTLP over HTTP); they name no rooms and no people. null: nowhere.'),
    samplePercent: whole(1, 100).default(100).describe('Of a hundred traces, how many are sent: fewer where rooms are busy.'),
  })
    .prefault({})
    .describe('Traces, for a collector (docs/monitoring.md). They need packages of OpenTelemetry, which are not installed otherwise.'),
  plugins: list(
    group({
      module: text(4096).describe(
        'A file (a relative path starts at the folder of this configuration file), or the name of a package that is installed there.',
      ),
      name: checked(PLUGIN_NAME, (raw) => /^[a-z][a-z0-9-]{0,31}$/.test(raw))
        .optional()
        .describe('The name under which it runs; default: its own. Two of one module need two names.'),
      config: z
        .unknown()
        .optional()
        .describe('Its own configuration; what it takes, and whether it takes it by a reload, its documentation says.'),
    }),
    'a list of objects with the keys module, name, config',
  )
    .default([])
    .describe(
      'Plug-ins, in the order in which their checks run. They are code that runs as part of Parlour and may do what it may: take them from people you trust.',
    ),
  log: group({
    level: choice(LOG_LEVELS).default('info').describe('The least important events that are logged.'),
    format: choice(['json', 'pretty']).default('json').describe('json: one object a line, for machines. pretty: for people at a terminal.'),
  })
    .prefault({})
    .describe('The log, on standard output. It never contains messages or secrets.'),
});

/** A file as the schema has read it, with defaults. */
export type Parsed = z.output<typeof configSchema>;
