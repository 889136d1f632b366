import { beforeAll, describe, expect, test } from 'vitest'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import type { AnnouncedImage } from '../../../src/state/announced.ts'
import { testKey, type TestKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'
import { testAnnounced as announced, testState } from '../../support/state.ts'

let key: TestKey
let first: SealedManifest
let second: SealedManifest
beforeAll(async () => {
  key = await testKey('origin')
  first = testImage(key)
  second = testImage(key, { createdAt: 7 }) // the same name
})

/** The part that tells one record from another. */
const brief = ({ sealed, seq, status, decision, rule }: AnnouncedImage) => ({
  id: sealed.id,
  seq,
  status,
  decision,
  rule,
})

test('what a peer announced is kept with its manifest and the decision', () => {
  const state = testState()
  state.announced.put(announced(first))
  const found = state.announced.get('P', first.id)
  expect(found).toMatchObject({
    peer: 'P',
    seq: 1,
    ordinal: 1,
    status: 'announced',
    decision: 'wanted',
    rule: 'all',
    decidedAt: 5,
  })
  expect(found?.sealed.manifest).toEqual(first.manifest)
  expect(found?.sealed.id).toBe(first.id)
  expect(state.announced.get('Q', first.id)).toBeUndefined()
})

test('a later entry about the same image replaces the decision, not the image', () => {
  const state = testState()
  state.announced.put(announced(first))
  state.announced.put(announced(first, { seq: 4, decision: 'refused', rule: 'too large' }))
  expect(state.announced.list('P').map(brief)).toEqual([
    { id: first.id, seq: 4, status: 'announced', decision: 'refused', rule: 'too large' },
  ])
})

describe('a withdrawn or deleted image', () => {
  test.each(['withdrawn', 'deleted'] as const)('%s is known, and not announced', (status) => {
    const state = testState()
    state.announced.put(announced(first))
    state.announced.setStatus('P', first.id, status)
    expect(state.announced.list('P')).toEqual([])
    expect(state.announced.byName('P', first.manifest.name)).toBeUndefined()
    expect(state.announced.get('P', first.id)?.status).toBe(status)
  })

  test('is announced again when it is published again', () => {
    const state = testState()
    state.announced.put(announced(first))
    state.announced.setStatus('P', first.id, 'withdrawn')
    state.announced.put(announced(first, { seq: 9 }))
    expect(state.announced.list('P').map(brief)).toMatchObject([{ seq: 9, status: 'announced' }])
  })
})

test('a name means the image that bears it now', () => {
  const state = testState()
  state.announced.put(announced(first))
  state.announced.setStatus('P', first.id, 'deleted')
  state.announced.put(announced(second, { seq: 3 }))
  expect(state.announced.byName('P', first.manifest.name)?.sealed.id).toBe(second.id)
  expect(state.announced.byName('Q', first.manifest.name)).toBeUndefined()
})

test('of two images of one name the one that came last bears it', () => {
  const state = testState()
  state.announced.put(announced(second, { seq: 2, ordinal: 9 }))
  state.announced.put(announced(first, { seq: 7, ordinal: 7 }))
  expect(state.announced.byName('P', first.manifest.name)?.sealed.id).toBe(second.id)
})

test('images are listed as they came, over all journals of the peer', () => {
  const state = testState()
  state.announced.put(announced(second, { seq: 2, ordinal: 9 }))
  state.announced.put(announced(first, { seq: 5, ordinal: 5 }))
  expect(state.announced.list('P').map(({ seq, ordinal }) => ({ seq, ordinal }))).toEqual([
    { seq: 5, ordinal: 5 },
    { seq: 2, ordinal: 9 },
  ])
})

test('an id, or a name of whatever peer, finds what is announced now; what is known is found by id, too', () => {
  const state = testState()
  state.announced.put(announced(first))
  state.announced.put(announced(second, { peer: 'Q', ordinal: 2 }))
  const { name } = first.manifest
  expect(state.announced.named(name).map(({ peer }) => peer)).toEqual(['P', 'Q'])
  expect(state.announced.byId(first.id)?.peer).toBe('P')
  state.announced.setStatus('P', first.id, 'withdrawn')
  expect(state.announced.named(name).map(({ peer }) => peer)).toEqual(['Q'])
  expect(state.announced.byId(first.id)).toBeUndefined()
  expect(state.announced.known(first.id)?.peer).toBe('P')
  expect(state.announced.known(testDigest('nothing'))).toBeUndefined()
})

test('a decision is written without a change to what was announced', () => {
  const state = testState()
  state.announced.put(announced(first, { seq: 4, ordinal: 6 }))
  state.announced.put(announced(second))
  state.announced.setDecision({
    peer: 'P',
    sealed: first,
    decision: 'refused',
    rule: 'no space',
    decidedAt: 8,
  })
  expect(state.announced.get('P', first.id)).toMatchObject({
    seq: 4,
    ordinal: 6,
    status: 'announced',
    decision: 'refused',
    rule: 'no space',
    decidedAt: 8,
  })
  expect(state.announced.get('P', second.id)?.decision).toBe('wanted')
})

test('descendants are all that list the image, of every peer, and not what only has those bytes in it', () => {
  const state = testState()
  const child = testImage(key, { name: 'child', ancestors: [first.id] })
  const grandchild = testImage(key, { name: 'grandchild', ancestors: [child.id, first.id] })
  const stranger = testImage(key, { name: 'stranger', content: first.id })
  state.announced.put(announced(first))
  state.announced.put(announced(stranger, { ordinal: 2 }))
  state.announced.put(announced(grandchild, { ordinal: 4 }))
  state.announced.put(announced(child, { peer: 'Q', ordinal: 3, status: 'withdrawn' }))
  const of = (image: SealedManifest) => state.announced.descendants(image.id).map(({ sealed }) => sealed.id)
  expect(of(first)).toEqual([child.id, grandchild.id])
  expect(of(child)).toEqual([grandchild.id])
  expect(of(grandchild)).toEqual([])
})

describe('of a journal that was given up', () => {
  test('what is not announced anew is withdrawn once, of that peer alone', () => {
    const state = testState()
    state.announced.put(announced(first))
    state.announced.put(announced(first, { peer: 'Q' }))
    state.announced.markStale('P')
    expect(state.announced.list('P')).toHaveLength(1)
    expect([state.announced.isStale('P', first.id), state.announced.isStale('Q', first.id)]).toEqual([
      true,
      false,
    ])
    expect(state.announced.sweep('P')).toEqual([first.id])
    expect(state.announced.get('P', first.id)?.status).toBe('withdrawn')
    expect(state.announced.isStale('P', first.id)).toBe(false)
    expect(state.announced.sweep('P')).toEqual([])
    expect(state.announced.list('Q')).toHaveLength(1)
  })

  test('what is announced anew stays', () => {
    const state = testState()
    state.announced.put(announced(first, { seq: 5, ordinal: 5 }))
    state.announced.put(announced(second, { seq: 6, ordinal: 6 }))
    state.announced.markStale('P')
    state.announced.put(announced(second, { seq: 1, ordinal: 6 }))
    expect(state.announced.isStale('P', second.id)).toBe(false)
    expect(state.announced.sweep('P')).toEqual([first.id])
    expect(state.announced.list('P').map(brief)).toMatchObject([{ id: second.id, seq: 1 }])
  })

  test('what was taken back before is not taken back again', () => {
    const state = testState()
    state.announced.put(announced(first, { status: 'withdrawn' }))
    state.announced.put(announced(second, { status: 'deleted' }))
    state.announced.markStale('P')
    expect(state.announced.sweep('P')).toEqual([])
    expect(state.announced.get('P', first.id)?.status).toBe('withdrawn')
    expect(state.announced.get('P', second.id)?.status).toBe('deleted')
    state.announced.put(announced(first))
    expect(state.announced.sweep('P')).toEqual([])
  })
})

test('what a peer makes us keep is counted, per peer', () => {
  const state = testState()
  expect(state.announced.usage('P')).toEqual({ entries: 0, bytes: 0 })
  state.announced.put(announced(first))
  state.announced.put(announced(second))
  state.announced.put(announced(second, { peer: 'Q' }))
  expect(state.announced.usage('P')).toEqual({ entries: 2, bytes: first.bytes.length + second.bytes.length })
  expect(state.announced.usage('Q').entries).toBe(1)
})
