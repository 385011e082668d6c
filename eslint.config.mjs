/** Lint: type-checked rules, and the order in which the folders of src/ may import one another (docs/architecture.md). */
import boundaries from 'eslint-plugin-boundaries';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** Each folder, from the bottom up, and what it may import besides itself. */
const LAYERS = {
  words: [],
  log: [],
  xmpp: ['words'],
  room: ['xmpp', 'words'],
  features: ['room', 'xmpp', 'words'],
  store: ['room', 'xmpp', 'log'],
  link: ['xmpp', 'words', 'log'],
  // The service runs rooms against the interfaces of link and store, never against what stands behind them.
  service: ['room', 'features', 'xmpp', 'words', 'log', 'store-interface', 'link-interface'],
  plugins: ['features', 'room', 'xmpp', 'words', 'log', 'store-interface'],
  admin: ['service', 'features', 'room', 'xmpp', 'words', 'log', 'store-interface'],
  // What the servers of HTTP share.
  http: ['log'],
  api: ['http', 'service', 'admin', 'transfer', 'features', 'room', 'xmpp', 'words', 'log', 'store-interface'],
  metrics: ['http', 'service', 'log', 'store-interface', 'link-interface'],
  transfer: ['service', 'features', 'room', 'xmpp', 'words', 'log', 'store-interface'],
};
const INTERFACES = { 'store-interface': ['src/store/*.ts'], 'link-interface': ['src/link/link.ts'] };

const elements = [
  ...Object.entries(INTERFACES).map(([type, [pattern]]) => ({ type, pattern, mode: 'full' })),
  { type: 'words', pattern: ['src/words.ts', 'src/words/**'], mode: 'full' },
  { type: 'log', pattern: 'src/log.ts', mode: 'full' },
  ...Object.keys(LAYERS)
    .filter((type) => type !== 'words' && type !== 'log')
    .map((type) => ({ type, pattern: `src/${type}/**`, mode: 'full' })),
  { type: 'main', pattern: ['src/*.ts', 'src/demo/**', 'src/cli/**'], mode: 'full' },
];

const rules = [
  ...Object.entries(LAYERS).map(([from, allow]) => ({ from, allow: [from, ...allow] })),
  { from: 'store-interface', allow: ['store-interface', 'room', 'xmpp'] },
  { from: 'link-interface', allow: ['xmpp'] },
  { from: 'store', allow: ['store-interface'] },
  { from: 'link', allow: ['link-interface'] },
  { from: 'main', allow: ['*'] },
];

/** Branded types, and who makes their values: everybody else is given them. */
const MADE = [
  {
    types: 'BareJid|FullJid|RoomJid|Domain',
    by: ['src/xmpp/fold.ts', 'src/xmpp/jid.ts', 'src/xmpp/prepare.ts'],
    how: 'fold raw text, or read what was stored',
  },
  { types: 'Nick', by: ['src/xmpp/nick.ts'], how: 'tidy raw text, or read what was stored' },
  { types: 'OccupantId|StanzaId', by: ['src/room/talking/ids.ts'], how: 'have one made, or say that it is as somebody wrote it' },
];
/** What nobody but its makers may do in a file. */
const notMadeIn = (file) =>
  MADE.filter(({ by }) => !by.includes(file)).map(({ types, by, how }) => ({
    selector: `TSAsExpression > .typeAnnotation:matches(TSTypeReference[typeName.name=/^(${types})$/], :has(TSTypeReference[typeName.name=/^(${types})$/]))`,
    message: `A value of this type is made by its makers alone (${by.join(', ')}): ${how}.`,
  }));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', 'coverage/'] },
  {
    files: ['**/*.{ts,mjs,cjs}'],
    plugins: { regexp },
    // Strangers choose the texts: an expression that takes longer than their length stops the loop for everybody (found F1).
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: false, ignorePartial: false }],
    },
  },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Interfaces are asynchronous where an implementation need not be.
      '@typescript-eslint/require-await': 'off',
      // Attributes of an Element are untyped at the border; every use states the type it reads.
      '@typescript-eslint/no-unsafe-member-access': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    // Of more nobody knows at the call which is which: they take an object.
    rules: { '@typescript-eslint/max-params': ['error', { max: 5 }] },
  },
  {
    files: ['test/**/*.ts'],
    // Tests take methods of stand-ins apart, which are plain functions.
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    ignores: ['test/support/property.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: [{ name: 'fast-check', message: 'Import test/support/property: it sets the seed.' }] }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: MADE.flatMap(({ by }) => by),
    rules: { 'no-restricted-syntax': ['error', ...notMadeIn('')] },
  },
  ...MADE.flatMap(({ by }) => by).map((file) => ({ files: [file], rules: { 'no-restricted-syntax': ['error', ...notMadeIn(file)] } })),
  {
    files: ['src/**/*.ts'],
    plugins: { boundaries },
    settings: { 'boundaries/elements': elements, 'import/resolver': { node: { extensions: ['.ts', '.js'] } } },
    rules: { 'boundaries/element-types': ['error', { default: 'disallow', rules }], 'boundaries/no-unknown-files': 'error' },
  },
);
