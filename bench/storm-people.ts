/** Who enters in a storm: what they send, and what is looked for in what they get. */
import { COMPONENT_DOMAIN, SERVER_DOMAIN } from './loads';

/** What is looked for in the stream, and most bytes from the beginning of a stanza to it. */
const SIGNS = ['code="110"', "code='110'", '<error ', '<ping '];
const REACH = 4_096;

/** Hands over the text from the beginning of a stanza to a sign in it. */
export class Scanner {
  private kept: Buffer = Buffer.alloc(0);
  private readonly signs = SIGNS.map((sign) => Buffer.from(sign));

  constructor(private readonly found: (stanza: string, sign: number) => void) {}

  feed(chunk: Buffer): void {
    const data = Buffer.concat([this.kept, chunk]);
    // What ends in the part that was kept has been found before.
    const before = this.kept.length;
    for (const [i, sign] of this.signs.entries()) {
      for (let at = data.indexOf(sign, Math.max(0, before - sign.length + 1)); at >= 0; at = data.indexOf(sign, at + 1)) {
        const start = Math.max(data.lastIndexOf('<presence ', at), data.lastIndexOf('<message ', at), data.lastIndexOf('<iq ', at));
        if (start >= 0) this.found(data.toString('utf8', start, at + sign.length), i);
      }
    }
    this.kept = Buffer.from(data.subarray(Math.max(0, data.length - REACH)));
  }
}

const MUC = '<x xmlns="http://jabber.org/protocol/muc"/>';
export const jidOf = (name: string): string => `${name}@${SERVER_DOMAIN}/phone`;
export const join = (name: string, room: string): string =>
  `<presence from="${jidOf(name)}" to="${room}@${COMPONENT_DOMAIN}/${name}" id="j-${name}"><c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="https://client.example" ver="QgayPKawpkPSDYmwT/WM94uAlu0="/>${MUC}</presence>`;
export const leave = (name: string, room: string): string =>
  `<presence from="${jidOf(name)}" to="${room}@${COMPONENT_DOMAIN}/${name}" type="unavailable"/>`;
export const instant = (name: string, room: string): string =>
  `<iq from="${jidOf(name)}" to="${room}@${COMPONENT_DOMAIN}" type="set" id="i"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"/></query></iq>`;
