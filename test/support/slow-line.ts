import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { parseArgs } from 'node:util'

/**
 * A long, narrow or bad line between two servers: a TCP proxy on loopback. Each way has its own rate, shared by all
 * connections, and half of the round trip as delay. It holds what is on its way and 20 ms more; then it reads no more, and
 * the sender notices. It is no model of losses: TCP ends at both of its sides. Connections come about without delay.
 *
 *   node test/support/slow-line.ts --target PORT --round-trip MS --rate BYTES_PER_SECOND [--port PORT]
 *
 * as a process of its own prints {"port":…}, and {"up":…,"down":…} when SIGTERM ends it.
 */

export interface SlowLineOptions {
  /** Port of loopback to which the line leads. */
  target: number
  /** Port on which it listens; a free one by default. */
  port?: number
  /** Milliseconds from here to there and back; default 0. */
  roundTripMs?: number
  /** Bytes per second each way; default: no bound. */
  bytesPerSecond?: number
}

/** Milliseconds that wait for their turn on the line; more is left with the sender. */
const queueMs = 20
/** Milliseconds of the line that one piece takes at most: what comes out is as even as that. */
const pieceMs = 5
/** Milliseconds between two looks at the line at least: what has arrived in between comes out together. */
const tickMs = 4
/** Bytes that the far side may leave unread here before its sender is stopped. */
const unreadBytes = 256 * 1024

/** What both directions of one connection share. */
interface Connection {
  /** Bytes that still pass before it is cut. */
  left: number
  readonly cut: () => void
}

/** One direction of one connection. */
interface Flow {
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
class Way {
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

  constructor({ roundTripMs = 0, bytesPerSecond = Infinity }: SlowLineOptions) {
    this.#delayMs = roundTripMs / 2
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

/** A slow line to one port. */
export class SlowLine {
  readonly #options: SlowLineOptions
  readonly #listener: Server
  readonly #sockets = new Set<Socket>()
  /** From those who connected to the target, and back. */
  readonly #up: Way
  readonly #down: Way
  #refusing = false
  #cutAfter = Infinity

  private constructor(options: SlowLineOptions) {
    this.#options = options
    this.#up = new Way(options)
    this.#down = new Way(options)
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#onConnection(socket),
    )
  }

  /** Begins to listen. */
  static async start(options: SlowLineOptions): Promise<SlowLine> {
    const line = new SlowLine(options)
    line.#listener.listen(options.port ?? 0, '127.0.0.1')
    await once(line.#listener, 'listening')
    return line
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  /** Where it is reached. */
  get address(): string {
    return `/ip4/127.0.0.1/tcp/${this.port}`
  }

  /** Bytes that came out at the target. */
  get up(): number {
    return this.#up.passed
  }

  /** Bytes that came out at those who connected. */
  get down(): number {
    return this.#down.passed
  }

  /** Bytes that the line holds: on their way, or out and not read by the far side. */
  get held(): number {
    const unread = [...this.#sockets].reduce((sum, socket) => sum + socket.writableLength, 0)
    return this.#up.held + this.#down.held + unread
  }

  /** Cuts every connection; what is on its way is lost. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Cuts each connection once so many bytes passed through it, in both directions together; Infinity: none any more. */
  cutAfter(bytes: number): void {
    this.#cutAfter = bytes
  }

  /** Refuses new connections until {@link accept}. */
  refuse(): void {
    this.#refusing = true
  }

  accept(): void {
    this.#refusing = false
  }

  /** Cuts everything and listens no more. */
  async stop(): Promise<void> {
    this.#up.stop()
    this.#down.stop()
    this.cut()
    if (!this.#listener.listening) return
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  #onConnection(client: Socket): void {
    if (this.#refusing) {
      client.resetAndDestroy()
      return
    }
    const server = connect({
      port: this.#options.target,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    })
    const connection = {
      left: this.#cutAfter,
      cut: () => {
        client.resetAndDestroy()
        server.resetAndDestroy()
      },
    }
    this.#join(this.#up, { from: client, to: server, blocked: false, connection })
    this.#join(this.#down, { from: server, to: client, blocked: false, connection })
  }

  #join(way: Way, flow: Flow): void {
    const { from, to } = flow
    this.#sockets.add(from)
    from.on('data', (bytes: Buffer) => way.take(flow, bytes))
    from.on('end', () => way.end(flow, 'end'))
    from.on('error', () => {}) // 'close' follows
    from.on('close', () => {
      this.#sockets.delete(from)
      if (!from.readableEnded) way.end(flow, 'cut')
    })
    to.on('drain', () => {
      if (!flow.blocked) return
      flow.blocked = false
      way.proceed(flow)
    })
  }
}

/** As a process of its own. */
async function main(): Promise<void> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { target: text, port: text, 'round-trip': text, rate: text } })
  const line = await SlowLine.start({
    target: Number(values.target),
    port: Number(values.port ?? 0),
    roundTripMs: Number(values['round-trip'] ?? 0),
    bytesPerSecond: Number(values.rate ?? Infinity),
  })
  console.log(JSON.stringify({ port: line.port }))
  await once(process, 'SIGTERM')
  await line.stop()
  console.log(JSON.stringify({ up: line.up, down: line.down }))
}

if (import.meta.main) await main()
