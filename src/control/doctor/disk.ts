import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { homePaths } from '../../core/home-paths.ts'
import { NO_SPACE } from '../../replicate/space-watch.ts'
import { openDirect } from '../../store/direct.ts'
import { freeBytes, totalBytes } from '../../store/space.ts'
import type { RouteContext } from '../context.ts'
import { failure, fine, warning, type Finding } from './finding.ts'

/** Bytes below which the database can fail to write soon. */
const STATE_BYTES = 64 * 2 ** 20
/** Share of inodes below which trees do not come. */
const INODES = 0.02

const moreSpace = 'delete images that nobody needs, or put the images on a larger disk with --images DIR'

/** Space for the images, and for the state where that lies elsewhere. */
export async function checkDisk({ home, layout, limits, state }: RouteContext): Promise<Finding> {
  const free = await freeBytes(layout.images)
  const share = free / (await totalBytes(layout.images))
  const text = `${Math.round(share * 100)} % of the file system of ${layout.images} are free`
  const waiting = state.jobs.countWaitingFor(NO_SPACE)
  if (waiting > 0)
    return failure(`${text}; ${waiting} ${waiting === 1 ? 'job waits' : 'jobs wait'} for space`, moreSpace)
  if (share <= limits.freeSpaceFloor) return failure(text, moreSpace)
  const stateFree = await freeBytes(homePaths(home).state)
  if (stateFree < STATE_BYTES)
    return failure(
      `${Math.round(stateFree / 2 ** 20)} MiB are free for the database of ${home}`,
      'free space there: without it nothing is recorded, and nothing new is taken or published',
    )
  if (share <= limits.freeSpaceFloor * 2) return warning(text, moreSpace)
  const { files, ffree } = await statfs(layout.images)
  if (files > 0 && ffree < files * INODES)
    return warning(
      `${ffree} files more can be made on the file system of ${layout.images}`,
      'remove small files there, or put the images on another file system: directory trees need one each',
    )
  return fine(text)
}

/** What the file system of the images can do: tried, with a file that is removed again. */
export async function checkFileSystem({ layout }: RouteContext): Promise<Finding> {
  const [contents, stagings] = [await stat(layout.contents), await stat(layout.stagings)]
  if (contents.dev !== stagings.dev)
    return failure(
      `${layout.contents} and ${layout.stagings} are on different file systems: what has arrived cannot take its place`,
      'put the whole images directory on one file system with --images DIR',
    )
  const probe = layout.staging(`doctor-${randomUUID()}`)
  try {
    await writeFile(probe, Buffer.alloc(4096), { flag: 'wx', mode: 0o600 })
    const clones = await copyFile(probe, `${probe}.copy`, constants.COPYFILE_FICLONE_FORCE).then(
      () => true,
      () => false, // whatever it says: then an import copies
    )
    const direct = await openDirect(probe, constants.O_RDONLY)
    await direct?.close()
    const can = (able: boolean) => (able ? 'yes' : 'no')
    return fine(
      `an import clones files: ${can(clones)}; images go past the page cache: ${can(direct !== undefined)}`,
    )
  } finally {
    await rm(probe, { force: true })
    await rm(`${probe}.copy`, { force: true })
  }
}
