import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'
import type { DiskFault } from './disk-fault.ts'

/** The faults of this process, in memory that its threads share: they count together. */

const KEY = 'ingot test disk faults'
const MEMORY_BYTES = 64 * 1024
/** Numbers before the faults as JSON: these three, then how often each fault was met. */
const VERSION = 0
const LENGTH = 1
const HITS = 2
const MET = 3
const MOST_FAULTS = 250
const JSON_AT = (MET + MOST_FAULTS) * 4

const memory = take()
const numbers = new Int32Array(memory, 0, MET + MOST_FAULTS)
const text = new Uint8Array(memory, JSON_AT)

function take(): SharedArrayBuffer {
  const given = getEnvironmentData(KEY) as unknown
  if (given instanceof SharedArrayBuffer) return given
  if (!isMainThread) throw new Error('this thread was started before the faults were there')
  const made = new SharedArrayBuffer(MEMORY_BYTES)
  setEnvironmentData(KEY, made as unknown as Parameters<typeof setEnvironmentData>[1])
  return made
}

let version = 0
let faults: readonly DiskFault[] = []

/** Tells all threads the faults that come from now on. */
export function publishFaults(next: readonly DiskFault[]): void {
  const json = Buffer.from(JSON.stringify(next))
  if (next.length > MOST_FAULTS || json.length > text.length) throw new RangeError('too many faults')
  Atomics.add(numbers, VERSION, 1) // odd: who looks now keeps what it has
  text.set(json)
  numbers[LENGTH] = json.length
  numbers.fill(0, HITS)
  Atomics.add(numbers, VERSION, 1)
}

/** The faults that come now. */
export function currentFaults(): readonly DiskFault[] {
  const now = Atomics.load(numbers, VERSION)
  if (now === version || now % 2 === 1) return faults
  // A copy: what other threads see is no text that TextDecoder takes.
  const json = Buffer.from(text.slice(0, numbers[LENGTH])).toString()
  if (Atomics.load(numbers, VERSION) !== now) return faults
  version = now
  faults = json === '' ? [] : (JSON.parse(json) as DiskFault[])
  return faults
}

/** True when it is now that a fault comes: it was met often enough. Counts this meeting. */
export function isDue(index: number, { after, times }: DiskFault): boolean {
  const before = Atomics.add(numbers, MET + index, 1)
  const isNow = before >= after && before - after < times
  if (isNow) Atomics.add(numbers, HITS, 1)
  return isNow
}

/** How many operations were hit. */
export function strikes(): number {
  return Atomics.load(numbers, HITS)
}
