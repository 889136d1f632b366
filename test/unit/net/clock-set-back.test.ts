import { multiaddr } from '@multiformats/multiaddr'
import type { MultiaddrConnection, PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { Gate } from '../../../src/net/gate.ts'
import { Penalties } from '../../../src/net/penalties.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const DAY_MS = 86_400_000

/** A clock that the test may also set back. */
function clockFrom(time: number) {
  const clock = new FakeClock(time)
  let back = 0
  return {
    now: () => clock.now() - back,
    sleep: async (ms: number, signal?: AbortSignal) => await clock.sleep(ms, signal),
    advance: async (ms: number) => await clock.advance(ms),
    setBack: (ms: number) => (back += ms),
  }
}

test('a peer that is kept out comes in again when the clock is set back by days', async () => {
  const clock = clockFrom(10 * DAY_MS)
  const penalties = new Penalties({ clock, random: () => 0.5, limits: defaultLimits })
  penalties.add('peer', 'broke the protocol')
  expect(penalties.of('peer')).toBeDefined()
  clock.setBack(2 * DAY_MS)
  expect(penalties.of('peer')).toBeUndefined()
  penalties.add('peer', 'broke the protocol again')
  expect(penalties.of('peer')).toBeDefined()
  await clock.advance(10 * defaultLimits.redialMaxMs)
  expect(penalties.of('peer')).toBeUndefined()
})

test('an address that was turned away too often is heard again when the clock is set back by days', async () => {
  const clock = clockFrom(10 * DAY_MS)
  const limits = { ...defaultLimits, refusedHandshakesPerMinute: 2 }
  const { gater } = new Gate({ logger: silentLogger, clock, limits, isRegistered: () => false })
  const remoteAddr = multiaddr('/ip4/192.0.2.1/tcp/1')
  const connection = Object.assign(new EventTarget(), { remoteAddr }) as MultiaddrConnection
  const stranger = { toString: () => 'stranger' } as PeerId
  expect(gater.denyInboundConnection?.(connection)).toBe(false)
  for (let times = 0; times < 2; times++) await gater.denyInboundEncryptedConnection?.(stranger, connection)
  expect(gater.denyInboundConnection?.(connection)).toBe(true)
  clock.setBack(2 * DAY_MS)
  expect(gater.denyInboundConnection?.(connection)).toBe(false)
})
