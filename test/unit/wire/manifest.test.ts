import { beforeAll, describe, expect, test } from 'vitest'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import { openManifest, sealManifest } from '../../../src/wire/manifest.ts'
import { testKey, type TestKey } from '../../support/keys.ts'
import { testDigest, testImage, testManifest } from '../../support/manifests.ts'

let key: TestKey
beforeAll(async () => {
  key = await testKey('origin')
})

/** A field of bytes as protobuf writes it, for lengths below 128. */
function field(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value])
}

const fault = (code: string) => expect.objectContaining({ name: 'IngotError', code }) as Error

describe('sealing refuses', () => {
  test('what is not valid', () => {
    expect(() => sealManifest(testManifest(key.peerId, { name: '..' }), key.sign, limits)).toThrow(
      fault('invalid'),
    )
  })

  test('what others would refuse as too large, although each label is short enough', () => {
    const labels = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`key${i}`, 'x'.repeat(1024)]))
    expect(() => sealManifest(testManifest(key.peerId, { labels }), key.sign, limits)).toThrow(
      fault('too-large'),
    )
  })
})

test('a manifest at all limits but its labels is taken', () => {
  const ancestors = Array.from({ length: limits.ancestors }, (_, i) => testDigest(String(i)))
  const { bytes, signature } = testImage(key, { ancestors, description: 'x'.repeat(limits.descriptionBytes) })
  expect(openManifest(bytes, signature, limits).manifest.ancestors).toEqual(ancestors)
})

describe('opening refuses', () => {
  test('a manifest with a label twice', () => {
    const { bytes, signature } = testImage(key, { labels: { arch: 'amd64' } })
    const again = field(8, Buffer.concat([field(1, Buffer.from('arch')), field(2, Buffer.from('arm64'))]))
    expect(() => openManifest(Buffer.concat([bytes, again]), signature, limits)).toThrow(fault('invalid'))
  })

  test('another version of the format', () => {
    const { bytes, signature } = testImage(key)
    expect(() => openManifest(Buffer.concat([bytes, Buffer.from([8, 2])]), signature, limits)).toThrow(
      fault('invalid'),
    )
  })

  test('an unknown kind', () => {
    const { bytes, signature } = testImage(key)
    expect(() => openManifest(Buffer.concat([bytes, Buffer.from([72, 3])]), signature, limits)).toThrow(
      fault('invalid'),
    )
  })

  test('a content, digest or ancestor of another length', () => {
    const { bytes, signature } = testImage(key)
    for (const number of [11, 12, 13]) {
      const wrong = Buffer.concat([bytes, field(number, new Uint8Array(31))])
      expect(() => openManifest(wrong, signature, limits)).toThrow(fault('invalid'))
    }
  })

  test('a signature of another length', () => {
    const { bytes } = testImage(key)
    expect(() => openManifest(bytes, new Uint8Array(63), limits)).toThrow(fault('invalid'))
  })

  test('more bytes than a manifest may have, although a message may', () => {
    const bytes = Buffer.alloc(limits.manifestBytes + 1, 0xff)
    expect(() => openManifest(bytes, new Uint8Array(64), limits)).toThrow(fault('too-large'))
  })
})

test('what was opened does not change with the buffer that it came in', () => {
  const { bytes, signature, id } = testImage(key)
  const buffer = Buffer.from(bytes)
  const opened = openManifest(buffer, signature, limits)
  buffer.fill(0)
  expect(openManifest(opened.bytes, opened.signature, limits).id).toBe(id)
})
