import { readSync } from 'node:fs'
import { constants, zstdCompressSync } from 'node:zlib'

/** Part of a file that is to travel. */
export interface LeavesToPack {
  file: number
  position: number
  length: number
  /** Of zstd. */
  level: number
  /** Share of the length that the compressed form must stay under to be worth it. */
  worth: number
}

/** A zstd frame of the bytes; undefined where that is hardly smaller, or where the file ends early. */
export function packLeaves({ file, position, length, level, worth }: LeavesToPack): Uint8Array | undefined {
  const bytes = Buffer.allocUnsafeSlow(length)
  for (let done = 0; done < length;) {
    const read = readSync(file, bytes, done, length - done, position + done)
    if (read === 0) return undefined
    done += read
  }
  const packed = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } })
  return packed.length <= length * worth ? packed : undefined
}
