/** A field of a protobuf message as it stands on the wire, whatever message it is. */
export interface WireField {
  number: number
  /** 0 varint, 1 eight bytes, 2 bytes with a length, 3 and 4 a group, 5 four bytes. */
  type: number
  /** Of a varint its value, else the bytes. */
  value: bigint | Buffer
  /** Bytes of zeros with which a varint is made longer than it has to be. */
  padding?: number
}

const VARINT = 0
const EIGHT = 1
const BYTES = 2
const FOUR = 5

/** A varint; with `padding` in more bytes than it needs. */
export function varint(value: bigint, padding = 0): Buffer {
  const bytes: number[] = []
  if (value >= 0n && value < 0x7fffffffn) {
    let small = Number(value)
    do {
      bytes.push((small & 0x7f) | 0x80)
      small >>= 7
    } while (small > 0)
    return ended(bytes, padding)
  }
  let left = BigInt.asUintN(64, value)
  do {
    bytes.push(Number(left & 0x7fn) | 0x80)
    left >>= 7n
  } while (left > 0n)
  return ended(bytes, padding)
}

function ended(bytes: number[], padding: number): Buffer {
  for (let i = 0; i < padding; i++) bytes.push(0x80)
  bytes[bytes.length - 1] = (bytes.at(-1) as number) & 0x7f
  return Buffer.from(bytes)
}

/** The fields of a message; undefined for bytes that are none. */
export function parseFields(bytes: Uint8Array): WireField[] | undefined {
  const fields: WireField[] = []
  let at = 0
  const readVarint = (): bigint | undefined => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) return undefined
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return undefined
  }
  while (at < bytes.length) {
    const tag = readVarint()
    if (tag === undefined || tag < 8n || tag >= 2n ** 32n) return undefined
    const field = { number: Number(tag >> 3n), type: Number(tag & 7n) }
    if (field.type === VARINT) {
      const value = readVarint()
      if (value === undefined) return undefined
      fields.push({ ...field, value })
      continue
    }
    const length = field.type === BYTES ? readVarint() : { [EIGHT]: 8n, [FOUR]: 4n }[field.type]
    if (length === undefined || length > BigInt(bytes.length - at)) return undefined
    fields.push({ ...field, value: Buffer.from(bytes.subarray(at, at + Number(length))) })
    at += Number(length)
  }
  return fields
}

/** The bytes of a message with these fields. */
export function encodeFields(fields: readonly WireField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ number, type, value, padding }) => {
      const tag = varint((BigInt(number) << 3n) | BigInt(type))
      if (typeof value === 'bigint') return [tag, varint(value, padding)]
      return type === BYTES ? [tag, varint(BigInt(value.length), padding), value] : [tag, value]
    }),
  )
}
