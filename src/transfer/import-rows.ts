/** What a document may say of each row: checked, with addresses folded, before anything is stored. */
import * as z from 'zod';
import { foldedRow, ofRenamed, rewrittenRow, undeclaredPlace, WHOLE } from '../room/contract/declared-rows';
import { CONTACTS, MOST_FOREIGN_IDS, type PortableMessage, type PortableRoom, type StayRow } from '../room/contract/own-rows';
import type { RowDeclaration } from '../room/contract/row-declaration';
import type { AffiliationRow, FeatureRow } from '../room/contract/rows';
import type { BareJid, FullJid, RoomJid } from '../xmpp/fold';
import { joined, inWords } from '../words';
import { LAST_MOMENT } from '../xmpp/dates';
import { domainOf, isRoomOf } from '../xmpp/jid';
import { prepareBareJid, prepareJid } from '../xmpp/prepare';
import { rewrittenContent } from '../xmpp/xml';
import { short } from '../xmpp/short';
import { BadDocument } from './document';
import { importMistake, type OwnMistake } from './import-mistakes';

/** Characters of a place in a row that are told again: a document chooses the names of its options. */
const LONGEST_PLACE = 100;

const orRefused = <T>(value: T | undefined, context: z.RefinementCtx, message: OwnMistake): T | typeof z.NEVER => {
  if (value !== undefined) return value;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
};
const bare = z.string().transform((text, context): BareJid => orRefused(prepareBareJid(text), context, 'importAddress'));
const full = z.string().transform((text, context): FullJid => orRefused(prepareJid(text), context, 'importAddress'));
const roomJid = bare.transform((jid, context): RoomJid =>
  orRefused(isRoomOf(jid, domainOf(jid)) ? jid : undefined, context, 'importRoomAddress'),
);
/** Far above whatever a room counts, and far below what a number holds. */
const MOST = 1e12;
const count = z.number().int().nonnegative().max(MOST);
/** Milliseconds since 1970. */
const time = z.number().int().nonnegative().max(LAST_MOMENT);
const content = z.string().transform((text, context): string => orRefused(rewrittenContent(text), context, 'importContent'));
/** In bytes of UTF-8: a nickname is the resource of an address (RFC 7622 §3.4). What rooms of today allow is less, and messages are of any day. */
const LONGEST_NICK = 1023;
const nick = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= LONGEST_NICK, 'importNick' satisfies OwnMistake);

const subject = z.strictObject({
  xml: content,
  text: z.string(),
  lang: z.string().optional(),
  nick: z.union([z.literal(''), nick]),
  occupantId: z.string().optional(),
  setAt: time,
});

const CHANNEL = z.strictObject({
  name: z.string(),
  description: z.string(),
  language: z.string(),
  open: z.boolean(),
  nonAnonymous: z.boolean(),
});

/** What search shows of a room, as its own row has it (`room/contract/channel.ts`): JSON. */
const channel = z.string().transform((text, context): string => {
  const message = 'importChannel';
  try {
    return orRefused(CHANNEL.safeParse(JSON.parse(text)).success ? text : undefined, context, message);
  } catch (error) {
    if (error instanceof SyntaxError) return orRefused<string>(undefined, context, message);
    throw error;
  }
});

const room = z.strictObject({
  jid: roomJid,
  state: z.enum(['locked', 'open']),
  name: z.string(),
  listed: z.boolean(),
  // Documents of before there was one have none.
  channel: channel.nullable().default(null),
  options: z.record(z.string(), z.array(z.string())),
  subject: subject.nullable(),
  secret: z.string().regex(/^(?:[0-9a-f]{2})+$/),
  idScheme: z.literal('prosody').optional(),
  idSalt: z.string().optional(),
  creator: z.union([z.literal(''), bare]),
  createdAt: time,
  keepDays: count.nullable(),
  keepMessages: count.nullable(),
  seq: count,
  stamp: time,
  used: time.optional(),
});

/** UTF-16 units: a kind, and the name of an operator, a token or a plug-in, which are shorter. */
const MOST_NAME = 300;

const affiliation = z.strictObject({
  jid: bare,
  affiliation: z.enum(['owner', 'admin', 'member', 'outcast']),
  nick: nick.nullable(),
  reason: z.string().nullable(),
  setBy: bare.nullable(),
  // Documents of before there was one have none.
  setByName: z.string().max(MOST_NAME).nullable().default(null),
  setAt: time,
  expiresAt: time.nullable(),
  // Documents of before there was one have none.
  afterwards: z.enum(['owner', 'admin', 'member']).nullable().default(null),
});

const stay = z.strictObject({ jid: bare, begin: count, end: count.nullable() });

const feature = z.strictObject({ feature: z.string(), key: z.string(), value: z.json() });

const message = z.strictObject({
  seq: count.min(1),
  stamp: time,
  id: z.string().min(1),
  nick: nick.nullable(),
  sender: full.nullable(),
  jidShown: z.boolean(),
  occupantId: z.string().nullable(),
  clientId: z.string().nullable(),
  lang: z.string().nullable(),
  inHistory: z.boolean(),
  payload: content,
  foreignIds: z.array(z.string()).max(MOST_FOREIGN_IDS).optional(),
});

const ROWS = { affiliation, stay, feature, message };

/** One row of a document. */
export type ReadRow =
  | { readonly affiliation: AffiliationRow }
  | { readonly stay: StayRow }
  | { readonly feature: FeatureRow }
  | { readonly message: PortableMessage };

/** `row`: its place in the document, and its kind; without it the room itself is read. What zod finds is told in ours. */
function read<T extends z.ZodType>(schema: T, value: unknown, row?: { readonly number: number; readonly kind: string }): z.output<T> {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const issue = found.error.issues[0] as z.core.$ZodIssue;
  const at = [...(row ? [row.kind] : []), ...issue.path].map(String).join('.');
  const mistake = joined([...(at === '' ? [] : [`${short(at, LONGEST_PLACE)}:`]), importMistake(issue, value)]);
  throw new BadDocument(row ? inWords('importRow', { number: row.number, mistake }) : inWords('importHead', { mistake }));
}

/** Throws BadDocument. */
export function readRoom(value: unknown): PortableRoom {
  const found = read(room, value) as PortableRoom;
  const contacts = found.options[CONTACTS];
  if (!contacts) return found;
  return { ...found, options: { ...found.options, [CONTACTS]: contacts.map((one) => prepareBareJid(one) ?? one) } };
}

/** `number`: the place of the row in the document. Throws BadDocument. */
export function readRow(value: unknown, number: number): ReadRow {
  const [one, more] = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [kind, raw] = one ?? [];
  if (kind === undefined || more !== undefined || !Object.hasOwn(ROWS, kind))
    throw new BadDocument(inWords('importRow', { number, mistake: inWords('importKind') }));
  const found = read(ROWS[kind as keyof typeof ROWS], raw, { number, kind });
  const stored = kind === 'feature' ? { ...found, value: JSON.stringify((found as z.output<typeof feature>).value) } : found;
  return { [kind]: stored } as unknown as ReadRow;
}

/** A feature's row at the room's new address. Throws BadDocument if it says more or something else than is declared, and for XML that no stanza may have. */
export function rowHere(declaration: RowDeclaration, { feature: name, key, value }: FeatureRow, from: RoomJid, to: RoomJid): FeatureRow {
  const folded = foldedRow(declaration, { key, value }, new Map());
  const place = undeclaredPlace(declaration, folded);
  if (place !== undefined)
    throw new BadDocument(
      place === WHOLE
        ? inWords('importValue', { feature: name })
        : inWords('importMember', { feature: name, member: short(place, LONGEST_PLACE) }),
    );
  const written = rewrittenRow(declaration, folded);
  if (written === undefined) throw new BadDocument(inWords('importContent'));
  return { feature: name, ...ofRenamed(declaration, written, from, to) };
}
