import { rm, stat } from 'node:fs/promises'
import { IngotError, systemCode } from '../core/errors.ts'
import type { StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import type { Layout } from './layout.ts'
import { flatDigest, verifyContent } from './verify.ts'

/**
 * Takes a content directory that has no record (after a crash between its rename and its record, or a database restored from a
 * backup): verified leaf by leaf it becomes a record to store; anything else in that place is removed. Undefined when there was
 * nothing, or nothing whole. `now` is the time of the record, milliseconds since 1970.
 */
export async function adoptContent(
  layout: Layout,
  digest: Digest,
  options: { now: number; signal: AbortSignal },
): Promise<StoredContent | undefined> {
  const image = layout.file(digest)
  try {
    const { size } = await stat(image)
    await verifyContent({ image, index: layout.index(digest) }, digest, size)
    const sha256 = await flatDigest(image, size, options)
    return { digest, kind: 'file', size, sha256, inPlace: undefined, createdAt: options.now }
  } catch (error) {
    const damaged =
      systemCode(error) === 'ENOENT' || error instanceof IngotError || error instanceof RangeError
    if (!damaged || options.signal.aborted) throw error
    await rm(layout.content(digest), { recursive: true, force: true })
    return undefined
  }
}
