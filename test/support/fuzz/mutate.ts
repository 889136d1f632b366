import type { Choices } from './choices.ts'
import { encodeFields, parseFields, varint, type WireField } from './wire-fields.ts'

/** Numbers at which something changes: bits of 7, 31, 32, 53, 63 and 64, and their neighbours. */
const EDGES = [0n, 1n, 2n, 127n, 128n, 255n, 65_535n, 65_536n, 262_144n, 262_145n].concat(
  [31n, 32n, 53n, 63n, 64n].flatMap((bits) => [2n ** bits - 1n, BigInt.asUintN(64, 2n ** bits)]),
)
/** Lengths of bytes and texts at which something changes. */
const LENGTHS = [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 512, 1024, 4096]
const TEXTS = [
  '',
  '.',
  '..',
  '../../etc/passwd',
  '/',
  'a/b',
  '\u001b[2J\u001b]0;x\u0007',
  'a\nb',
  '\u202egpj.exe',
  '__proto__',
  '%s%n',
  '\0',
  '🜏'.repeat(40),
]

/** What may be done to one field. */
const changes: ((field: WireField, choices: Choices) => WireField[])[] = [
  () => [],
  (field, choices) => Array.from({ length: choices.one([2, 2, 2, 2, 3, 3, 3, 65, 257, 600]) }, () => field),
  (field, choices) => [{ ...field, value: numberOrBytes(field, choices) }],
  (field, choices) => [{ ...field, value: numberOrBytes(field, choices) }],
  (field, choices) => [{ ...field, padding: choices.one([1, 4, 8, 9, 10, 20]) }],
  (field, choices) => [{ ...field, type: choices.below(8) }],
  (field, choices) => [{ ...field, number: choices.one([1, 2, 3, 7, 15, 16, 17, 100, 2 ** 29 - 1]) }],
  (field, choices) => [
    field,
    { number: 1 + choices.below(200), type: 2, value: choices.bytes(choices.below(40)) },
  ],
  (field, choices) => [nested(field, choices.one([1, 2, 2, 20, 150]))],
]

function numberOrBytes({ value }: WireField, choices: Choices): bigint | Buffer {
  if (typeof value === 'bigint')
    return choices.chance(0.7) ? choices.one(EDGES) : value ^ (1n << BigInt(choices.below(64)))
  switch (choices.below(6)) {
    case 0:
      return choices.bytes(choices.one(LENGTHS))
    case 1:
      return value.subarray(0, choices.below(value.length + 1))
    case 2:
      return Buffer.concat([value, choices.bytes(1 + choices.below(64))])
    case 3:
      return Buffer.from(choices.one(TEXTS))
    default:
      return flipped(value, choices)
  }
}

/** The same bytes in so many messages of one field. */
function nested(field: WireField, depth: number): WireField {
  let inner = field
  for (let i = 0; i < depth; i++) {
    const value = encodeFields([inner])
    if (value.length > 60_000) break
    inner = { number: field.number, type: 2, value }
  }
  return inner
}

function flipped(bytes: Uint8Array, choices: Choices): Buffer {
  const copy = Buffer.from(bytes)
  for (let i = 0; i <= choices.below(3) && copy.length > 0; i++) {
    const at = choices.below(copy.length)
    copy[at] = (copy[at] as number) ^ (1 << choices.below(8))
  }
  return copy
}

/** Changes one field of a message, or of a message in it. */
function withChangedField(bytes: Uint8Array, choices: Choices): Buffer {
  const fields = parseFields(bytes)
  if (fields === undefined || fields.length === 0) return flipped(bytes, choices)
  const at = choices.below(fields.length)
  const field = fields[at] as WireField
  const inner = typeof field.value !== 'bigint' && choices.chance(0.6) ? parseFields(field.value) : undefined
  const changed =
    inner !== undefined && inner.length > 0
      ? [{ ...field, value: withChangedField(field.value as Buffer, choices) }]
      : choices.one(changes)(field, choices)
  const all = fields.toSpliced(at, 1, ...changed)
  if (choices.chance(0.1)) all.splice(choices.below(all.length + 1), 0, choices.one(fields))
  if (choices.chance(0.05)) all.reverse()
  return encodeFields(all)
}

/** What is done to the bytes, without regard for what they mean. */
const breaks: ((bytes: Buffer, choices: Choices) => Buffer)[] = [
  (bytes, choices) => flipped(bytes, choices),
  (bytes, choices) => bytes.subarray(0, choices.below(bytes.length + 1)),
  (bytes, choices) => Buffer.concat([bytes, choices.bytes(1 + choices.below(32))]),
  (bytes, choices) => {
    const at = choices.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), choices.bytes(1 + choices.below(8)), bytes.subarray(at)])
  },
  // A field whose length is beyond the message, or beyond any.
  (bytes, choices) =>
    Buffer.concat([bytes, varint(BigInt(choices.below(64) * 8 + 2)), varint(choices.one(EDGES))]),
  // Groups that do not end, one in the other: a decoder must not go down as deep as it is told to.
  (bytes, choices) => Buffer.concat([bytes, Buffer.alloc(choices.one([1, 2, 5, 50, 50, 5_000]), 0x7b)]),
  (_bytes, choices) => choices.bytes(choices.below(300)),
]

/** A message made from a valid one: some fields changed, or its bytes. At most `most` bytes. */
export function mutate(bytes: Uint8Array, choices: Choices, most = 262_144): Buffer {
  let changed: Buffer = Buffer.from(bytes)
  for (let i = 0; i <= choices.below(3); i++) {
    changed = choices.chance(0.85)
      ? withChangedField(changed, choices)
      : choices.one(breaks)(changed, choices)
    if (changed.length > most) changed = changed.subarray(0, most)
  }
  return changed
}
