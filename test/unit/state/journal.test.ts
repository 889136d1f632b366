import { expect, test } from 'vitest'
import type { Digest } from '../../../src/image/digest.ts'
import type { JournalEntry } from '../../../src/image/journal.ts'
import { testDigest } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'

function entry(seq: number): JournalEntry & { hash: Digest } {
  return {
    seq,
    time: seq * 10,
    previous: testDigest(`hash ${seq - 1}`),
    bodyDigest: testDigest(`body ${seq}`),
    hash: testDigest(`hash ${seq}`),
    body: Uint8Array.of(seq),
    signature: new Uint8Array(64),
  }
}

test('entries are read as they were appended', () => {
  const { journal } = testState()
  expect(journal.last()).toBeUndefined()
  for (const seq of [1, 2, 3]) journal.append({ ...entry(seq), image: undefined })
  expect(journal.last()).toEqual(entry(3))
  expect(journal.at(2)).toEqual(entry(2))
  expect(journal.at(4)).toBeUndefined()
  expect(journal.after(1, 10)).toEqual([entry(2), entry(3)])
  expect(journal.after(0, 2)).toEqual([entry(1), entry(2)])
  expect(journal.after(3, 10)).toEqual([])
})

test('an entry whose body was taken back has none', () => {
  const { journal } = testState()
  journal.append({ ...entry(1), body: undefined, image: testDigest('image') })
  expect(journal.last()?.body).toBeUndefined()
})

test('a number is used once', () => {
  const { journal } = testState()
  journal.append({ ...entry(1), image: undefined })
  expect(() => journal.append({ ...entry(1), image: undefined })).toThrow('UNIQUE')
})

test('an image is named by every entry that tells of it, and by those alone', () => {
  const { journal } = testState()
  journal.append({ ...entry(1), image: testDigest('image') })
  journal.append({ ...entry(2), image: undefined })
  expect(journal.names(testDigest('image'))).toBe(true)
  expect(journal.names(testDigest('other'))).toBe(false)
})

test('what is taken back is every body that tells of the image; the chain stays', () => {
  const { journal } = testState()
  const images = ['image', 'other', 'image', undefined]
  for (const [at, image] of images.entries())
    journal.append({ ...entry(at + 1), image: image === undefined ? undefined : testDigest(image) })
  journal.takeBack(testDigest('image'))
  expect(journal.after(0, 10)).toEqual([
    { ...entry(1), body: undefined },
    entry(2),
    { ...entry(3), body: undefined },
    entry(4),
  ])
  expect(journal.names(testDigest('image'))).toBe(true)
})

test('a journal that is given up leaves nothing, and the next one begins with its first entry', () => {
  const { journal } = testState()
  for (const seq of [1, 2]) journal.append({ ...entry(seq), image: testDigest('image') })
  journal.clear()
  expect(journal.last()).toBeUndefined()
  expect(journal.names(testDigest('image'))).toBe(false)
  journal.append({ ...entry(1), image: undefined })
  expect(journal.last()).toEqual(entry(1))
})
