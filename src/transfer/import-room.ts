/** Brings a room along from a document: put in place slice by slice, tried out as a room, and made one at the end. */
import type { By } from '../room/contract/audit';
import type { CommandOutcome } from '../room/contract/commands';
import { mostRows } from '../room/contract/declared-rows';
import type { Random } from '../room/contract/env';
import type { PortableMessage, PortableRoom, StayRow } from '../room/contract/own-rows';
import type { RowDeclaration } from '../room/contract/row-declaration';
import type { AffiliationRow, Counters, FeatureRow, Millis, RoomRow, RoomRows } from '../room/contract/rows';
import { FORMER_NAMES } from '../room/contract/row-names';
import { PERSISTENT_FIELD } from '../room/configuring/presets';
import { keptReason } from '../room/governing/reasons';
import { messageId, stampOf } from '../room/talking/ids';
import type { ImportKey, ImportSlice, Maintenance } from '../store/maintenance';
import { inWords } from '../words';
import type { BareJid, RoomJid } from '../xmpp/fold';
import { formatDateTime } from '../xmpp/dates';
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { FORMAT_VERSION, type ImportOutcome } from './contract';
import { BadDocument, reading } from './document';
import { ROOM_FORMAT } from './export-room';
import { affiliationWithin, featureWithin, roomWithin, type ImportLimits } from './import-limits';
import { readRoom, readRow, rowHere } from './import-rows';

/** Rows of one transaction, and bytes of messages: commits of running rooms come between two. */
const ROWS_AT_ONCE = 200;
const BYTES_AT_ONCE = 256 * 1024;
/** Lists and rows of features of one room, which are held until it was tried out as a room. */
const MOST_ROWS = 100_000;
/** By how much two clocks may differ: a day. */
const MOST_AHEAD_MS = 86_400_000;

export interface ImportOptions {
  readonly store: Pick<Maintenance, 'rowsOf' | 'beginImport' | 'importSlice' | 'endImport' | 'dropImport'>;
  readonly declared: ReadonlyMap<string, RowDeclaration>;
  /** Whether an address is one of this service. */
  readonly isHere: (room: RoomJid) => boolean;
  readonly domain: string;
  /** Throws if the rows make no sense. */
  readonly tryOut: (room: RoomJid, rows: RoomRows) => void;
  /** Keeps the name free while the room becomes one. */
  readonly arrive: (room: RoomJid, work: () => Promise<CommandOutcome>) => Promise<CommandOutcome>;
  readonly limits: ImportLimits;
  readonly random: Random;
  readonly now: () => Millis;
}

/** What is known of the room while its rows come. */
interface Bringing {
  readonly room: PortableRoom;
  readonly to: RoomJid;
  readonly affiliations: AffiliationRow[];
  /** Those of them who are not banned. */
  readonly belonging: Set<BareJid>;
  readonly features: FeatureRow[];
  readonly left: Set<string>;
  /** Rows of each feature. */
  readonly counts: Map<string, number>;
  /** People of each affiliation. */
  readonly listed: Map<AffiliationRow['affiliation'], number>;
  messages: number;
  seq: number;
  stamp: Millis;
}

/** Never rejects for what is in the document. Throws StoreFailed, and what reading the document throws. */
export async function importRoom(
  options: ImportOptions,
  document: AsyncIterable<string | Uint8Array>,
  { to, by }: { readonly to?: RoomJid; readonly by: By },
): Promise<ImportOutcome> {
  const { store } = options;
  let key: ImportKey | undefined;
  try {
    const found = reading(document);
    const { format, version, room: head } = await found.head();
    if (format !== ROOM_FORMAT) throw new BadDocument(inWords('importNoExport'));
    if (version !== FORMAT_VERSION) throw new BadDocument(inWords('importVersion', { version: String(version), known: FORMAT_VERSION }));
    const room = persistent(readRoom(head));
    requirePast(room, options.now());
    roomWithin(room, options.limits);
    const address = to ?? room.jid;
    if (!options.isHere(address))
      return { ok: false, error: stanzaError('not-acceptable', inWords('importElsewhere', { domain: options.domain })) };
    const there = await store.rowsOf(address);
    if (there && there.room.state !== 'destroyed') return taken(address);
    const bringing: Bringing = {
      room,
      to: address,
      affiliations: [],
      belonging: new Set(),
      features: [],
      left: new Set(),
      counts: new Map(),
      listed: new Map(),
      messages: 0,
      seq: 0,
      stamp: 0,
    };
    const begun = (key = await store.beginImport());
    await putRows(options, begun, bringing, found.rows());
    const outcome = await end(options, begun, bringing, by);
    if (!outcome.ok) return { ok: false, error: outcome.error };
    key = undefined;
    return { ok: true, room: address, messages: bringing.messages, left: [...bringing.left] };
  } catch (error) {
    if (!(error instanceof BadDocument)) throw error;
    return { ok: false, error: stanzaError('bad-request', inWords('importBad', { problem: error.text })) };
  } finally {
    if (key !== undefined) await store.dropImport(key);
  }
}

/** Gathers rows into slices; the order of the kinds is that of exports. */
async function putRows(options: ImportOptions, key: ImportKey, bringing: Bringing, rows: AsyncIterable<unknown>): Promise<void> {
  let slice = emptySlice();
  let [size, bytes, number] = [0, 0, 0];
  const put = async (): Promise<void> => {
    if (size > 0) await options.store.importSlice(key, slice);
    slice = emptySlice();
    [size, bytes] = [0, 0];
  };
  for await (const value of rows) {
    const row = readRow(value, ++number);
    if ('affiliation' in row) takeAffiliation(options, bringing, row.affiliation);
    else if ('feature' in row) takeFeature(options, bringing, row.feature);
    else {
      if ('stay' in row) slice.stays.push(endedStay(bringing, row.stay));
      else {
        const message = takeMessage(options, bringing, row.message, number);
        slice.messages.push(message);
        bytes += Buffer.byteLength(message.payload);
      }
      if (++size >= ROWS_AT_ONCE || bytes >= BYTES_AT_ONCE) await put();
    }
  }
  await put();
  noteFormerName(bringing);
  for (const kind of ['affiliations', 'features'] as const)
    for (let from = 0; from < bringing[kind].length; from += ROWS_AT_ONCE)
      await options.store.importSlice(key, { [kind]: bringing[kind].slice(from, from + ROWS_AT_ONCE) });
}

interface Gathering extends ImportSlice {
  readonly stays: StayRow[];
  readonly messages: PortableMessage[];
}

const emptySlice = (): Gathering => ({ stays: [], messages: [] });

function hold<T>(rows: T[], row: T): void {
  if (rows.length >= MOST_ROWS) throw new BadDocument(inWords('importMany'));
  rows.push(row);
}

function takeAffiliation({ limits }: ImportOptions, { affiliations, belonging, listed }: Bringing, row: AffiliationRow): void {
  const count = (listed.get(row.affiliation) ?? 0) + 1;
  listed.set(row.affiliation, count);
  affiliationWithin(row, count, limits);
  // As of one that is given here: a reason may be of any length.
  hold(affiliations, row.reason === null ? row : { ...row, reason: keptReason(row.reason) });
  if (row.affiliation !== 'outcast') belonging.add(row.jid);
}

function takeFeature({ declared, limits }: ImportOptions, { room, to, features, left, counts }: Bringing, row: FeatureRow): void {
  const declaration = declared.get(row.feature);
  if (!declaration?.travels.includes('room')) {
    left.add(row.feature);
    return;
  }
  const already = (counts.get(row.feature) ?? 0) + 1;
  const most = mostRows(declaration, limits);
  if (already > most) throw new BadDocument(inWords('importRows', { max: most, what: row.feature }));
  counts.set(row.feature, already);
  const brought = rowHere(declaration, row, room.jid, to);
  featureWithin(declaration, brought, limits);
  hold(features, brought);
}

/** Nobody is in the room at its new address: who does not belong to it has left. */
function endedStay({ room, belonging }: Bringing, stay: StayRow): StayRow {
  if (stay.end !== null) return stay;
  return belonging.has(stay.jid) ? stay : { ...stay, end: Math.max(room.seq, stay.begin) };
}

/** A message gets an id of ours, if it has none that carries its time; the one that it had is known too. */
function takeMessage({ random }: ImportOptions, bringing: Bringing, message: PortableMessage, number: number): PortableMessage {
  const { seq, stamp, id } = message;
  if (seq <= bringing.seq || stamp < bringing.stamp || seq > bringing.room.seq || stamp > bringing.room.stamp)
    throw new BadDocument(inWords('importOrder', { number }));
  bringing.seq = seq;
  bringing.stamp = stamp;
  bringing.messages++;
  if (stampOf(id) === stamp) return message;
  return { ...message, id: messageId(stamp, random), foreignIds: [...(message.foreignIds ?? []), id] };
}

/** What the room said of itself until now, it said under its former address. */
function noteFormerName({ room, to, features }: Bringing): void {
  const key = String(room.seq);
  if (room.jid === to || features.some((row) => row.feature === FORMER_NAMES && row.key === key)) return;
  features.push({ feature: FORMER_NAMES, key, value: JSON.stringify(room.jid) });
}

async function end(options: ImportOptions, key: ImportKey, bringing: Bringing, by: By): Promise<CommandOutcome> {
  const { store, tryOut, arrive, now } = options;
  const { room, to, affiliations, features, messages } = bringing;
  const { used = bringing.stamp, ...rest } = room;
  const row = rowOf(rest, to, now());
  const { seq, stamp } = room;
  // Everything was said elsewhere: nothing is owed to anybody here. A document of before times of use were kept has that of its latest message.
  const counters: Counters = { rev: seq, deliveredRev: seq, seq, stamp, used };
  try {
    tryOut(to, { room: row, counters, affiliations, occupants: [], sessions: [], sayings: [], features });
  } catch (error) {
    throw new BadDocument(inWords('importSense', { why: error instanceof Error ? error.message : String(error) }));
  }
  const item = { object: '', before: room.jid === to ? null : room.jid, after: String(messages), reason: null };
  const audit = { at: now(), by, act: 'import', count: 1, items: [item] } as const;
  return arrive(to, async () => {
    if (await store.endImport(key, { row, counters, audit })) return { ok: true };
    return taken(to);
  });
}

/** A temporary room ends when nobody is in it (§7.14), and nobody is in it yet: the first act on it would take it away with all that was said. */
const persistent = (room: PortableRoom): PortableRoom => ({ ...room, options: { ...room.options, [PERSISTENT_FIELD]: ['1'] } });

/** An archive goes on just behind its latest message: one of the future would hold all that is said until then at that time. Throws BadDocument. */
function requirePast({ stamp, used = 0, createdAt }: PortableRoom, now: Millis): void {
  const latest = Math.max(stamp, used, createdAt);
  if (latest - now > MOST_AHEAD_MS) throw new BadDocument(inWords('importAhead', { time: formatDateTime(latest) }));
}

const taken = (room: RoomJid): { readonly ok: false; readonly error: StanzaError } => ({
  ok: false,
  error: stanzaError('conflict', inWords('renameTaken', { room })),
});

/** It has a deadline at once, and so finds the next one for itself. */
function rowOf(room: Omit<PortableRoom, 'used'>, jid: RoomJid, now: Millis): RoomRow {
  // Counters are no part of the row; all else of the document is.
  const { seq, stamp, options, subject, ...rest } = room;
  return {
    ...rest,
    jid,
    options: JSON.stringify(options),
    subject: subject === null ? null : JSON.stringify(subject),
    archiveFrom: 0,
    deadline: seq >= 0 && stamp >= 0 ? now : null,
    tombstone: null,
  };
}
