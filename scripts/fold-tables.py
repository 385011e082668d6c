"""Writes src/xmpp/fold-tables.ts: what nodeprep (RFC 3920 appendix A) does to a character, from RFC 3454's tables on Unicode 3.2.

Run it from the root of the repository: python3 scripts/fold-tables.py. A changed table is a changed fold: FOLD_VERSION in
src/xmpp/fold.ts has to rise with it, and every stored address has to be folded again.
"""
import stringprep
import unicodedata

old = unicodedata.ucd_3_2_0
SCALARS = [c for c in range(0x80, 0x110000) if not 0xD800 <= c < 0xE000]
ASCII = list(range(0x80))


def base36(n):
    digits = ''
    while True:
        digits = '0123456789abcdefghijklmnopqrstuvwxyz'[n % 36] + digits
        n //= 36
        if n == 0:
            return digits


def spans(points):
    """Ranges as 'gap length' pairs, each counted from the end of the one before."""
    ranges = []
    for c in sorted(points):
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    out, last = [], 0
    for start, end in ranges:
        out.append(f'{base36(start - last)} {base36(end - start)}')
        last = end
    return ','.join(out)


def folded(c):
    """Table B.2, and for the five that Corrigendum 4 changed later, what NFKC of Unicode 3.2 makes of them."""
    char = chr(c)
    mapped = stringprep.map_table_b2(char)
    # Python maps by its own, newer Unicode what Unicode 3.2 had no small letter for.
    if any(old.category(to) == 'Cn' for to in mapped):
        mapped = char
    return old.normalize('NFKC', char) if mapped == char and old.normalize('NFKC', char) != unicodedata.normalize('NFKC', char) else mapped


unassigned = {c for c in SCALARS if old.category(chr(c)) == 'Cn'}
nothing = {c for c in SCALARS if stringprep.in_table_b1(chr(c))}
mapping = {c: folded(c) for c in ASCII + SCALARS if c not in unassigned and c not in nothing and folded(c) != chr(c)}
# What NFKC would turn into a separator of JIDs stays: it must never move the border between local part, domain and resource.
separating = {c for c in SCALARS if c not in unassigned and any(s in old.normalize('NFKC', mapping.get(c, chr(c))) for s in '/@')}
mapping = {c: to for c, to in mapping.items() if c not in separating}
single, several = [], []
left = dict(mapping)
for c in sorted(mapping):
    if c not in left:
        continue
    if len(left[c]) > 1:
        several.append(f'{chr(c)}{left.pop(c)}')
        continue
    delta = ord(left[c]) - c
    best = (0, 1)
    for step in (1, 2):
        n = 0
        while len(left.get(c + (n + 1) * step, '')) == 1 and ord(left[c + (n + 1) * step]) - (c + (n + 1) * step) == delta:
            n += 1
        best = max(best, (n, step))
    n, step = best
    for i in range(n + 1):
        left.pop(c + i * step)
    single.append((c, n, step, delta))

assert not any('|' in text for text in several)
rows, last = [], 0
for c, n, step, delta in single:
    rows.append(f"{base36(c - last)} {base36(n)}{'+' if step == 2 else ' '}{'-' if delta < 0 else ''}{base36(abs(delta))}")
    last = c


def quoted(text):
    out = ''
    for char in text:
        out += char if 0x20 <= ord(char) < 0x7F and char not in "'\\" else (f'\\u{ord(char):04X}' if ord(char) < 0x10000 else f'\\u{{{ord(char):X}}}')
    return f"'{out}'"


with open('src/xmpp/fold-tables.ts', 'w', encoding='ascii') as file:
    file.write(f'''/**
 * Tables of nodeprep (RFC 3920 appendix A, RFC 3454 on Unicode 3.2), written by scripts/fold-tables.py: not to be edited. They are kept here,
 * not taken from the platform, so that a newer Unicode never moves an account. Numbers are base 36.
 */

/** Unassigned in Unicode 3.2: ranges, each as its distance from the end of the one before, and its length less one. */
export const UNASSIGNED = '{spans(unassigned)}';

/** Mapped to nothing (table B.1). */
export const NOTHING = '{spans(nothing)}';

/** Compatibility characters that stand for a slash or an @. */
export const SEPARATING = '{spans(separating)}';

/** Folded to one character (table B.2): distance from the start of the one before, length less one, "+" if every other one is meant, what to add. */
export const FOLDED = '{','.join(rows)}';

/** Folded to several (table B.2): each with what it becomes. */
export const SPELLED_OUT = {quoted('|'.join(several))};
''')
