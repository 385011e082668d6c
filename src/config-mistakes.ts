/** Mistakes in a configuration as sentences: where, what was found, and what is allowed there. */
import type * as z from 'zod';

export interface Mistake {
  /** Dotted path of the key; '' for the file as a whole. */
  readonly path: string;
  /** A sentence. */
  readonly text: string;
}

/** Thrown when a configuration cannot be used: `mistakes` has one sentence for each, all of them. */
export class ConfigRefused extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly Mistake[]) {
    const sentences = mistakes.map(({ path, text }) => (path === '' ? text : `${path}: ${text}`));
    super(sentences.join('\n'));
    this.name = 'ConfigRefused';
    this.mistakes = sentences;
  }
}

/** The issues of the schema; each message of the schema says what is allowed. One sentence for each place. */
export function mistakesOf(issues: readonly z.core.$ZodIssue[], raw: unknown): Mistake[] {
  const found = new Map<string, Mistake>();
  const add = (path: string, text: string): void => {
    if (!found.has(path)) found.set(path, { path, text });
  };
  for (const issue of issues) {
    const path = pathText(issue.path);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const at = pathText([...issue.path, key]);
        // Its value may be a secret under another name.
        add(at, `unknown key; allowed here: ${issue.message}.`);
      }
      continue;
    }
    const inner = issue.code === 'invalid_union' ? itemIssue(issue) : undefined;
    if (inner !== undefined) {
      const full = [...issue.path, ...inner.path];
      add(pathText(full), `found ${shown(pathText(full), valueAt(raw, full))}; allowed: ${inner.message}.`);
    } else add(path === '' ? 'the file' : path, `found ${shown(path, valueAt(raw, issue.path))}; allowed: ${issue.message}.`);
  }
  return [...found.values()];
}

/** Of "a word or a list", when a list was given: what is wrong within it. */
function itemIssue(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue | undefined {
  for (const branch of issue.errors) {
    const inside = branch.find((inner) => inner.path.length > 0);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** `service.admins[0]`; a key that is no plain word stands in brackets and quotes. */
function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w$-]+$/.test(String(part))) text += text === '' ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** The value in the file, shortened; possible secrets are not repeated. */
function shown(path: string, value: unknown): string {
  if (value === undefined) return 'nothing';
  if (/secret|password/i.test(path)) return 'a value that is not shown';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}
