import { createHash } from 'node:crypto'
import { IngotError } from '../../src/core/errors.ts'
import { wantedRanges } from '../../src/image/block-wish.ts'
import { BLOCK_BYTES, BLOCK_KEY_BYTES } from '../../src/image/blocks.ts'
import { DIGEST_BYTES, toDigest } from '../../src/image/digest.ts'
import { LEAF_BYTES, fileRoot, leafDigest, segmentCount, segmentDigest } from '../../src/image/leaves.ts'
import { encodeContentAnswer, type ContentRequest } from '../../src/wire/content.ts'

/** A content with everything that describes it, made apart from the store. */
export interface RawContent {
  bytes: Buffer
  segments: Buffer
  /** Leaf digests of all segments, one after the other. */
  leaves: Buffer
  root: ReturnType<typeof toDigest>
  sha256: ReturnType<typeof toDigest>
}

export function rawContent(bytes: Buffer): RawContent {
  const leaves: Buffer[] = []
  for (let at = 0; at < bytes.length; at += LEAF_BYTES)
    leaves.push(leafDigest(bytes.subarray(at, at + LEAF_BYTES)))
  const all = Buffer.concat(leaves)
  const segments = Buffer.concat(
    Array.from({ length: segmentCount(bytes.length) }, (_, segment) =>
      segmentDigest(
        bytes.length,
        segment,
        all.subarray(segment * 64 * DIGEST_BYTES, (segment + 1) * 64 * DIGEST_BYTES),
      ),
    ),
  )
  return {
    bytes,
    segments,
    leaves: all,
    root: toDigest(fileRoot(bytes.length, segments)),
    sha256: toDigest(createHash('sha256').update(bytes).digest()),
  }
}

function blockKeys(bytes: Buffer): Buffer {
  const keys: Buffer[] = []
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES)
    keys.push(createHash('sha256').update(block).digest().subarray(0, BLOCK_KEY_BYTES))
  }
  return Buffer.concat(keys)
}

/** What an honest origin answers. */
export function honestAnswer(content: RawContent, request: ContentRequest): Uint8Array {
  if (request.what === 'blocks') {
    const ranges = [...wantedRanges(content.bytes.length, request.wish)]
    return Buffer.concat(
      ranges.map(({ position, bytes }) => content.bytes.subarray(position, position + bytes)),
    )
  }
  if (!('run' in request)) return unexpected('a request for what a file does not have')
  const { what, run } = request
  const part = (from: Buffer, unit: number) => from.subarray(run.first * unit, (run.first + run.count) * unit)
  switch (what) {
    case 'segments':
      return part(content.segments, DIGEST_BYTES)
    case 'leafLists':
      return part(content.leaves, 64 * DIGEST_BYTES)
    case 'leaves':
      return part(content.bytes, LEAF_BYTES)
    case 'blockKeys':
      return blockKeys(part(content.bytes, LEAF_BYTES))
    default:
      return unexpected('a request for what a file does not have')
  }
}

/** The head of an answer of so many bytes, as they are. */
export function okHead(payloadBytes: number): Buffer {
  return Buffer.from(encodeContentAnswer({ code: 'ok', payloadBytes, compressed: false, retryAfterMs: 0 }))
}

/** Throws: for what a test expects never to be called. */
export function unexpected(what: string): never {
  throw new IngotError('failed', `unexpected: ${what}`)
}
