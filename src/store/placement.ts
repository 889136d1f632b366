import { chmod, lstat, mkdir, readdir, rename, rm, symlink, unlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { systemCode } from '../core/errors.ts'
import type { Digest } from '../image/digest.ts'
import { syncDirectory } from './durable.ts'
import type { Layout } from './layout.ts'

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}

/**
 * Gives a staging directory, whose files are whole, verified and synced, its final place in one rename. Where that content lies
 * already (registered in place, or damaged since), the files take the place of the old ones, each in one rename: they were just
 * verified.
 */
export async function placeContent(layout: Layout, staging: string, digest: Digest): Promise<void> {
  const place = layout.content(digest)
  if (await exists(join(staging, 'image'))) await chmod(join(staging, 'image'), 0o444)
  await chmod(join(staging, 'index'), 0o444)
  await chmod(staging, 0o755)
  await syncDirectory(staging)
  try {
    await rename(staging, place)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error
    for (const name of await readdir(staging)) await rename(join(staging, name), join(place, name))
    await syncDirectory(place)
    await rm(staging, { recursive: true })
  }
  await syncDirectory(layout.contents)
  await syncDirectory(layout.stagings)
}

/** Points the link of an image at its file, atomically, whatever it pointed to before. */
export async function linkImage(link: string, target: string): Promise<void> {
  const directory = dirname(link)
  await mkdir(directory, { recursive: true, mode: 0o755 })
  const next = join(directory, `.${process.pid}-${Math.random().toString(36).slice(2)}`)
  await symlink(target.startsWith(dirname(directory)) ? relative(directory, target) : target, next)
  try {
    await rename(next, link)
  } catch (error) {
    await unlink(next)
    throw error
  }
  await syncDirectory(directory)
}
