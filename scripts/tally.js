/**
 * A vitest reporter that counts: every skipped test with its reason, then `N passed, N failed, N skipped`, written
 * to the file that DEADAIR_TALLY names, because scripts/test.sh prints them last. A test file that cannot be loaded
 * and an error outside any test count as failed.
 */
import { writeFileSync } from 'node:fs';

function countModule(module, tally) {
  const before = tally.failed;
  for (const test of module.children.allTests()) {
    const result = test.result();
    tally[result.state === 'pending' ? 'failed' : result.state]++;
    if (result.state === 'skipped') {
      tally.lines.push(`skipped: ${test.fullName}${result.note ? ` (${result.note})` : ''}`);
    }
  }
  if (module.state() === 'failed' && tally.failed === before) {
    tally.failed++;
    tally.lines.push(`failed: ${module.relativeModuleId} could not be run`);
  }
}

export default class Tally {
  onTestRunEnd(modules, unhandledErrors) {
    const tally = { passed: 0, failed: unhandledErrors.length, skipped: 0, lines: [] };
    for (const module of modules) countModule(module, tally);
    const { passed, failed, skipped, lines } = tally;
    const text = [...lines, `${passed} passed, ${failed} failed, ${skipped} skipped`, ''].join(
      '\n',
    );
    if (process.env.DEADAIR_TALLY) writeFileSync(process.env.DEADAIR_TALLY, text);
  }
}
