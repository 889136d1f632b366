import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { lstatIf } from './absent.ts'
import { faultsOfKind, type HomeFault } from './home-faults.ts'
import { writeWhole } from './whole-file.ts'

/** Bytes that no mark exceeds: a peer id has 52. */
const MARK_BYTES = 256

/** The file in an images directory that says whose images lie there: the peer id of their server. */
export function imagesMark(images: string): string {
  return join(images, '.ingot-images')
}

/**
 * What keeps a server from using an images directory: the images of another server lie there, or its own are expected there and do
 * not. A mark that is empty was made by an operator, who says so that this is the place.
 */
export async function faultsOfMark(
  images: string,
  { selfId, isExpected }: { selfId: string; isExpected: boolean },
): Promise<HomeFault[]> {
  const path = imagesMark(images)
  const faults = await faultsOfKind(path, 'regular file')
  if (faults.length > 0) return faults
  const mark = await readMark(path)
  if (mark === selfId || mark === '') return []
  if (mark !== undefined)
    return [
      {
        message: `the images of another server lie in ${images}: ${path} says ${mark}`,
        hint: `name another directory with --images DIR; if that server is gone for good and this one takes its place there: truncate -s 0 ${path}`,
      },
    ]
  if (!isExpected) return []
  const make = (await lstatIf(images)) === undefined ? `mkdir -p ${images} && touch` : 'touch'
  return [
    {
      message: `the images of this server do not lie in ${images}: ${path} is missing`,
      hint: `mount their disk; if it is lost, or the images shall come anew: ${make} ${path}`,
    },
  ]
}

/** What a mark says; undefined where there is none. */
async function readMark(path: string): Promise<string | undefined> {
  const found = await lstatIf(path)
  if (found === undefined) return undefined
  if (found.size === 0) return '' // whoever made it
  return found.size > MARK_BYTES ? 'something that is no peer id' : (await readFile(path, 'latin1')).trim()
}

/** Marks an images directory as the one of this server. */
export async function markImages(images: string, selfId: string): Promise<void> {
  const path = imagesMark(images)
  if ((await readMark(path)) === selfId) return
  const next = `${path}.new`
  await writeWhole(next, `${selfId}\n`, 0o644)
  await rename(next, path)
}
