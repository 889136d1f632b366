import type { Socket } from 'node:net'

/** Bytes that wait in a pipe before its sender is stopped. */
const QUEUE_BYTES = 256 * 1024

/** How one way of a line is now. */
export interface Way {
  /** Milliseconds that each byte is late. */
  delayMs: number
  /** Bytes per second over all connections; Infinity for no bound. */
  rate: number
  /** When all that was taken has left, as `performance.now()`. */
  freeAt: number
  /** What comes now is lost, and nobody is told. */
  silent: boolean
  /** Bytes that came out. */
  passed: number
}

/** A way on which nothing is wrong. */
export function openWay(): Way {
  return { delayMs: 0, rate: Infinity, freeAt: 0, silent: false, passed: 0 }
}

/** One direction of one connection: passes on what comes, late, slowly, or not at all, as its way is when it comes. */
export class Pipe {
  /** It lost bytes: nothing that comes later may come out. */
  isDead = false
  readonly #from: Socket
  readonly #to: Socket
  readonly #way: Way
  readonly #onPassed: (bytes: number) => void
  readonly #queue: { at: number; bytes: Buffer }[] = []
  #queued = 0
  #isHeld: boolean
  #hasEnded = false
  #timer: NodeJS.Timeout | undefined

  /** `isHeld`: nothing comes out before {@link release}. */
  constructor(
    from: Socket,
    to: Socket,
    options: { way: Way; isHeld: boolean; onPassed: (bytes: number) => void },
  ) {
    this.#from = from
    this.#to = to
    this.#way = options.way
    this.#isHeld = options.isHeld
    this.#onPassed = options.onPassed
    from.on('data', (bytes: Buffer) => this.#take(bytes))
    from.on('end', () => this.#onEnd())
    to.on('drain', () => this.#proceed())
  }

  /** Lets out what was held back. */
  release(): void {
    this.#isHeld = false
    this.#proceed()
  }

  /** Nothing comes out any more. */
  stop(): void {
    this.isDead = true
    this.#queue.length = 0
    clearTimeout(this.#timer)
  }

  /** True when the far side hears nothing any more, not even that the near one has gone. */
  get isSilent(): boolean {
    this.isDead ||= this.#way.silent
    return this.isDead
  }

  #onEnd(): void {
    if (this.isSilent) return
    this.#hasEnded = true
    this.#proceed()
  }

  #take(bytes: Buffer): void {
    const way = this.#way
    if (this.isSilent) return
    const now = performance.now()
    way.freeAt = Math.max(way.freeAt, now) + (bytes.length / way.rate) * 1000
    // What came earlier comes out earlier, also when the way has become faster since.
    const at = Math.max(way.freeAt + way.delayMs, this.#queue.at(-1)?.at ?? 0)
    this.#queue.push({ at, bytes })
    this.#queued += bytes.length
    if (this.#queued > QUEUE_BYTES) this.#from.pause()
    this.#proceed()
  }

  #proceed(): void {
    if (this.#isHeld || this.#timer !== undefined) return
    while (!this.#to.destroyed && !this.#to.writableNeedDrain) {
      const [next] = this.#queue
      if (next === undefined) break
      const late = next.at - performance.now()
      if (late > 0.5) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined
          this.#proceed()
        }, late)
        break
      }
      this.#queue.shift()
      this.#queued -= next.bytes.length
      this.#way.passed += next.bytes.length
      this.#to.write(next.bytes)
      this.#onPassed(next.bytes.length)
    }
    if (this.#hasEnded && this.#queue.length === 0 && !this.#to.writableEnded) this.#to.end()
    if (this.#queued <= QUEUE_BYTES && this.#from.isPaused()) this.#from.resume()
  }
}
