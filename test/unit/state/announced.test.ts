import { beforeAll, describe, expect, test } from 'vitest'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import type { AnnouncedImage } from '../../../src/state/announced.ts'
import { testKey, type TestKey } from '../../support/keys.ts'
import { testImage } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'

let key: TestKey
let first: SealedManifest
let second: SealedManifest
beforeAll(async () => {
  key = await testKey('origin')
  first = testImage(key)
  second = testImage(key, { createdAt: 7 }) // the same name
})

function announced(sealed: SealedManifest, changes: Partial<AnnouncedImage> = {}): AnnouncedImage {
  return {
    peer: 'P',
    sealed,
    seq: 1,
    status: 'announced',
    decision: 'wanted',
    rule: 'all',
    decidedAt: 5,
    ...changes,
  }
}

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

test('images are listed in the order of the journal', () => {
  const state = testState()
  state.announced.put(announced(first, { seq: 5 }))
  state.announced.put(announced(second, { seq: 2 }))
  expect(state.announced.list('P').map(({ seq }) => seq)).toEqual([2, 5])
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
