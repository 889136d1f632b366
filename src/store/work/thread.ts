import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { isIngotError, systemCode } from '../../core/errors.ts'
import type { WorkAnswer, WorkRequest } from './messages.ts'
import { tasks } from './tasks.ts'

// A thread of the pool: does one task after the other.

const { niceness } = workerData as { niceness: number }
// On Linux a priority belongs to a thread, so this one only; where it cannot be set the work is done all the same.
if (niceness > 0 && process.platform === 'linux') {
  try {
    setPriority(0, niceness)
  } catch {}
}

function answer({ id, task, argument }: WorkRequest): WorkAnswer {
  try {
    return { id, result: (tasks[task] as (argument: unknown) => unknown)(argument) }
  } catch (error) {
    const code = isIngotError(error) ? error.code : undefined
    return { id, error: { message: (error as Error).message, code, system: systemCode(error) } }
  }
}

parentPort?.on('message', (request: WorkRequest) => {
  const answered = answer(request)
  const result = 'result' in answered ? answered.result : undefined
  // Large results move; small ones may lie in memory that they share with others, and are copied.
  const moves = result instanceof Uint8Array && result.length === result.buffer.byteLength
  parentPort?.postMessage(answered, moves && result.buffer instanceof ArrayBuffer ? [result.buffer] : [])
})
