import { readlinkSync, realpathSync } from 'node:fs'
import { IngotError, systemCode } from '../core/errors.ts'
import { pathText } from '../image/tree-order.ts'

/** The path of a tree without any link in it. Throws `changed-on-disk` where it is gone. */
export function realRoot(tree: string): Buffer {
  try {
    return realpathSync.native(tree, 'buffer')
  } catch (cause) {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(cause) ?? '')) throw cause
    throw new IngotError('changed-on-disk', `${tree} is not what it was`, { cause })
  }
}

/**
 * Throws `changed-on-disk` when an open file is not the one at `place`, a path without links. A tree may have directories that
 * others can write to: one of them may have become a link that leads elsewhere, even while the file was opened.
 */
export function requireAt(fd: number, place: Buffer): void {
  if (!whereIs(fd, place).equals(place))
    throw new IngotError('changed-on-disk', `${pathText(place)} leads elsewhere`)
}

function whereIs(fd: number, place: Buffer): Buffer {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`, 'buffer')
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    return realpathSync.native(place, 'buffer') // no /proc here
  }
}
