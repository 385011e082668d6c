/** The fold of addresses: nodeprep by RFC 3454's own tables, domains as the platform has them, and properties of all of it. */
import { createHash } from 'node:crypto';
import { domainToASCII, domainToUnicode } from 'node:url';
import fc from '../support/property';
import { foldBare, foldDomain, foldFull, foldLocal, FOLD_VERSION } from '../../src/xmpp/fold';
import { fromPunycode } from '../../src/xmpp/punycode';
import { anyText } from './arbitraries';

/** Text rich in what folds. */
const spelling = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      'A',
      'b',
      'ß',
      'ẞ',
      'ς',
      'Σ',
      'é',
      '\u0301',
      '\u0308',
      '\u0345',
      'İ',
      'ı',
      'ǅ',
      'ﬁ',
      'Ａ',
      '℻',
      '℀',
      '＠',
      '．',
      '。',
      '.',
      '☃',
    ),
    fc.constantFrom(
      '\u00AD',
      '\u200D',
      '\u200B',
      '\uFE0F',
      '가',
      '\u1100',
      '\u1161',
      'Ა',
      'ꭰ',
      'ᏸ',
      '\u{1F600}',
      '\u{1D400}',
      'xn--',
      'bcher-kva',
      '-',
    ),
    fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
  ),
  maxLength: 20,
});

describe('foldLocal', () => {
  it('does to every character what nodeprep does to it (digest of RFC 3454 appendices A.1, B.1, B.2, and NFKC of Unicode 3.2)', () => {
    const points = Array.from({ length: 0x110000 }, (_, code) => code).filter(
      (code) => !(code >= 0xd800 && code < 0xe000) && code !== 0x2f && code !== 0x40,
    );
    const all = points.map((code) => foldLocal(String.fromCodePoint(code))).join('\n');
    expect(createHash('sha256').update(all).digest('hex')).toBe('68771c092085bfd49fcec2a716fc9b6e4230e9d685385f1c7eb2aa298f1f66c6');
    expect(FOLD_VERSION).toBe(2);
  });

  it.each([
    ['Mallory', 'mallory'],
    ['Straße', 'strasse'],
    ['ПАВЕЛ', 'павел'],
    ['Jose\u0301', 'josé'],
    ['ＡＤＭＩＮ', 'admin'],
    ['mal\u00ADlory', 'mallory'],
    ['☃', '☃'],
    ['Ж℀', 'ж℀'],
    ['friends\\26Family', 'friends\\26family'],
    ['\u00AD', '\u00AD'],
    ['Ა', 'Ა'],
  ])('%s becomes %s', (raw, folded) => expect(foldLocal(raw)).toBe(folded));

  it('lets what Unicode 3.2 did not know part what stands beside it, whatever the platform knows of it', () => {
    // U+1DF6 is a mark that newer tables put before U+0301.
    expect(foldLocal('a\u0301\u1DF6')).toBe('á\u1DF6');
    expect(foldLocal('a\u1DF6\u0301')).toBe('a\u1DF6\u0301');
  });
});

describe('foldDomain', () => {
  it.each([
    ['Example.COM.', 'example.com'],
    ['xn--bcher-kva.localhost', 'bücher.localhost'],
    ['XN--BCHER-KVA.localhost', 'bücher.localhost'],
    ['Bu\u0308cher.localhost', 'bücher.localhost'],
    ['ｘｎ－－bcher-kva。localhost', 'bücher.localhost'],
    ['straße.de', 'straße.de'],
    ['xn--strae-oqa.de', 'straße.de'],
    ['strasse.de', 'strasse.de'],
    ['xn--0.pt', 'xn--0.pt'],
    ['xn--a-.de', 'xn--a-.de'],
    // Found by a draw: what is not ASCII is no Punycode, else each fold would read one layer more.
    ['xn--xn--\u13ebxn--', 'xn--xn--\u13ebxn--'],
    ['1.2', '1.2'],
    ['[::1]', '[::1]'],
    ['a..', 'a..'],
    ['.', '.'],
    ['', ''],
  ])('%s becomes %s', (raw, folded) => expect(foldDomain(raw)).toBe(folded));

  it('is what the platform makes of a letter, where both take it', () => {
    const differ: string[] = [];
    for (let code = 0x80; code < 0x20000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const raw = `a${String.fromCodePoint(code)}a`;
      const ascii = domainToASCII(raw);
      if (!/^[a-z0-9.-]+$/.test(ascii)) continue;
      const folded = domainToUnicode(ascii);
      if (foldDomain(raw) !== folded || foldDomain(ascii) !== folded) differ.push(code.toString(16));
    }
    // The platforms disagree among themselves about a few: a lunate sigma, a capital ẞ, what never shows.
    expect(differ.filter((code) => !['3f9', '180f', '1e9e', '2064'].includes(code))).toEqual([]);
  });
});

describe('fromPunycode', () => {
  it('reads the samples of RFC 3492 §7.1', () => {
    expect(fromPunycode('egbpdaj6bu4bxfgehfvwxn')).toBe('ليهمابتكلموشعربي؟');
    expect(fromPunycode('ihqwcrb4cv8a8dqg056pqjye')).toBe('他们为什么不说中文');
    expect(fromPunycode('-with-super-monkeys-pc58ag80a8qai00g7n9n')).toBe('安室奈美恵-with-super-monkeys'.toLowerCase());
  });

  it('throws at nothing', () => {
    fc.assert(fc.property(fc.string(), (text) => void fromPunycode(text)));
  });
});

describe('foldFull, foldBare', () => {
  it('leave the resource as it came, and fold what is before it', () => {
    expect(foldFull('Mallory@XN--bcher-kva.Localhost/Ré\u0301S/Ource@X')).toBe('mallory@bücher.localhost/Ré\u0301S/Ource@X');
    expect(foldBare('Mallory@Localhost/Res')).toBe('mallory@localhost');
    expect(foldBare('Localhost/')).toBe('localhost');
  });

  it('give the very string back where there is nothing to fold', () => {
    for (const jid of ['alice@example.com/Phone.X', 'room@rooms.example.com', 'example.com', 'a.@example.com', ''])
      expect(foldFull(jid)).toBe(jid);
  });

  it('fold a fold to itself', () => {
    const jid = fc.tuple(spelling, spelling, anyText).map(([local, domain, rest]) => `${local}@${domain}${rest}`);
    fc.assert(
      fc.property(fc.oneof(jid, spelling, anyText), (raw) => {
        expect(foldFull(foldFull(raw))).toBe(foldFull(raw));
        expect(foldBare(foldBare(raw))).toBe(foldBare(raw));
      }),
      { numRuns: 3_000 },
    );
  });

  it('never move the borders between local part, domain and resource', () => {
    const part = spelling.filter((text) => !/[@/]/.test(text));
    fc.assert(
      fc.property(part, part, anyText, (local, domain, resource) => {
        const folded = foldFull(`${local}@${domain}/${resource}`);
        expect(folded.slice(0, folded.indexOf('@'))).toBe(foldLocal(local));
        expect(folded.slice(folded.indexOf('@') + 1, folded.indexOf('/'))).toBe(foldDomain(domain));
        expect(folded.slice(folded.indexOf('/') + 1)).toBe(resource);
        expect(foldBare(folded)).toBe(folded.slice(0, folded.indexOf('/')));
      }),
      { numRuns: 3_000 },
    );
  });

  it('do not look at what is longer than an address can be', () => {
    const long = 'A\u0300\u0316'.repeat(200_000);
    const start = performance.now();
    expect(foldFull(`${long}@${long}/x`)).toBe(`${long}@${long}/x`);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
