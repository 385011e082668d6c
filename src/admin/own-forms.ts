/** Forms and notes of the commands that XEP-0133 does not define. */
import type { RoomJid } from '../xmpp/fold';
import type { Field } from '../xmpp/forms';
import { isRoomOf } from '../xmpp/jid';
import { prepareBareJid } from '../xmpp/prepare';
import { short } from '../xmpp/short';
import { inWords, type Key, type Stands } from '../words';
import type { AdHocCommand, Outcome } from './ad-hoc';

/** Their namespace. */
export const OWN = 'urn:parlour:admin';

export const note = <K extends Key>(type: 'info' | 'error', key: K, ...values: Stands<K>): Required<Pick<Outcome, 'note'>> => ({
  note: { type, text: inWords(key, ...values) },
});

/** A field for an address, which must be filled in. */
export const address = (name: string, label: Key): Field => ({
  var: name,
  type: 'jid-single',
  label: inWords(label),
  required: true,
  values: [],
});

export const form = (title: Key, instructions: Key, fields: readonly Field[]): NonNullable<AdHocCommand['form']> => ({
  type: 'form',
  formType: OWN,
  title: inWords(title),
  instructions: inWords(instructions),
  fields,
});

/** The room of this service that somebody wrote, by its address or its name alone, or what is wrong with that. */
export function writtenRoom(text: string | undefined, domain: string): RoomJid | Required<Pick<Outcome, 'note'>> {
  const raw = (text ?? '').trim();
  // Of a nickname behind it nothing would be said, and what was meant may be an occupant.
  if (raw.includes('/')) return note('error', 'roomResource', { domain });
  const room = prepareBareJid(raw.includes('@') ? raw : `${raw}@${domain}`);
  if (room === undefined) return note('error', 'itemJid', { jid: short(raw) });
  return isRoomOf(room, domain) ? room : note('error', 'roomElsewhere', { domain });
}
