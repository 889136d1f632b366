import type { DiskFault } from './disk-fault.ts'
import { preloadUrl } from './preload-url.ts'
import { isPreloaded, wrapThreads } from './threads.ts'
import { publishFaults, strikes } from './shared.ts'
import { wrapCalls } from './wrap-calls.ts'
import { wrapFiles } from './wrap-files.ts'

/**
 * A disk that goes wrong at chosen moments, for whole processes: the calls of `node:fs`, `node:fs/promises` and file handles, the
 * calls of the C library that `src/store/libc.ts` makes, and COMMIT of `node:sqlite`, in all threads. What SQLite itself reads and
 * writes is out of reach: a small file system does that (`test/support/tmpfs.ts`).
 *
 * Import this module before anything of `src/`, or preload `preload.ts` (`node --import`); a child process takes its faults from
 * {@link FAULTS_VARIABLE}. Linux only: paths of descriptors are read in /proc.
 */

export type { DiskFault, DiskOperation } from './disk-fault.ts'

/** The environment variable with the faults of a child process, as JSON. */
export const FAULTS_VARIABLE = 'INGOT_TEST_DISK_FAULTS'

/** Environment for a child process in which these faults come. */
export function faultEnvironment(faults: readonly DiskFault[]): Record<string, string> {
  return { NODE_OPTIONS: `--import=${preloadUrl}`, [FAULTS_VARIABLE]: JSON.stringify(faults.map(finite)) }
}

/** From now on these faults come, in all threads of this process; those of before do not any more. */
export function setDiskFaults(faults: readonly DiskFault[]): void {
  publishFaults(faults.map(finite))
}

/** The disk is well again. */
export function clearDiskFaults(): void {
  publishFaults([])
}

/** How many operations were hit since {@link setDiskFaults}. */
export function diskFaultHits(): number {
  return strikes()
}

/** JSON has no Infinity. */
function finite(fault: DiskFault): DiskFault {
  return { ...fault, times: Math.min(fault.times, Number.MAX_SAFE_INTEGER) }
}

// The tests load this module once more in a process that was started with it.
const WRAPPED = Symbol.for('ingot test: disk faults')
if (!(WRAPPED in globalThis)) {
  Object.assign(globalThis, { [WRAPPED]: true })
  await wrapFiles()
  wrapCalls()
  if (!isPreloaded()) wrapThreads(preloadUrl)
}
