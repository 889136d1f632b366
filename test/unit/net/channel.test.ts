import { describe, expect, test } from 'vitest'
import { IngotError } from '../../../src/core/errors.ts'
import type { Channel, StepOptions } from '../../../src/net/channel.ts'
import { randomBytes } from '../../support/files.ts'
import { channelPair } from '../../support/hosts.ts'
import { pass, waitFor } from '../../support/wait-for.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** Long enough for what has to come, far below the limit of a test. */
const step: StepOptions = { timeoutMs: 5_000, signal: new AbortController().signal }
/** Short enough to wait for. */
const hasty: StepOptions = { ...step, timeoutMs: 100 }

const fault = (code: string) => expect.objectContaining({ name: 'IngotError', code }) as Error

/** The outcome of something that goes on in the background. */
function watch(work: Promise<unknown>): { done: boolean; error: unknown } {
  const state: { done: boolean; error: unknown } = { done: false, error: undefined }
  void work.catch((error: unknown) => (state.error = error)).finally(() => (state.done = true))
  return state
}

describe('frames', () => {
  test.each([0, 1, 127, 128, 16_383, 16_384, 65_536, 300_000])(
    'of %i bytes come as they were sent',
    async (size) => {
      const { near, far } = await channelPair()
      const frame = randomBytes(size, 'frame')
      await near.writeFrame(frame, step)
      await near.writeFrame(Buffer.from('next'), step)
      expect(Buffer.from(await far.requireFrame(MIB, step)).equals(frame)).toBe(true)
      expect(Buffer.from(await far.requireFrame(MIB, step)).toString()).toBe('next')
    },
  )

  test('come one by one until the other side ends', async () => {
    const { near, far } = await channelPair()
    for (const text of ['a', 'b', 'c']) await near.writeFrame(Buffer.from(text), step)
    await near.end(step)
    const texts: string[] = []
    for await (const frame of far.frames(MIB, step)) texts.push(Buffer.from(frame).toString())
    expect(texts).toEqual(['a', 'b', 'c'])
  })

  test('go both ways, also after one side has ended', async () => {
    const { near, far } = await channelPair()
    await near.writeFrame(Buffer.from('question'), step)
    await near.end(step)
    await far.requireFrame(MIB, step)
    await far.writeFrame(Buffer.from('answer'), step)
    expect(Buffer.from(await near.requireFrame(MIB, step)).toString()).toBe('answer')
  })

  test('and raw payloads follow each other on one stream', async () => {
    const { near, far } = await channelPair()
    const payload = randomBytes(3 * MIB + 5, 'payload')
    const sending = (async () => {
      await near.writeFrame(Buffer.from('head'), step)
      await near.write(payload, step)
      await near.writeFrame(Buffer.from('tail'), step)
    })()
    expect(Buffer.from(await far.requireFrame(MIB, step)).toString()).toBe('head')
    const target = Buffer.alloc(payload.length)
    await far.readInto(target, step)
    expect(target.equals(payload)).toBe(true)
    expect(Buffer.from(await far.requireFrame(MIB, step)).toString()).toBe('tail')
    await sending
    expect(far.received).toBe(payload.length + 10)
  })

  test('are counted by host and peer; too many in one second wait for the next', async () => {
    const { near, far } = await channelPair({ limits: { messagesPerSecond: 3 } })
    for (let i = 0; i < 8; i++) await near.writeFrame(Uint8Array.of(i), step)
    await near.end(step)
    const seconds = new Map<number, number>()
    for await (const frame of far.frames(MIB, step)) {
      expect(frame).toHaveLength(1)
      const second = Math.floor(Date.now() / 1000)
      seconds.set(second, (seconds.get(second) ?? 0) + 1)
    }
    expect([...seconds.values()].reduce((sum, count) => sum + count, 0)).toBe(8)
    expect(seconds.size).toBeGreaterThanOrEqual(2)
  })
})

describe('a peer is refused', () => {
  test('that announces a frame beyond the limit, before its bytes are waited for', async () => {
    const { near, far } = await channelPair()
    await near.write(Uint8Array.from([0x81, 0x08]), step) // 1025
    await expect(far.readFrame(1024, step)).rejects.toThrow(fault('too-large'))
  })

  test('unless the frame is exactly at the limit', async () => {
    const { near, far } = await channelPair()
    await near.writeFrame(new Uint8Array(1024), step)
    expect(await far.readFrame(1024, step)).toHaveLength(1024)
  })

  test('whose length does not end', async () => {
    const { near, far } = await channelPair()
    await near.write(new Uint8Array(4).fill(0xff), step)
    await expect(far.readFrame(MIB, step)).rejects.toThrow(fault('protocol'))
  })

  test('that ends in the middle of a frame, of a length, or of a payload', async () => {
    for (const bytes of [[5, 1, 2], [0x80]]) {
      const { near, far } = await channelPair()
      await near.write(Uint8Array.from(bytes), step)
      await near.end(step)
      await expect(far.readFrame(MIB, step)).rejects.toThrow(fault('link-lost'))
    }
    const { near, far } = await channelPair()
    await near.write(new Uint8Array(9), step)
    await near.end(step)
    await expect(far.readInto(new Uint8Array(10), step)).rejects.toThrow(fault('link-lost'))
  })

  test('that ends where an answer is due; a clean end is none of a frame', async () => {
    const { near, far } = await channelPair()
    await near.end(step)
    expect(await far.readFrame(MIB, step)).toBeUndefined()
    await expect(far.requireFrame(MIB, step)).rejects.toThrow(fault('link-lost'))
  })
})

describe('time', () => {
  test('a silent peer times out', async () => {
    const { far } = await channelPair()
    await expect(far.readFrame(MIB, hasty)).rejects.toThrow(fault('timeout'))
    await expect(far.readInto(new Uint8Array(1), hasty)).rejects.toThrow(fault('timeout'))
  })

  test('a peer that may be idle does not, but one that has begun a frame does', async () => {
    const { near, far } = await channelPair()
    const reading = watch(far.readFrame(MIB, { ...hasty, idleMs: Infinity }))
    await pass(2 * hasty.timeoutMs)
    expect(reading.done).toBe(false)
    await near.write(Uint8Array.of(5), step)
    await waitFor(() => reading.done, { what: 'the end of the reader', dump: () => reading })
    expect(reading.error).toMatchObject({ code: 'timeout' })
  })

  /** Sends `count` pieces of `size` bytes, one each few milliseconds; false when the reader was faster to end. */
  async function trickle(
    channel: Channel,
    size: number,
    options: { count: number; until: { done: boolean } },
  ) {
    for (let sent = 0; sent < options.count && !options.until.done; sent++) {
      await channel.write(new Uint8Array(size), step)
      await pass(10)
    }
  }

  test('a peer that sends one byte at a time below the rate times out', async () => {
    const { near, far } = await channelPair()
    const reading = watch(far.readInto(new Uint8Array(64 * KIB), { ...step, timeoutMs: 300 }))
    await trickle(near, 1, { count: 1000, until: reading })
    expect(reading.error).toMatchObject({ code: 'timeout' })
  })

  test('a peer that is slow but above the rate does not, however long it takes', async () => {
    const { near, far } = await channelPair()
    const timeoutMs = 400
    const begin = performance.now()
    const reading = watch(far.readInto(new Uint8Array(MIB), { ...step, timeoutMs }))
    await trickle(near, 16 * KIB, { count: 64, until: reading }) // 64 KiB in about 40 ms
    await waitFor(() => reading.done, { what: 'the end of the reader', dump: () => reading })
    expect(reading.error).toBeUndefined()
    expect(performance.now() - begin).toBeGreaterThan(timeoutMs)
  })
})

describe('a writer', () => {
  /** Writes until the channel holds it for `quietMs`; resolves to the bytes that it took. */
  async function writeUntilHeld(channel: Channel): Promise<number> {
    let written = 0
    for (;;) {
      try {
        await channel.write(new Uint8Array(64 * KIB), { ...step, timeoutMs: 300 })
        written += 64 * KIB
      } catch (error) {
        expect(error).toMatchObject({ code: 'timeout' })
        return written
      }
      expect(written).toBeLessThan(64 * MIB)
    }
  }

  test('is held, and times out, when the other side does not read', async () => {
    const { near, far } = await channelPair()
    expect(await writeUntilHeld(near)).toBeLessThanOrEqual(20 * MIB)
    expect(far.received).toBeLessThanOrEqual(MIB)
    expect(far.received).toBeGreaterThan(0)
  })

  test('is held again after the other side has read for a while', async () => {
    const { near, far } = await channelPair()
    for (let round = 0; round < 3; round++) {
      const writing = near.write(new Uint8Array(8 * MIB), step)
      await far.readInto(new Uint8Array(8 * MIB), step)
      await writing
    }
    expect(await writeUntilHeld(near)).toBeLessThanOrEqual(20 * MIB)
    expect(far.received).toBeLessThanOrEqual(25 * MIB)
  })

  test('buffers no more than a piece or two here, however often the other side grants next to nothing', async () => {
    const { near, stream } = await channelPair()
    const writing = watch(near.write(new Uint8Array(64 * MIB), step))
    await waitFor(() => stream.writableNeedsDrain && stream.writeBufferLength > 0, { what: 'a full stream' })
    for (let grant = 0; grant < 50; grant++) {
      stream.dispatchEvent(new Event('drain')) // as yamux does for each window update
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(stream.writeBufferLength).toBeLessThanOrEqual(2 * MIB)
    expect(writing.done).toBe(false)
    near.abort(new Error('not needed'))
    await waitFor(() => writing.done, { what: 'the end of the writer' })
  })

  test('goes on when the other side reads again', async () => {
    const { near, far } = await channelPair()
    const writing = watch(near.write(new Uint8Array(16 * MIB), step))
    await waitFor(() => far.received > 256 * KIB, { what: 'the first bytes' })
    expect(writing.done).toBe(false)
    await far.readInto(new Uint8Array(16 * MIB), step)
    await waitFor(() => writing.done, { what: 'the end of the writer', dump: () => writing })
    expect(writing.error).toBeUndefined()
  })

  test('that is held ends when it is told to, with the reason', async () => {
    const { near, far } = await channelPair()
    const abort = new AbortController()
    const writing = watch(near.write(new Uint8Array(16 * MIB), { ...step, signal: abort.signal }))
    await waitFor(() => far.received > 256 * KIB, { what: 'the first bytes' })
    abort.abort(new Error('stop'))
    await waitFor(() => writing.done, { what: 'the end of the writer' })
    expect(writing.error).toMatchObject({ message: 'stop' })
  })

  test('that is held ends when the other side cuts the stream', async () => {
    const { near, far } = await channelPair()
    const writing = watch(near.write(new Uint8Array(16 * MIB), step))
    await waitFor(() => far.received > 256 * KIB, { what: 'the first bytes' })
    far.abort(new Error('enough'))
    await waitFor(() => writing.done, { what: 'the end of the writer' })
    expect(writing.error).toMatchObject({ code: 'link-lost' })
  })
})

describe('a cut', () => {
  test('ends a reader on both sides', async () => {
    const { near, far } = await channelPair()
    const readers = [watch(near.readFrame(MIB, step)), watch(far.readFrame(MIB, step))]
    near.abort(new IngotError('aborted', 'not needed'))
    await waitFor(() => readers.every(({ done }) => done), {
      what: 'the end of both readers',
      dump: () => readers,
    })
    expect(readers[0]?.error).toMatchObject({ code: 'aborted' })
    expect(readers[1]?.error).toMatchObject({ code: 'link-lost' })
  })

  test('refuses what is written after it', async () => {
    const { near, far } = await channelPair()
    near.abort(new IngotError('aborted', 'not needed'))
    await expect(near.writeFrame(new Uint8Array(1), step)).rejects.toThrow(fault('aborted'))
    await expect(far.readFrame(MIB, step)).rejects.toThrow(fault('link-lost'))
    await expect(far.writeFrame(new Uint8Array(1), step)).rejects.toThrow(fault('link-lost'))
  })

  test('of the connection ends its streams', async () => {
    const { near, far, connection } = await channelPair()
    const readers = [watch(near.readFrame(MIB, step)), watch(far.readFrame(MIB, step))]
    connection.abort(new Error('cable'))
    await waitFor(() => readers.every(({ done }) => done), {
      what: 'the end of both readers',
      dump: () => readers,
    })
    expect(readers.map(({ error }) => error)).toMatchObject([{ code: 'link-lost' }, { code: 'link-lost' }])
  })

  test('comes after what was received before it', async () => {
    const { near, far } = await channelPair()
    await near.writeFrame(Buffer.from('last words'), step)
    await waitFor(() => far.received === 11, { what: 'the frame' })
    near.abort(new Error('gone'))
    expect(Buffer.from(await far.requireFrame(MIB, step)).toString()).toBe('last words')
    await expect(far.readFrame(MIB, step)).rejects.toThrow(fault('link-lost'))
  })
})

test('a reader ends when it is told to, with the reason', async () => {
  const { far } = await channelPair()
  const abort = new AbortController()
  const reading = watch(far.readFrame(MIB, { ...step, idleMs: Infinity, signal: abort.signal }))
  abort.abort(new Error('stop'))
  await waitFor(() => reading.done, { what: 'the end of the reader' })
  expect(reading.error).toMatchObject({ message: 'stop' })
  await expect(far.readFrame(MIB, { ...step, signal: abort.signal })).rejects.toThrow('stop')
})
