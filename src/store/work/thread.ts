import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { isIngotError, systemCode } from '../../core/errors.ts'
import type { WorkAnswer, WorkRequest } from './messages.ts'
import { alone } from './alone.ts'
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
    return { id, result: alone((tasks[task] as (argument: unknown) => unknown)(argument)) }
  } catch (error) {
    const code = isIngotError(error) ? error.code : undefined
    return { id, error: { message: (error as Error).message, code, system: systemCode(error) } }
  }
}

parentPort?.on('message', (request: WorkRequest) => {
  const answered = answer(request)
  const result = 'result' in answered ? answered.result : undefined
  const moves = result instanceof Uint8Array && result.buffer instanceof ArrayBuffer
  parentPort?.postMessage(answered, moves ? [result.buffer] : [])
})
