import protobuf from 'protobufjs/minimal.js'
import { IngotError } from '../core/errors.ts'
import { isName } from '../core/names.ts'
import { toDigest, type Digest } from '../image/digest.ts'

// 64-bit numbers arrive as numbers; whole() refuses what a number cannot hold exactly.
protobuf.util.Long = null as never
protobuf.configure()

interface Decodable<T> {
  decode(reader: protobuf.Reader): T
}

/** Limit, decode: throws `too-large` beyond `maxBytes`, `invalid` for what is no such message. */
export function decodeMessage<T>(type: Decodable<T>, bytes: Uint8Array, maxBytes: number): T {
  if (bytes.length > maxBytes) {
    throw new IngotError('too-large', `a message of ${bytes.length} bytes; at most ${maxBytes} are taken`)
  }
  try {
    const reader = protobuf.Reader.create(bytes)
    reader.discardUnknown = true
    return type.decode(reader)
  } catch (cause) {
    throw new IngotError('invalid', 'a message that does not decode', { cause })
  }
}

interface Encodable<T> {
  encode(message: T): protobuf.Writer
}

/** Encoded bytes of a message. */
export function encodeMessage<T>(type: Encodable<T>, message: T): Uint8Array {
  return type.encode(message).finish()
}

function invalid(field: string): never {
  throw new IngotError('invalid', `a message whose ${field} is not valid`)
}

/** A whole number that a JavaScript number holds exactly; absent is 0. */
export function whole(value: number | null | undefined, field: string): number {
  const number = value ?? 0
  return Number.isSafeInteger(number) && number >= 0 ? number : invalid(field)
}

/** Most milliseconds since 1970 that a date can hold. */
const MOST_TIME_MS = 8.64e15

/** A time, milliseconds since 1970. */
export function timeOf(value: number | null | undefined, field: string): number {
  const time = whole(value, field)
  return time <= MOST_TIME_MS ? time : invalid(field)
}

/** Exactly `length` bytes, copied off the message's buffer. */
export function bytesOf(value: Uint8Array | null | undefined, length: number, field: string): Uint8Array {
  return value?.length === length ? Uint8Array.from(value) : invalid(field)
}

/** 32 bytes as a digest. */
export function digestOf(value: Uint8Array | null | undefined, field: string): Digest {
  return value?.length === 32 ? toDigest(value) : invalid(field)
}

/** A text of at most `maxLength` characters; absent is empty. */
export function textOf(value: string | null | undefined, maxLength: number, field: string): string {
  const text = value ?? ''
  return text.length <= maxLength ? text : invalid(field)
}

/** A name as servers, images, series and types have it. */
export function nameOf(value: string | null | undefined, field: string): string {
  const name = value ?? ''
  return isName(name) ? name : invalid(field)
}

/** A nested message that must be there. */
export function present<T>(value: T | null | undefined, field: string): T {
  return value ?? invalid(field)
}

/** A list of at most `max` items. */
export function listOf<T>(value: T[] | null | undefined, max: number, field: string): T[] {
  const list = value ?? []
  return list.length <= max ? list : invalid(field)
}
