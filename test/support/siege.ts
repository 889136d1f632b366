import { expect } from 'vitest'
import type { Limits } from '../../src/core/limits.ts'
import type { ChannelHandler } from '../../src/net/host.ts'
import type { StepOptions } from '../../src/net/channel.ts'
import { createNetwork, type TestServer } from './network.ts'
import { RawPeer } from './raw-peer.ts'

/** A server, a registered peer of it that a test bends, and an honest peer beside it. */
export interface Siege {
  victim: TestServer
  honest: TestServer
  raw: RawPeer
  /** Moves an image to the honest peer, and asks the victim how it is: whatever else goes on. */
  expectService: () => Promise<void>
  /** The victim logged this, with the peer or whatever else `fields` say. */
  expectLogged: (message: string, fields?: Record<string, unknown>) => void
}

export interface SiegeOptions {
  limits?: Partial<Limits>
  /** Handlers that take the place of the usual ones of the raw peer, by protocol. */
  replace?: Record<string, ChannelHandler>
  /** The victim dials the raw peer and wants everything of it. */
  wants?: boolean
  /** Features of the raw peer's hello. */
  features?: string[]
}

export async function besiege(options: SiegeOptions = {}): Promise<Siege> {
  const { limits = {}, replace = {}, wants = false, features = [] } = options
  const raw = await RawPeer.start('raw', replace)
  raw.onHello = (hello) => ({ ...hello, features })
  const { server, peer } = await createNetwork(['victim', 'honest'], limits)
  const [victim, honest] = [server('victim'), server('honest')]
  await peer('victim', 'honest')
  await honest.subscribeAll('victim')
  await victim.client.register({ serverData: raw.serverData('raw') })
  if (wants) {
    await victim.waitLink('raw', 'up')
    await victim.subscribeAll('raw')
  }
  let images = 0
  return {
    victim,
    honest,
    raw,
    expectService: async () => {
      const image = `service-${images++}`
      await victim.importImage(image, { length: 100_000 })
      await honest.waitImage(`victim/${image}`)
      expect(await victim.client.status()).toBeDefined()
    },
    expectLogged: (message, fields = {}) =>
      expect(victim.log).toContainEqual(
        expect.objectContaining({ message, fields: expect.objectContaining(fields) as unknown }),
      ),
  }
}

/** A step of a raw peer that has time enough. */
export function step(timeoutMs = 20_000): StepOptions {
  return { timeoutMs, signal: AbortSignal.timeout(60_000) }
}
