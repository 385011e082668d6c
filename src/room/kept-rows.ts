/** Acts that reach into whatever features keep in a room: erasing a person, and another address. What they do to a row follows from its declaration. */
import type { RoomJid } from '../xmpp/fold';
import { ofRenamed, withoutAccount, withoutPerson, type Named, type StoredRow } from './contract/declared-rows';
import type { RowDeclaration } from './contract/row-declaration';
import type { RoomState } from './state';
import type { Turn } from './turn';

/** Removes somebody who is erased. */
export function forgetPerson(room: RoomState, turn: Turn, person: Named): void {
  removeNamed(room, turn, person, withoutPerson);
}

/** Removes an account that was deleted. */
export function forgetRows(room: RoomState, turn: Turn, account: Named): void {
  removeNamed(room, turn, account, withoutAccount);
}

/** A row that nothing declares any more (its plug-in is gone) goes if it names them anywhere. */
function removeNamed(room: RoomState, turn: Turn, person: Named, without: typeof withoutPerson): void {
  changeRows(room, turn, (row, declaration) => {
    if (declaration) return without(declaration, row, person);
    return [person.jid, ...person.ids].some((name) => isNamed(row.key, name) || isNamed(row.value, name)) ? null : row;
  });
}

/** What features keep speaks of `to` as the room from now on. */
export function readdress(room: RoomState, turn: Turn, to: RoomJid): void {
  changeRows(room, turn, (row, declaration) => {
    if (!declaration || !(row.key.includes(room.jid) || row.value.includes(room.jid))) return row;
    return ofRenamed(declaration, row, room.jid, to);
  });
}

function changeRows(
  room: RoomState,
  turn: Turn,
  change: (row: StoredRow, declaration: RowDeclaration | undefined) => StoredRow | null,
): void {
  for (const name of room.kept.names()) {
    const declaration = room.env.features.rows.get(name);
    for (const [key, value] of [...(room.kept.textsOf(name) ?? [])]) {
      const row = { key, value };
      const after = change(row, declaration);
      if (after === row) continue;
      if (after?.key !== key) room.setFeatureValue(turn, name, key, null);
      if (after) room.setFeatureValue(turn, name, after.key, after.value);
    }
  }
}

/** Whether a key or a value in JSON has this name in it as a whole. */
function isNamed(text: string, name: string): boolean {
  return text.split(/["\s/]/).some((part) => part === name || part === JSON.stringify(name).slice(1, -1));
}
