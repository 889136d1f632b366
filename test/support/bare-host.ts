import { systemClock } from '../../src/core/clock.ts'
import type { Limits } from '../../src/core/limits.ts'
import { silentLogger } from '../../src/core/logger.ts'
import { Gate } from '../../src/net/gate.ts'
import { Host } from '../../src/net/host.ts'
import type { TestKey } from './keys.ts'

/** The host of a peer that is no server: it listens on loopback, and lets in whoever dials. */
export function bareHost({ privateKey }: TestKey, limits: Limits): Host {
  const about = { clock: systemClock, limits, logger: silentLogger }
  const gate = new Gate({ ...about, isRegistered: () => true })
  const options = { listen: ['/ip4/127.0.0.1/tcp/0'], advertise: [] }
  return new Host({ ...about, privateKey, gate, onViolation: () => {} }, options)
}
