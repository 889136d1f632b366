import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { Way, type Flow } from './slow-way.ts'

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
    const { roundTripMs = 0, bytesPerSecond = Infinity } = options
    this.#up = new Way(roundTripMs / 2, bytesPerSecond)
    this.#down = new Way(roundTripMs / 2, bytesPerSecond)
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
