import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { loopbackBytes, machineSeconds, Services, type End } from './usage.ts'

/** What one run of one tool took. */
export interface Run {
  /** Until the tool said that it is done. */
  seconds: number
  /** The same, and a `sync -f` of the file system after it. */
  syncedSeconds: number
  /** Bytes that passed the loopback interface, in both directions, headers included. */
  wireBytes: number
  /** Processor seconds, user and system. */
  originCpuSeconds: number
  receiverCpuSeconds: number
  /** Peak of resident memory, bytes; over several processes the sum of their peaks. */
  originPeakBytes: number
  receiverPeakBytes: number
  /** Share of the processors that anything else used meanwhile, this program and the kernel included: 0 to 1. */
  otherShare: number
}

/** Both ends of what is measured. */
export interface Ends {
  origin: End
  receiver: End
}

/** Milliseconds between two looks at processes that may end at once. */
const sampleMs = 100

const execute = promisify(execFile)

/**
 * Runs `work` and says what it took. `directory`: on the file system that is synced before and after. When `work` gives
 * seconds, they count in the place of its own duration.
 */
export async function measure(
  directory: string,
  ends: Ends,
  work: () => Promise<number | void>,
): Promise<Run> {
  await execute('sync', ['-f', directory])
  const both = [ends.origin, ends.receiver]
  for (const end of both) end.begin()
  const before = both.map((end) => end.seconds())
  const wireBefore = loopbackBytes()
  const machineBefore = machineSeconds()
  const sampler = setInterval(() => both.forEach((end) => end.sample()), sampleMs)
  const began = performance.now()
  let seconds: number
  try {
    const told = await work()
    seconds = told ?? (performance.now() - began) / 1000
  } finally {
    clearInterval(sampler)
  }
  const took = (performance.now() - began) / 1000
  for (const end of both) end.sample()
  const wireBytes = loopbackBytes() - wireBefore
  const [originCpuSeconds = 0, receiverCpuSeconds = 0] = both.map(
    (end, index) => end.seconds() - (before[index] ?? 0),
  )
  const others = machineSeconds() - machineBefore - originCpuSeconds - receiverCpuSeconds
  const syncing = performance.now()
  await execute('sync', ['-f', directory])
  return {
    seconds,
    syncedSeconds: seconds + (performance.now() - syncing) / 1000,
    wireBytes,
    originCpuSeconds,
    receiverCpuSeconds,
    originPeakBytes: ends.origin.peak(),
    receiverPeakBytes: ends.receiver.peak(),
    otherShare: Math.max(0, others / took / availableParallelism()),
  }
}

/** Share of one processor below which services count as quiet, and the milliseconds for which they have to be. */
const quietShare = 0.03
const quietMs = 1_000

/** Resolves when the services do nothing any more in the background; rejects after ten minutes. */
export async function quiet(pids: readonly number[], signal: AbortSignal): Promise<void> {
  const services = new Services(() => pids)
  const end = performance.now() + 600_000
  let before = services.seconds()
  for (;;) {
    await pause(quietMs, undefined, { signal })
    const now = services.seconds()
    if (now - before <= (quietShare * quietMs) / 1000) return
    if (performance.now() > end) throw new Error('the services did not become quiet within ten minutes')
    before = now
  }
}
