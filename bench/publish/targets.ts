/** The targets of the issue "Fast" as the page shows them, each with the figures that tell whether it is reached. */

export interface Target {
  readonly what: string;
  readonly target: string;
  readonly stretch: string;
  /** Ids of figures; none: nothing measures it yet. */
  readonly ids: readonly string[];
  /** Ids of figures that say how many it was about; the first that is there is told beside what was measured. */
  readonly of?: readonly string[];
}

const SERVERS = ['prosody-stable', 'ejabberd-stable', 'prosody-newest', 'ejabberd-newest'];
const NEWEST = ['prosody-newest', 'ejabberd-newest'];
const LOADS = ['1x1000', '100x20', '1000x10'];

export const TARGETS: readonly Target[] = [
  {
    what: 'alone, 1 room of 1,000 / 100 of 20 / 1,000 of 10, of the baseline at equal bytes',
    target: '≥ 0.9 / 0.55 / 0.4',
    stretch: '0.95 / 0.6 / 0.5',
    ids: LOADS.map((load) => `alone/${load}/of-baseline`),
  },
  { what: 'alone, 1,000 people enter at once, of the baseline', target: '≤ 2 times', stretch: '1.3', ids: ['storm/alone/of-baseline'] },
  {
    what: `attached (${SERVERS.join(' / ')}), of the baseline attached`,
    target: '≥ 0.95',
    stretch: '0.98',
    ids: SERVERS.map((server) => `attached/${server}/of-baseline`),
  },
  {
    what: `attached by XEP-0033 (${NEWEST.join(' / ')}), of the baseline attached`,
    target: '≥ 0.95',
    stretch: '0.98',
    ids: NEWEST.map((server) => `multicast/${server}/of-baseline`),
  },
  {
    what: `many enter at once, attached by XEP-0033 (${NEWEST.join(' / ')}), of the baseline attached`,
    target: '≤ 1.3 times',
    stretch: '',
    ids: NEWEST.map((server) => `multicast/${server}/storm-of-baseline`),
    of: NEWEST.map((server) => `multicast/${server}/storm-people`),
  },
  { what: "of Prosody 13's own MUC with archive, plain", target: '≥ 1.4 times', stretch: '', ids: ['attached/prosody-newest/of-own'] },
  {
    what: "of Prosody 13's own MUC with archive, by the module",
    target: '≥ 2.3 times',
    stretch: '3.2',
    ids: ['multicast/prosody-newest/of-own'],
  },
  { what: "of ejabberd 26's own MUC with archive, plain", target: 'reported', stretch: '', ids: ['attached/ejabberd-newest/of-own'] },
  { what: 'through Prosody 13 by the module, of plain', target: '≥ 1.7 times', stretch: '', ids: ['multicast/prosody-newest/of-plain'] },
  {
    what: "of ejabberd 26's own MUC with archive, by XEP-0033",
    target: '≥ 1.2 times',
    stretch: '1.4',
    ids: ['multicast/ejabberd-newest/of-own'],
  },
  {
    what: `latency at half of the slower one's capacity, p50 / p99 (${NEWEST.join(', ')}), ms`,
    target: "no worse than the own MUC's and one fsync",
    stretch: 'p99 below it',
    ids: NEWEST.flatMap((server) => [`latency/${server}/parlour-p50`, `latency/${server}/parlour-p99`]),
  },
  {
    what: 'stored and delivered to 1,000, of JetStream on file with fsync (one consumer that all hear / a consumer for each)',
    target: '≥ 5 times',
    stretch: '10',
    ids: ['anchors/jetstream-1x1000-ours', 'anchors/consumers-1x1000-ours'],
  },
  {
    what: 'deliveries/s of NATS core, 100 rooms of 20 / 1 of 1,000',
    target: 'reported',
    stretch: '0.5',
    ids: ['anchors/core-100x20-ours', 'anchors/core-1x1000-ours'],
  },
  {
    what: 'start with 100,000 rooms and 50,000 occupants, of the empty start',
    target: '≤ 1.5 times',
    stretch: '1.1',
    ids: ['start/100000-of-empty'],
  },
  {
    what: 'memory: session / its presence / awake room / sleeping room, bytes',
    target: 'half of 2.6 KB / 400 / half of 12.2 KB / 0',
    stretch: '1 KB a session',
    ids: ['memory/session', 'memory/presence', 'memory/room', 'memory/sleeping'],
  },
  {
    what: 'loop delay p99.9 at half of the maximum, above idle, each load, ms',
    target: '≤ 20',
    stretch: '5',
    ids: LOADS.map((load) => `loop/${load}/p999`),
  },
  {
    what: 'a minute at full speed, each load, of the first seconds',
    target: '≥ 0.85',
    stretch: '',
    ids: LOADS.map((load) => `long/${load}/of-short`),
  },
  { what: 'nobody who stays below the default rates is delayed (1: yes)', target: 'yes', stretch: '', ids: ['default-rates/kept'] },
];
