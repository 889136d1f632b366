import { beforeAll, describe, expect, test } from 'vitest'
import type { StoredContent } from '../../../src/image/content.ts'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import type { ImageRecord } from '../../../src/state/images.ts'
import type { State } from '../../../src/state/state.ts'
import { testKey, type TestKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'

let key: TestKey
let other: TestKey
let image: SealedManifest
let content: StoredContent
beforeAll(async () => {
  key = await testKey('origin')
  other = await testKey('other')
  image = testImage(key)
  content = {
    digest: image.manifest.content,
    kind: 'file',
    size: image.manifest.size,
    sha256: image.manifest.sha256,
    inPlace: undefined,
    privileged: 'none',
    createdAt: 1,
  }
})

const record = (sealed: SealedManifest, name = sealed.manifest.name): ImageRecord => ({
  name,
  sealed,
  state: 'PUBLISHED',
  private: false,
  enabledAt: 5,
})

test('an image is found by id, by origin and name, and by name', () => {
  const { images } = testState()
  images.putContent(content)
  images.insert({ ...record(image), private: true })
  const found = images.byId(image.id)
  expect(found).toMatchObject({ state: 'PUBLISHED', private: true, enabledAt: 5 })
  expect(found?.sealed.manifest).toEqual(image.manifest)
  expect(images.byName(key.peerId, image.manifest.name)?.sealed.id).toBe(image.id)
  expect(images.named(image.manifest.name)).toHaveLength(1)
  expect(images.list()).toHaveLength(1)
  expect([images.countOf(key.peerId), images.countOf('other')]).toEqual([1, 0])
  expect(images.byName('other', image.manifest.name)).toBeUndefined()
})

test('a name is unique on its origin', () => {
  const { images } = testState()
  images.putContent(content)
  images.insert(record(image))
  expect(() => images.insert(record(testImage(key, { createdAt: 9 })))).toThrow('UNIQUE')
})

test('an image stands on a content that is here', () => {
  const { images } = testState()
  expect(() => images.insert(record(image))).toThrow('FOREIGN KEY')
})

test('a content that was in place can come to lie in the store, and back', () => {
  const { images } = testState()
  const stat = { inode: '1:2', size: 1000, mtime: '1760000000000000001', ctime: '1760000000000000002' }
  const inPlace = { ...content, inPlace: { path: '/srv/disk.raw', stat } }
  images.putContent(inPlace)
  expect(images.content(content.digest)).toEqual(inPlace)
  images.putContent(content)
  expect(images.contents()).toEqual([content])
})

describe('an image that has another name here', () => {
  test('is found by that name, and keeps its manifest', () => {
    const { images } = testState()
    images.putContent(content)
    images.insert(record(image, 'debian-old'))
    expect(images.byName(key.peerId, 'debian-old')).toMatchObject({
      name: 'debian-old',
      sealed: { id: image.id },
    })
    expect(images.byName(key.peerId, image.manifest.name)).toBeUndefined()
    expect(images.named('debian-old')[0]?.sealed.manifest.name).toBe(image.manifest.name)
  })

  test('leaves its own name to another one of its origin', () => {
    const { images } = testState()
    images.putContent(content)
    images.insert(record(image, 'debian-old'))
    images.insert(record(testImage(key, { createdAt: 9 })))
    expect(images.list().map(({ name }) => name)).toEqual(['debian-13', 'debian-old'])
  })
})

test('a state is changed for one image alone', () => {
  const { images } = testState()
  images.putContent(content)
  const second = testImage(key, { name: 'second' })
  images.insert(record(image))
  images.insert(record(second))
  images.setState(image.id, 'RESTRICTED')
  expect([images.byId(image.id)?.state, images.byId(second.id)?.state]).toEqual(['RESTRICTED', 'PUBLISHED'])
})

test('a content can go once no image stands on it', () => {
  const { images } = testState()
  images.putContent(content)
  const second = testImage(key, { name: 'second' })
  images.insert(record(image))
  images.insert(record(second))
  expect([images.usesOf(content.digest), images.usesOf(testDigest('other')), images.count()]).toEqual([
    2, 0, 2,
  ])
  images.delete(image.id)
  expect(images.usesOf(content.digest)).toBe(1)
  expect(() => images.deleteContent(content.digest)).toThrow('FOREIGN KEY')
  images.delete(second.id)
  images.deleteContent(content.digest)
  expect([images.list(), images.contents(), images.count()]).toEqual([[], [], 0])
})

test('a content is private while every image on it is', () => {
  const { images } = testState()
  images.putContent(content)
  expect(images.isPrivate(content.digest)).toBe(false) // nobody's
  images.insert({ ...record(image), private: true })
  expect(images.isPrivate(content.digest)).toBe(true)
  const open = testImage(key, { name: 'open' })
  images.insert(record(open))
  expect(images.isPrivate(content.digest)).toBe(false)
  images.delete(open.id)
  expect(images.isPrivate(content.digest)).toBe(true)
})

test('the name of a deleted image is remembered, the first one for good', () => {
  const { images } = testState()
  images.bury({ id: image.id, name: 'debian-13', deletedAt: 5 })
  images.bury({ id: image.id, name: 'other', deletedAt: 6 })
  expect(images.buried(image.id)).toBe('debian-13')
  expect(images.buried(testDigest('other'))).toBeUndefined()
})

describe('of several images', () => {
  /** Two of one origin on one content of 1000 bytes, the later one first; and one of another on one of 7. */
  function several(): State & { first: SealedManifest; child: SealedManifest; foreign: SealedManifest } {
    const state = testState()
    const child = testImage(key, { name: 'child', ancestors: [image.id], type: 'web-vm', baseType: 'OS' })
    const foreign = testImage(other, {
      ancestors: [child.id, image.id],
      content: testDigest('small'),
      size: 7,
    })
    state.images.putContent(content)
    state.images.putContent({ ...content, digest: foreign.manifest.content, size: 7 })
    state.images.insert({ ...record(child), enabledAt: 6 })
    state.images.insert({ ...record(image), enabledAt: 5 })
    state.images.insert({ ...record(foreign), enabledAt: 7 })
    return { ...state, first: image, child, foreign }
  }

  test('those of an origin are told oldest first', () => {
    const { images, first, child } = several()
    expect(images.ofOrigin(key.peerId).map(({ sealed }) => sealed.id)).toEqual([first.id, child.id])
  })

  test('descendants are those that list the image, and not what only has those bytes in it', () => {
    const { images, first, child, foreign } = several()
    const stranger = testImage(key, { name: 'stranger', content: child.id })
    images.putContent({ ...content, digest: child.id })
    images.insert(record(stranger))
    const of = (each: SealedManifest) => images.descendants(each.id).map(({ sealed }) => sealed.id)
    expect(of(first)).toEqual([child.id, foreign.id])
    expect(of(child)).toEqual([foreign.id])
    expect(of(foreign)).toEqual([])
  })

  test('bytes and types are counted by origin', () => {
    const { images } = several()
    expect([images.bytesOf(key.peerId), images.bytesOf(other.peerId), images.bytesOf('nobody')]).toEqual([
      2000, 7, 0,
    ])
    expect([images.countOfType(key.peerId, 'web-vm'), images.countOfType(other.peerId, 'web-vm')]).toEqual([
      1, 0,
    ])
    expect(images.countOfType(key.peerId, 'OS')).toBe(0)
  })
})
