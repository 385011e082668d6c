/** Names what was skipped after jest's own summary; under CI nothing may be skipped. */
class SkippedReporter {
  onRunComplete(_contexts, results) {
    const skipped = new Map();
    for (const file of results.testResults) {
      for (const test of file.testResults) {
        if (test.status !== 'pending' && test.status !== 'todo') continue;
        const group = test.ancestorTitles[0] ?? test.title;
        skipped.set(group, (skipped.get(group) ?? 0) + 1);
      }
    }
    // A run of chosen tests (`-t`, `--onlyFailures`) leaves the others out on purpose.
    if (skipped.size === 0 || this.options.testNamePattern) return;
    process.stderr.write('\nSkipped:\n');
    for (const [group, count] of skipped) process.stderr.write(`  ${group} (${count} ${count === 1 ? 'test' : 'tests'})\n`);
    if (process.env.CI === 'true') this.error = new Error('tests were skipped, which CI does not allow');
  }

  getLastError() {
    return this.error;
  }

  constructor(globalConfig) {
    this.options = globalConfig;
  }
}

module.exports = SkippedReporter;
