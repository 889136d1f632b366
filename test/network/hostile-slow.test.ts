import { expect, test } from 'vitest'
import { isIngotError } from '../../src/core/errors.ts'
import type { Channel } from '../../src/net/channel.ts'
import type { ChannelHandler } from '../../src/net/host.ts'
import { encodeContentRequest } from '../../src/wire/content.ts'
import { encodeJournalAnswer, encodeJournalRequest } from '../../src/wire/journal.ts'
import { randomBytes } from '../support/files.ts'
import { testDigest } from '../support/manifests.ts'
import type { LogLine } from '../support/network.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import { okHead, rawContent } from '../support/raw-content.ts'
import { besiege, step } from '../support/siege.ts'
import { pass, waitFor } from '../support/wait-for.ts'

// Peers that send as slowly as they can: bytes one by one, or a beginning and then nothing.

/** A frame that says that it has 2 000 bytes, and of these the first, then no more. */
const begun = Buffer.from([0xd0, 0x0f, 10])

/** Sends one byte now and then, less than a frame in all, until the other side ends the stream; resolves to whether it did. */
async function trickle(channel: Channel, ms = 20_000): Promise<boolean> {
  const until = performance.now() + ms
  const state = { isOver: false }
  const end = async () => {
    for await (const _ of channel.frames(100_000, step(2 * ms))); // what it says meanwhile is not its end
  }
  void end().then(
    () => (state.isOver = true),
    (error: unknown) => (state.isOver = isIngotError(error, 'link-lost')),
  )
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

/** What makes the answers of a raw peer on a protocol begin and not end; told whether the other side had enough. */
type Stall = (raw: () => RawPeer, onEnd: (hadEnough: boolean) => void) => ChannelHandler
const stalls: [string, string, Stall][] = [
  [
    'an entry of its journal',
    'journal',
    (raw, onEnd) => async (channel) => {
      await channel.requireFrame(100_000, step())
      await channel.writeFrame(encodeJournalAnswer({ type: 'start', head: raw().head() }), step())
      onEnd(await trickle(channel))
    },
  ],
  [
    'the head of an answer',
    'content',
    (_raw, onEnd) => async (channel) => {
      await channel.requireFrame(100_000, step())
      onEnd(await trickle(channel))
    },
  ],
  [
    'a payload',
    'content',
    (_raw, onEnd) => async (channel) => {
      await channel.requireFrame(100_000, step())
      await channel.writeFrame(okHead(content.segments.length), step())
      try {
        for (let sent = 0; sent < content.segments.length - 1; sent++) {
          await channel.write(Uint8Array.of(0), step())
          await pass(50)
        }
        onEnd(false)
      } catch (error) {
        onEnd(isIngotError(error, 'link-lost'))
      }
    },
  ],
  ['an answer to a receipt', 'receipt', (_raw, onEnd) => async (channel) => onEnd(await trickle(channel))],
]
const content = rawContent(randomBytes(5_000_000, 'content'))

test.each(stalls)('an origin that trickles %s keeps nobody waiting', async (_what, protocol, handlerOf) => {
  let peer: RawPeer | undefined
  const ends: boolean[] = []
  const handler = handlerOf(
    () => peer as RawPeer,
    (hadEnough) => void ends.push(hadEnough),
  )
  const { victim, raw, expectService } = await besiege({
    limits: { exchangeMs: 400, leafMs: 400, answerMs: 400 },
    replace: { [`/ingot/${protocol}/1`]: handler },
    wants: protocol !== 'journal',
  })
  peer = raw.serve()
  if (protocol !== 'journal') raw.publish('gold', content)
  if (protocol === 'content')
    await victim.waitJob('raw/gold', ({ state, reason }) => state === 'WAITING' && reason === 'timeout')
  if (protocol === 'receipt') await victim.waitImage('raw/gold')
  await waitFor(() => ends.length > 0, {
    what: 'the end of a stream',
    timeoutMs: 30_000,
    dump: () => victim.log.slice(-5),
  })
  expect(ends[0]).toBe(true)
  if (protocol === 'journal') {
    const isEnd = ({ message, fields }: LogLine) =>
      message === 'the journal stream ended' && fields['peer'] === 'raw'
    await waitFor(() => victim.log.some(isEnd), { what: 'the end of the journal stream' })
  }
  await expectService()
})
