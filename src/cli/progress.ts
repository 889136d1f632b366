import type { SingleBar } from 'cli-progress'
import { printable } from '../core/printable.ts'
import type { Output } from './output.ts'
import { formatBytes, formatDuration } from './text.ts'

/** Milliseconds over which a rate is taken: long enough to be calm, short enough to follow the link. */
const WINDOW_MS = 5_000

/** Bytes per second over the last seconds. */
export class RateMeter {
  readonly #now: () => number
  readonly #samples: { at: number; done: number }[] = []

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Notes `done` bytes in all; returns bytes per second, 0 while it cannot be told. */
  update(done: number): number {
    const at = this.#now()
    this.#samples.push({ at, done })
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) >= WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0]
    if (first === undefined || at <= first.at) return 0
    return Math.max(0, ((done - first.done) * 1000) / (at - first.at))
  }
}

/** A progress bar with bytes, rate and time left on stderr, when that is a terminal and people read; otherwise nothing. */
export class Progress {
  readonly #bar: SingleBar | undefined
  readonly #meter = new RateMeter(() => performance.now())

  private constructor(bar: SingleBar | undefined) {
    this.#bar = bar
  }

  static async open(output: Output, label: string): Promise<Progress> {
    if (output.stderr.isTTY !== true || output.json || output.quiet) return new Progress(undefined)
    const { default: cliProgress } = await import('cli-progress')
    const bar = new cliProgress.SingleBar({
      format: `${printable(label)} [{bar}] {percentage}%  {bytes}  {rate}  {left}  {note}`,
      stream: output.stderr,
      barsize: 24,
      hideCursor: null,
      gracefulExit: false,
      emptyOnZero: true,
    })
    bar.start(0, 0, { bytes: '', rate: '', left: '', note: '' })
    return new Progress(bar)
  }

  /** True when a bar is on the screen. */
  get visible(): boolean {
    return this.#bar !== undefined
  }

  /** Sets bytes done of a total; `note` stands behind. */
  update(done: number, total: number, note = ''): void {
    if (this.#bar === undefined) return
    const rate = this.#meter.update(done)
    this.#bar.setTotal(total)
    this.#bar.update(done, {
      bytes: `${formatBytes(done)} of ${formatBytes(total)}`,
      rate: rate > 0 ? `${formatBytes(rate)}/s` : '-',
      left: rate > 0 ? `${formatDuration(((total - done) / rate) * 1000)} left` : '',
      note: printable(note),
    })
  }

  /** Leaves the bar as it is and goes to the next line. */
  stop(): void {
    this.#bar?.stop()
  }
}
