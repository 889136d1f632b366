import { constants, zstdCompressSync } from 'node:zlib'

/** Bytes that are to travel. */
export interface Unpacked {
  bytes: Uint8Array
  /** Of zstd. */
  level: number
  /** Share of the bytes that the compressed form must stay under to be worth it. */
  worth: number
}

/** A zstd frame of the bytes; undefined where it is hardly smaller. The way back is unpack(). */
export function pack({ bytes, level, worth }: Unpacked): Uint8Array | undefined {
  const params = { [constants.ZSTD_c_compressionLevel]: level }
  const packed = zstdCompressSync(bytes, { params, pledgedSrcSize: bytes.length })
  return packed.length <= bytes.length * worth ? packed : undefined
}
