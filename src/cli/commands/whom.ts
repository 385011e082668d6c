/** Who is meant: somebody in the room by nickname, or anybody by JID. */
import { Option, type Command } from 'commander';
import { Ended, EXIT } from '../ending';

export interface Whom {
  readonly jid?: string;
}

/** Adds who is meant: a nickname, or with an option somebody who need not be there. */
export const toWhom = (command: Command): Command =>
  command
    .argument('[nick]', 'the nickname of somebody in the room')
    .addOption(new Option('--jid <jid>', 'their JID instead: they need not be in the room'));

/** Throws Ended. */
export function whomOf(nick: string | undefined, { jid }: Whom): Whom & { readonly nick?: string } {
  if ((nick === undefined) === (jid === undefined)) throw new Ended(EXIT.usage, 'Whom? Name one nickname, or --jid JID.');
  return nick === undefined ? { jid: jid as string } : { nick };
}
