import { constants } from 'node:fs'
import { chmod, copyFile, lstat } from 'node:fs/promises'
import type { Limits } from '../core/limits.ts'
import type { TreeIdentities } from './tree-identity.ts'
import type { TreeIndex } from './tree-index.ts'
import { joinBytes } from './tree-path.ts'

/**
 * Copies the files of a tree in place, as clones where the file system can, into directories that are there. Throws
 * `changed-on-disk` for one that is not what it was. What was copied is still to be verified.
 */
export async function copyTreeFiles(
  index: TreeIndex,
  places: { from: string; to: string; identities: TreeIdentities },
  { limits, signal }: { limits: Limits; signal: AbortSignal },
): Promise<void> {
  const [from, to] = [Buffer.from(places.from), Buffer.from(places.to)]
  for (let page = 0; page < index.table.pages; page++) {
    const queue = (await index.files(page)).values()
    const copiers = Array.from({ length: limits.openFiles }, async () => {
      for (const { entry, number } of queue) {
        signal.throwIfAborted()
        if (entry.size === 0) continue
        const source = joinBytes(from, entry.path)
        const place = joinBytes(to, entry.path)
        await places.identities.requireSame(number, await lstat(source, { bigint: true }), source)
        await copyFile(source, place, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
        await chmod(place, 0o600)
      }
    })
    await Promise.all(copiers)
  }
}
