import { defaultLimits as limits } from '../../../src/core/limits.ts'
import { describeError, isIngotError, type ErrorCode } from '../../../src/core/errors.ts'
import { parsePart, unpackLiterals } from '../../../src/store/patch-part.ts'
import { readServerData, writeServerData } from '../../../src/wire/server-data.ts'
import type { Choices } from './choices.ts'
import { kinds, type Known, type MessageKind } from './messages.ts'
import { mutate } from './mutate.ts'

/** What a decoder may throw: that a message is not valid, or larger than it may be. */
const REFUSALS: ErrorCode[] = ['invalid', 'too-large', 'protocol']

/** Leaves of the group of a patch that the parts below make. */
const group = { first: 0, lengths: Array.from({ length: 64 }, () => 65_536) }

/** What else is read that others made: the file that operators exchange, and a part of a patch. */
const others: MessageKind[] = [
  {
    name: 'server data',
    make: (choices, { key }) => {
      const text = writeServerData(
        {
          name: 'hq',
          peerId: key.peerId,
          addresses: ['/ip4/192.0.2.1/tcp/4160'],
          createdAt: choices.below(2 ** 31),
        },
        key.sign,
      )
      return Buffer.from(text)
    },
    decode: (bytes) => readServerData(Buffer.from(bytes).toString('latin1'), limits),
  },
  {
    name: 'part of a patch',
    // Two blocks of literals as they are, and zeros for the rest; or noise with a head that makes sense.
    make: (choices) => {
      const operations = Buffer.from([2 * 4 + 1, 0xf8, 0x1f])
      const literals = choices.bytes(choices.chance(0.7) ? 8192 : choices.below(9000))
      return Buffer.concat([
        Buffer.from([choices.below(3), 0x80, 0x40, operations.length]),
        operations,
        literals,
      ])
    },
    decode: (bytes) => {
      const part = parsePart(bytes, group)
      return unpackLiterals(part)
    },
  },
]

export const decodedKinds: readonly MessageKind[] = [...Object.values(kinds), ...others]

/** How many messages of each kind were read, and how many of them were taken. */
export interface DecoderCounts {
  read: number
  taken: number
}

/**
 * Hands `messages` changed messages to each decoder. Throws an error that names the kind, the seed and the bytes for the first one
 * that a decoder answers with anything else than a value or a refusal.
 */
export function fuzzDecoders(
  choices: Choices,
  known: Known,
  messages: number,
): Record<string, DecoderCounts> {
  const counts: Record<string, DecoderCounts> = {}
  for (const [index, kind] of decodedKinds.entries()) {
    const count: DecoderCounts = { read: 0, taken: 0 }
    counts[kind.name] = count
    const own = choices.child(index)
    for (; count.read < messages; count.read++) {
      const valid = kind.make(own, known)
      const bytes = own.chance(0.02) ? Buffer.from(valid) : mutate(valid, own)
      try {
        kind.decode(bytes)
        count.taken++
      } catch (error) {
        if (isIngotError(error, ...REFUSALS)) continue
        const hex = bytes.subarray(0, 2000).toString('hex')
        throw new Error(
          `${kind.name}: message ${count.read} is answered with ${describeError(error)}: ${hex}`,
          { cause: error },
        )
      }
    }
  }
  return counts
}
