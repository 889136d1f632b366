import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
  type BigIntStats,
} from 'node:fs'
import { LEAF_BYTES, isZero } from '../image/leaves.ts'

// Files of one leaf are read and written on this thread: handing each of the four or five calls to the thread pool costs this
// thread ten times what the calls take (0.45 ms for each file of a tree of 10 000, measured; 0.04 ms so). Whoever does many lets
// others have their turn after every few: SMALL_FILES_AT_ONCE.

/** Small files after which others have their turn: a few milliseconds. */
export const SMALL_FILES_AT_ONCE = 64

const leaf = Buffer.allocUnsafeSlow(LEAF_BYTES)

/**
 * All bytes of a file of `size` bytes, at most one leaf, in a buffer that the next call uses again. `check` sees the open file before and after it is read. Throws
 * RangeError when it is shorter; never opens what a symlink leads to.
 */
export function readSmallFile(
  path: Buffer,
  size: number,
  check: (stat: BigIntStats, fd: number) => void,
): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    check(fstatSync(fd, { bigint: true }), fd)
    const bytes = leaf.subarray(0, size)
    for (let done = 0; done < size;) {
      const read = readSync(fd, bytes, done, size - done, done)
      if (read === 0) throw new RangeError(`the file ends at ${done}, ${size - done} bytes early`)
      done += read
    }
    check(fstatSync(fd, { bigint: true }), fd)
    return bytes
  } finally {
    closeSync(fd)
  }
}

/** Makes a file of at most one leaf; zeros become a hole. Throws `EEXIST` when there is something at `path`. */
export function writeSmallFile(path: Buffer, bytes: Uint8Array): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    if (isZero(bytes)) ftruncateSync(fd, bytes.length)
    else
      for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, done)
  } finally {
    closeSync(fd)
  }
}
