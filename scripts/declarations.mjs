/** The types of what others import from Parlour: a declaration for each entry, and for each file of ours that its types need. */
import { mkdirSync, readFileSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes them beside the compiled files, each file by itself: a file with anything in its interface that is not written out is a mistake.
 * Returns the mistakes, one line each.
 */
export function writeDeclarations(root, ts, entries) {
  const mistakes = [];
  const waiting = [...entries];
  const seen = new Set(waiting);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const source = readFileSync(path.join(root, file), 'utf8');
    const { outputText, diagnostics } = ts.transpileDeclaration(source, {
      fileName: file,
      compilerOptions: { declaration: true, module: ts.ModuleKind.Node16, target: ts.ScriptTarget.ES2022, strict: true },
    });
    for (const { messageText } of diagnostics ?? []) mistakes.push(`${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
    const target = path.join(root, 'dist', file.replace(/\.ts$/, '.d.ts'));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, outputText);
    for (const [, name] of outputText.matchAll(/from '(\.[^']+)'/g)) {
      const next = `${path.posix.join(path.posix.dirname(file), name)}.ts`;
      if (!existsSync(path.join(root, next))) mistakes.push(`${file}: there is no ${next}`);
      else if (!seen.has(next)) {
        seen.add(next);
        waiting.push(next);
      }
    }
  }
  return mistakes;
}
