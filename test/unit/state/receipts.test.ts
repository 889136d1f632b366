import { describe, expect, test } from 'vitest'
import type { Receipt } from '../../../src/image/receipt.ts'
import { testDigest } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'

const image = testDigest('image')
const wanted: Receipt = { image, state: 'wanted', reason: '', time: 1 }
const enabled: Receipt = { image, state: 'enabled', reason: '', time: 2 }

describe('what is to be told', () => {
  test('is pending until it is acknowledged', () => {
    const { receipts } = testState()
    receipts.note('P', wanted)
    expect(receipts.pending('P', 10)).toEqual([wanted])
    receipts.acknowledge('P', wanted)
    expect(receipts.pending('P', 10)).toEqual([])
  })

  test('is only the newest of an image', () => {
    const { receipts } = testState()
    receipts.note('P', wanted)
    receipts.note('P', enabled)
    expect(receipts.pending('P', 10)).toEqual([enabled])
  })

  test('stays pending when an older one is acknowledged meanwhile', () => {
    const { receipts } = testState()
    receipts.note('P', wanted)
    receipts.note('P', enabled)
    receipts.acknowledge('P', wanted)
    expect(receipts.pending('P', 10)).toEqual([enabled])
  })

  test('stays pending also when both were noted in the same millisecond', () => {
    const { receipts } = testState()
    receipts.note('P', { ...wanted, time: 2 })
    receipts.note('P', enabled)
    receipts.acknowledge('P', { ...wanted, time: 2 })
    expect(receipts.pending('P', 10)).toEqual([enabled])
  })

  test('is told again when it changes after it was acknowledged', () => {
    const { receipts } = testState()
    receipts.note('P', wanted)
    receipts.acknowledge('P', wanted)
    receipts.note('P', enabled)
    expect(receipts.pending('P', 10)).toEqual([enabled])
  })

  test('is told oldest first, to each peer its own, so many at a time', () => {
    const { receipts } = testState()
    const at = (time: number) => ({ ...wanted, image: testDigest(String(time)), time })
    for (const time of [3, 1, 2]) receipts.note('P', at(time))
    receipts.note('Q', at(0))
    expect(receipts.pending('P', 2)).toEqual([at(1), at(2)])
  })
})

test('what was last told, or is to be told, of an image is known per peer', () => {
  const { receipts } = testState()
  expect(receipts.noted('P', image)).toBeUndefined()
  receipts.note('P', wanted)
  receipts.acknowledge('P', wanted)
  expect(receipts.noted('P', image)).toEqual(wanted)
  receipts.note('P', enabled)
  expect(receipts.noted('P', image)).toEqual(enabled)
  expect(receipts.noted('Q', image)).toBeUndefined()
  expect(receipts.noted('P', testDigest('other'))).toBeUndefined()
})

describe('what receivers tell', () => {
  test('is known per receiver, the last one counts', () => {
    const { receipts } = testState()
    receipts.receive('P', wanted)
    receipts.receive('P', enabled)
    receipts.receive('Q', { ...wanted, state: 'refused', reason: 'no space' })
    receipts.receive('P', { ...wanted, image: testDigest('other') })
    expect(receipts.holders(image)).toEqual([
      { ...enabled, peer: 'P' },
      { ...wanted, state: 'refused', reason: 'no space', peer: 'Q' },
    ])
  })

  test('is forgotten with the image, and nothing else is', () => {
    const { receipts } = testState()
    const other = { ...wanted, image: testDigest('other') }
    for (const peer of ['P', 'Q']) receipts.receive(peer, enabled)
    receipts.receive('P', other)
    receipts.note('P', wanted)
    receipts.forget(image)
    expect(receipts.holders(image)).toEqual([])
    expect(receipts.holders(other.image)).toEqual([{ ...other, peer: 'P' }])
    expect(receipts.pending('P', 10)).toEqual([wanted])
  })

  test('goes with the relation, as what was to be told', () => {
    const { receipts } = testState()
    for (const peer of ['P', 'Q']) {
      receipts.note(peer, wanted)
      receipts.receive(peer, enabled)
    }
    receipts.clear('P')
    expect(receipts.pending('P', 10)).toEqual([])
    expect(receipts.holders(image).map(({ peer }) => peer)).toEqual(['Q'])
    expect(receipts.pending('Q', 10)).toEqual([wanted])
  })
})
