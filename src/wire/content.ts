import { IngotError, type ErrorCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { LEAF_BITMAP_BYTES, type BlockWish } from '../image/block-wish.ts'
import { fromDigest, type Digest } from '../image/digest.ts'
import { decodeMessage, digestOf, encodeMessage, present, whole } from './decode.ts'
import { ingot } from './generated/messages.js'

/** Some segments or leaves in a row. */
export interface Run {
  first: number
  count: number
}

const patches = ['patchTable', 'patch'] as const
const runs = ['segments', 'leafLists', 'leaves', 'pages', 'leafDigests', 'blockKeys'] as const

/**
 * What a receiver asks of an image. Of a file: digests of segments, leaf lists of segments, keys of blocks, blocks. Of a tree: the
 * table of its pages, pages, leaf digests. Of both: leaves, and what makes them
 * from another content.
 */
export type ContentRequest =
  | { image: Digest; what: (typeof runs)[number]; run: Run; zstd?: boolean }
  | { image: Digest; what: 'blocks'; wish: BlockWish; zstd?: boolean }
  | { image: Digest; what: 'pageTable' }
  | PatchRequest

/** Asks for the lengths of parts of a patch, or for parts: `run` counts groups. No base: the patch that makes it from nothing. */
export interface PatchRequest {
  image: Digest
  what: (typeof patches)[number]
  base: Digest | undefined
  run: Run
}

/** The closed list of what can go wrong with a content request. */
export type ContentCode =
  | 'ok'
  | 'not-announced'
  | 'not-found'
  | 'changed-on-disk'
  | 'too-large'
  | 'busy'
  | 'invalid'
  | 'internal'

/** What stands before the payload. */
export interface ContentAnswer {
  code: ContentCode
  /** Bytes that follow. */
  payloadBytes: number
  /** They are one zstd frame of what was asked for. */
  compressed: boolean
  /** Milliseconds, with `busy`. */
  retryAfterMs: number
}

const codes: Record<ContentCode, ingot.ContentCode> = {
  ok: ingot.ContentCode.CONTENT_OK,
  'not-announced': ingot.ContentCode.CONTENT_NOT_ANNOUNCED,
  'not-found': ingot.ContentCode.CONTENT_NOT_FOUND,
  'changed-on-disk': ingot.ContentCode.CONTENT_CHANGED_ON_DISK,
  'too-large': ingot.ContentCode.CONTENT_TOO_LARGE,
  busy: ingot.ContentCode.CONTENT_BUSY,
  invalid: ingot.ContentCode.CONTENT_INVALID,
  internal: ingot.ContentCode.CONTENT_INTERNAL,
}

/** What a refusal means to the receiver that reads it. */
export const contentErrorCodes: Record<Exclude<ContentCode, 'ok'>, ErrorCode> = {
  'not-announced': 'not-announced',
  'not-found': 'not-found',
  'changed-on-disk': 'changed-on-disk',
  'too-large': 'protocol',
  busy: 'busy',
  invalid: 'protocol',
  internal: 'failed',
}

export function encodeContentRequest(request: ContentRequest): Uint8Array {
  if (request.what === 'patchTable' || request.what === 'patch') {
    const { base, run } = request
    const patch = { base: base === undefined ? new Uint8Array() : fromDigest(base), groups: run }
    return encodeMessage(ingot.ContentRequest, { image: fromDigest(request.image), [request.what]: patch })
  }
  return encodeMessage(ingot.ContentRequest, {
    image: fromDigest(request.image),
    [request.what]: partsOf(request),
    zstd: 'zstd' in request && request.zstd,
  })
}

function partsOf(request: ContentRequest): object {
  if (request.what === 'pageTable') return {}
  return request.what === 'blocks' ? request.wish : request.run
}

export function decodeContentRequest(bytes: Uint8Array, limits: Limits): ContentRequest {
  const message = decodeMessage(ingot.ContentRequest, bytes, limits.messageBytes)
  const image = digestOf(message.image, 'image')
  if (message.pageTable != null) return { image, what: 'pageTable' }
  const patch = patches.find((name) => message[name] != null)
  if (patch !== undefined) return { image, what: patch, ...patchRun(message[patch]) }
  if (message.blocks != null) {
    const first = whole(message.blocks.first, 'first')
    const count = whole(message.blocks.count, 'count')
    const wanted = message.blocks.wanted ?? new Uint8Array()
    if (wanted.length !== count * LEAF_BITMAP_BYTES)
      throw new IngotError('invalid', 'a bitmap of another length than its leaves have')
    return { image, what: 'blocks', wish: { first, count, wanted }, zstd: message.zstd === true }
  }
  const what = runs.find((name) => message[name] != null)
  if (what === undefined) throw new IngotError('invalid', 'a content request that asks for nothing')
  return {
    image,
    what,
    run: runOf(present(message[what], what)),
    zstd: message.zstd ?? false,
  }
}

function runOf(run: ingot.Run.$Properties): Run {
  return { first: whole(run.first, 'first'), count: whole(run.count, 'count') }
}

function patchRun(
  message: ingot.PatchRun.$Properties | null | undefined,
): Pick<PatchRequest, 'base' | 'run'> {
  const { base, groups } = present(message, 'patch')
  const isNothing = base == null || base.length === 0
  return { base: isNothing ? undefined : digestOf(base, 'base'), run: runOf(present(groups, 'groups')) }
}

export function encodeContentAnswer(answer: ContentAnswer): Uint8Array {
  const { code, payloadBytes, compressed, retryAfterMs } = answer
  const encoding = compressed ? ingot.Encoding.ENCODING_ZSTD : ingot.Encoding.ENCODING_RAW
  return encodeMessage(ingot.ContentAnswer, { code: codes[code], payloadBytes, encoding, retryAfterMs })
}

export function decodeContentAnswer(bytes: Uint8Array, limits: Limits): ContentAnswer {
  const message = decodeMessage(ingot.ContentAnswer, bytes, limits.messageBytes)
  const encoding = message.encoding ?? ingot.Encoding.ENCODING_RAW
  if (encoding !== ingot.Encoding.ENCODING_RAW && encoding !== ingot.Encoding.ENCODING_ZSTD) {
    throw new IngotError('invalid', 'content in an encoding that was not agreed on')
  }
  return {
    code: (Object.keys(codes) as ContentCode[]).find((name) => codes[name] === message.code) ?? 'internal',
    payloadBytes: whole(message.payloadBytes, 'payload_bytes'),
    compressed: encoding === ingot.Encoding.ENCODING_ZSTD,
    retryAfterMs: whole(message.retryAfterMs, 'retry_after_ms'),
  }
}
