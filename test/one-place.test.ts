/** What one file does for all is done by it alone (issue The house, "What must be shown"). */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from './support/package-root';

const folder = path.join(packageRoot(), 'src');
const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));
/** Files in which this stands, as they are written in src. */
const filesWith = (what: RegExp): string[] =>
  files.filter((file) => what.test(readFileSync(path.join(folder, file), 'utf8'))).map((file) => file.split(path.sep).join('/'));

test('data forms are read in xmpp/forms.ts; which one a form says it is, beside it', () => {
  expect(filesWith(/=== 'field'|attrs\['var'\]/).sort()).toEqual(['xmpp/form-types.ts', 'xmpp/forms.ts']);
  expect(filesWith(/<field/)).toEqual(['xmpp/forms.ts']);
});

test('ad-hoc commands are stepped through and answered in xmpp/ad-hoc.ts', () => {
  expect(filesWith(/<command xmlns/)).toEqual(['xmpp/ad-hoc.ts']);
  expect(filesWith(/'prev'/)).toEqual(['xmpp/ad-hoc.ts']);
  expect(filesWith(/'canceled'|'executing'/)).toEqual(['xmpp/ad-hoc.ts']);
  expect(filesWith(/'command-node'|'command-list'/)).toEqual(['xmpp/ad-hoc.ts']);
});
