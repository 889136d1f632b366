import { openHandles } from './handles.ts'
import { inUnits } from './report.ts'
import type { SimRun } from './sim-run.ts'

/** Milliseconds between two pictures. */
const EVERY_MS = 1_000
/** Faults that are shown at a time. */
const SHOWN = 6

/** Shows once a second how a run goes, in place on a terminal, else line by line; and notes the most of what it takes. */
export class LiveView {
  handles = 0
  rssBytes = 0
  readonly #run: SimRun
  readonly #begin = performance.now()
  readonly #timer: NodeJS.Timeout
  /** Lines of the last picture that stand on the terminal. */
  #drawn = 0
  phase = 'workload'

  constructor(run: SimRun) {
    this.#run = run
    this.#timer = setInterval(() => this.#show(), EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#sample()
  }

  #sample(): void {
    this.handles = Math.max(this.handles, openHandles())
    this.rssBytes = Math.max(this.rssBytes, process.memoryUsage.rss())
  }

  #show(): void {
    this.#sample()
    const { network, wrong, steps } = this.#run
    const up = network.running().length
    const replicas = network.servers.reduce((count, { facts }) => count + facts.replicas.size, 0)
    const moved = network.lines.reduce((bytes, { passed }) => bytes + passed, 0)
    const seconds = ((performance.now() - this.#begin) / 1000).toFixed(0)
    const line = `${seconds.padStart(4)} s  ${this.phase}: step ${steps}, servers up: ${up} of ${network.servers.length}, images: ${network.images.size}, replicas seen: ${replicas}, moved: ${inUnits(moved)}, faults now: ${wrong.length}`
    if (!process.stderr.isTTY) {
      process.stderr.write(`${line}\n`)
      return
    }
    const lines = [line, ...wrong.slice(0, SHOWN).map((what) => `        ${what}`)]
    const back = this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A\x1b[J`
    process.stderr.write(
      `${back}${lines.map((text) => text.slice(0, process.stderr.columns - 1)).join('\n')}\n`,
    )
    this.#drawn = lines.length
  }
}
