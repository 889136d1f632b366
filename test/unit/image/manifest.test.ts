import { beforeAll, describe, expect, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import {
  builtInTypes,
  checkBuiltInType,
  imageId,
  validateManifest,
  verifyManifest,
  type BuiltInType,
  type Manifest,
} from '../../../src/image/manifest.ts'
import { testKey, type TestKey } from '../../support/keys.ts'
import { emptyRoot, testDigest, testImage, testManifest } from '../../support/manifests.ts'

let key: TestKey
beforeAll(async () => {
  key = await testKey('origin')
})

const limits = {
  ...defaultLimits,
  labels: 3,
  labelBytes: 8,
  descriptionBytes: 16,
  ancestors: 3,
  imageBytes: 2000,
}

function digests(count: number) {
  return Array.from({ length: count }, (_, i) => testDigest(String(i)))
}

describe('a manifest is valid', () => {
  test.each<[string, Partial<Manifest>]>([
    ['as servers make it', {}],
    ['with a type of its own on a built-in base', { type: 'web-vm', baseType: 'OS' }],
    [
      'without version, description, labels or ancestors',
      { version: '', description: '', labels: {}, ancestors: [] },
    ],
    ['without bytes', { size: 0, content: emptyRoot }],
    ['of a tree without bytes', { kind: 'tree', size: 0, sha256: undefined, entries: 1 }],
    [
      'at every limit',
      {
        size: 2000,
        ancestors: digests(3),
        description: 'é'.repeat(8),
        labels: { a: 'é'.repeat(4), b: '', c: '' },
      },
    ],
    ['with letters of any script', { version: '13 „Müller“ 东京', description: '説明' }],
  ])('%s', (_, changes) => {
    validateManifest(testManifest(key.peerId, changes), limits)
  })
})

describe('a manifest is refused', () => {
  test.each<[string, 'invalid' | 'too-large', Partial<Manifest>]>([
    ['whose origin is no peer id', 'invalid', { origin: 'munich' }],
    ['without origin', 'invalid', { origin: '' }],
    ['whose name is no name', 'invalid', { name: '../etc' }],
    ['whose type is no name', 'invalid', { type: 'a b', baseType: 'DISK' }],
    ['whose base type is not built in', 'invalid', { type: 'x', baseType: 'web-vm' as BuiltInType }],
    ['whose built-in type has another base', 'invalid', { type: 'DISK', baseType: 'OS' }],
    ['whose version is too long', 'invalid', { version: 'x'.repeat(129) }],
    ['whose version could act on a terminal', 'invalid', { version: '\u001b[2J' }],
    ['whose version has a line break', 'invalid', { version: '1\n2' }],
    ['whose description is too long in bytes', 'too-large', { description: 'é'.repeat(9) }],
    ['whose description could act on a terminal', 'invalid', { description: '\u009b2J' }],
    ['whose description has a carriage return', 'invalid', { description: 'a\rb' }],
    ['with too many labels', 'too-large', { labels: { a: '', b: '', c: '', d: '' } }],
    ['with a label that is too long in bytes', 'too-large', { labels: { a: 'é'.repeat(5) } }],
    ['with a label whose key is no name', 'invalid', { labels: { 'a b': '' } }],
    ['with a label that could act on a terminal', 'invalid', { labels: { a: '\u0007' } }],
    ['whose size is negative', 'invalid', { size: -1 }],
    ['whose size is no whole number', 'invalid', { size: 1.5 }],
    ['whose size is beyond what a number holds', 'invalid', { size: 2 ** 53 }],
    ['whose size is beyond the limit', 'too-large', { size: 2001 }],
    ['without bytes, with content', 'invalid', { size: 0 }],
    ['with bytes, without content', 'invalid', { size: 1, content: emptyRoot }],
    ['with too many ancestors', 'too-large', { ancestors: digests(4) }],
    ['with an ancestor twice', 'invalid', { ancestors: [testDigest('a'), testDigest('a')] }],
    ['from before all time', 'invalid', { createdAt: -1 }],
    ['whose time is no whole number', 'invalid', { createdAt: 0.5 }],
  ])('%s', (_, code, changes) => {
    expect(() => validateManifest(testManifest(key.peerId, changes), limits)).toThrow(
      expect.objectContaining({ name: 'IngotError', code }),
    )
  })
})

describe('the seal', () => {
  test('is of the origin and over exactly these bytes', async () => {
    const sealed = testImage(key)
    expect(verifyManifest(sealed)).toBe(true)
    const bytes = Buffer.from(sealed.bytes)
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    expect(verifyManifest({ ...sealed, bytes })).toBe(false)
    const other = await testKey('other')
    expect(verifyManifest({ ...sealed, manifest: { ...sealed.manifest, origin: other.peerId } })).toBe(false)
  })

  test('gives every manifest an id of its own', () => {
    const ids = [testImage(key), testImage(key, { name: 'b' }), testImage(key, { createdAt: 1 })].map(
      (i) => i.id,
    )
    expect(new Set(ids).size).toBe(3)
    expect(testImage(key).id).toBe(imageId(testImage(key).bytes))
  })
})

test('a built-in type is taken, another is not found', () => {
  for (const type of builtInTypes) expect(checkBuiltInType(type)).toBe(type)
  for (const type of ['disk', '', 'web-vm']) {
    expect(() => checkBuiltInType(type)).toThrow(expect.objectContaining({ code: 'not-found' }))
  }
})
