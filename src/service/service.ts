/** The service: the link's stanzas come in, are routed to rooms or answered, and what is decided goes out when it is certain. */
import type { Link } from '../link/link';
import { asks, findsRooms } from './pipeline/asks';
import { NO_BOUNDS } from '../room/configuring/retention';
import { errorReply } from '../xmpp/stanza-error';
import { foldFull, type Domain, type FullJid } from '../xmpp/fold';
import { child, type Element } from '../xmpp/xml';
import { NS } from '../xmpp/ns';
import { bareOf, isInDomain, roomOf } from '../xmpp/jid';
import { bytesInMemory } from '../xmpp/bytes-in-memory';
import { Activity } from './answers/activity';
import { searchTooFast } from './answers/channel-search';
import { Bounces, bounceToRoom } from './presence/bounces';
import { Budget, MOST_WAITING } from './budget/budget';
import { DomainShares } from './budget/domain-shares';
import { kindOf, kindOfRefused, type Kind } from './budget/kinds';
import type { Rates } from './budget/rates';
import { EndingClock } from './clock';
import { SeenLanguages } from './answers/languages';
import { Gate } from './budget/gate';
import { Gone } from './presence/gone';
import { DEFAULT_LIMITS } from './budget/limits';
import { Moment } from './moment';
import { Multicast } from './multicast/multicast';
import { Opening, type MulticastRules } from './multicast/opening';
import { Prober } from './presence/prober';
import { INTERNAL, refusalError, TOO_BUSY, TOO_FAST, type Refusal } from './budget/refusals';
import { Retainer } from './retention';
import { Rooms } from './life/rooms';
import { createRouter } from './router';
import { SeenAccounts } from './presence/seen-accounts';
import { answerServiceIq, type ServiceIqOptions } from './answers/service-iq';
import { Setback } from './setback';
import { shutDownRooms } from './shut-down';
import { StrayErrors } from './presence/stray-errors';
import { allRooms } from './pages';
import { Bookmarks } from './bookmarks';
import { Waker } from './wake-ups/waker';
import type { WakeForm } from './wake-ups/wake-stanza';
import type { Service, ServiceOptions } from './contract';

/** IQs to the service that wait for the store at the same time; more are refused. */
const MAX_QUERIES = 1_000;
/** Bytes of the service's own answers that may wait for a link that takes nothing. */
const MAX_ANSWERS = 1024 * 1024;
/** What waits of a stanza that the link dropped: its error, of which every part is bounded. */
const DROPPED_BYTES = 4_096;
/** Of them, those that are with the store at the same time. */
const MAX_READS = 4;

const NO_MULTICAST: MulticastRules = { service: 'none', from: Infinity, addresses: 1 };
const NO_FORMS: ReadonlyMap<Domain, WakeForm> = new Map();

/** Bytes undecided or uncommitted from which on the store has enough to do. */
const BUSY_BYTES = 256 * 1024;

/** Seconds until stanzas of one account that wait for a token have theirs, so that one more may find a place. */
const retryAfter = (rates?: Rates): number => Math.max(1, Math.ceil(((rates?.request?.tokenMs ?? 0) * MOST_WAITING) / 1000));

export function createService(options: ServiceOptions): Service {
  const { domain, store, makeRoom, random, log, info, version, adHoc, seen, retention = NO_BOUNDS, auditKept } = options;
  const clock = new EndingClock(options.clock);
  const moment = new Moment(clock);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  let queries = 0;

  const { serverDomain, multicast: rules = NO_MULTICAST } = options;
  const around = {
    link: options.link,
    clock,
    log,
    domain,
    serverDomain: serverDomain ?? domain.slice(domain.indexOf('.') + 1),
    secret: () => Buffer.from(random.bytes(12)).toString('base64url'),
  };
  const multicast: Multicast = new Multicast(
    { ...around, from: rules.from, sentBytes: limits.sentBytes },
    {
      closed: (condition) => opening.closed(condition),
      unsure: (unsure) => {
        for (const room of unsure) rooms.unsure(roomOf(room));
      },
      lowered: (room) => rooms.lowered(roomOf(room)),
      drained: () => rooms.drained(),
    },
  );
  const link: Link = multicast;
  const opening = new Opening({ ...around, rules, open: (found, addresses) => multicast.open(found, addresses) });
  const isLocal = (of: string): boolean => serverDomain === undefined || of === serverDomain;
  const budget: Budget | undefined =
    options.budget &&
    new Budget({
      clock,
      moment,
      ...options.budget,
      shares: new DomainShares({ scarce: () => rooms.pressure.scarce || gate.crowded, isLocal }),
      memory: (bytes) => (bytes > 0 ? rooms.pressure.add(bytes) : rooms.pressure.remove(-bytes)),
    });

  const gate = new Gate(MAX_READS);
  const activity = new Activity({
    domain,
    isLocal,
    store: {
      roomsOf: (...of) => gate.run(() => store.roomsOf(...of)),
      activityOf: (jid, limit) => gate.run(() => store.activityOf(jid, limit)),
    },
    link,
    log,
  });
  const rooms: Rooms = new Rooms({
    ...(budget ? { budget } : {}),
    isLocal,
    store,
    link,
    makeRoom,
    clock,
    moment,
    log,
    limits,
    routeOf: (room, occupants) => multicast.routeOf(room, occupants),
    said: () => multicast.said(),
    reverify: () => prober.verifyAll(),
    wake: (room, wakeUp) => waker.wake(room, wakeUp),
    bookmark: (room, bookmark) => bookmarks.add(room, bookmark),
    askSettings: (room, ask) => bookmarks.askSettings(room, ask),
    asksNobody: (room) => bookmarks.forget(room),
    committed: (room, part) => {
      activity.committed(room, part);
      if (part.changes) for (const change of part.changes) if (change.table === 'audit') retainer.noteAct(change.row);
    },
  });

  const waker = new Waker({
    ...{ link, store, clock, log, random, domain },
    gone: (room, jid) => rooms.input(room, { kind: 'bounced', bounce: { jid, condition: 'gone' } }, 0),
    chosen: options.wakeForms ?? (() => NO_FORMS),
  });
  const bookmarks = new Bookmarks({
    ...{ link, clock, log, domain },
    told: (room, answer) => rooms.input(room, { kind: 'account', answer }, 0),
  });
  const seenAccounts = new SeenAccounts();
  const goner = new Gone({ store, rooms, clock, log, retryMs: limits.retryMs });
  const gone = (jid: FullJid, text: string, known: boolean): void => {
    activity.end(jid);
    goner.gone(jid, text, known);
  };
  const strays = new StrayErrors(() => clock.elapsed(), isLocal);

  const prober = new Prober({
    store,
    link,
    clock,
    log,
    address: `${domain}/probe`,
    perSecond: limits.probesPerSecond,
    probeMs: limits.probeMs,
    unreachableMs: limits.unreachableMs,
    others: () => activity.subscribers,
    gone: (jid, text) => gone(jid, text, true),
  });
  const bounces = new Bounces(clock, limits.suspectMs, { gone, probe: (address, condition) => void prober.probe(address, condition) });

  const retainer: Retainer = new Retainer({
    store,
    clock,
    log,
    retention,
    auditKept,
    busy: () => rooms.pressure.bytes > BUSY_BYTES || !rooms.writable,
  });

  const iqOptions: ServiceIqOptions = {
    domain,
    languages: new SeenLanguages(),
    store: {
      listRooms: (query) => gate.run(() => store.listRooms(query)),
      listOccupied: (query) => gate.run(() => store.listOccupied(query)),
      findChannels: (query) => gate.run(() => store.findChannels(query)),
      seatsOf: (jid, query) => gate.run(() => store.seatsOf(jid, query)),
      registrationsOf: (jid, query) => gate.run(() => store.registrationsOf(jid, query)),
      hasRoom: (room) => gate.run(() => store.hasRoom(room)),
    },
    clock,
    begun: clock.elapsed(),
    random,
    info,
    retention,
    version,
    adHoc,
    execute: (execution) => rooms.execute(execution),
    isAwake: (room) => rooms.slots.has(room),
  };

  /** Of a stanza to the service: run at once if its account has a token for it, else later, or refused. */
  const charged = (stanza: Element, kind: Kind | 'free', bytes: number, run: () => void, refuse: () => void): void => {
    const session = foldFull(stanza.attrs['from'] as string);
    if (!budget || budget.isTrusted(session)) return run();
    const share = budget.shareOf(session);
    if (budget.take(budget.of(session), kind, 1, share)) run();
    else budget.wait({ kind, cost: 1, bytes, memory: bytesInMemory(stanza, bytes), share, session, room: domain, run, refuse });
  };

  const refuseByService = (stanza: Element, why: Refusal): void => {
    // XEP-0433 §4.2.2.4: a search is told when to try again, whatever there was too much of.
    const limited = why !== INTERNAL && child(stanza, 'search', NS.channelSearch) !== undefined;
    const reply = errorReply(stanza, limited ? searchTooFast(retryAfter(options.budget?.rates), why.text) : refusalError(why), domain);
    if (reply) link.send(reply);
  };

  const serviceIq = (iq: Element, bytes: number): void => {
    const refuse = (why: Refusal): void => refuseByService(iq, why);
    const { pressure } = rooms;
    const fills = pressure.refusing && link.queuedOf(domain) > MAX_ANSWERS;
    if (queries >= MAX_QUERIES || fills || pressure.stuck) return refuse(TOO_BUSY);
    queries++;
    const memory = bytesInMemory(iq, bytes);
    pressure.add(memory);
    answerServiceIq(iq, iqOptions)
      .then(
        (out) => {
          link.send(out);
          pressure.look();
        },
        (error: unknown) => {
          log.error({ event: 'request.failed', err: error }, 'a request to the service could not be answered');
          refuse(INTERNAL);
        },
      )
      .finally(() => {
        queries--;
        pressure.remove(memory);
      });
  };

  const route = createRouter(
    domain,
    {
      send: (out) => link.send(out),
      // What is above the rate and finds no place to wait is dropped: to answer it would let the sender set the rate of our output.
      answer: (stanza, bytes, out) =>
        charged(
          stanza,
          kindOfRefused(stanza),
          bytes,
          () => link.send(out),
          () => undefined,
        ),
      room: (jid, input, bytes) => {
        // Messages come from people who are in, and so sent presence.
        if (input.kind === 'stanza' && input.stanza.name !== 'message') seenAccounts.add(bareOf(input.from));
        if (input.kind === 'stanza' && waker.accounts.size > 0) waker.seen(bareOf(input.from));
        rooms.input(jid, input, bytes);
      },
      bounced: (stanza, from, to) => {
        if (prober.bounced(stanza) || waker.bounced(stanza, from, roomOf(to))) return;
        // Whoever cannot take an indicator wants no more.
        if (to === domain) activity.end(from);
        const known = rooms.isIn(roomOf(to), from);
        if (!known && !strays.take(from)) return;
        bounces.bounced(stanza, from, known);
        const bounce = bounceToRoom(stanza, from, to);
        // An error to an invitation of somebody who is in: not what sessions answer to what rooms say.
        if (bounce && (!known || strays.take(from))) {
          const seen = seenAccounts.has(bareOf(bounce.jid));
          rooms.input(roomOf(to), { kind: 'bounced', bounce: { ...bounce, seen } }, 0);
        }
      },
      serviceIq: (iq, bytes) => {
        waker.seen(bareOf(foldFull(iq.attrs['from'] as string)));
        charged(
          iq,
          kindOf(iq, bytes),
          bytes,
          () => serviceIq(iq, bytes),
          () => refuseByService(iq, TOO_FAST),
        );
      },
      subscribe: (from, presence, bytes, refuse) =>
        charged(
          presence,
          'presence',
          bytes,
          () => {
            const refusal = activity.subscribe(from, () => refuse(refusalError(INTERNAL)), presence.attrs['from'] as string);
            if (refusal) refuse(refusal);
          },
          () => refuseByService(presence, TOO_FAST),
        ),
      unsubscribe: (jid) => activity.end(jid),
    },
    log,
    seen,
    limits.sentBytes,
  );

  /** Rooms that owe somebody something say it now, before they decide anything else. */
  const unreadable = new Setback(log, limits.retryMs);
  const wakeUnsaid = (): void => {
    allRooms((after, limit) => store.unsaidAfter(after, limit)).then(
      (unsaid) => {
        unreadable.worked('rooms with undelivered messages can be read again');
        for (const room of unsaid) rooms.wake(room);
      },
      (error: unknown) => {
        const wait = unreadable.failed('store.unreadable', error, 'rooms with undelivered messages could not be read');
        clock.after(wait, () => {
          if (link.online) wakeUnsaid();
        });
      },
    );
  };

  return {
    handler: {
      stanza(stanza, bytes) {
        if (bookmarks.privileged(stanza) || opening.took(stanza) || multicast.took(stanza)) return;
        route(stanza, bytes);
        rooms.pressure.look();
      },
      answerDropped(stanza, send) {
        const from = foldFull((stanza.attrs['from'] as string | undefined) ?? '');
        if (from === '' || isInDomain(from, domain)) return;
        charged(stanza, kindOfRefused(stanza), DROPPED_BYTES, send, () => undefined);
      },
      online() {
        rooms.online();
        wakeUnsaid();
        activity.online();
        waker.online();
        prober.verifyAll();
        opening.online();
      },
      offline() {
        prober.stop();
        bookmarks.offline();
        opening.offline();
        multicast.offline();
        rooms.offline();
      },
      drained() {
        rooms.drained();
      },
      lowered(room) {
        rooms.lowered(roomOf(room));
      },
    },
    async start() {
      await waker.start();
      await rooms.start();
      retainer.start();
    },
    async stop() {
      prober.stop();
      retainer.stop();
      await rooms.stop();
      await waker.stop();
      multicast.finish();
      clock.end();
    },
    forget: (jid) => waker.seen(jid),
    rulesChanged: () => budget?.forgetTrust(),
    shutDown: (by, reason) => shutDownRooms({ store, rooms, clock, log, retryMs: limits.retryMs }, by, reason),
    execute: (execution) => rooms.execute(execution),
    query: asks((execution) => rooms.execute(execution)),
    arrive: (room, work) => rooms.arrive(room, work),
    findRooms: findsRooms(store),
    stats: () => ({
      rooms: rooms.census(),
      batches: rooms.pipeline.batches,
      failures: rooms.pipeline.failures,
      gathered: rooms.pressure.bytes,
      writable: rooms.writable,
      counted: rooms.pipeline.counted,
      multicast: { ...multicast.multicastCounts, open: multicast.isOpen, rooms: multicast.rooms },
      accounts: budget?.size ?? 0,
      waits: budget?.waits ?? { now: 0, all: 0 },
    }),
  };
}
