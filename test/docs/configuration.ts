/** The page of the manual with every key of the configuration, made from its schema (docs/configuration.md). */
import { configJsonSchema } from '../../src/config';
import { isAtStart } from '../../src/reload';

/** What of JSON Schema the configuration's has. */
interface Schema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | false;
}

interface ConfigKey {
  /** As `limits.history`; of an object in a list `plugins[].module`. */
  readonly path: string;
  readonly schema: Schema;
  readonly needed: boolean;
}

const isGroup = (schema: Schema): boolean => schema.properties !== undefined;

function under(schema: Schema, at: string): ConfigKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const path = at === '' ? name : `${at}.${name}`;
    const own = isGroup(inner) ? [] : [{ path, schema: inner, needed: schema.required?.includes(name) === true }];
    return [...own, ...under(inner, path), ...(inner.items ? under(inner.items, `${path}[]`) : [])];
  });
}

/** Every key that has a value, in the order of the schema. */
export const configKeys = (): ConfigKey[] => under(configJsonSchema(), '');

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;

function typeOf(schema: Schema): string {
  const { type, title, anyOf, items, additionalProperties, minimum = 0, maximum = 0, maxLength } = schema;
  if (title !== undefined) return title;
  if (anyOf) return anyOf.map(typeOf).join(', or ');
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (additionalProperties) return `object; each value: ${typeOf(additionalProperties)}`;
  switch (type) {
    case 'integer':
      return `whole number, ${minimum} to ${maximum}`;
    case 'string':
      return maxLength === undefined ? 'text' : `text of at most ${maxLength} characters`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return items && isGroup(items) ? 'list of objects' : `list; each: ${typeOf(items ?? {})}`;
    case 'object':
      return 'object';
    case undefined:
      return 'anything';
    default:
      return type;
  }
}

function defaultOf({ schema, needed }: ConfigKey): string {
  if (needed) return 'needed';
  return schema.default === undefined ? '' : code(schema.default);
}

function holdsFrom(path: string): string {
  if (path === '$schema') return '';
  return isAtStart(path.replace('[]', '')) ? 'start' : 'reload';
}

const cell = (text: string): string => text.replace(/\|/g, '\\|').trim();
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`.replace(/\| {2}(?=\|)/g, '| ');

function table(keys: readonly ConfigKey[]): string {
  const rows = keys.map((key) =>
    row([`\`${key.path}\``, typeOf(key.schema), defaultOf(key), holdsFrom(key.path), key.schema.description ?? '']),
  );
  return ['| key | type | default | holds from | what it does |', '|---|---|---|---|---|', ...rows].join('\n');
}

const HEAD = `# Every key of the configuration

One JSON file, in which comments may stand. A file needs only \`component.domain\` and the server's secret; [component.example.json](../component.example.json) is one to begin with, and [operating.md](operating.md#the-configuration) says
more of the keys that need it. \`parlour config show\` prints what holds, \`parlour config set KEY VALUE\` changes a key, \`parlour check\` says what is wrong with a file. Without a default a key is off, or its sentence says what is taken.

*Holds from*: \`reload\` is at once when the file is read again (\`parlour reload\`, SIGHUP); \`start\` is from the next start, and the reload names it. With another domain of the rooms or of the server nothing of the file is taken.

This page is made from the schema (\`src/config-schema.ts\`; \`node dist/test/docs/write.js\`).
`;

/** The text of docs/configuration.md. */
export function configurationPage(): string {
  const { properties = {} } = configJsonSchema() as Schema;
  const keys = configKeys();
  const parts = Object.entries(properties).map(([name, schema]) => {
    const own = keys.filter(({ path }) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[]`));
    const sentence = isGroup(schema) ? `${schema.description ?? ''}\n\n` : '';
    return `## ${name}\n\n${sentence}${table(own)}\n`;
  });
  return `${HEAD}\n${parts.join('\n')}`;
}
