import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { preloadUrl } from './support/faults/preload-url.ts'
import { CountsReporter } from './support/reporter.ts'

/** One kind of test: its folder under test/, and the milliseconds that one test or hook of it may take. */
function project(name: string, timeoutMs: number, options: { isolate: boolean }) {
  const include = [`test/${name}/**/*.test.ts`]
  return {
    extends: true as const,
    test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs, ...options },
  }
}

/**
 * Files share their processes, one after the other: loading the sources and libp2p anew for each is a third of what unit tests
 * cost, and a fifth of network tests. So a file leaves nothing behind that the next one would meet.
 */
const shared = { isolate: false }
const apart = { isolate: true }

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    projects: [
      project('unit', 30_000, shared),
      project('network', 60_000, shared),
      project('process', 180_000, apart),
    ],
    pool: 'forks',
    maxWorkers: 2,
    // The faults of a disk have to be there before anything of src/ is, whichever file comes first in a process.
    execArgv: ['--disable-warning=ExperimentalWarning', `--import=${preloadUrl}`],
    teardownTimeout: 20_000,
    reporters: ['dot', new CountsReporter()],
  },
})
