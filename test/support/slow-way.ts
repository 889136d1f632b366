import type { Socket } from 'node:net'

/** Milliseconds that wait for their turn on the line; more is left with the sender. */
const queueMs = 20
/** Milliseconds of the line that one piece takes at most: what comes out is as even as that. */
const pieceMs = 5
/** Milliseconds between two looks at the line at least: what has arrived in between comes out together. */
const tickMs = 4
/** Bytes that the far side may leave unread here before its sender is stopped. */
const unreadBytes = 256 * 1024

/** What both directions of one connection share. */
export interface Connection {
  /** Bytes that still pass before it is cut. */
  left: number
  readonly cut: () => void
}

/** One direction of one connection. */
export interface Flow {
  readonly from: Socket
  readonly to: Socket
  readonly connection: Connection
  /** The far side does not read. */
  blocked: boolean
}

/** What is on its way: bytes, or the end of a flow. */
interface Piece {
  readonly flow: Flow
  readonly what: Buffer | 'end' | 'cut'
  /** When it arrives, as `performance.now()`. */
  readonly at: number
}

/** One way of the line, for all connections: first in, first out. */
export class Way {
  /** Bytes that came out. */
  passed = 0
  /** Bytes on their way. */
  held = 0
  readonly #delayMs: number
  readonly #bytesPerMs: number
  readonly #pieceBytes: number
  #pieces: Piece[] = []
  /** Index of the first piece that has not arrived. */
  #next = 0
  /** When all that was taken has left the near end. */
  #freeAt = 0
  /** Flows that were stopped because the line is full; the first one goes on first. */
  readonly #waiting = new Set<Flow>()
  #timer: NodeJS.Timeout | undefined

  constructor(delayMs: number, bytesPerSecond: number) {
    this.#delayMs = delayMs
    this.#bytesPerMs = bytesPerSecond / 1000
    this.#pieceBytes = Math.max(1, Math.floor(this.#bytesPerMs * pieceMs))
  }

  /** Takes what a flow has read; stops the flow when the line is full. */
  take(flow: Flow, bytes: Buffer): void {
    const now = performance.now()
    this.#freeAt = Math.max(this.#freeAt, now)
    for (let from = 0; from < bytes.length; from += this.#pieceBytes) {
      const piece = bytes.subarray(from, from + this.#pieceBytes)
      this.#freeAt += piece.length / this.#bytesPerMs
      this.#pieces.push({ flow, what: piece, at: this.#freeAt + this.#delayMs })
    }
    this.held += bytes.length
    if (this.#freeAt - now > queueMs) {
      flow.from.pause()
      this.#waiting.add(flow)
    }
    this.#schedule()
  }

  /** The flow ends behind all that was taken. */
  end(flow: Flow, how: 'end' | 'cut'): void {
    const now = performance.now()
    this.#pieces.push({ flow, what: how, at: Math.max(this.#freeAt, now) + this.#delayMs })
    this.#schedule()
  }

  /** The flow goes on when it is its turn: its far side reads again. */
  proceed(flow: Flow): void {
    this.#waiting.add(flow)
    this.#schedule()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#pieces = []
    this.#next = 0
    this.#waiting.clear()
  }

  #schedule(): void {
    if (this.#timer !== undefined) return
    const next = this.#pieces[this.#next]?.at ?? Infinity
    const room = this.#waiting.size > 0 ? this.#freeAt - queueMs / 2 : Infinity
    const at = Math.min(next, room)
    if (at === Infinity) return
    this.#timer = setTimeout(() => this.#turn(), Math.max(tickMs, at - performance.now()))
  }

  #turn(): void {
    this.#timer = undefined
    const now = performance.now()
    for (; (this.#pieces[this.#next]?.at ?? Infinity) <= now; this.#next++) this.#arrive(this.#next)
    if (this.#next > 1024) this.#pieces.splice(0, this.#next)
    if (this.#next > 1024) this.#next = 0
    // One at a time: as long as there is room after what it brings, the next turn takes another.
    const [flow] = this.#waiting
    if (flow !== undefined && this.#freeAt - now <= queueMs / 2) {
      this.#waiting.delete(flow)
      if (!flow.blocked) flow.from.resume()
    }
    this.#schedule()
  }

  #arrive(index: number): void {
    const piece = this.#pieces[index]
    if (piece === undefined) return
    const { flow, what } = piece
    if (typeof what !== 'string') this.held -= what.length
    if (flow.to.destroyed) return
    if (what === 'end') flow.to.end()
    else if (what === 'cut') flow.to.resetAndDestroy()
    else this.#pass(flow, what)
  }

  #pass(flow: Flow, bytes: Buffer): void {
    const { connection, to } = flow
    const count = Math.min(bytes.length, connection.left)
    if (count === 0) return
    connection.left -= count
    this.passed += count
    if (connection.left === 0) to.write(bytes.subarray(0, count), connection.cut)
    else to.write(bytes)
    if (to.writableLength > unreadBytes && !flow.blocked) {
      flow.blocked = true
      flow.from.pause()
    }
  }
}
