import { rm, stat } from 'node:fs/promises'
import { IngotError, systemCode } from '../core/errors.ts'
import type { StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import type { Layout } from './layout.ts'
import { flatDigest, verifyContent } from './verify.ts'

/**
 * Reads a content directory that has no record (after a crash between its rename and its record, or a database restored from a
 * backup): a record for it when it verifies leaf by leaf, undefined when it does not or is not there. `now` is the time of the
 * record, milliseconds since 1970. Removes nothing: another operation may just be filling that place.
 */
export async function readUnrecorded(
  layout: Layout,
  digest: Digest,
  options: { now: number; signal: AbortSignal },
): Promise<StoredContent | undefined> {
  const image = layout.file(digest)
  try {
    const { size } = await stat(image)
    await verifyContent({ image, index: layout.index(digest) }, { digest, size, signal: options.signal })
    const sha256 = await flatDigest(image, size, options)
    return { digest, kind: 'file', size, sha256, inPlace: undefined, createdAt: options.now }
  } catch (error) {
    options.signal.throwIfAborted()
    if (systemCode(error) === 'ENOENT' || error instanceof IngotError || error instanceof RangeError)
      return undefined
    throw error
  }
}

/** Like {@link readUnrecorded}, and removes what does not verify: only while nothing else runs. */
export async function adoptOrRemove(
  layout: Layout,
  digest: Digest,
  options: { now: number; signal: AbortSignal },
): Promise<StoredContent | undefined> {
  const content = await readUnrecorded(layout, digest, options)
  if (content === undefined) await rm(layout.content(digest), { recursive: true, force: true })
  return content
}
