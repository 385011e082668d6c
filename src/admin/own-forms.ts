/** Forms and notes of the commands that XEP-0133 does not define. */
import type { RoomJid } from '../xmpp/fold';
import type { Field } from '../xmpp/forms';
import { isRoomOf } from '../xmpp/jid';
import { prepareBareJid } from '../xmpp/prepare';
import { say, type Key } from '../words';
import type { AdHocCommand, Outcome } from './ad-hoc';

/** Their namespace. */
export const OWN = 'urn:parlour:admin';

export const note = (type: 'info' | 'error', key: Key, values: Record<string, string | number> = {}): Outcome => ({
  note: { type, text: say(key, values) },
});

/** A field for an address, which must be filled in. */
export const address = (name: string, label: Key): Field => ({
  var: name,
  type: 'jid-single',
  label: say(label),
  required: true,
  values: [],
});

export const form = (title: Key, instructions: Key, fields: readonly Field[]): NonNullable<AdHocCommand['form']> => ({
  type: 'form',
  formType: OWN,
  title: say(title),
  instructions: say(instructions),
  fields,
});

/** A room of this service, prepared, or undefined. */
export function roomOf(text: string | undefined, domain: string): RoomJid | undefined {
  const room = prepareBareJid(text ?? '');
  return room !== undefined && isRoomOf(room, domain) ? room : undefined;
}
