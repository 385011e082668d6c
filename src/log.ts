/** The log: one event a line, each with a name that stays when its text is improved. docs/troubleshooting.md lists them; never bodies or passwords. */

/** Every event, and what it means. */
export const LOG_EVENTS = {
  'announcement.interrupted': 'an announcement by an administrator could not be sent to everybody',
  'announcement.sent': 'an announcement was sent; `complete` says whether to everybody',
  'api.failed': 'a request to the API could not be answered: a mistake in the program',
  'api.listening': 'where the API listens',
  'api.log-level': 'another level of the log was set',
  'api.token-created': 'a token of the API was made',
  'api.token-revoked': 'a token of the API was revoked',
  'api.token-revoking':
    'a token is to go, lets nobody in, and is not revoked to its end yet: its room or the database failed. It is tried again',
  'archive.unreadable': 'messages of a room could not be read',
  'account.forget-failed': 'an account that was deleted could not be forgotten in a room; run the command again',
  'account.forgotten': 'an account that was deleted was forgotten in all rooms',
  'backup.asked': 'an administrator of the service asked for a backup by ad-hoc command',
  'backup.failed': 'a backup could not be made, or those that there are could not be read; those from before stay',
  'backup.made': 'a backup was made, checked and is on the disk; `removed`: older ones that gave way to it',
  'backup.not-removed': 'an old backup could not be removed',
  'bookmark.dropped': 'a bookmark was not written or read: too many wait for it',
  'bookmark.failed': 'bookmarks could not be written or read: a mistake in the program',
  'bookmark.not-allowed': 'a server does not let Parlour write the bookmarks of its accounts; once for each connection',
  'bookmark.refused': 'a bookmark could not be written',
  'bookmark.silent': 'a server did not answer a request in the name of one of its accounts in time; it is asked again in ten minutes',
  'bookmark.written': 'a room was written into the bookmarks of somebody',
  'config.failed': 'the configuration could not be read again: a mistake in the program; restart to be sure of what holds',
  'config.refused': 'the configuration was read again and has mistakes: nothing was changed',
  'config.reloaded': 'the configuration was read again: what was `taken`, and what needs a `restart`',
  'erasure.failed': 'a person could not be erased from a room; run the command again',
  'erasure.finished': 'a person was erased from every room',
  'erasure.progress': 'how far erasing a person is',
  'erasure.resumed': 'erasing a person is resumed after a restart',
  'erasure.room': 'a person was erased from a room',
  'erasure.started': 'an administrator erases a person',
  'erasure.waiting': 'the store failed while a person was erased; it is tried again',
  'http.not-taken': 'a connection to the API or to the metrics could not be taken; a line a minute at most',
  'link.attached': 'the server takes us',
  'link.cleaned': 'characters that XML forbids were taken out of a stanza of ours',
  'link.closed': 'the link was closed by us',
  'link.domain-unknown': 'the server does not know `server.domain`',
  'link.dropped': 'a stanza broke a limit and was dropped',
  'link.failed': 'an attempt to attach failed',
  'link.handler-failed': 'handling a stanza threw: a mistake in the program',
  'link.lost': 'the connection was lost',
  'link.no-stanza': 'the server sent an element that is no stanza',
  'link.not-sent': 'a stanza of ours with a wrong address was not sent',
  'link.refused': 'the server refuses us; the line says what to change',
  'link.retry': 'when the next attempt is made',
  'link.shared': 'somebody else has the domain of the rooms too: not all that is sent to it comes back',
  'link.too-large': 'a stanza of ours was too large to be sent',
  'log.lost': 'lines of the log could not be written',
  'metrics.failed': 'metrics could not be answered: a mistake in the program',
  'metrics.listening': 'where metrics and health are served',
  'multicast.closed': 'the multicast service refuses or says nothing; rooms send one by one until it has passed another trial',
  'multicast.none': 'the server names no multicast service',
  'multicast.open': 'large rooms speak by a multicast service',
  'multicast.stray': 'an error of the multicast service is about nothing that waits for it',
  'multicast.unusable': 'a multicast service does not do what rooms need; it is not used',
  'plugin.disabled': 'a plug-in failed too often and is disabled',
  'plugin.enabled': 'a plug-in is enabled again',
  'plugin.event-slow': 'a plug-in takes long over one event',
  'plugin.events-kept': 'old events for plug-ins could not be removed; the next round tries again',
  'plugin.events-unread': 'events for a plug-in could not be read or noted',
  'plugin.failed': 'a plug-in threw',
  'plugin.running': 'which plug-ins run',
  'plugin.says': 'a line of a plug-in',
  'plugin.start-failed': 'a plug-in could not start',
  'plugin.stop-failed': 'a plug-in could not stop',
  'plugin.stop-late': 'plug-ins did not stop in time',
  'pressure.ended': 'stanzas are no longer refused',
  'pressure.paused': 'too much work has gathered; reading is paused',
  'pressure.refusing': 'the pause was not enough; stanzas are refused',
  'pressure.stuck': 'nothing moves and refusals pile up; reading is stopped',
  'process.failed': 'a mistake in the program; it ends',
  'process.stopped': 'everything is closed',
  'process.stopping': 'the program was told to end',
  'process.stuck': 'the store or the server did not answer in time; the program ends all the same',
  'request.failed': 'a request to the service could not be answered',
  'request.twice': 'a room answered a request more than once: a mistake in the program',
  'request.unanswered': 'a room left a request unanswered: a mistake in the program',
  'retention.audit-failed': 'the audit trail could not be bounded; the next round tries again',
  'retention.failed': 'expired messages could not be erased; the next round tries again',
  'retention.finished': 'a round that erased expired messages is over',
  'room.affiliations-changed': 'somebody changed affiliations, bans included',
  'room.awake': 'a room was read into memory',
  'room.clock-ahead': 'a room has messages from a time that is still to come',
  'room.configured': 'somebody changed the configuration of a room',
  'room.created': 'a room was made',
  'room.destroyed': 'a room was destroyed',
  'room.erased': 'an administrator erased a room',
  'room.imported': 'a room was brought along',
  'room.input-dropped': 'something that cannot be refused was dropped: too much waits for the room',
  'room.input-lost': 'something that cannot be refused could not be saved in several attempts',
  'room.kicked': 'somebody was kicked',
  'room.notices-dropped': 'notices to people outside of a room were dropped: too many',
  'room.refusal-failed': 'refusing something threw: a mistake in the program',
  'room.release-failed': 'a room could not be given back to the store',
  'room.rename-failed': 'a room could not be renamed',
  'room.renamed': 'a room has another address',
  'room.resting': 'a room is left alone for a while after repeated failures',
  'room.retracting': 'an administrator retracts somebody’s messages',
  'room.roles-changed': 'somebody changed roles',
  'room.slow': 'one input of a room blocked everything else',
  'room.threw': 'a room threw: a mistake in the program; it is loaded anew',
  'room.trimmed': 'an administrator trimmed an archive',
  'room.unloadable': 'a room could not be loaded',
  'sessions.many-leave': 'too many sessions leave rooms that are not in memory',
  'sessions.probed': 'all sessions were asked whether they are still there',
  'sessions.unreadable': 'the sessions or rooms of somebody could not be read',
  'shut-down.failed': 'the service could not be shut down',
  'shut-down.finished': 'all rooms were told of the end',
  'shut-down.incomplete': 'some rooms could not be told of the end',
  'shut-down.started': 'an administrator shuts the service down',
  'stanza.invalid-address': 'a stanza with an address that is none was dropped',
  'stanza.unsendable': 'a stanza could not be sent',
  'store.failed': 'the store cannot save; writes are refused until it can',
  'store.folded': 'what folding the addresses of the database changed',
  'store.hanging': 'the store has not answered for a minute; writes are refused until it has',
  'store.low-disk': 'the disk of the database is nearly full',
  'store.migrated': 'the database was brought up to date',
  'store.out-of-order': 'the store took a batch that builds on one that failed: a mistake in the program',
  'store.readable': 'what could not be read can be read again',
  'store.recovered': 'the store saves again',
  'store.refused': 'the store refused what one room wrote',
  'store.still-failing': 'a probe of the store failed again',
  'store.thread-restarted': 'a thread of the store ended and was started again',
  'store.unreadable': 'rooms that are due or owe something could not be read; tried less and less often',
  'traces.failed': 'spans could not be sent to `otel.endpoint`; they are dropped; a line a minute at most',
  'traces.running': 'traces are sent to `otel.endpoint`',
  'wake-up.dropped': 'people were not woken, since too many waited for it',
  'wake-up.failed': 'people could not be woken: a mistake in the program',
  'wake-up.form': 'a domain has said what its software is, and so in which form its accounts are woken',
  'wake-up.form-refused': 'a server refuses the form in which its accounts were woken, and gets the other one',
  'wake-up.not-kept': 'how accounts were woken could not be written; after a crash some may be woken more often',
} as const;

export type LogEvent = keyof typeof LOG_EVENTS;

/** Names of pino's, the least talkative last. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogFields {
  readonly event: LogEvent;
  readonly [name: string]: unknown;
}

/** Where lines go: a pino logger, or what a test has in its place. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** The log of the whole program. */
export interface ProgramLog extends Log {
  /** The least important events that it takes, and that its children take: pino's names. */
  level: string;
  fatal(fields: LogFields, message: string): void;
  child(bindings: { readonly part: string }): Log;
  /** Its own level and that of all its children. */
  setLevel(level: LogLevel): void;
}
