/** Walks over the rest of a stanza that broke a limit, keeping nothing of it, to where the next one begins. */
import { StreamFault } from './chars';

const enum At {
  Text,
  /** Behind `<`. */
  Open,
  Tag,
  /** Behind `<!`, inside `[CDATA[`. */
  Bang,
  Cdata,
}

const CDATA_OPEN = '[CDATA[';

export class Skipper {
  private at: At = At.Text;
  private closing = false;
  private quote = 0;
  private slash = false;
  private matched = 0;

  /** @param depth elements still open, the stanza itself included; 0 if what is fed first is its own start tag. */
  constructor(private depth: number) {}

  /** Reads on from index `from`; the index behind the stanza's end, or -1 if it has not come yet. Throws `StreamFault`. */
  feed(data: string, from: number): number {
    let i = from;
    while (i < data.length) {
      if (this.at === At.Text) {
        const open = data.indexOf('<', i);
        if (open < 0) return -1;
        this.at = At.Open;
        i = open + 1;
        continue;
      }
      const c = data.charCodeAt(i++);
      if (this.at === At.Tag) {
        if (this.tag(c)) return i;
      } else if (this.at === At.Open) this.open(c);
      else if (this.at === At.Bang) this.bang(c);
      else this.cdata(c);
    }
    return -1;
  }

  private open(c: number): void {
    if (c === 63) throw new StreamFault('restricted-xml', 'a processing instruction');
    if (c === 33) {
      this.at = At.Bang;
      this.matched = 0;
      return;
    }
    this.at = At.Tag;
    this.closing = c === 47;
    this.slash = false;
    this.quote = 0;
  }

  /** True when this character ended the stanza. */
  private tag(c: number): boolean {
    if (this.quote !== 0) {
      if (c === this.quote) this.quote = 0;
      return false;
    }
    if (c === 34 || c === 39) this.quote = c;
    if (c === 62) {
      this.at = At.Text;
      if (this.closing) this.depth--;
      else if (!this.slash) this.depth++;
      return this.depth <= 0;
    }
    this.slash = c === 47;
    return false;
  }

  private bang(c: number): void {
    if (c !== CDATA_OPEN.charCodeAt(this.matched)) throw new StreamFault('restricted-xml', 'a comment or a document type');
    this.matched++;
    if (this.matched === CDATA_OPEN.length) {
      this.at = At.Cdata;
      this.matched = 0;
    }
  }

  private cdata(c: number): void {
    if (c === 93) this.matched++;
    else if (c === 62 && this.matched >= 2) this.at = At.Text;
    else this.matched = 0;
  }
}
