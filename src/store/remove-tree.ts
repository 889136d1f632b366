import { chmod, lstat, readdir, rmdir, unlink } from 'node:fs/promises'
import { systemCode } from '../core/errors.ts'
import { joinBytes } from './tree-path.ts'

/** Nodes that are removed at the same time. */
const AT_ONCE = 32

/**
 * Removes a file or a directory with all that is in it, or nothing when it is not there. Copes with what a tree may have and `rm`
 * of Node does not: directories that their owner may not write, and names that are no UTF-8. Symlinks are not followed.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    if ((await lstat(path)).isDirectory()) await removeDirectory(Buffer.from(path))
    else await unlink(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}

async function removeDirectory(path: Buffer): Promise<void> {
  if (process.getuid?.() !== 0) await chmod(path, 0o700)
  const entries = await readdir(path, { withFileTypes: true, encoding: 'buffer' })
  const others: Buffer[] = []
  for (const entry of entries) {
    const child = joinBytes(path, entry.name)
    if (entry.isDirectory()) await removeDirectory(child)
    else others.push(child)
  }
  for (let at = 0; at < others.length; at += AT_ONCE)
    await Promise.all(others.slice(at, at + AT_ONCE).map(async (child) => await unlink(child)))
  await rmdir(path)
}
