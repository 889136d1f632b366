import { closeSync } from 'node:fs'
import { constants, zstdCompressSync } from 'node:zlib'
import type { Limits } from '../core/limits.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import { LEAF_BYTES, leafLength } from '../image/leaves.ts'
import { readFully } from './block-match.ts'
import {
  groupCount,
  groupsFrom,
  isZeroLeaf,
  type GroupPart,
  type NumberedContent,
} from './numbered-content.ts'

/** Whether a content compresses, as far as some leaves of it tell: below `patchWorth` of its bytes. */
export async function compresses(content: NumberedContent, limits: Limits): Promise<boolean> {
  const groups = groupCount(content.leaves)
  const steps = Math.min(limits.patchSampleLeaves, groups)
  const sum = { bytes: 0, packed: 0 }
  for (let step = 0; step < steps; step++) {
    const leaf = await sampleLeaf(content, Math.floor((step * groups) / steps))
    if (leaf === undefined) continue
    sum.bytes += leaf.length
    sum.packed += zstdCompressSync(leaf, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }).length
  }
  return sum.packed < sum.bytes * limits.patchWorth
}

/** A leaf of a group that is not zero. */
async function sampleLeaf(content: NumberedContent, first: number): Promise<Buffer | undefined> {
  for await (const { parts } of groupsFrom(content, first)) {
    for (const part of parts) {
      const leaf = await dataLeaf(content, part)
      if (leaf === undefined) continue
      const fd = await content.open(part.file)
      try {
        const bytes = Buffer.allocUnsafe(leafLength(part.file.size, leaf))
        return readFully(fd, bytes, leaf * LEAF_BYTES)
      } finally {
        closeSync(fd)
      }
    }
    return undefined
  }
  return undefined
}

async function dataLeaf(
  content: NumberedContent,
  { file, first, count }: GroupPart,
): Promise<number | undefined> {
  const digests = await content.leafDigests(file, first, count)
  for (let i = 0; i < count; i++) {
    const digest = digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)
    if (!isZeroLeaf(file, first + i, digest)) return first + i
  }
  return undefined
}
