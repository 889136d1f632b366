/**
 * A value as it should cross threads: what is copied with bytes that are a part of a larger buffer is the whole of it, so such a part
 * becomes a buffer of its own. Memory that is shared stays where it is.
 */
export function alone<T>(value: T): T | Uint8Array<ArrayBuffer> {
  const isPart = value instanceof Uint8Array && value.length < value.buffer.byteLength
  return isPart && value.buffer instanceof ArrayBuffer ? new Uint8Array(value) : value
}
