import { DIGEST_BYTES } from '../image/digest.ts'
import { LEAF_BYTES, leafDigest, leafLength } from '../image/leaves.ts'
import { readFully } from './block-match.ts'
import type { LeafWish } from './seed-index.ts'
import { writeAllSync } from './direct.ts'

/**
 * The wanted leaves that another file has at the same place, each hashed and then written to `target`, when there is one. Synchronous,
 * for a worker thread; arguments are file descriptors.
 */
export function takeEqualLeaves(task: {
  source: number
  target: number | undefined
  wish: LeafWish
}): number[] {
  const { source, target, wish } = task
  const { first, size, digests } = wish
  const buffer = Buffer.allocUnsafe(LEAF_BYTES)
  const taken: number[] = []
  for (const i of wish.wanted) {
    const position = (first + i) * LEAF_BYTES
    const bytes = buffer.subarray(0, leafLength(size, first + i))
    if (!isRead(source, bytes, position)) break
    if (!leafDigest(bytes).equals(digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES))) continue
    if (target !== undefined) writeAllSync(target, bytes, position)
    taken.push(i)
  }
  return taken
}

function isRead(source: number, bytes: Buffer, position: number): boolean {
  try {
    readFully(source, bytes, position)
    return true
  } catch {
    return false // shorter, or not to be read: what follows is not there either
  }
}
