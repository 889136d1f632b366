import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { describeError } from '../../../src/core/errors.ts'
import { randomBytes } from '../files.ts'
import type { Bed, Daemon } from '../daemon.ts'
import type { Tally } from './tally.ts'

/**
 * Longest time in which a server has to answer its operator, and to bring an image to an honest peer, milliseconds; not counting the time for
 * which the system did not let it run because the machine was busy with other work.
 */
export const HANG_MS = 5_000
/** Nothing is waited for longer, milliseconds. */
const MOST_MS = 120_000

/** What was seen of a server while it was under fire. Milliseconds and bytes. */
export interface Watched {
  slowestAnswerMs: number
  slowestTransferMs: number
  transfers: number
  /** For so long at most the servers were ready and not let run, during one of these. */
  longestHeldMs: number
  /** Resident memory: the most until the end of the warm-up, and the most after it. */
  warmBytes: number
  mostBytes: number
}

const never = new AbortController().signal

/** Watches a server: that it runs, answers, moves images of honest peers, and does not grow. */
export class Watch {
  readonly #victim: Daemon
  readonly #honest: Daemon
  readonly #bed: Bed
  readonly #tally: Tally
  readonly seen: Watched = {
    slowestAnswerMs: 0,
    slowestTransferMs: 0,
    transfers: 0,
    longestHeldMs: 0,
    warmBytes: 0,
    mostBytes: 0,
  }
  /** The warm-up is over. */
  isWarm = false
  #over = false

  constructor(of: { victim: Daemon; honest: Daemon; bed: Bed; tally: Tally }) {
    this.#victim = of.victim
    this.#honest = of.honest
    this.#bed = of.bed
    this.#tally = of.tally
  }

  /** From here on its memory may not grow much. */
  warmedUp(): void {
    this.isWarm = true
  }

  /** Resolves after {@link end}. */
  async run(): Promise<void> {
    await Promise.all([this.#answers(), this.#transfers(), this.#memory()])
  }

  end(): void {
    this.#over = true
  }

  async #timed(what: string, work: () => Promise<unknown>): Promise<number> {
    const begin = performance.now()
    const before = await this.#held()
    try {
      await Promise.race([
        work(),
        pause(MOST_MS, undefined, { ref: false }).then(() => {
          throw new Error(`took more than ${MOST_MS} ms`)
        }),
      ])
    } catch (error) {
      this.#tally.problem(`${what}: ${describeError(error)}`)
    }
    const took = performance.now() - begin
    const held = (await this.#held()) - before
    this.seen.longestHeldMs = Math.max(this.seen.longestHeldMs, held)
    if (took > HANG_MS + held)
      this.#tally.problem(
        `${what} took ${Math.round(took)} ms, of which it was not let run for ${Math.round(held)}`,
      )
    return took
  }

  /** Milliseconds for which the servers and this process were ready to run and did not, so far; 0 where the system does not tell. */
  async #held(): Promise<number> {
    const processes = [this.#victim.ready.pid, this.#honest.ready.pid, process.pid]
    const each = await Promise.all(
      processes.map(async (pid) => await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '')),
    )
    return each.reduce((sum, text) => sum + Number(text.split(' ')[1] ?? 0), 0) / 1e6
  }

  async #answers(): Promise<void> {
    while (!this.#over) {
      const took = await this.#timed(
        'an answer to the operator',
        async () => await this.#victim.client.status(),
      )
      this.seen.slowestAnswerMs = Math.max(this.seen.slowestAnswerMs, took)
      await pause(500)
    }
  }

  /** Images go in both directions, one after the other. */
  async #transfers(): Promise<void> {
    for (let number = 0; !this.#over; number++) {
      const pair = [this.#victim, this.#honest] as const
      const [from, to] = number % 2 === 0 ? pair : ([pair[1], pair[0]] as const)
      const image = `watch-${number}`
      const path = this.#bed.file(image)
      await writeFile(path, randomBytes(50_000, image))
      const took = await this.#timed(`an image from ${from.name} to ${to.name}`, async () => {
        await from.client.importImage({ image, path }, { signal: never, onProgress: () => {} })
        await to.client.waitImage({ image: `${from.name}/${image}`, timeoutMs: MOST_MS }, never)
      })
      this.seen.slowestTransferMs = Math.max(this.seen.slowestTransferMs, took)
      this.seen.transfers++
      await from.client.deleteImage(`./${image}`).catch(() => {}) // it was never made: a problem already
      await to.client.deleteImage(`${from.name}/${image}`).catch(() => {}) // it never came: a problem already
      await pause(1_000)
    }
  }

  /** Looks once more at the end, so that it is seen after every warm-up. */
  async #memory(): Promise<void> {
    for (let isLast = false; !isLast; await pause(isLast ? 0 : 250)) {
      isLast = this.#over
      const status = await readFile(`/proc/${this.#victim.ready.pid}/status`, 'utf8').catch(() => '')
      const bytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
      if (!this.#victim.child.running) {
        this.#tally.problem(`the server ended: ${this.#victim.log.slice(-4_000)}`)
        return
      }
      if (this.isWarm) this.seen.mostBytes = Math.max(this.seen.mostBytes, bytes)
      else this.seen.warmBytes = Math.max(this.seen.warmBytes, bytes)
    }
  }
}

/** Lines of a log that no peer should be able to cause: errors of the program itself. Each kind once, with how often. */
export function ownFaults(log: string): string[] {
  const found = new Map<string, number>()
  for (const line of log.split('\n')) {
    if (
      !/TypeError|ReferenceError|RangeError|SyntaxError|Maximum call stack|is not a function|Cannot read prop|background task failed|SQLITE|uncaught/i.test(
        line,
      )
    )
      continue
    const text = line
      .replace(/"time":"[^"]*",?/, '')
      .replace(/\d{3,}/g, 'N')
      .slice(0, 600)
    found.set(text, (found.get(text) ?? 0) + 1)
  }
  return [...found].map(([text, count]) => `${count} × ${text}`)
}
