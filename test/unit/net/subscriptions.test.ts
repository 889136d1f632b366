import { expect, test } from 'vitest'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import type { Channel } from '../../../src/net/channel.ts'
import { serveSubscriptions } from '../../../src/net/subscriptions.ts'
import { encodeSubscriptions, type ToldSelector } from '../../../src/wire/subscriptions.ts'
import { dial, startHost, type TestHost } from '../../support/hosts.ts'
import { waitFor } from '../../support/wait-for.ts'

const step = { timeoutMs: 5_000, signal: new AbortController().signal }

interface Served {
  origin: TestHost
  receiver: TestHost
  /** What the origin was told, by whom. */
  told: { peerId: string; selectors: ToldSelector[] }[]
  /** The receiver's end of a stream. */
  channel: Channel
}

async function served(): Promise<Served> {
  const [origin, receiver] = [await startHost('origin'), await startHost('receiver')]
  const told: Served['told'] = []
  await serveSubscriptions(origin.host, limits, (peerId, selectors) => told.push({ peerId, selectors }))
  const connection = await dial(receiver, origin)
  const channel = await receiver.host.openChannel(connection, '/ingot/subscriptions/1', step.signal)
  return { origin, receiver, told, channel }
}

test('an origin is told by whom its images are subscribed, and acknowledges it', async () => {
  const { receiver, told, channel } = await served()
  const selectors: ToldSelector[] = [{ kind: 'series', series: 'lts' }, { kind: 'all' }]
  await channel.writeFrame(encodeSubscriptions(selectors), step)
  await channel.requireFrame(limits.messageBytes, step)
  expect(told).toEqual([{ peerId: receiver.peerId, selectors }])
})

test.each([
  ['does not decode', Buffer.from([0x0a, 0x7f])],
  ['names what is no series', encodeSubscriptions([{ kind: 'series', series: '../x' }])],
  [
    'has more selectors than are taken',
    encodeSubscriptions(Array.from({ length: limits.subscriptionsPeer + 1 }, () => ({ kind: 'all' }))),
  ],
])('a message that %s tells nothing and is held against the peer', async (_, frame) => {
  const { origin, receiver, told, channel } = await served()
  await channel.writeFrame(frame, step)
  await expect(channel.requireFrame(limits.messageBytes, step)).rejects.toThrow(
    expect.objectContaining({ code: 'link-lost' }),
  )
  await waitFor(() => origin.violations.length === 1, { what: 'the violation' })
  expect(origin.violations[0]).toMatchObject({ peerId: receiver.peerId, error: { code: 'invalid' } })
  expect(told).toEqual([])
})
