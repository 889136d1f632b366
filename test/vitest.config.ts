import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { CountsReporter } from './support/reporter.ts'

/**
 * One kind of test: its folder under test/ and the milliseconds that one test or hook of it may take. Files of one kind share their
 * processes, one after the other: loading the sources and libp2p for each file anew is a quarter of what they cost. So nothing may be
 * left behind in a process that the next file would meet.
 */
function project(name: string, timeoutMs: number) {
  const include = [`test/${name}/**/*.test.ts`]
  return {
    extends: true as const,
    test: { name, include, isolate: false, testTimeout: timeoutMs, hookTimeout: timeoutMs },
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    projects: [project('unit', 10_000), project('network', 60_000), project('process', 180_000)],
    pool: 'forks',
    maxWorkers: 2,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    teardownTimeout: 20_000,
    reporters: ['dot', new CountsReporter()],
  },
})
