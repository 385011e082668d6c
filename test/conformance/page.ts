/** The page docs/conformance.md, made of the tables and the titles of the tests that are there. */
import { BEHAVIOURS, CODES, ERRORS, FIELDS, WAKING } from './behaviours';
import { DEVIATIONS } from './deviations';
import { EXAMPLES } from './examples';
import { namedBy, resolve, type Row } from './row';
import { NOT_KEPT, SPECIFICATIONS } from './specifications';
import type { TestTitle } from './titles';

const NONE = '**no test yet**';

/** Text within a cell of a table. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*').replaceAll('_', '\\_');

function tests(found: readonly TestTitle[]): string {
  return found.length === 0 ? NONE : found.map(({ file, full }) => `${file}: ${cell(full)}`).join('<br>');
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}

function rows(title: string, first: string, list: readonly Row[], titles: readonly TestTitle[]): string {
  const lines = list.map(({ key, what, section, shownBy }) => {
    const { found, missing } = resolve(shownBy, titles);
    const shown = missing.length > 0 && found.length > 0 ? `${tests(found)}<br>**the rest has no test yet**` : tests(found);
    return [cell(key), cell(what), section, shown];
  });
  return `## ${title}\n\n${table([first, 'What', '§', 'Shown by'], lines)}\n`;
}

/** The whole page. */
export function conformancePage(titles: readonly TestTitle[]): string {
  const examples = EXAMPLES.map(({ number, section, what, omitted }) => [
    String(number),
    cell(what),
    section,
    omitted === undefined ? tests(namedBy(number, titles)) : `not shown: ${omitted}`,
  ]);
  const specifications = SPECIFICATIONS.map(({ number, title, version, partly, shownBy }) => [
    `XEP-${number}`,
    cell(title),
    version,
    partly ?? 'all that falls to a service',
    tests(resolve(shownBy, titles).found),
  ]);
  return [
    '# Conformance\n',
    'What a service for [XEP-0045](https://xmpp.org/extensions/xep-0045.html) 1.35.5 does, and the test that shows that Parlour does it. Sections',
    'are those of XEP-0045 unless another is named; files are below `test/`. Made by `npm run conformance` from `test/conformance`: change it there.\n',
    rows('Behaviours', '#', BEHAVIOURS, titles),
    rows('Fields of the configuration form', 'Field', FIELDS, titles),
    rows('Status codes', 'Code', CODES, titles),
    rows('Errors', 'Case', ERRORS, titles),
    rows('What wakes people who are away', 'What of', WAKING, titles),
    rows('Deviations', 'Option', DEVIATIONS, titles).replace(
      '\n\n',
      '\n\nOptions that leave a MUST, and why. Their other value keeps it, where there is one.\n\n',
    ),
    `## Other specifications\n\nWith the version that was read. The same in \`parlour.doap\`, for programs.\n\n${table(['XEP', 'Title', 'Version', 'What', 'Shown by'], specifications)}\n`,
    `## Not kept\n\n${table(
      ['XEP', 'Title', 'Why'],
      NOT_KEPT.map(({ number, title, why }) => [number, cell(title), why]),
    )}\n`,
    `## Examples\n\n${table(['#', 'What', '§', 'Shown by'], examples)}\n`,
  ].join('\n');
}
