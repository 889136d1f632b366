import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Pipe, openWay, type Way } from './pipe.ts'

/** A server at one end of a line. */
export interface LineEnd {
  name: string
  /** Port at which it can be reached now; undefined while it is down. */
  readonly reachedAt: number | undefined
}

/** A connection that goes through a line. */
interface Connection {
  client: Socket
  server: Socket
  pipes: readonly Pipe[]
  isHeld: boolean
  /** Bytes that passed, both ways together. */
  passed: number
}

/**
 * Everything between two servers: a relay on loopback for each of the two that dials the other. It counts what passes, and makes every
 * fault that a network has: cut, silent (half-open) both ways or one, refused, late, slow, connections that overtake each other.
 */
export class Line {
  readonly ends: readonly [LineEnd, LineEnd]
  /** From the first end to the second, and back. */
  readonly ways: readonly [Way, Way] = [openWay(), openWay()]
  /** Connections that were ever made. */
  made = 0
  /** How many faults refuse new connections now. */
  refusing = 0
  /** Each connection is cut once so many bytes passed through it, both ways together. */
  cutEach = Infinity
  readonly #relays: Server[] = []
  readonly #connections = new Set<Connection>()
  /** What is to happen once so many bytes have passed in all. */
  readonly #marks: { at: number; strike: () => void }[] = []
  #holdNext = false

  private constructor(ends: readonly [LineEnd, LineEnd]) {
    this.ends = ends
  }

  static async start(one: LineEnd, other: LineEnd): Promise<Line> {
    const line = new Line([one, other])
    for (const to of [1, 0] as const) {
      const relay = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
        line.#onConnection(socket, to),
      )
      line.#relays.push(relay)
      relay.listen(0, '127.0.0.1')
      await once(relay, 'listening')
    }
    return line
  }

  /** True for a line that ends at this server. */
  touches(end: LineEnd): boolean {
    return this.ends.includes(end)
  }

  /** Where the other end is dialled from here. */
  addressFrom(end: LineEnd): string {
    const relay = this.#relays[this.ends.indexOf(end)] as Server
    return `/ip4/127.0.0.1/tcp/${(relay.address() as AddressInfo).port}`
  }

  /** Bytes that came out, both ways. */
  get passed(): number {
    return this.ways[0].passed + this.ways[1].passed
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#connections.size
  }

  /** Ends every connection; what is on its way is lost. */
  cut(): void {
    for (const connection of this.#connections) this.#end(connection)
  }

  /** Calls `strike` once so many more bytes have passed. */
  after(bytes: number, strike: () => void): void {
    this.#marks.push({ at: this.passed + bytes, strike })
  }

  /** Holds the next connection back until a later one has passed bytes, or {@link release}. */
  holdNext(): void {
    this.#holdNext = true
  }

  /** Nothing is held back any more. */
  release(): void {
    this.#holdNext = false
    for (const connection of this.#connections) this.#release(connection)
  }

  async stop(): Promise<void> {
    this.cut()
    await Promise.all(
      this.#relays.map(async (relay) => {
        relay.close()
        await once(relay, 'close')
      }),
    )
  }

  #onConnection(client: Socket, to: 0 | 1): void {
    const port = this.ends[to].reachedAt
    // One that is down does not call either, whatever is left of it in this process.
    const isDown = this.ends.some(({ reachedAt }) => reachedAt === undefined)
    if (this.refusing > 0 || port === undefined || isDown) {
      client.on('error', () => {}) // it is refused, whatever it says
      client.resetAndDestroy()
      return
    }
    this.made++
    const isHeld = this.#holdNext
    this.#holdNext = false
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const onPassed = (bytes: number) => this.#count(connection, bytes)
    const [forth, back] = to === 1 ? this.ways : [this.ways[1], this.ways[0]]
    const pipes = [
      new Pipe(client, server, { way: forth, isHeld, onPassed }),
      new Pipe(server, client, { way: back, isHeld, onPassed }),
    ] as const
    const connection: Connection = { client, server, pipes, isHeld, passed: 0 }
    this.#connections.add(connection)
    for (const [index, socket] of [client, server].entries()) {
      socket.on('error', () => {}) // 'close' follows
      socket.on('close', () => this.#onClose(connection, index))
    }
  }

  /** One side has gone. The other one hears of it, unless what comes from there is lost: neither would a network tell. */
  #onClose(connection: Connection, index: number): void {
    const { client, server, pipes } = connection
    const [gone, other] = index === 0 ? [client, server] : [server, client]
    if (other.destroyed) this.#end(connection)
    else if (pipes[index]?.isSilent === false && !gone.readableEnded) this.#end(connection)
  }

  #count(connection: Connection, bytes: number): void {
    connection.passed += bytes
    if (connection.passed >= this.cutEach) setImmediate(() => this.#end(connection))
    if (!connection.isHeld) for (const other of this.#connections) if (other.isHeld) this.#release(other)
    const due = this.#marks.filter(({ at }) => at <= this.passed)
    for (const mark of due) {
      this.#marks.splice(this.#marks.indexOf(mark), 1)
      mark.strike()
    }
  }

  #release(connection: Connection): void {
    connection.isHeld = false
    for (const pipe of connection.pipes) pipe.release()
  }

  #end(connection: Connection): void {
    if (!this.#connections.delete(connection)) return
    for (const pipe of connection.pipes) pipe.stop()
    connection.client.resetAndDestroy()
    connection.server.resetAndDestroy()
  }
}
