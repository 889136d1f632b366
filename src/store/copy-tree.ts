import { constants } from 'node:fs'
import { chmod, copyFile } from 'node:fs/promises'
import type { Limits } from '../core/limits.ts'
import type { TreeIndex } from './tree-index.ts'
import { joinBytes } from './tree-path.ts'

/**
 * Copies the files of a tree, as clones where the file system can, into directories that are there. What was copied is still to be
 * verified.
 */
export async function copyTreeFiles(
  index: TreeIndex,
  roots: { from: string; to: string },
  { limits, signal }: { limits: Limits; signal: AbortSignal },
): Promise<void> {
  const [from, to] = [Buffer.from(roots.from), Buffer.from(roots.to)]
  for (let page = 0; page < index.table.pages; page++) {
    const queue = (await index.files(page)).values()
    const copiers = Array.from({ length: limits.openFiles }, async () => {
      for (const { entry } of queue) {
        signal.throwIfAborted()
        if (entry.size === 0) continue
        const place = joinBytes(to, entry.path)
        await copyFile(
          joinBytes(from, entry.path),
          place,
          constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL,
        )
        await chmod(place, 0o600)
      }
    })
    await Promise.all(copiers)
  }
}
