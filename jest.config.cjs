/** Jest runs what tsc compiled, because the store's threads are started from compiled files. */
module.exports = {
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  testEnvironment: 'node',
  transform: {},
  // Beside other programs some take minutes; nothing here is a test of speed.
  testTimeout: 180_000,
  // One more than the two cores that it mostly has: tests with servers and browsers wait a fifth of their time.
  maxWorkers: 3,
  // Smack needs a JDK, Maven and its registry: .ci/nightly asks for it (test/e2e/README.md).
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.SMACK === 'true' ? [] : ['/e2e/smack\\.test\\.js$'])],
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  reporters: ['default', '<rootDir>/scripts/skipped-reporter.cjs'],
};
