/** The reference of docs/plugins.md, made of the types of `parlour/plugin` and their doc comments. Prints the page; with --write it puts it in place. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const PAGE = path.join(ROOT, 'docs/plugins.md');
/** What stands behind this line is made here. */
const BEGIN = '<!-- Made by `node scripts/plugin-reference.mjs --write` of the types and their comments: change those. -->';

/** The files, in the order in which somebody reads them, and what of `parlour/plugin` is in each. */
const PARTS = [
  ['src/plugins/api.ts', 'A plug-in, and what it is given'],
  ['src/plugins/api-hooks.ts', 'Hooks'],
  ['src/plugins/api-room.ts', 'Rooms'],
  ['src/plugins/api-events.ts', 'Events as types'],
  ['src/plugins/api-queries.ts', 'Questions and answers'],
  ['src/plugins/markup.ts', 'XML'],
  ['src/plugins/test-room.ts', '`parlour/plugin/test`'],
];

const oneLine = (text) => text.replace(/\s+/g, ' ').trim();
const inTable = (text) => oneLine(text).replaceAll('|', '\\|');

/** The doc comment of a declaration, parameters included. */
function docOf(node) {
  const [doc] = (node.jsDoc ?? []).slice(-1);
  if (!doc) return '';
  const text = ts.getTextOfJSDocComment(doc.comment) ?? '';
  const tags = (doc.tags ?? [])
    .filter(ts.isJSDocParameterTag)
    .map((tag) => `\`${tag.name.getText()}\`: ${ts.getTextOfJSDocComment(tag.comment) ?? ''}`);
  return oneLine([text, ...tags].join(' '));
}

const isExported = (node) => (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0;

/** Code without its comments. */
function codeOf(node, source) {
  return ts.createPrinter({ removeComments: true }).printNode(ts.EmitHint.Unspecified, node, source);
}

function memberRow(member, source) {
  const name = member.name?.getText(source) ?? '';
  const optional = member.questionToken ? '?' : '';
  if (ts.isMethodSignature(member)) {
    const given = member.parameters.map((one) => oneLine(one.getText(source))).join(', ');
    return [`\`${name}${optional}(${inTable(given)})\``, inTable(member.type?.getText(source) ?? 'void'), docOf(member)];
  }
  return [`\`${name}${optional}\``, inTable(oneLine(codeOf(member.type, source))), docOf(member)];
}

/** An interface: what it is, and a table of its members. */
function interfaceText(node, source) {
  const from = (node.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => `\`${type.getText(source)}\``));
  const more = from.length === 0 ? '' : ` With what ${from.join(' and ')} has.`;
  const rows = node.members
    .map((member) => memberRow(member, source))
    .map(([name, type, doc]) => `| ${name} | \`${type}\` | ${inTable(doc)} |`);
  const table = rows.length === 0 ? [] : ['', '| member | type | what it is |', '| --- | --- | --- |', ...rows];
  return [`${docOf(node)}${more}`, ...table];
}

function declarationText(node, source) {
  if (ts.isInterfaceDeclaration(node)) return [node.name.text, interfaceText(node, source)];
  if (ts.isTypeAliasDeclaration(node))
    return [node.name.text, [docOf(node), '', '```ts', node.getText(source).replace(/^export /, ''), '```']];
  if (ts.isFunctionDeclaration(node) && node.name) {
    const head = source.text
      .slice(node.getStart(source), node.body?.getStart(source))
      .replace(/^export /, '')
      .trim();
    return [`${node.name.text}()`, [docOf(node), '', '```ts', head, '```']];
  }
  if (ts.isVariableStatement(node)) {
    const [{ name, initializer }] = node.declarationList.declarations;
    return [name.getText(source), [`${docOf(node)} \`${initializer?.getText(source)}\``]];
  }
  return undefined;
}

function partText([file, title]) {
  const source = ts.createSourceFile(file, readFileSync(path.join(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const lines = [`### ${title}`, ''];
  for (const node of source.statements) {
    // Other modules of Parlour need it, plug-ins do not.
    if (!isExported(node) || (ts.isFunctionDeclaration(node) && node.name?.text === 'isPlugin')) continue;
    const made = declarationText(node, source);
    if (made) lines.push(`#### \`${made[0]}\``, '', ...made[1], '');
  }
  return lines.join('\n');
}

const page = readFileSync(PAGE, 'utf8');
const at = page.indexOf(BEGIN);
if (at < 0) throw new Error(`docs/plugins.md has no line "${BEGIN}"`);
const made = `${page.slice(0, at)}${BEGIN}\n\n${PARTS.map(partText).join('\n').trimEnd()}\n`;
if (process.argv.includes('--write')) writeFileSync(PAGE, made);
else process.stdout.write(made);
