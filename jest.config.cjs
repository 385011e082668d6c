/** Jest runs what tsc compiled, because the store's threads are started from compiled files. */
module.exports = {
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  testEnvironment: 'node',
  transform: {},
  testTimeout: 60_000,
  maxWorkers: 2,
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  reporters: ['default', '<rootDir>/scripts/skipped-reporter.cjs'],
};
