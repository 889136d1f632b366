import { open } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'
import { DIGEST_BYTES, type Digest } from '../image/digest.ts'
import { LEAF_BYTES, SEGMENT_BYTES, leafDigest, segmentCount, segmentDigest } from '../image/leaves.ts'
import { readExactly } from './durable.ts'
import { IndexFile } from './index-file.ts'

/**
 * Checks that `image` and `index` in a content directory are whole and belong to `digest`, leaf by leaf.
 * Throws `wrong-content` when not.
 */
export async function verifyContent(
  paths: { image: string; index: string },
  content: { digest: Digest; size: number; signal: AbortSignal },
): Promise<void> {
  const { digest, size, signal } = content
  const file = await open(paths.image, 'r')
  let index: IndexFile | undefined
  try {
    index = await IndexFile.open(paths.index, size)
    const wrong = (what: string) => new IngotError('wrong-content', `${paths.image}: ${what}`)
    if ((await file.stat()).size !== size) throw wrong('another size than the index says')
    if ((await index.root()) !== digest) throw wrong('the index has another root')
    const segments = await index.readSegments()
    const buffer = Buffer.allocUnsafe(Math.min(SEGMENT_BYTES, size))
    for (let segment = 0; segment < segmentCount(size); segment++) {
      signal.throwIfAborted()
      const bytes = buffer.subarray(0, Math.min(SEGMENT_BYTES, size - segment * SEGMENT_BYTES))
      await readExactly(file, bytes, segment * SEGMENT_BYTES)
      const leaves: Buffer[] = []
      for (let at = 0; at < bytes.length; at += LEAF_BYTES)
        leaves.push(leafDigest(bytes.subarray(at, at + LEAF_BYTES)))
      const list = Buffer.concat(leaves)
      if (!list.equals(await index.readLeafLists(segment, 1)))
        throw wrong(`segment ${segment} differs from the index`)
      const expected = segments.subarray(segment * DIGEST_BYTES, (segment + 1) * DIGEST_BYTES)
      if (!segmentDigest(size, segment, list).equals(expected)) throw wrong(`segment ${segment} is damaged`)
    }
  } finally {
    await index?.close()
    await file.close()
  }
}
