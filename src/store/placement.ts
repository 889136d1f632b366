import type { Stats } from 'node:fs'
import { chmod, mkdir, readdir, readlink, rename, symlink, unlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { lstatIf } from '../core/absent.ts'
import { IngotError, systemCode } from '../core/errors.ts'
import type { Digest } from '../image/digest.ts'
import { syncDirectory } from './durable.ts'
import type { Layout } from './layout.ts'
import { exchange, hasLibc } from './libc.ts'
import { removeTree } from './remove-tree.ts'

/**
 * Gives a staging directory, whose files are whole, verified and synced, its final place in one rename. Where that content lies
 * already (registered in place, or damaged since), the files take the place of the old ones, each in one rename: they were just
 * verified.
 */
export async function placeContent(layout: Layout, staging: string, digest: Digest): Promise<void> {
  const place = layout.content(digest)
  const image = join(staging, 'image')
  const found = await lstatIf(image)
  if (found?.isFile() === true) await chmod(image, 0o444)
  await chmod(join(staging, 'index'), 0o444)
  await chmod(staging, 0o755)
  await syncDirectory(staging)
  try {
    await rename(staging, place)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error
    // The image first: with its index, what is left of a placement that is cut is of use.
    for (const name of (await readdir(staging)).toSorted()) {
      if (name === 'image' && found?.isDirectory() === true)
        await replaceTree(image, join(place, 'image'), found)
      else await rename(join(staging, name), join(place, name))
    }
    await syncDirectory(place)
    await removeTree(staging)
  }
  await syncDirectory(layout.contents)
  await syncDirectory(layout.stagings)
}

/** Makes writable again what a placement that was cut left for readers only, of what is there. */
export async function unplace(staging: string): Promise<void> {
  for (const name of ['index', 'image']) {
    const path = join(staging, name)
    if ((await lstatIf(path))?.isFile() === true) await chmod(path, 0o600)
  }
}

/** Puts a tree in the place of another, at once where the system can, and leaves that one where the new one was. */
async function replaceTree(from: string, to: string, { mode }: Stats): Promise<void> {
  const old = await lstatIf(to)
  if (old === undefined) {
    await movingTree(from, async () => await rename(from, to))
  } else if (hasLibc) {
    await movingTree(from, async () => await movingTree(to, async () => exchange(from, to)))
  } else {
    const aside = `${from}.old`
    await movingTree(to, async () => await rename(to, aside))
    await movingTree(from, async () => await rename(from, to))
  }
  await chmod(to, mode & 0o7777)
}

/** A directory that changes its parent has to be writable, unless root moves it. */
async function movingTree(path: string, move: () => Promise<void>): Promise<void> {
  await chmod(path, 0o700)
  await move()
}

/** Points the link of an image at its file, atomically, whatever it pointed to before. One that is right is left alone. */
export async function linkImage(link: string, target: string): Promise<void> {
  const directory = dirname(link)
  const text = target.startsWith(dirname(directory)) ? relative(directory, target) : target
  if ((await readlink(link).catch(() => undefined)) === text) return
  await mkdir(directory, { recursive: true, mode: 0o755 })
  if ((await lstatIf(directory))?.isDirectory() !== true)
    throw new IngotError('conflict', `${directory} is a symbolic link: ingot follows none there`, {
      hint: 'remove it: the links of images are made in a directory of their own',
    })
  const next = join(directory, `.${process.pid}-${Math.random().toString(36).slice(2)}`)
  await symlink(text, next)
  try {
    await rename(next, link)
  } catch (error) {
    await unlink(next)
    throw error
  }
  await syncDirectory(directory)
}
