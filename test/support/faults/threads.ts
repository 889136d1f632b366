import { syncBuiltinESMExports } from 'node:module'
import type { Worker, WorkerOptions } from 'node:worker_threads'

/** True when this process was started with `preload.ts`: its threads load that by themselves. */
export function isPreloaded(): boolean {
  return [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((text) =>
    text.includes('faults/preload.ts'),
  )
}

/** Has every thread that is started from now on load a module first. */
export function wrapThreads(preload: string): void {
  const threads = process.getBuiltinModule('node:worker_threads')
  const Original = threads.Worker
  class Preloaded extends Original {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      super(file, {
        ...options,
        execArgv: ['--disable-warning=ExperimentalWarning', '--import', preload, ...(options.execArgv ?? [])],
      })
    }
  }
  ;(threads as { Worker: typeof Worker }).Worker = Preloaded
  syncBuiltinESMExports()
}
