import { constants, openSync, writeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { systemCode } from '../core/errors.ts'
import { addressOf } from './libc.ts'

// Large images past the page cache: a server that takes one has better use for its memory, and nothing is left to wait for when the
// file is synced at the end. Memory, place and length have to be aligned for that; all else goes the usual way, in the same file.

/** Bytes to which memory, place and length of a direct access are aligned: blocks of disks and file systems have no more. */
const ALIGNMENT = 4096
/** Fewer bytes at a time are faster by way of the page cache. */
export const LEAST_BYTES = 256 * 1024

/** Descriptors of one file: for all accesses, and for those past the page cache, where the file system has such. */
export interface DataFile {
  cached: number
  direct: number | undefined
}

/** Memory that all threads see and that direct accesses can use. */
export function alignedMemory(length: number): Buffer {
  const memory = new SharedArrayBuffer(length + ALIGNMENT)
  const address = addressOf(new Uint8Array(memory)) ?? 0n
  return Buffer.from(memory, Number(-address & BigInt(ALIGNMENT - 1)), length)
}

/** Opens a file that exists for accesses past the page cache; undefined where that cannot be. */
export async function openDirect(path: string | Buffer, flags: number): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags | constants.O_DIRECT)
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}

/** Like {@link openDirect}, to read on this thread: only in {@link alignedMemory}, from a multiple of 4 KiB. */
export function openDirectSync(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECT)
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}

/** True for what file systems say that have no such accesses, some of them only at the first. */
export function isRefusal(error: unknown): boolean {
  return ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')
}

/** Kept from one call to the next: fresh memory costs as much as the writing. */
let scratch: Buffer = Buffer.alloc(0)

/** Writes all of `bytes` at `position`, on this thread, past the page cache as far as that can be. */
export function writeData({ cached, direct }: DataFile, bytes: Uint8Array, position: number): void {
  const most = bytes.length - (bytes.length % ALIGNMENT)
  let done = 0
  if (direct !== undefined && most >= LEAST_BYTES && position % ALIGNMENT === 0) {
    const source = aligned(bytes.subarray(0, most))
    if (source !== undefined) done = writeDirect(direct, source, position)
  }
  writeAllSync(cached, bytes.subarray(done), position + done)
}

/** Writes all of `source` at `position`, on this thread. */
export function writeAllSync(file: number, source: Uint8Array, position: number): void {
  for (let done = 0; done < source.length;)
    done += writeSync(file, source, done, source.length - done, position + done)
}

/** The bytes where a direct access can take them; undefined where addresses are not known. */
function aligned(bytes: Uint8Array): Uint8Array | undefined {
  const address = addressOf(bytes)
  if (address === undefined) return undefined
  if ((address & BigInt(ALIGNMENT - 1)) === 0n) return bytes
  if (scratch.length < bytes.length) scratch = alignedMemory(bytes.length)
  scratch.set(bytes)
  return scratch.subarray(0, bytes.length)
}

/** How many bytes were written: fewer where the file system finds that it cannot after all. */
function writeDirect(file: number, source: Uint8Array, position: number): number {
  let done = 0
  try {
    while (done < source.length) done += writeSync(file, source, done, source.length - done, position + done)
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
  return done
}
