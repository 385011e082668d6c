/** Direct invitations (XEP-0249 §2), as the room writes them. */
import type { RoomJid } from './fold';
import { NS } from './ns';
import { attributes, escapeText } from './xml';

export interface DirectInvitation {
  readonly room: RoomJid;
  readonly password?: string | undefined;
  readonly reason?: string | undefined;
  /** A conversation goes on in the room, perhaps this thread. */
  readonly goesOn?: { readonly thread: string | undefined } | undefined;
}

/** The `<x/>`; the reason is its text too, as older servers had it. */
export function directInvitation({ room, password, reason, goesOn }: DirectInvitation): string {
  const more = goesOn ? { continue: 'true', thread: goesOn.thread } : {};
  const head = `<x xmlns="${NS.conference}"${attributes({ jid: room, password, reason: reason || undefined, ...more })}`;
  return reason ? `${head}>${escapeText(reason)}</x>` : `${head}/>`;
}
