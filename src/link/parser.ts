/**
 * The incoming stream as elements. Takes the place of the parser of `@xmpp/connection`: the events `start` (the stream's
 * header), `element` (a child of it, with `parent` set to it), `end` and `error`, and one more: `dropped`, for a stanza that broke a limit.
 */
import { EventEmitter } from 'node:events';
import { Element } from '../xmpp/xml';
import { inWords, type Sentence, type Text } from '../words';
import { StreamFault, decodeCdata, decodeText, isSpace } from './chars';
import { nameEnd, readStartTag, type StartTag } from './start-tag';
import { Skipper } from './skipper';

export interface ParserLimits {
  /** Largest stanza, in bytes on the wire. */
  readonly stanzaBytes: number;
  /** Deepest nesting of elements; the stanza itself is the first level. */
  readonly depth: number;
}

const CDATA_OPEN = '<![CDATA[';
const DECLARATION = '<?xml';

/** Most have one child: `push` would give an empty list room for 17, and stanzas wait for commits by the hundred. */
function addChild(parent: Element, child: Element | string): void {
  if (parent.children.length === 0) parent.children = [child];
  else parent.children.push(child);
}

export class StreamParser extends EventEmitter {
  /** Size on the wire of the element that `element` hands out, in bytes. */
  bytes = 0;

  private root: Element | null = null;
  /** The element whose content is read; the root between stanzas. */
  private cursor: Element | null = null;
  private depth = 0;
  /** A token whose end has not come yet. */
  private held = '';
  /** In a held tag: the quote that is open, or 0; -1 when what is held is no tag. */
  private quote = 0;
  /** Character data before and after references are replaced. */
  private raw = '';
  private text = '';
  /** Bytes of the current stanza in chunks already read. */
  private carried = 0;
  /** Index in the current chunk from which bytes count for the current stanza. */
  private countFrom = 0;
  private ascii = true;
  private skipper: Skipper | undefined;
  private skipped: Element | undefined;
  private reason: Text = '';
  private ended = false;
  private fresh = true;
  private readonly tag: StartTag = { element: undefined, end: 0, selfClosing: false };

  constructor(private readonly limits: ParserLimits) {
    super();
  }

  /** Reads on. Emits `error` (a `StreamFault`) once for what is not XML or not XMPP, and nothing after it. */
  write(chunk: string): void {
    if (this.ended || chunk === '') return;
    try {
      this.read(chunk);
    } catch (error) {
      if (!(error instanceof StreamFault)) throw error;
      this.halt();
      this.emit('error', error);
    }
  }

  /** Ends the parser: nothing more is read or emitted. */
  halt(): void {
    this.ended = true;
    this.held = this.raw = this.text = '';
  }

  private read(chunk: string): void {
    this.ascii = Buffer.byteLength(chunk, 'utf8') === chunk.length;
    let data = chunk;
    let pos = 0;
    this.countFrom = 0;
    if (this.skipper !== undefined) {
      pos = this.skip(chunk, 0);
      if (pos < 0) return;
    } else if (this.held !== '') {
      if (this.quote >= 0 && !this.tagEnds(chunk)) {
        this.held += chunk;
        this.carry(chunk, chunk.length);
        return;
      }
      data = this.held + chunk;
      this.countFrom = this.held.length;
      this.held = '';
    }
    while (pos >= 0 && !this.ended) pos = this.token(data, pos);
  }

  /** Reads character data and the tag behind it; the index behind it, or -1 at the end of the chunk. */
  private token(data: string, pos: number): number {
    const open = data.indexOf('<', pos);
    const inside = this.depth > 0;
    const textEnd = open < 0 ? data.length : open;
    if (textEnd > pos) {
      if (inside) this.raw += pos === 0 && textEnd === data.length ? data : data.slice(pos, textEnd);
      else this.spaceOnly(data, pos, textEnd);
    }
    if (open < 0) {
      if (inside) this.carry(data, data.length);
      return -1;
    }
    if (!inside && this.countFrom <= open) {
      this.carried = 0;
      this.countFrom = open;
    }
    const c = data.charCodeAt(open + 1);
    if (c === 47) return this.endTag(data, open);
    if (c === 33) return this.cdata(data, open);
    if (c === 63) return this.declaration(data, open);
    if (open + 1 >= data.length) return this.hold(data, open, -1);
    return this.startTag(data, open);
  }

  private startTag(data: string, open: number): number {
    const tag = this.tag;
    readStartTag(data, open, tag);
    const element = tag.element;
    if (element === undefined) return this.hold(data, open, 0);
    this.fresh = false;
    if (this.root === null) {
      if (tag.selfClosing) throw new StreamFault('bad-format', 'a stream without content');
      this.root = this.cursor = element;
      this.emit('start', element);
      return tag.end;
    }
    if (this.depth === 0) element.parent = this.root;
    else {
      this.endText();
      const parent = this.cursor as Element;
      element.parent = parent;
      addChild(parent, element);
    }
    if (this.depth >= this.limits.depth) {
      return this.drop(data, open, inWords('droppedDeep', { max: this.limits.depth }));
    }
    if (!tag.selfClosing) {
      this.cursor = element;
      this.depth++;
    } else if (this.depth === 0) this.finish(element, data, tag.end);
    return tag.end;
  }

  private endTag(data: string, open: number): number {
    const end = data.indexOf('>', open + 2);
    if (end < 0) return this.hold(data, open, 0);
    const cursor = this.cursor;
    if (cursor === null) throw new StreamFault('not-well-formed', 'an end tag before the stream began');
    const name = cursor.name;
    let after = open + 2 + name.length;
    if (!data.startsWith(name, open + 2)) throw new StreamFault('not-well-formed', 'an end tag that fits no start tag');
    while (after < end && isSpace(data.charCodeAt(after))) after++;
    if (after !== end) throw new StreamFault('not-well-formed', 'an end tag that fits no start tag');
    if (this.depth === 0) {
      this.halt();
      this.emit('end', cursor);
      return -1;
    }
    this.endText();
    this.depth--;
    this.cursor = cursor.parent;
    if (this.depth === 0) this.finish(cursor, data, end + 1);
    return end + 1;
  }

  private cdata(data: string, open: number): number {
    if (!data.startsWith(CDATA_OPEN, open)) {
      if (data.length - open < CDATA_OPEN.length && CDATA_OPEN.startsWith(data.slice(open))) return this.hold(data, open, -1);
      throw new StreamFault('restricted-xml', 'a comment or a document type');
    }
    if (this.depth === 0) throw new StreamFault('bad-format', 'character data outside of a stanza');
    const begin = open + CDATA_OPEN.length;
    const end = data.indexOf(']]>', begin);
    if (end < 0) return this.hold(data, open, -1);
    this.text += decodeText(this.raw) + decodeCdata(data.slice(begin, end));
    this.raw = '';
    return end + 3;
  }

  /** The XML declaration, which may stand at the very beginning only. */
  private declaration(data: string, open: number): number {
    if (!this.fresh || this.root !== null || open !== 0) throw new StreamFault('restricted-xml', 'a processing instruction');
    const end = data.indexOf('?>', open);
    if (end < 0) return this.hold(data, open, -1);
    const text = data.slice(open, end);
    if (!text.startsWith(DECLARATION) || !isSpace(text.charCodeAt(DECLARATION.length)))
      throw new StreamFault('restricted-xml', 'a processing instruction');
    const encoding = /encoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) throw new StreamFault('unsupported-encoding', `the encoding ${encoding}`);
    this.fresh = false;
    return end + 2;
  }

  private endText(): void {
    if (this.raw === '' && this.text === '') return;
    const text = this.raw === '' ? this.text : this.text + decodeText(this.raw);
    this.raw = this.text = '';
    if (text !== '') addChild(this.cursor as Element, text);
  }

  /** White space between stanzas keeps a connection alive and is forgotten; anything else is not allowed there. */
  private spaceOnly(data: string, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (!isSpace(data.charCodeAt(i))) throw new StreamFault('bad-format', 'text between stanzas');
    }
    this.fresh = false;
  }

  private size(data: string, end: number): number {
    const from = this.countFrom;
    return this.carried + (this.ascii ? end - from : Buffer.byteLength(data.slice(from, end), 'utf8'));
  }

  private finish(element: Element, data: string, end: number): void {
    this.bytes = this.size(data, end);
    this.carried = 0;
    this.countFrom = end;
    if (this.bytes <= this.limits.stanzaBytes) this.emit('element', element);
    else this.emit('dropped', this.startTagOf(element), this.tooLarge());
  }

  /** Counts what is left of the chunk for the current stanza, and drops the stanza if that makes it too large. */
  private carry(data: string, end: number): void {
    if (this.root === null) {
      if (this.held.length > this.limits.stanzaBytes) throw new StreamFault('bad-format', 'a stream header without an end');
      return;
    }
    this.carried = this.size(data, end);
    if (this.carried <= this.limits.stanzaBytes) return;
    this.reason = this.tooLarge();
    this.beginSkip(this.held, 0);
  }

  /** Keeps the token that begins at `open` until its end has come. `quote` is 0 for a tag, -1 for anything else. */
  private hold(data: string, open: number, quote: number): number {
    this.held = open === 0 ? data : data.slice(open);
    this.quote = quote;
    if (quote === 0) this.tagEnds(this.held);
    this.carry(data, data.length);
    return -1;
  }

  /** Whether a `>` outside of quotes occurs; the quote that is open at the end is remembered, so that a long tag is read once. */
  private tagEnds(piece: string): boolean {
    let quote = this.quote;
    for (let i = 0; i < piece.length; i++) {
      const c = piece.charCodeAt(i);
      if (quote !== 0) {
        if (c === quote) quote = 0;
      } else if (c === 34 || c === 39) quote = c;
      else if (c === 62) return true;
    }
    this.quote = quote;
    return false;
  }

  private drop(data: string, open: number, reason: Sentence): number {
    this.reason = reason;
    return this.beginSkip(data, open);
  }

  /** From here on the current stanza is only walked over; `data` from `open` on is what of it was not read yet. */
  private beginSkip(data: string, open: number): number {
    let stanza = this.cursor as Element;
    if (this.depth === 0) {
      // Its own start tag is too long: an answer needs no more than from, to and id, if they have come.
      if (nameEnd(data, open + 1) < data.length) readStartTag(data, open, this.tag, true);
      stanza = this.tag.element ?? new Element('');
    } else while (stanza.parent !== this.root) stanza = stanza.parent as Element;
    this.skipped = this.startTagOf(stanza);
    this.skipper = new Skipper(this.depth);
    this.held = this.raw = this.text = '';
    this.cursor = this.root;
    this.depth = 0;
    return this.skip(data, open);
  }

  private skip(data: string, from: number): number {
    const end = (this.skipper as Skipper).feed(data, from);
    if (end < 0) return -1;
    const stanza = this.skipped as Element;
    this.skipper = this.skipped = undefined;
    this.carried = 0;
    this.countFrom = end;
    this.emit('dropped', stanza, this.reason);
    return end;
  }

  private startTagOf(stanza: Element): Element {
    const bare = new Element(stanza.name, stanza.attrs);
    bare.parent = this.root;
    return bare;
  }

  private tooLarge(): Sentence {
    return inWords('droppedLarge', { max: this.limits.stanzaBytes });
  }
}
