import * as fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { BLOCK_BYTES } from '../../../src/image/blocks.ts'
import { LEAF_BYTES } from '../../../src/image/leaves.ts'
import type { NumberedContent } from '../../../src/store/numbered-content.ts'
import { PartEncoder, parsePart, type GroupLeaves } from '../../../src/store/patch-part.ts'
import { emptyLayout } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { applyPart, storeBytes } from '../../support/patches.ts'

const BASE = randomBytes(3 * LEAF_BYTES + 100, 'base of parts')
const group: GroupLeaves = { first: 64, lengths: [LEAF_BYTES, LEAF_BYTES, BLOCK_BYTES + 100] }
const GROUP_BLOCKS = 34

/** A number as it stands in a part. */
function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))]
}

const ZERO = 0
const LITERAL = 1
const COPY = 2
const op = (kind: number, count: number) => varint(count * 4 + kind)
const copy = (count: number, offset: number) => [
  ...op(COPY, count),
  ...varint(offset < 0 ? -2 * offset - 1 : 2 * offset),
]
/** A part: how its literals are coded, how many bytes they are, what is done, the literals. */
const part = (coding: number, literalBytes: number, ops: number[], payload: Uint8Array = new Uint8Array()) =>
  Buffer.concat([Buffer.from([coding, ...varint(literalBytes), ...varint(ops.length), ...ops]), payload])

async function base(): Promise<NumberedContent> {
  const content = await storeBytes(await emptyLayout(), BASE)
  onTestFinished(async () => await content.close())
  return content
}

const invalid = expect.objectContaining({ name: 'IngotError', code: 'invalid' }) as Error

test('what was encoded is what is parsed', () => {
  const step = fc.record({
    kind: fc.constantFrom('zero', 'literal', 'copy'),
    offset: fc.integer({ min: -(2 ** 36), max: 2 ** 36 }),
  })
  const steps = fc.array(step, { minLength: GROUP_BLOCKS, maxLength: GROUP_BLOCKS })
  fc.assert(
    fc.property(steps, fc.boolean(), (made, compresses) => {
      const encoder = new PartEncoder(1)
      for (const [i, { kind, offset }] of made.entries()) {
        const length = i === GROUP_BLOCKS - 1 ? 100 : BLOCK_BYTES
        if (kind === 'zero') encoder.zero(1)
        else if (kind === 'copy') encoder.copy(1, offset)
        else encoder.literal(compresses ? Buffer.alloc(length, 'x') : randomBytes(length, `${i}`))
      }
      const parsed = parsePart(encoder.finish(), group)
      const blocks = parsed.ops.flatMap(({ kind, count, offset }) =>
        Array.from({ length: count }, () => ({ kind, offset })),
      )
      expect(blocks).toEqual(made.map(({ kind, offset }) => ({ kind, offset: kind === 'copy' ? offset : 0 })))
    }),
  )
})

describe('a hostile part', () => {
  const zeros = op(ZERO, GROUP_BLOCKS)
  const literal = randomBytes(BLOCK_BYTES, 'literal')
  test.each<[string, Buffer]>([
    ['makes fewer blocks', part(0, 0, op(ZERO, GROUP_BLOCKS - 1))],
    ['makes more blocks', part(0, 0, op(ZERO, GROUP_BLOCKS + 1))],
    ['goes on behind the last block', part(0, 0, [...zeros, ...op(ZERO, 1)])],
    ['makes no blocks at a time', part(0, 0, [...op(ZERO, 0), ...zeros])],
    ['has an unknown operation', part(0, 0, op(3, GROUP_BLOCKS))],
    ['has an unknown coding', part(3, 0, zeros)],
    ['ends within a number', Buffer.from([0, 0, 2, 0x80, 0x80])],
    ['has a number that does not end', part(0, 0, Array(20).fill(0xff))],
    ['has operations that go beyond it', Buffer.from([0, 0, 100, ...zeros])],
    ['has an operation that goes beyond the operations', Buffer.from([0, 0, 1, ...op(COPY, 34), 0, 0])],
    ['says that it has more literals than it takes', part(1, BLOCK_BYTES, zeros, literal)],
    ['says that it has fewer', part(1, 1, [...op(LITERAL, 1), ...op(ZERO, 33)], literal)],
    ['has fewer', part(1, BLOCK_BYTES, [...op(LITERAL, 1), ...op(ZERO, 33)], literal.subarray(1))],
    ['says that it makes gigabytes', part(2, 2 ** 40, [...op(LITERAL, 1), ...op(ZERO, 33)], literal)],
    ['has literals and says that it has none', part(0, BLOCK_BYTES, [...op(LITERAL, 1), ...op(ZERO, 33)])],
  ])('that %s is refused before it is unpacked', (_, bytes) => {
    expect(() => parsePart(bytes, group)).toThrow(invalid)
  })

  test('of any bytes is refused, or makes exactly its group', async () => {
    const content = await base()
    const bytes = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.constantFrom(part(0, 0, zeros)))
    await fc.assert(
      fc.asyncProperty(bytes, async (hostile) => {
        const made = await applyPart(hostile, group, content).catch((error: unknown) => {
          expect(error).toEqual(invalid)
        })
        if (made !== undefined) expect(made.length).toBe(2 * LEAF_BYTES + BLOCK_BYTES + 100)
      }),
    )
  })

  test('does not unpack to more than it says', async () => {
    const bomb = Buffer.from(
      // 1 MiB of zeros, as one zstd frame.
      (await import('node:zlib')).zstdCompressSync(Buffer.alloc(2 ** 20)),
    )
    const bytes = part(2, BLOCK_BYTES, [...op(LITERAL, 1), ...op(ZERO, 33)], bomb)
    expect(await applyPart(bytes, group, undefined)).toBeUndefined()
    const noise = part(2, BLOCK_BYTES, [...op(LITERAL, 1), ...op(ZERO, 33)], Buffer.from('no zstd'))
    expect(await applyPart(noise, group, undefined)).toBeUndefined()
  })

  const first = group.first * 16
  test.each<[string, number, number]>([
    ['before the base', 1, -first - 1],
    ['behind the base', 1, 49 - first],
    ['across the end of the base', 3, 47 - first],
    ['a block that is shorter in the base', 1, 48 - first],
    ['far away', 1, 2 ** 40],
  ])('copies nothing from %s', async (_, count, offset) => {
    const bytes = part(0, 0, [...copy(count, offset), ...op(ZERO, GROUP_BLOCKS - count)])
    expect(await applyPart(bytes, group, await base())).toBeUndefined()
  })

  test('copies a last block only from one as short', async () => {
    const content = await base()
    const last = (offset: number) => part(0, 0, [...op(ZERO, GROUP_BLOCKS - 1), ...copy(1, offset)])
    // Its number is that of the second block of the third leaf.
    const made = await applyPart(last(48 - (first + 33)), group, content)
    expect(made?.subarray(-100).equals(BASE.subarray(-100))).toBe(true)
    expect(await applyPart(last(-(first + 33)), group, content)).toBeUndefined()
  })
})
