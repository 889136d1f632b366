import { beforeAll, expect, test } from 'vitest'
import type { StoredContent } from '../../../src/image/content.ts'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import { testKey, type TestKey } from '../../support/keys.ts'
import { testImage } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'

let key: TestKey
let image: SealedManifest
let content: StoredContent
beforeAll(async () => {
  key = await testKey('origin')
  image = testImage(key)
  content = {
    digest: image.manifest.content,
    kind: 'file',
    size: image.manifest.size,
    sha256: image.manifest.sha256,
    inPlace: undefined,
    createdAt: 1,
  }
})

const record = (sealed: SealedManifest) => ({
  sealed,
  state: 'PUBLISHED' as const,
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
