import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { StoredContent } from '../image/content.ts'
import { Layout } from '../store/layout.ts'
import { openNumbered } from '../store/numbered-content.ts'
import { buildPatch } from '../store/patch-build.ts'
import { compresses } from '../store/patch-sample.ts'
import { treePageDecoder } from '../wire/tree.ts'

/** What the thread that makes one patch is given. */
export interface PatchOrder {
  /** The images directory. */
  images: string
  child: StoredContent
  /** Undefined: from nothing. */
  base: StoredContent | undefined
  /** File that is made. */
  path: string
  /** Bytes beyond which it is of no use. */
  most: number
  limits: Limits
}

/** How it ended: a whole file, or nothing that would be of use. */
export type PatchOutcome = 'made' | 'useless'

/** Behind everything else on this machine. */
const NICENESS = 19

async function make({ images, child, base, path, most, limits }: PatchOrder): Promise<PatchOutcome> {
  const layout = new Layout(images)
  const options = { limits, decodePage: treePageDecoder(limits) }
  const contents = {
    child: await openNumbered(layout, child, options),
    base: base && (await openNumbered(layout, base, options)),
  }
  try {
    if (base === undefined && !(await compresses(contents.child, limits))) return 'useless'
    await buildPatch({ ...contents, path, most, limits })
    return 'made'
  } catch (error) {
    if (isIngotError(error, 'too-large')) return 'useless'
    throw error
  } finally {
    await contents.child.close()
    await contents.base?.close()
  }
}

// On Linux a priority belongs to a thread; elsewhere it would be that of the whole server.
if (process.platform === 'linux') {
  try {
    setPriority(0, NICENESS)
  } catch {} // the patch is made all the same
}
// oxlint-disable-next-line require-post-message-target-origin -- a port between threads, no window
parentPort?.postMessage(await make(workerData as PatchOrder))
