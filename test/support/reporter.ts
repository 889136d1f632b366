import { writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node'

/** Test cases by outcome. What fails outside of a test case (a file that does not load, a hook, a stray error) counts as failed. */
export interface Counts {
  passed: number
  failed: number
  skipped: number
}

function countModule(module: TestModule, counts: Counts): void {
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    // A test that never ended is a failed one: its process died.
    counts[state === 'pending' ? 'failed' : state]++
  }
  if (module.errors().length > 0) counts.failed++
  for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed++
}

/** Writes the counts of a run as JSON to the file that $INGOT_TEST_COUNTS names. */
export class CountsReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const path = process.env['INGOT_TEST_COUNTS']
    if (path === undefined) return
    const counts: Counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) countModule(module, counts)
    if (reason === 'interrupted') counts.failed++
    writeFileSync(path, JSON.stringify(counts))
  }
}
