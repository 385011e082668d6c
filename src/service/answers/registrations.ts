/** `jabber:iq:register` at the service: where the asker is known, and giving up all nicks at once. Rooms register (§7.10). */
import type { Execute } from '../../room/contract/commands';
import type { Directory, Registration } from '../../store/directory';
import type { BareJid, FullJid } from '../../xmpp/fold';
import { tableXml, type Column } from '../../xmpp/forms';
import { bareOf } from '../../xmpp/jid';
import { fitting } from '../../xmpp/list-bytes';
import { NS } from '../../xmpp/ns';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { child, childElements, escapeText, type Element } from '../../xmpp/xml';
import { inWords, type Language } from '../../words';

/** Most rooms in one answer, which keeps the stanza below servers' limits. */
const MAX_ROWS = 500;
/** Rooms read at a time: only of those is it told whether the asker has a nick. */
const MAX_READ = 1_000;
/** Rooms told at the same time to forget a registration. */
const AT_ONCE = 16;

const COLUMNS: readonly Column[] = [
  { var: 'room', type: 'jid-single', label: inWords('labelRoom') },
  { var: 'nick', type: 'text-single', label: inWords('labelRegisteredNick') },
  { var: 'affiliation', type: 'text-single', label: inWords('labelAffiliation') },
];

/** The `<query/>` that lists the rooms in which the asker has an affiliation. `<registered/>`: the asker has a nick in at least one. */
export async function registrationList(from: FullJid, store: Pick<Directory, 'registrationsOf'>, language: Language): Promise<string> {
  const known = await store.registrationsOf(bareOf(from), { limit: MAX_READ });
  // A row has three fields, whose elements have less than 200 bytes.
  const textOf = ({ room, nick }: Registration): string => escapeText(room + (nick ?? '')) + ' '.repeat(200);
  const shown = fitting(known.slice(0, MAX_ROWS), textOf);
  const registered = known.some(({ nick }) => nick !== null) ? '<registered/>' : '';
  const instructions =
    known.length === 0
      ? inWords('registrationsNone')
      : shown.length < known.length
        ? inWords('registrationsMore', { shown: shown.length })
        : inWords('registrations');
  const rows = shown.map(({ room, nick, affiliation }) => [room, nick ?? '', affiliation]);
  const table = known.length === 0 ? '' : tableXml(COLUMNS, rows, language);
  return `<query xmlns="${NS.register}">${registered}<instructions>${escapeText(instructions.in(language))}</instructions>${table}</query>`;
}

/** A set: `<remove/>` gives up the asker's nick in every room; anything else belongs to a room. Returns the refusal, if any. */
export async function changeRegistrations(
  query: Element,
  from: FullJid,
  store: Pick<Directory, 'registrationsOf'>,
  execute: Execute,
): Promise<StanzaError | undefined> {
  if (!child(query, 'remove', NS.register)) return stanzaError('not-allowed', inWords('registerWithRoom'));
  // XEP-0077 §3.2.
  if (childElements(query).length > 1) return stanzaError('bad-request', inWords('removeAlone'));
  const jid = bareOf(from);
  let nicks = await store.registrationsOf(jid, { named: true, limit: MAX_READ });
  if (nicks.length === 0) return stanzaError('registration-required', inWords('registeredNowhere'));
  for (;;) {
    const refusal = await unregister(jid, nicks, execute);
    if (refusal || nicks.length < MAX_READ) return refusal;
    // More may be behind so many.
    const more = await store.registrationsOf(jid, { named: true, limit: MAX_READ });
    if (more.length === 0 || more[0]?.room === nicks[0]?.room) return undefined;
    nicks = more;
  }
}

/** Gives up these nicks; answers the first refusal, if any, when all have been asked. */
async function unregister(jid: BareJid, nicks: readonly Registration[], execute: Execute): Promise<StanzaError | undefined> {
  let refusal: StanzaError | undefined;
  for (let i = 0; i < nicks.length; i += AT_ONCE) {
    const outcomes = await Promise.all(
      nicks
        .slice(i, i + AT_ONCE)
        .map(({ room }) => execute({ actor: { kind: 'account', name: jid, face: 'xmpp' }, room, command: { name: 'unregister', jid } })),
    );
    // A room that ended meanwhile has no registration left.
    for (const outcome of outcomes) if (!outcome.ok && outcome.error.condition !== 'item-not-found') refusal ??= outcome.error;
  }
  return refusal;
}
