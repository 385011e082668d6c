/** The titles of the project's tests, read from their sources. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../support/package-root';

export interface TestTitle {
  /** Below `test/`, without the ending: `conversations/entering`. */
  readonly file: string;
  /** As written; what a template fills in reads `${…}`. */
  readonly title: string;
  /** With the titles of what it stands in. */
  readonly full: string;
}

/** Every test that runs: those that are skipped or yet to be written show nothing. */
export function readTitles(): TestTitle[] {
  const folder = path.join(packageRoot(), 'test');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => !file.startsWith('conformance/'))
    .sort()
    .flatMap((file) => titlesIn(file.replace(/(\.test)?\.ts$/, ''), readFileSync(path.join(folder, file), 'utf8')));
}

/** The tests of one source. */
export function titlesIn(file: string, source: string): TestTitle[] {
  const found: TestTitle[] = [];
  const visit = (node: ts.Node, outer: readonly string[]): void => {
    const declaration = ts.isCallExpression(node) ? declarationOf(node) : undefined;
    if (declaration === 'skipped') return;
    if (declaration?.kind === 'test') {
      found.push({ file, title: declaration.title, full: [...outer, declaration.title].join(' › ') });
      return;
    }
    const inner = declaration ? [...outer, declaration.title] : outer;
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(ts.createSourceFile(`${file}.ts`, source, ts.ScriptTarget.Latest), []);
  return found;
}

/** What a call declares, if it is one of jest's declarations with a title: `test(…)`, `it.only(…)`, `describe.each(…)(…)`. */
function declarationOf(call: ts.CallExpression): { kind: 'describe' | 'test'; title: string } | 'skipped' | undefined {
  const modifiers: string[] = [];
  let callee: ts.Expression = call.expression;
  for (;;) {
    if (ts.isPropertyAccessExpression(callee)) {
      modifiers.push(callee.name.text);
      callee = callee.expression;
    } else if (ts.isCallExpression(callee)) callee = callee.expression;
    else if (ts.isTaggedTemplateExpression(callee)) callee = callee.tag;
    else break;
  }
  if (!ts.isIdentifier(callee) || !/^[xf]?(describe|test|it)$/.test(callee.text)) return undefined;
  const title = call.arguments[0] && textOf(call.arguments[0]);
  if (title === undefined) return undefined;
  if (callee.text.startsWith('x') || modifiers.some((name) => name === 'skip' || name === 'todo')) return 'skipped';
  return { kind: callee.text.endsWith('describe') ? 'describe' : 'test', title };
}

/** The text of a title, or undefined of anything else. */
function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map((span) => `\${…}${span.literal.text}`).join('');
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [textOf(node.left), textOf(node.right)];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  return undefined;
}

/** The examples of XEP-0045 that a title names: `Example 44`, `Examples 44-46, 48`. Those of other specifications do not count. */
export function examplesIn(title: string): number[] {
  const numbers: number[] = [];
  for (const [, other, several, list] of title.matchAll(/(?:XEP-(\d{4}) (?:§[\d.]+ )?)?Example(s?) (\d+(?:(?:-|, | and )\d+)*)/g)) {
    if (other !== undefined && other !== '0045') continue;
    const parts = (list as string).split(/, | and /);
    for (const part of several === '' ? parts.slice(0, 1) : parts) {
      const [first, last] = part.split('-').map(Number) as [number, number?];
      for (let number = first; number <= (last ?? first); number++) numbers.push(number);
    }
  }
  return numbers;
}
