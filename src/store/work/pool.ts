import { Worker } from 'node:worker_threads'
import { IngotError } from '../../core/errors.ts'
import type { WorkAnswer, WorkError, WorkRequest } from './messages.ts'
import { alone } from './alone.ts'
import { tasks, type TaskArguments, type TaskName, type TaskResult } from './tasks.ts'

interface Waiting {
  request: WorkRequest
  resolve: (result: unknown) => void
  reject: (error: Error) => void
}

export interface WorkPoolInit {
  /** Threads at most; they are made when there is work for them. */
  threads: number
  /** 0 to 19: how much these threads stand back behind all others of the machine. */
  niceness: number
}

/**
 * Threads that read, hash, compress and write, so that the main thread has only the network to serve. What waits is bounded by
 * those who ask: each waits for its answer before it asks again.
 */
export class WorkPool {
  readonly #init: WorkPoolInit
  readonly #threads = new Map<Worker, Waiting | undefined>()
  readonly #queue: Waiting[] = []
  #asked = 0
  #stopped = false

  constructor(init: WorkPoolInit) {
    this.#init = init
  }

  /** Runs a task on a thread. Buffers in the argument are shared when they lie in a SharedArrayBuffer, else copied. */
  async run<K extends TaskName>(task: K, argument: TaskArguments<K>): Promise<TaskResult<K>> {
    if (this.#stopped) throw stopped()
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const request = { id: ++this.#asked, task, argument: withoutSurroundings(argument) }
    this.#queue.push({ request, resolve, reject })
    this.#next()
    return (await promise) as TaskResult<K>
  }

  /** Runs a task here and now: for so little that the way to a thread costs more. */
  here<K extends TaskName>(task: K, argument: TaskArguments<K>): TaskResult<K> {
    return (tasks[task] as (argument: TaskArguments<K>) => TaskResult<K>)(argument)
  }

  #next(): void {
    while (this.#queue.length > 0) {
      const thread = this.#idle()
      if (thread === undefined) return
      const waiting = this.#queue.shift() as Waiting
      this.#threads.set(thread, waiting)
      thread.ref()
      thread.postMessage(waiting.request, [])
    }
  }

  #idle(): Worker | undefined {
    for (const [thread, work] of this.#threads) if (work === undefined) return thread
    return this.#threads.size < this.#init.threads ? this.#make() : undefined
  }

  #make(): Worker {
    const { niceness } = this.#init
    const thread = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: { niceness },
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
    })
    thread.on('message', (answer: WorkAnswer) => {
      const waiting = this.#threads.get(thread)
      this.#threads.set(thread, undefined)
      thread.unref()
      if ('error' in answer) waiting?.reject(toError(answer.error))
      else waiting?.resolve(answer.result)
      this.#next()
    })
    const onEnd = (cause: unknown) => {
      const waiting = this.#threads.get(thread)
      this.#threads.delete(thread)
      waiting?.reject(new IngotError('failed', 'a thread of this server ended', { cause }))
      this.#next()
    }
    thread.on('error', onEnd)
    thread.on('exit', onEnd)
    this.#threads.set(thread, undefined)
    return thread
  }

  /** Ends all threads; what they were doing fails with `aborted`. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const { reject } of this.#queue.splice(0)) reject(stopped())
    const threads = [...this.#threads]
    this.#threads.clear()
    for (const [, waiting] of threads) waiting?.reject(stopped())
    await Promise.all(threads.map(async ([thread]) => await thread.terminate()))
  }
}

/** The same with each part of a larger buffer alone in its own: another thread would get a copy of the whole. */
function withoutSurroundings(argument: object): object {
  return Object.fromEntries(Object.entries(argument).map(([name, value]) => [name, alone(value)]))
}

function stopped(): IngotError {
  return new IngotError('aborted', 'this server is stopping')
}

function toError({ message, code, system }: WorkError): Error {
  if (code !== undefined) return new IngotError(code, message)
  return Object.assign(new Error(message), system === undefined ? {} : { code: system })
}
