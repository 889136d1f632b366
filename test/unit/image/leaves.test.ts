import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  LEAF_BYTES,
  SEGMENT_BYTES,
  SEGMENT_LEAVES,
  fileRoot,
  isZero,
  leafCount,
  leafDigest,
  leafLength,
  runLength,
  segmentCount,
  segmentDigest,
  segmentLeaves,
  zeroLeafDigest,
  zeroSegmentDigest,
} from '../../../src/image/leaves.ts'
import { randomBytes } from '../../support/files.ts'

const MIB = 1024 * 1024

// The same digests, written down a second time from the specification.
function sha256(domain: string, ...parts: Uint8Array[]): Buffer {
  const prefix = Buffer.concat([Buffer.from(domain, 'ascii')], 64)
  return createHash('sha256')
    .update(Buffer.concat([prefix, ...parts]))
    .digest()
}

function big(value: number, bytes: 4 | 8): Buffer {
  const buffer = Buffer.alloc(bytes)
  if (bytes === 4) buffer.writeUInt32BE(value)
  else buffer.writeBigUInt64BE(BigInt(value))
  return buffer
}

function slices(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  )
}

function specifiedRoot(content: Buffer): Buffer {
  const segments = slices(content, 4 * MIB).map((segment) =>
    sha256(
      'ingot/segment/1',
      ...slices(segment, 65_536).flatMap((leaf) => [sha256('ingot/leaf/1', leaf), big(leaf.length, 4)]),
    ),
  )
  return sha256('ingot/file-index/1', big(content.length, 8), big(65_536, 8), ...segments)
}

function root(content: Buffer): Buffer {
  const size = content.length
  const segments = Array.from({ length: segmentCount(size) }, (_, segment) => {
    const { first, count } = segmentLeaves(size, segment)
    const leaves = Array.from({ length: count }, (_, i) => {
      const at = (first + i) * LEAF_BYTES
      return leafDigest(content.subarray(at, at + leafLength(size, first + i)))
    })
    return segmentDigest(size, segment, Buffer.concat(leaves))
  })
  return fileRoot(size, Buffer.concat(segments))
}

describe('geometry', () => {
  test.each([
    // size, leaves, segments, last leaf, leaves in the last segment
    [1, 1, 1, 1, 1],
    [65_535, 1, 1, 65_535, 1],
    [65_536, 1, 1, 65_536, 1],
    [65_537, 2, 1, 1, 2],
    [4 * MIB - 1, 64, 1, 65_535, 64],
    [4 * MIB, 64, 1, 65_536, 64],
    [4 * MIB + 1, 65, 2, 1, 1],
    [16 * 2 ** 40, 2 ** 28, 2 ** 22, 65_536, 64],
  ])('%i bytes', (...[size, leaves, segments, last, lastSegment]) => {
    expect(leafCount(size)).toBe(leaves)
    expect(segmentCount(size)).toBe(segments)
    expect(leafLength(size, leaves - 1)).toBe(last)
    expect(segmentLeaves(size, segments - 1)).toEqual({ first: leaves - lastSegment, count: lastSegment })
    expect(runLength(size, leaves - lastSegment, lastSegment)).toBe((lastSegment - 1) * 65_536 + last)
  })

  test('no bytes have no leaves and no segments', () => {
    expect([leafCount(0), segmentCount(0)]).toEqual([0, 0])
  })

  test('a run ends with the content', () => {
    expect(runLength(65_537, 0, 1)).toBe(65_536)
    expect(runLength(65_537, 0, 2)).toBe(65_537)
    expect(runLength(65_537, 1, 1)).toBe(1)
  })

  test('a segment has 64 leaves of 64 KiB', () => {
    expect([LEAF_BYTES, SEGMENT_LEAVES, SEGMENT_BYTES]).toEqual([65_536, 64, 4 * MIB])
  })
})

describe('digests', () => {
  test.each([0, 1, 65_536, 65_537, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1])(
    'of %i bytes are as specified',
    (size) => {
      const content = randomBytes(size, 'leaves')
      expect(root(content)).toEqual(specifiedRoot(content))
    },
  )

  test('of a leaf do not depend on the pieces in which it came', () => {
    const leaf = randomBytes(1000, 'pieces')
    expect(leafDigest(leaf.subarray(0, 1), leaf.subarray(1, 700), leaf.subarray(700))).toEqual(
      leafDigest(leaf),
    )
  })

  test('of a leaf and of a segment do not meet: each stands under its own domain', () => {
    const leaf = randomBytes(36, 'domain')
    expect(leafDigest(leaf)).not.toEqual(sha256('ingot/segment/1', leaf))
  })

  test('tell the length of a content whose leaves are the same', () => {
    const list = leafDigest(Buffer.alloc(5))
    expect(segmentDigest(5, 0, list)).not.toEqual(segmentDigest(6, 0, list))
    expect(fileRoot(5, list)).not.toEqual(fileRoot(6, list))
  })

  test('a leaf list of another length is refused', () => {
    const digest = leafDigest(Buffer.alloc(1))
    expect(() => segmentDigest(65_537, 0, digest)).toThrow(RangeError)
    expect(() => segmentDigest(1, 0, Buffer.concat([digest, digest]))).toThrow(RangeError)
  })

  test('a segment list of another length is refused', () => {
    expect(() => fileRoot(1, new Uint8Array())).toThrow(RangeError)
    expect(() => fileRoot(0, new Uint8Array(32))).toThrow(RangeError)
  })
})

describe('zeros', () => {
  test.each([1, 100, 65_535, 65_536])('the digest of a leaf of %i zeros is known', (length) => {
    expect(zeroLeafDigest(length)).toEqual(sha256('ingot/leaf/1', Buffer.alloc(length)))
    expect(zeroLeafDigest(length)).toEqual(sha256('ingot/leaf/1', Buffer.alloc(length))) // the one that is kept now
  })

  test('many lengths of zero leaves do not confuse each other', () => {
    const lengths = Array.from({ length: 200 }, (_, i) => i + 1)
    const once = lengths.map((length) => zeroLeafDigest(length))
    expect(once).toEqual(lengths.map((length) => leafDigest(Buffer.alloc(length))))
  })

  test('the digest of a full segment of zeros is known', () => {
    const leaf = sha256('ingot/leaf/1', Buffer.alloc(65_536))
    const list = Array.from({ length: 64 }, () => [leaf, big(65_536, 4)]).flat()
    expect(zeroSegmentDigest()).toEqual(sha256('ingot/segment/1', ...list))
  })

  test('one bit makes a leaf not zero, wherever it is', () => {
    for (const at of [0, 1, 32_768, 65_535]) {
      const leaf = Buffer.alloc(65_536)
      expect(isZero(leaf)).toBe(true)
      leaf[at] = 1
      expect(isZero(leaf)).toBe(false)
    }
    expect(isZero(new Uint8Array())).toBe(true)
  })
})
