import type { Connection } from '@libp2p/interface'
import { defaultLimits, type Limits } from '../../../src/core/limits.ts'
import type { Channel, StepOptions } from '../../../src/net/channel.ts'
import { greet } from '../../../src/net/hello.ts'
import type { Host, ChannelHandler } from '../../../src/net/host.ts'
import type { Hello } from '../../../src/wire/hello.ts'
import { writeServerData } from '../../../src/wire/server-data.ts'
import { bareHost } from '../bare-host.ts'
import { testKey, type TestKey } from '../keys.ts'
import { varint } from './wire-fields.ts'

/** No bound of its own keeps a peer from what it does to another. */
const limits: Limits = {
  ...defaultLimits,
  messagesPerSecond: 1_000_000,
  refusedHandshakesPerMinute: 1_000_000,
  connectionsPerPeer: 1_000,
  connectionsPerMinute: 1_000_000,
  streamsPerPeer: 10_000,
}

/** Where the server is that a peer talks to. */
export interface Target {
  peerId: string
  addresses: string[]
}

/** A frame: the length, then the message. */
export function frameOf(message: Uint8Array): Buffer {
  return Buffer.concat([varint(BigInt(message.length)), message])
}

/** A host with a key that only depends on its name, which sends whatever it is told to. */
export class FuzzPeer {
  readonly name: string
  readonly key: TestKey
  readonly #host: Host
  readonly #stop: AbortSignal

  private constructor(name: string, key: TestKey, stop: AbortSignal) {
    this.name = name
    this.key = key
    this.#stop = stop
    this.#host = bareHost(key, limits)
  }

  static async start(name: string, stop: AbortSignal): Promise<FuzzPeer> {
    const peer = new FuzzPeer(name, await testKey(name), stop)
    await peer.#host.start()
    return peer
  }

  async stop(): Promise<void> {
    await this.#host.stop()
  }

  /** For steps with a server: nothing takes longer than this, or the server hangs. Other work of the machine has its part of it. */
  step(timeoutMs = 30_000): StepOptions {
    return { timeoutMs, signal: this.#stop }
  }

  async handle(protocol: string, handler: ChannelHandler): Promise<void> {
    await this.#host.handle(protocol, handler)
  }

  /** Text for `register server`; with `reachable` it is dialled. */
  serverData(reachable: boolean): string {
    const addresses = reachable ? this.#host.addresses() : []
    return writeServerData(
      { name: this.name, peerId: this.key.peerId, addresses, createdAt: 1 },
      this.key.sign,
    )
  }

  /** A connection without hello. */
  async dial({ peerId, addresses }: Target): Promise<Connection> {
    return await this.#host.dial(
      peerId,
      addresses,
      AbortSignal.any([this.#stop, AbortSignal.timeout(30_000)]),
    )
  }

  /** A connection on which both sides said hello. */
  async connect(target: Target, hello: Hello): Promise<Connection> {
    const connection = await this.dial(target)
    try {
      await greet(this.#host, connection, {
        hello,
        limits,
        signal: AbortSignal.any([this.#stop, AbortSignal.timeout(30_000)]),
      })
      return connection
    } catch (error) {
      connection.abort(error as Error)
      throw error
    }
  }

  async open(connection: Connection, protocol: string): Promise<Channel> {
    return await this.#host.openChannel(connection, protocol, this.#stop)
  }
}
