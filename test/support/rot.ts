import { chmodSync, closeSync, fsyncSync, openSync, readSync, statSync, utimesSync, writeSync } from 'node:fs'
import { LEAF_BYTES } from '../../src/image/leaves.ts'

/** Turns a bit of a file, as a disk does that rots: size, mode and time stay. */
export function flipByte(path: string, position: number): void {
  const { mode, atimeMs, mtimeMs } = statSync(path)
  chmodSync(path, mode | 0o200)
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, position)
  writeSync(file, Buffer.of((byte[0] as number) ^ 0x40), 0, 1, position)
  fsyncSync(file)
  closeSync(file)
  chmodSync(path, mode)
  utimesSync(path, atimeMs / 1000, mtimeMs / 1000)
}

/** Damages some leaves of a file. */
export function rotLeaves(path: string, ...leaves: number[]): void {
  for (const leaf of leaves) flipByte(path, leaf * LEAF_BYTES + 5)
}
