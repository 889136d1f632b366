import { zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { honestAnswer, rawContent } from '../support/raw-content.ts'
import { besiege } from '../support/siege.ts'

const BLOCKS = 16
const base = rawContent(randomBytes(300_000, 'base'))
/** Five leaves, one group; nothing of it is in the base. */
const next = rawContent(randomBytes(5 * 65_536, 'next'))
const MOST = 5 * BLOCKS

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  for (let left = value; ; left >>= 7n) {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0))
    if (left <= 0x7fn) return Buffer.from(bytes)
  }
}

const ZERO = 0n
const LITERAL = 1n
const COPY = 2n
const op = (kind: bigint, count: bigint | number) => varint(BigInt(count) * 4n + kind)
/** A change of the offset, in blocks of the base. */
const offset = (blocks: bigint) => varint(blocks >= 0n ? blocks * 2n : -blocks * 2n - 1n)
const copy = (count: bigint | number, blocks: bigint) => Buffer.concat([op(COPY, count), offset(blocks)])

function part(
  operations: Uint8Array,
  literals: Uint8Array = Buffer.alloc(0),
  coding = 1,
  literalBytes = literals.length,
): Buffer {
  return Buffer.concat([
    Buffer.of(literalBytes === 0 ? 0 : coding),
    varint(BigInt(literalBytes)),
    varint(BigInt(operations.length)),
    operations,
    literals,
  ])
}

const lies: [string, Uint8Array][] = [
  ['copies from behind the end of the base', part(copy(MOST, 10_000n))],
  ['copies from before the base', part(copy(MOST, -1n))],
  ['copies from 2⁶² blocks away', part(copy(MOST, 2n ** 62n))],
  ['copies blocks of another length', part(copy(MOST, 3n))],
  ['makes more blocks than the group has', part(op(ZERO, MOST + 1))],
  ['makes 2⁵⁰ blocks', part(op(ZERO, 2n ** 50n))],
  ['makes fewer blocks than the group has', part(op(ZERO, 3))],
  ['takes more literals than it has', part(op(LITERAL, MOST), randomBytes(4_096, 'literals'))],
  [
    'says that its operations are longer than it is',
    Buffer.concat([Buffer.of(0), varint(0n), varint(2n ** 40n)]),
  ],
  [
    'unpacks to half a gigabyte',
    part(
      Buffer.concat([op(LITERAL, 1), op(ZERO, MOST - 1)]),
      zstdCompressSync(Buffer.alloc(512 * 2 ** 20)),
      2,
      4_096,
    ),
  ],
  [
    'has literals that are no zstd',
    part(Buffer.concat([op(LITERAL, 1), op(ZERO, MOST - 1)]), Buffer.from('none'), 2, 4_096),
  ],
  ['makes other bytes than the leaves have', part(op(ZERO, MOST))],
  ['is noise', randomBytes(500, 'noise')],
]

test.each(lies)(
  'a patch that %s costs no more than a transfer, and the image is right',
  async (_what, bytes) => {
    const { victim, raw, expectService } = await besiege({
      limits: { patchLeastBytes: 1, seedCandidates: 0 },
      features: ['patches'],
    })
    const contents = new Map([
      [raw.publish('base', base).id, base],
      [raw.publish('next', next, { ancestors: [raw.publish('other', base).id] }).id, next],
    ])
    raw.onContent = (request) => {
      const content = contents.get(request.image) ?? base
      if (request.what === 'patchTable' || request.what === 'patch') {
        if (content === base) return { code: 'not-found' }
        const length = Buffer.alloc(4)
        length.writeUInt32BE(bytes.length)
        return { code: 'ok', payload: request.what === 'patch' ? Buffer.from(bytes) : length }
      }
      return { code: 'ok', payload: honestAnswer(content, request) }
    }
    await victim.waitLink('raw', 'up')
    await victim.subscribeAll('raw')
    const here = await victim.waitImage('raw/next')
    expect(await sha256OfFile(here.path as string)).toBe(next.sha256)
    expect(raw.requests.map(({ what }) => what)).toContain('patch')
    expect(
      raw.requests.filter(({ what, image }) => what === 'leaves' && contents.get(image) === next).length,
    ).toBeGreaterThan(0)
    await expectService()
  },
)
