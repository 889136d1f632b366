import { expect, test } from 'vitest'
import type { Channel } from '../../src/net/channel.ts'
import type { ChannelHandler } from '../../src/net/host.ts'
import { encodeContentRequest } from '../../src/wire/content.ts'
import { encodeJournalAnswer, encodeJournalRequest } from '../../src/wire/journal.ts'
import { randomBytes } from '../support/files.ts'
import { testDigest } from '../support/manifests.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import { okHead, rawContent } from '../support/raw-content.ts'
import { besiege, step } from '../support/siege.ts'
import { pass, waitFor } from '../support/wait-for.ts'

// Peers that send as slowly as they can: bytes one by one, or a beginning and then nothing.

/** A frame that says that it has 200 bytes, and of these the first, then no more. */
const begun = Buffer.from([200, 1, 10])

/** Sends one byte now and then until the other side has had enough; resolves to whether it had. */
async function trickle(channel: Channel, ms = 20_000): Promise<boolean> {
  const until = performance.now() + ms
  const ended = channel.readFrame(100_000, step(ms)).then(
    () => true,
    () => true,
  )
  const state = { isOver: false }
  void ended.then(() => (state.isOver = true))
  await channel.write(begun, step())
  while (!state.isOver && performance.now() < until) {
    await channel.write(Uint8Array.of(0), step()).catch(() => {}) // cut
    await pass(30)
  }
  return state.isOver
}

test.each(['hello', 'journal', 'content', 'receipt', 'subscriptions', 'farewell'])(
  '%s: a frame that comes byte by byte is not waited for',
  async (protocol) => {
    const { victim, raw, expectService } = await besiege({ limits: { exchangeMs: 500 } })
    const connection = await raw.connect(victim)
    const channel = await raw.host.openChannel(connection, `/ingot/${protocol}/1`, step().signal)
    const [hadEnough] = await Promise.all([trickle(channel), expectService()])
    expect(hadEnough).toBe(true)
    expect((await victim.peer('raw')).link).toBe('up') // slow is no breach: the stream alone is gone
  },
)

test('an acknowledgement that comes byte by byte ends its journal stream', async () => {
  const { victim, raw, expectService } = await besiege({ limits: { exchangeMs: 500 } })
  const connection = await raw.connect(victim)
  const channel = await raw.host.openChannel(connection, '/ingot/journal/1', step().signal)
  const open = encodeJournalRequest({ type: 'open', open: { cursor: undefined, headOnly: false } })
  await channel.writeFrame(open, step())
  await channel.requireFrame(100_000, step())
  const [hadEnough] = await Promise.all([trickle(channel), expectService()])
  expect(hadEnough).toBe(true)
})

test('a connection without a hello is cut', async () => {
  const { victim, raw, expectService } = await besiege({ limits: { exchangeMs: 400 } })
  const { addresses } = await victim.client.server()
  const connection = await raw.host.dial(victim.peerId, addresses, AbortSignal.timeout(10_000))
  await waitFor(() => connection.status !== 'open', { what: 'the end of the connection' })
  await expectService()
})

test('an idle content stream is ended', async () => {
  const { victim, raw, expectService } = await besiege({ limits: { idleStreamMs: 300 } })
  const connection = await raw.connect(victim)
  const channel = await raw.host.openChannel(connection, '/ingot/content/1', step().signal)
  const image = testDigest('nothing')
  await channel.writeFrame(encodeContentRequest({ image, what: 'pageTable' }), step())
  await channel.requireFrame(1000, step())
  await expect(channel.requireFrame(1000, step())).rejects.toMatchObject({ code: 'link-lost' })
  await expectService()
})

/** Raw peers whose answers on a protocol begin and do not end. */
const stalls: [string, string, (raw: () => RawPeer) => ChannelHandler][] = [
  [
    'an entry of its journal',
    'journal',
    (raw) => async (channel) => {
      await channel.requireFrame(100_000, step())
      await channel.writeFrame(encodeJournalAnswer({ type: 'start', head: raw().head() }), step())
      await trickle(channel)
    },
  ],
  [
    'the head of an answer',
    'content',
    () => async (channel) => {
      await channel.requireFrame(100_000, step())
      await trickle(channel)
    },
  ],
  [
    'a payload',
    'content',
    () => async (channel) => {
      await channel.requireFrame(100_000, step())
      await channel.writeFrame(okHead(content.segments.length), step())
      for (let sent = 0; sent < content.segments.length - 1; sent++) {
        await channel.write(Uint8Array.of(0), step())
        await pass(50)
      }
    },
  ],
  ['an answer to a receipt', 'receipt', () => async (channel) => void (await trickle(channel))],
]
const content = rawContent(randomBytes(5_000_000, 'content'))

test.each(stalls)('an origin that trickles %s keeps nobody waiting', async (_what, protocol, handlerOf) => {
  let peer: RawPeer | undefined
  const { victim, raw, expectService } = await besiege({
    limits: { exchangeMs: 400, leafMs: 400, answerMs: 400 },
    replace: { [`/ingot/${protocol}/1`]: handlerOf(() => peer as RawPeer) },
    wants: protocol !== 'journal',
  })
  peer = raw
  if (protocol !== 'journal') {
    raw.publish('gold', content)
    await victim.waitJob('raw/gold', ({ state, reason }) => state === 'WAITING' && reason !== null)
  } else {
    await waitFor(
      () =>
        victim.log.some(
          ({ message, fields }) => message === 'the journal stream ended' && fields['peer'] === 'raw',
        ),
      {
        what: 'the end of the journal stream',
        dump: () => victim.log.slice(-5),
      },
    )
  }
  await expectService()
})
