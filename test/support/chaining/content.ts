import { createHash } from 'node:crypto'
import { toDigest, type Digest } from '../../../src/image/digest.ts'
import { LEAF_BYTES, fileRoot } from '../../../src/image/leaves.ts'
import { digestsOf } from '../contents.ts'
import { randomBytes } from '../files.ts'

/** Bytes of an image with everything that gives them away. */
export interface Content {
  bytes: Buffer
  root: Digest
  sha256: Digest
  /** Digests of segments and leaves. */
  digests: Buffer[]
  /** The beginning and the end of each leaf. */
  marks: Buffer[]
}

const MARK_BYTES = 16
const SMALL_BYTES = 500

function describe(bytes: Buffer): Content {
  const { segments, lists } = digestsOf(bytes)
  const digests = [segments, ...lists].flatMap((list) =>
    Array.from({ length: list.length / 32 }, (_, i) => list.subarray(i * 32, (i + 1) * 32)),
  )
  const marks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += LEAF_BYTES) {
    const leaf = bytes.subarray(at, at + LEAF_BYTES)
    marks.push(leaf.subarray(0, MARK_BYTES), leaf.subarray(-MARK_BYTES))
  }
  return {
    bytes,
    root: toDigest(fileRoot(bytes.length, segments)),
    sha256: toDigest(createHash('sha256').update(bytes).digest()),
    digests,
    marks,
  }
}

/** Content of one small leaf, or of a full one and a small one. Only depends on the seed. */
export function freshContent(seed: string, leaves: 1 | 2): Content {
  return describe(randomBytes((leaves - 1) * LEAF_BYTES + SMALL_BYTES, seed))
}

/** Content that has its first leaf in common with another, where that has a full one. */
export function relatedContent(other: Content, seed: string): Content {
  const tail = randomBytes(SMALL_BYTES, seed)
  const shared = other.bytes.length < LEAF_BYTES ? [] : [other.bytes.subarray(0, LEAF_BYTES)]
  return describe(Buffer.concat([...shared, tail]))
}
