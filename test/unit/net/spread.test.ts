import { getEventListeners } from 'node:events'
import type { Connection } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Host } from '../../../src/net/host.ts'
import { Spread } from '../../../src/net/spread.ts'
import type { Hello } from '../../../src/wire/hello.ts'

/** As much of a connection as is bound to a link: that it may end, and be ended. */
class EndingConnection extends EventTarget {
  status = 'open'
  abort(): void {
    this.status = 'aborted'
    this.dispatchEvent(new Event('close'))
  }
}

test('a connection that says again and again that it is for content is bound to the link once', () => {
  const spread = new Spread({
    host: {} as Host,
    limits: defaultLimits,
    logger: silentLogger,
    hello: () => ({}) as Hello,
    addressesOf: () => [],
  })
  const link = new AbortController()
  const main = new EndingConnection() as unknown as Connection
  const base = { peerId: 'P', connection: main, hello: {} as Hello, ended: link.signal }
  const further = new EndingConnection()
  const connection = further as unknown as Connection
  for (let i = 0; i < 1_000; i++) spread.accept(connection, base)
  expect(spread.isAccepted(connection)).toBe(true)
  expect(getEventListeners(link.signal, 'abort')).toHaveLength(1)
  expect(getEventListeners(further, 'close')).toHaveLength(1)
  link.abort(new Error('the link has ended'))
  expect(further.status).toBe('aborted')
  expect(getEventListeners(link.signal, 'abort')).toHaveLength(0)
})
