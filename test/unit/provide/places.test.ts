import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerPlaces, type Place } from '../../../src/provide/places.ts'

const settled = async () => await new Promise((resolve) => setImmediate(resolve))

/** Places, and who got one, in order. */
function bed(answersBytes: number, answersPrepared = 100) {
  const places = new AnswerPlaces({ answersBytes, answersPrepared })
  const got: string[] = []
  const take = (peer: string, bytes: number, name = peer) => {
    const held: { place?: Place } = {}
    void (async () => {
      held.place = await places.take(peer, bytes)
      got.push(name)
    })()
    return held
  }
  return { take, got }
}

test('a peer alone takes a third, and more when something came back', async () => {
  const { take, got } = bed(12)
  const held = Array.from({ length: 8 }, (_, i) => take('P', 1, String(i)))
  await settled()
  expect(got).toEqual(['0', '1', '2', '3'])
  held[0]?.place?.release()
  await settled()
  expect(got).toEqual(['0', '1', '2', '3', '4'])
  held[0]?.place?.release() // a second time gives nothing back
  await settled()
  expect(got).toHaveLength(5)
})

test('slow peers with many requests leave room for another one', async () => {
  const { take, got } = bed(12)
  for (const slow of ['A', 'B']) for (let i = 0; i < 10; i++) take(slow, 1)
  await settled()
  const slow = got.length
  for (let i = 0; i < 20; i++) {
    const held = take('C', 1)
    await settled()
    expect(held.place).toBeDefined()
    held.place?.release()
  }
  expect(got).toHaveLength(slow + 20)
})

test('who holds least goes first, then who came first', async () => {
  const { take, got } = bed(6, 1)
  const first = take('A', 1, 'A1')
  for (const name of ['A2', 'A3', 'B1', 'C1', 'B2']) take(name[0] as string, 1, name)
  await settled()
  expect(got).toEqual(['A1'])
  first.place?.prepared(1)
  await settled()
  expect(got).toEqual(['A1', 'B1'])
})

test('an answer that is smaller than it could have been counts as it is', async () => {
  const { take, got } = bed(9)
  const { place } = await (async () => {
    const held = take('P', 9)
    await settled()
    return held
  })()
  take('Q', 1)
  await settled()
  expect(got).toEqual(['P'])
  place?.prepared(2)
  await settled()
  expect(got).toEqual(['P', 'Q'])
})

test('a large answer to a peer that has nothing is not passed over for ever', async () => {
  const { take, got } = bed(10)
  const small = [take('A', 3), take('B', 3)]
  take('C', 8)
  await settled()
  take('A', 1)
  take('D', 1)
  await settled()
  expect(got).toEqual(['A', 'B'])
  for (const { place } of small) place?.release()
  await settled()
  expect(got.slice(0, 3)).toEqual(['A', 'B', 'C'])
})

test('what is held never exceeds the bound, and in the end everybody had a place', async () => {
  const requests = fc.array(
    fc.record({ peer: fc.constantFrom('A', 'B', 'C'), bytes: fc.integer({ min: 1, max: 30 }) }),
    {
      maxLength: 30,
    },
  )
  await fc.assert(
    fc.asyncProperty(requests, fc.integer({ min: 1, max: 4 }), async (all, prepared) => {
      const places = new AnswerPlaces({ answersBytes: 20, answersPrepared: prepared })
      let held = 0
      let reading = 0
      let served = 0
      await Promise.all(
        all.map(async ({ peer, bytes }) => {
          const place = await places.take(peer, bytes)
          const size = Math.min(bytes, 20)
          held += size
          reading++
          expect(held).toBeLessThanOrEqual(20)
          expect(reading).toBeLessThanOrEqual(prepared)
          await settled()
          reading--
          place.prepared(size)
          await settled()
          held -= size
          served++
          place.release()
        }),
      )
      expect(served).toBe(all.length)
    }),
    { numRuns: 30 },
  )
})
