import { describe, expect, test, vi } from 'vitest'
import type { StoredContent } from '../../../src/image/content.ts'
import { testKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'
import { enqueueJob, testState } from '../../support/state.ts'

const damage = { leaves: 2, ranges: [{ first: 4, count: 2 }], index: false, other: ['x'] }

function content(name: string, createdAt: number): StoredContent {
  return {
    digest: testDigest(name),
    kind: 'file',
    size: 1,
    sha256: undefined,
    inPlace: undefined,
    privileged: 'none',
    createdAt,
  }
}

describe('damage', () => {
  test('is kept until the content is whole; a later finding keeps since when and by whom', () => {
    const state = testState()
    const { integrity, images } = state
    const one = content('one', 1)
    integrity.mark(one.digest, damage, { by: 'scrub', at: 5 })
    expect(integrity.isDamaged(one.digest)).toBe(false) // no such content
    images.putContent(one)
    integrity.mark(one.digest, damage, { by: 'scrub', at: 5 })
    integrity.setReason(one.digest, 'no link')
    integrity.mark(one.digest, { ...damage, leaves: 1, index: true }, { by: 'verify', at: 9 })
    expect(integrity.damage(one.digest)).toEqual({
      content: one.digest,
      since: 5,
      foundBy: 'scrub',
      reason: 'no link',
      ...damage,
      leaves: 1,
      index: true,
    })
    expect([integrity.countDamaged(), integrity.damaged().length]).toEqual([1, 1])
    expect(integrity.whole(one.digest, 12)).toBe(true)
    expect(integrity.whole(one.digest, 13)).toBe(false)
    expect(integrity.damage(one.digest)).toBeUndefined()
    expect(integrity.verifiedAt(one.digest)).toBe(13)
  })

  test('goes with its content', () => {
    const { integrity, images } = testState()
    const one = content('one', 1)
    images.putContent(one)
    integrity.mark(one.digest, damage, { by: 'verify', at: 5 })
    images.deleteContent(one.digest)
    images.putContent(one)
    expect(integrity.isDamaged(one.digest)).toBe(false)
  })

  test('that is mended leaves it open when all was read', () => {
    const { integrity, images } = testState()
    const one = content('one', 1)
    images.putContent(one)
    integrity.mark(one.digest, damage, { by: 'verify', at: 5 })
    expect(integrity.mended(one.digest)).toBe(true)
    expect(integrity.verifiedAt(one.digest)).toBeUndefined()
  })
})

test('the content that nobody read for the longest comes first; one that is damaged, passed over or of no image does not', async () => {
  const { integrity, images, db } = testState()
  const key = await testKey('origin')
  const names = ['one', 'two', 'three']
  for (const [i, name] of names.entries()) {
    images.putContent(content(name, i))
    const sealed = testImage(key, { name, content: testDigest(name) })
    images.insert({ name, sealed, state: 'PUBLISHED', private: false, enabledAt: 1 })
  }
  images.putContent(content('of no image', 0))
  const next = (...passed: string[]) =>
    integrity.longestUnread(
      100,
      passed.map((name) => testDigest(name)),
    )
  expect(next()).toEqual({ content: testDigest('one'), since: 0 })
  integrity.whole(testDigest('one'), 7)
  expect(next()?.content).toBe(testDigest('two'))
  expect(next('two')?.content).toBe(testDigest('three'))
  integrity.mark(testDigest('two'), damage, { by: 'scrub', at: 8 })
  expect(next()?.content).toBe(testDigest('three'))
  expect(next('three')).toEqual({ content: testDigest('one'), since: 7 })
  // What was read in a time to come was read before the clock was set back.
  integrity.whole(testDigest('three'), 101)
  expect(next()).toEqual({ content: testDigest('three'), since: 0 })
  expect(next('three')).toEqual({ content: testDigest('one'), since: 7 })
  // Without reading all contents: there may be many.
  const asked = vi.spyOn(db, 'get')
  next('one')
  const statements = [...asked.mock.calls]
  asked.mockRestore()
  expect(statements).not.toHaveLength(0)
  for (const [sql, ...values] of statements) {
    const plan = db.all(`EXPLAIN QUERY PLAN ${sql}`, ...values).map(({ detail }) => detail as string)
    expect(plan.filter((step) => /^(SCAN|SEARCH) content\b|TEMP B-TREE/.test(step))).toEqual([
      expect.stringMatching(/^SEARCH content USING (COVERING )?INDEX content_verified /),
    ])
  }
})

test('a content is pure for an origin when all images on it are of that origin, and pure', async () => {
  const { images, jobs } = testState()
  const [key, other] = [await testKey('origin'), await testKey('other')]
  const one = testImage(key)
  const { content: digest, origin } = one.manifest
  const record = (sealed: typeof one, name: string) => ({
    name,
    sealed,
    state: 'PUBLISHED' as const,
    private: false,
    enabledAt: 1,
  })
  images.putContent({ ...content('one', 1), digest })
  expect(images.isPureContent(digest, origin)).toBe(false)
  images.insert(record(one, 'one'), { pure: true })
  expect([images.isPure(one.id), images.isPureContent(digest, origin)]).toEqual([true, true])
  expect(images.isPureContent(digest, 'somebody else')).toBe(false)
  const two = testImage(other)
  expect(two.manifest.content).toBe(digest)
  images.insert(record(two, 'two'))
  expect([images.isPure(two.id), images.isPureContent(digest, origin)]).toEqual([false, false])

  const job = enqueueJob(jobs, 'new')
  expect(jobs.hasForeignBytes(job.id)).toBe(false)
  jobs.setForeignBytes(job.id, true)
  expect(jobs.hasForeignBytes(job.id)).toBe(true)
  expect(jobs.hasForeignBytes(99)).toBe(true) // of what is not known nobody says that it is pure
})
