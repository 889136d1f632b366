import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Bed } from './daemon.ts'

/** A TCP proxy on loopback in front of one server: counts what passes, stops it, cuts it. */
export class Proxy {
  /** Bytes from the server to those who connected. */
  down = 0
  /** Bytes from those who connected to the server. */
  up = 0
  readonly #listener: Server
  readonly #sockets = new Set<Socket>()
  /** Ways from the server that stand still. */
  readonly #held = new Set<Socket>()
  #holdAt = Infinity
  readonly #target: number

  private constructor(listener: Server, target: number) {
    this.#listener = listener
    this.#target = target
  }

  /** Begins to listen; what connects is connected to the port `target`. It ends with the bed. */
  static async start(bed: Bed, target: number): Promise<Proxy> {
    const listener = createServer()
    const proxy = new Proxy(listener, target)
    listener.on('connection', (client) => proxy.#onConnection(client))
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    bed.onEnd(async () => {
      listener.close()
      proxy.cut()
      await once(listener, 'close')
    })
    return proxy
  }

  /** Where it is reached. */
  get address(): string {
    return `/ip4/127.0.0.1/tcp/${(this.#listener.address() as AddressInfo).port}`
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Lets nothing more from the server pass once it has sent so many bytes in all. */
  holdAt(bytes: number): void {
    this.#holdAt = bytes
  }

  /** Lets everything pass again. */
  release(): void {
    this.#holdAt = Infinity
    for (const socket of this.#held) socket.resume()
    this.#held.clear()
  }

  #onConnection(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1')
    this.#join(server, client, (bytes) => {
      this.down += bytes
      return this.down < this.#holdAt
    })
    this.#join(client, server, (bytes) => {
      this.up += bytes
      return true
    })
  }

  /** Passes on what comes from `from`; stands still after `count` said false. */
  #join(from: Socket, to: Socket, count: (bytes: number) => boolean): void {
    this.#sockets.add(from)
    from.setNoDelay(true)
    from.on('data', (chunk: Buffer) => {
      if (!count(chunk.length)) this.#held.add(from)
      const more = to.write(chunk)
      if (!more || this.#held.has(from)) from.pause()
    })
    to.on('drain', () => {
      if (!this.#held.has(from)) from.resume()
    })
    from.on('error', () => {}) // 'close' follows, and says as much to the other side
    from.on('close', () => {
      this.#sockets.delete(from)
      this.#held.delete(from)
      to.destroySoon() // what came before still passes
    })
  }
}
