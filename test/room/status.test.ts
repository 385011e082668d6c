/** Status codes are named in one table, which says where each stands (issue "The house", 3). */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { STATUS, type StatusCode } from '../../src/room/occupants/status';
import { packageRoot } from '../support/package-root';

const SRC = path.join(packageRoot(), 'src');
const TABLE = path.join('room', 'occupants', 'status.ts');
const files = (readdirSync(SRC, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts') && file !== TABLE);
const texts = new Map(files.map((file) => [file, readFileSync(path.join(SRC, file), 'utf8')]));
const table = readFileSync(path.join(SRC, TABLE), 'utf8');

/** The files that a comment of the table names, by code's name. */
const named = new Map(
  [...table.matchAll(/\/\*\*(?<comment>[^*]+)\*\/\s+(?<name>\w+): code\(/g)].map(({ groups }) => [
    groups?.['name'] ?? '',
    [...(groups?.['comment'] ?? '').matchAll(/`([\w/-]+\.ts)`/g)].map(([, file]) => file ?? '').sort(),
  ]),
);

test('A number is no status code: only the table makes them', () => {
  // @ts-expect-error -- 307 is STATUS.kicked
  const written: StatusCode = 307;
  expect(written).toBe(STATUS.kicked);
});

test('Only the table writes the element', () => {
  expect([...texts].filter(([, text]) => text.includes('<status code')).map(([file]) => file)).toEqual([]);
});

test('Nothing but the table and stored rows becomes a status code by a cast', () => {
  expect([...texts].filter(([, text]) => /as (?:readonly )?StatusCode/.test(text)).map(([file]) => file)).toEqual([]);
});

test.each(Object.keys(STATUS))('The table names the files in which %s stands', (name) => {
  const users = [...texts].filter(([, text]) => new RegExp(`\\bSTATUS\\.${name}\\b`).test(text)).map(([file]) => file);
  expect(users).not.toEqual([]);
  expect(named.get(name)).toEqual(users.sort());
});

test('Each code has one name', () => {
  const codes = Object.values(STATUS);
  expect(new Set(codes).size).toBe(codes.length);
  expect([...named.keys()]).toEqual(Object.keys(STATUS));
});
