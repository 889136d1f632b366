import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { homePaths } from '../core/home-paths.ts'
import { IngotError, fileError } from '../core/errors.ts'
import { faultsOfContents, faultsOfHome, faultsOfImages, requireSound } from '../core/home-faults.ts'
import { faultsOfMark, markImages } from '../core/images-mark.ts'
import { HomeLock } from '../state/lock.ts'
import { syncDirectory } from '../store/durable.ts'

/** Longest path of a unix socket on Linux, bytes. */
const SOCKET_PATH_BYTES = 107

/**
 * Makes the directories of a home with their modes: state/ and run/ for this user alone. Throws `conflict` where others could have
 * replaced what is there, or where it or the images directory leads elsewhere; nothing is changed then.
 */
export async function prepareHome(
  home: string,
  options: { images: string; socketGroup: number | undefined },
): Promise<void> {
  const paths = homePaths(home)
  if (Buffer.byteLength(paths.socket) > SOCKET_PATH_BYTES) {
    throw new IngotError('usage', `the home ${home} is too long a path for its control socket`, {
      hint: `the path of run/control.sock may have ${SOCKET_PATH_BYTES} bytes: choose a shorter --home`,
    })
  }
  try {
    requireSound(await faultsOfHome(home))
    requireSound(await faultsOfContents(home))
    requireSound(await faultsOfImages(home, options.images))
    await mkdir(home, { recursive: true, mode: 0o755 })
    await privateDirectory(paths.state)
    await privateDirectory(paths.preseed)
    await privateDirectory(paths.run, options.socketGroup)
  } catch (error) {
    throw fileError(error, `cannot prepare the home ${home}`)
  }
}

/**
 * Makes the images directory with its modes, for a group too, and marks it as that of this server. Throws `conflict` where the images
 * of another server lie, and, when this server has images elsewhere, as one that `hasMarked` their directory, where there is no mark;
 * nothing is changed then.
 */
export async function prepareImages(
  images: string,
  options: { selfId: string; hasMarked: boolean; group: number | undefined },
): Promise<void> {
  const { selfId, hasMarked, group } = options
  try {
    requireSound(await faultsOfMark(images, { selfId, isExpected: hasMarked }))
    await mkdir(images, { recursive: true, mode: 0o750 })
    await chmod(images, 0o750)
    if (group !== undefined) await chown(images, -1, group)
    await mkdir(join(images, 'content'), { recursive: true, mode: 0o755 })
    await mkdir(join(images, 'staging'), { recursive: true, mode: 0o700 })
    await mkdir(join(images, 'patches'), { recursive: true, mode: 0o700 })
    await mkdir(join(images, 'own'), { recursive: true, mode: 0o755 })
    await markImages(images, selfId)
    await syncDirectory(images)
  } catch (error) {
    throw fileError(error, `cannot prepare the images directory ${images}`)
  }
}

async function privateDirectory(path: string, group?: number): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (group === undefined) {
    await chmod(path, 0o700)
    return
  }
  await chown(path, -1, group)
  await chmod(path, 0o710)
}

/** Takes the home for this process. Throws `conflict` with who holds it. */
export async function lockHome(home: string): Promise<HomeLock> {
  const paths = homePaths(home)
  const lock = new HomeLock(paths.lock)
  if (lock.acquire()) {
    const holder = { pid: process.pid, startedAt: new Date().toISOString() }
    await writeFile(paths.holder, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
    return lock
  }
  const holder = await readFile(paths.holder, 'utf8').then(
    (text) => JSON.parse(text) as { pid: number; startedAt: string },
    () => undefined, // the holder is just starting
  )
  const who =
    holder === undefined
      ? 'another ingot daemon'
      : `the ingot daemon with pid ${holder.pid}, running since ${holder.startedAt}`
  throw new IngotError('conflict', `the home ${home} is held by ${who}`, {
    hint: 'one daemon runs per home: stop that one, or choose another --home',
  })
}

/** Gives the home back. */
export async function unlockHome(home: string, lock: HomeLock): Promise<void> {
  await rm(homePaths(home).holder, { force: true })
  lock.release()
}
