import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import { JobPace, Pace, type Flow } from '../../../src/net/pace.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const MB = 1_000_000
const never = new AbortController().signal

function paced(): { clock: FakeClock; pace: Pace } {
  const clock = new FakeClock()
  return { clock, pace: new Pace(clock, defaultLimits) }
}

/** Takes pieces one after the other for as long as the test runs; counts what it got. */
class Taker {
  got = 0
  readonly #stop = new AbortController()

  constructor(pace: Pace, flow: Flow, piece = 65_536) {
    void (async () => {
      for (;;) {
        await pace.take(flow, piece, this.#stop.signal)
        this.got += piece
        await new Promise((resolve) => setImmediate(resolve))
      }
    })().catch(() => {})
  }

  stop(): void {
    this.#stop.abort(new Error('stopped'))
  }
}

/** Turns the clock on in steps in which everybody goes on. */
async function pass(clock: FakeClock, ms: number, step = 10): Promise<void> {
  for (let done = 0; done < ms; done += step) {
    await clock.advance(step)
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function within(share: number, expected: number, actual: number): void {
  expect(actual).toBeGreaterThan(expected * (1 - share))
  expect(actual).toBeLessThan(expected * (1 + share))
}

describe('a rate', () => {
  test('holds within 5 % over 10 s, from the first quarter of a second on', async () => {
    const { clock, pace } = paced()
    pace.setTotal(MB)
    const takers = [1, 2, 3].map((n) => new Taker(pace, { peerId: `P${n}` }))
    const sum = () => takers.reduce((all, { got }) => all + got, 0)
    await pass(clock, 250)
    expect(sum()).toBeLessThan(0.5 * MB)
    await pass(clock, 9_750)
    within(0.05, 10 * MB, sum())
    const before = sum()
    await pass(clock, 10_000)
    within(0.05, 10 * MB, sum() - before)
  })

  test('that was not used is not saved up', async () => {
    const { clock, pace } = paced()
    pace.setTotal(MB)
    await pass(clock, 60_000, 10_000)
    const taker = new Taker(pace, { peerId: 'P' })
    await pass(clock, 1_000)
    expect(taker.got).toBeLessThan(1.3 * MB)
  })

  test('changes for those who wait, up, down, and away', async () => {
    const { clock, pace } = paced()
    pace.setTotal(20_000)
    const taker = new Taker(pace, { peerId: 'P' }, 10_000)
    await pass(clock, 10_000)
    within(0.1, 200_000, taker.got)
    pace.setTotal(500_000)
    let before = taker.got
    await pass(clock, 10_000)
    within(0.05, 5 * MB, taker.got - before)
    pace.setTotal(100_000)
    before = taker.got
    await pass(clock, 10_000)
    within(0.05, MB, taker.got - before)
    pace.setTotal(undefined)
    before = taker.got
    await pass(clock, 100)
    expect(taker.got).toBeGreaterThan(before)
    expect(clock.sleeping).toEqual([])
    taker.stop()
  })

  test('is made good when less came, and when more came than was taken', async () => {
    const { clock, pace } = paced()
    pace.setPeer('P', 100_000)
    let got = 0
    void (async () => {
      for (;;) {
        await pace.take({ peerId: 'P' }, 50_000, never)
        pace.giveBack({ peerId: 'P' }, 40_000)
        got += 10_000
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    await pass(clock, 10_000)
    within(0.06, MB, got)
    pace.giveBack({ peerId: 'P' }, -500_000)
    got = 0
    await pass(clock, 10_000)
    within(0.1, MB / 2, got)
  })

  test('that is used up for months is waited for with a timer that there is, not again and again', async () => {
    const { clock, pace } = paced()
    pace.setTotal(16_384)
    pace.giveBack({ peerId: 'P' }, -Number.MAX_SAFE_INTEGER)
    const taker = new Taker(pace, { peerId: 'Q' })
    await pass(clock, 1_000)
    expect(taker.got).toBe(0)
    expect(clock.sleeping).toHaveLength(1)
    expect(clock.sleeping[0]).toBeLessThan(2 ** 31)
    taker.stop()
  })

  test('goes on when the clock is set back, and gives nothing away when it is set forward', async () => {
    const { clock, pace } = paced()
    pace.setTotal(100_000)
    let shift = 0
    const now = clock.now.bind(clock)
    clock.now = () => now() + shift
    const taker = new Taker(pace, { peerId: 'P' }, 10_000)
    await pass(clock, 1_000)
    shift = -3_600_000
    const before = taker.got
    await pass(clock, 10_000)
    within(0.1, MB, taker.got - before)
    shift = 3_600_000
    const later = taker.got
    await pass(clock, 1_000)
    expect(taker.got - later).toBeLessThan(150_000)
    taker.stop()
  })
})

describe('several rates', () => {
  test('all hold: in all, of a peer, and of a share', async () => {
    const { clock, pace } = paced()
    pace.setTotal(MB)
    pace.setPeer('P', 300_000)
    pace.setShare('S', 100_000)
    const shared = [1, 2].map(() => new Taker(pace, { peerId: 'P', share: 'S' }))
    const alone = new Taker(pace, { peerId: 'P' })
    const other = new Taker(pace, { peerId: 'Q' })
    await pass(clock, 20_000)
    const [one = 0, two = 0] = shared.map(({ got }) => got)
    within(0.08, 2 * MB, one + two)
    within(0.05, 6 * MB, one + two + alone.got)
    within(0.05, 20 * MB, one + two + alone.got + other.got)
    within(0.2, one, two)
    expect(pace.rateOf({ peerId: 'P', share: 'S' })).toBe(100_000)
    expect(pace.rateOf({ peerId: 'Q' })).toBe(MB)
  })

  test('of one peer hold no other peer up', async () => {
    const { clock, pace } = paced()
    pace.setPeer('P', 16_384)
    void Array.from({ length: 8 }, () => new Taker(pace, { peerId: 'P' }))
    await pass(clock, 100)
    await pace.take({ peerId: 'Q' }, 10 * MB, never)
    pace.setPeer('Q', MB)
    const taker = new Taker(pace, { peerId: 'Q' })
    await pass(clock, 10_000)
    within(0.05, 10 * MB, taker.got)
  })
})

describe('turns', () => {
  test('a peer with many streams gets no more than one with a single stream', async () => {
    const { clock, pace } = paced()
    pace.setTotal(MB)
    const many = Array.from({ length: 15 }, () => new Taker(pace, { peerId: 'many' }))
    await pass(clock, 5_000)
    const before = many.reduce((sum, { got }) => sum + got, 0)
    const single = new Taker(pace, { peerId: 'single' })
    await pass(clock, 10_000)
    const got = many.reduce((sum, taker) => sum + taker.got, 0) - before
    within(0.1, 5 * MB, single.got)
    within(0.1, 5 * MB, got)
    for (const taker of many) expect(taker.got).toBeGreaterThan(0)
  })

  test('large pieces get no more than small ones', async () => {
    const { clock, pace } = paced()
    pace.setTotal(MB)
    const large = new Taker(pace, { peerId: 'P' }, 200_000)
    const small = [1, 2].map(() => new Taker(pace, { peerId: 'Q' }, 20_000))
    await pass(clock, 20_000)
    within(0.1, 10 * MB, large.got)
    within(
      0.1,
      10 * MB,
      small.reduce((sum, { got }) => sum + got, 0),
    )
  })

  test('of one flow go in order; who gives up takes nothing', async () => {
    const { clock, pace } = paced()
    pace.setTotal(100_000)
    const order: number[] = []
    const gone = new AbortController()
    const take = async (n: number, signal = never) => {
      await pace.take({ peerId: 'P' }, 100_000, signal)
      order.push(n)
    }
    const waits = [take(1), take(2), take(3, gone.signal), take(4)].map(
      async (wait) => await wait.catch((error: unknown) => error),
    )
    gone.abort(new Error('gone'))
    await pass(clock, 2_100)
    expect(await Promise.all(waits)).toMatchObject([undefined, undefined, { message: 'gone' }, undefined])
    expect(order).toEqual([1, 2, 4])
    await expect(pace.take({ peerId: 'P' }, 1, gone.signal)).rejects.toThrow('gone')
  })
})

test('pieces make up the payload, small ones at low rates', async () => {
  const { clock, pace } = paced()
  const payload = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251))
  const cut = async () => {
    const pieces: Uint8Array[] = []
    const ended = (async () => {
      for await (const piece of pace.pieces({ peerId: 'P' }, payload, never)) pieces.push(piece)
    })()
    await pass(clock, 10_000, 100)
    await ended
    expect(Buffer.concat(pieces)).toEqual(payload)
    return Math.max(...pieces.map(({ length }) => length))
  }
  expect(await cut()).toBe(100_000)
  pace.setPeer('P', 16_384)
  expect(await cut()).toBe(4096)
  pace.setPeer('P', 500_000)
  expect(await cut()).toBe(31_250)
  pace.setPeer('P', 100 * MB)
  expect(await cut()).toBe(100_000)
})

test('a job asks for single leaves over few streams at low rates', () => {
  const { pace } = paced()
  const job = new JobPace(pace, 'P', 3)
  expect([job.requestBytes, job.streams(4)]).toEqual([Infinity, 4])
  pace.setShare('subscription 3', 16_384)
  expect([job.requestBytes, job.streams(4)]).toEqual([65_536, 1])
  pace.setShare('subscription 3', 10 * MB)
  expect([job.requestBytes, job.streams(4)]).toEqual([625_000, 4])
  job.subscription = 4
  expect(job.requestBytes).toBe(Infinity)
})
