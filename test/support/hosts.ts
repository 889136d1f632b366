import type { Connection, Stream } from '@libp2p/interface'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import type { IngotError } from '../../src/core/errors.ts'
import { defaultLimits, type Limits } from '../../src/core/limits.ts'
import { silentLogger } from '../../src/core/logger.ts'
import { Channel } from '../../src/net/channel.ts'
import { Gate } from '../../src/net/gate.ts'
import { Host } from '../../src/net/host.ts'
import { testKey } from './keys.ts'

/** A real libp2p node on a port of its own on loopback. */
export interface TestHost {
  host: Host
  peerId: string
  /** What this host blames on others. */
  violations: { peerId: string; error: IngotError }[]
}

export interface HostOptions {
  limits?: Partial<Limits>
  /** Default: everybody is. */
  isRegistered?: (peerId: string) => boolean
}

/** Starts a host whose key only depends on the seed; it stops when the running test has ended. */
export async function startHost(seed: string, options: HostOptions = {}): Promise<TestHost> {
  const { peerId, privateKey } = await testKey(seed)
  const limits = { ...defaultLimits, ...options.limits }
  const isRegistered = options.isRegistered ?? (() => true)
  const violations: TestHost['violations'] = []
  const gate = new Gate({ logger: silentLogger, clock: systemClock, limits, isRegistered })
  const host = new Host(
    {
      privateKey,
      gate,
      clock: systemClock,
      limits,
      logger: silentLogger,
      onViolation: (peer, error) => violations.push({ peerId: peer, error }),
    },
    { listen: ['/ip4/127.0.0.1/tcp/0'], advertise: [] },
  )
  await host.start()
  onTestFinished(async () => await host.stop())
  return { host, peerId, violations }
}

/** Connects `from` to `to`. */
export async function dial(from: TestHost, to: TestHost): Promise<Connection> {
  return await from.host.dial(to.peerId, to.host.addresses(), AbortSignal.timeout(10_000))
}

const PROTOCOL = '/ingot/test/1'

/** Both ends of one stream between two hosts: TCP, noise and yamux as in service. */
export interface ChannelPair {
  near: Channel
  far: Channel
  /** What lies under the near end. */
  stream: Stream
  connection: Connection
}

export async function channelPair(options: HostOptions = {}): Promise<ChannelPair> {
  const [a, b] = [await startHost('near', options), await startHost('far', options)]
  const far = Promise.withResolvers<Channel>()
  const ended = Promise.withResolvers<void>()
  onTestFinished(() => ended.resolve())
  await b.host.handle(PROTOCOL, async (channel) => {
    far.resolve(channel)
    await ended.promise // the far end is the test's for as long as it runs
  })
  const connection = await dial(a, b)
  const stream = await connection.newStream(PROTOCOL, { signal: AbortSignal.timeout(10_000) })
  return { near: new Channel(stream), far: await far.promise, stream, connection }
}
