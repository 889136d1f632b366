import { IngotError, describeError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { PerMinute } from '../core/per-minute.ts'
import { wantedBytes, type BlockWish } from '../image/block-wish.ts'
import { BLOCK_KEY_BYTES, LEAF_BLOCKS } from '../image/blocks.ts'
import { DIGEST_BYTES, type Digest } from '../image/digest.ts'
import type { StoredContent } from '../image/content.ts'
import { LEAF_BYTES, SEGMENT_LEAVES, leafCount, runLength, segmentCount } from '../image/leaves.ts'
import type { ContentReply, ContentSession } from '../net/content.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import { ContentReader } from '../store/reader.ts'
import { TreeReader } from '../store/tree-reader.ts'
import type { WorkPool } from '../store/work/pool.ts'
import type { ContentRequest } from '../wire/content.ts'
import { treePageDecoder } from '../wire/tree.ts'
import { authoriser } from './authorise.ts'
import { Packing } from './packing.ts'
import { PatchSession, type PatchSource } from './patches.ts'
import { AnswerPlaces } from './places.ts'
import { requireRun, tooMuch } from './run.ts'

export interface ProviderComponents {
  selfId: string
  state: State
  layout: Layout
  limits: Limits
  logger: Logger
  patches: PatchSource
  /** Threads that read, hash and compress. */
  work: WorkPool
  /** A content in place is not what it was when it was last read. */
  onChanged: (content: Digest) => void
}

type Reader = ContentReader | TreeReader

/** What a request asks for: at most so many bytes, once they are read. */
interface Answer {
  bytes: number
  read: () => Promise<Uint8Array>
}

/** Reads what a registered peer may have and hands it to its stream. */
export class Provider {
  readonly #components: ProviderComponents
  /** Requests that are being answered, per peer. */
  readonly #underWay = new Map<string, number>()
  readonly #packing: Packing
  readonly #places: AnswerPlaces
  /** Failures that are noted, by image. */
  readonly #failures = new PerMinute(1)

  constructor(components: ProviderComponents) {
    this.#components = components
    this.#packing = new Packing(components.work, components.limits)
    this.#places = new AnswerPlaces(components.limits)
  }

  /** True while answers are on their way. */
  get isAnswering(): boolean {
    return this.#underWay.size > 0
  }

  /** A session for one content stream of an authenticated peer. */
  session(peerId: string): ContentSession {
    let reader: Reader | undefined
    const patches = new PatchSession(this.#components)
    const authorised = authoriser(this.#components, peerId)
    return {
      answer: async (request) => {
        const count = this.#underWay.get(peerId) ?? 0
        if (count >= this.#components.limits.requestsPerPeer) return { code: 'busy', retryAfterMs: 1000 }
        this.#underWay.set(peerId, count + 1)
        try {
          const content = authorised(request)
          if (reader?.content.digest !== content.digest) {
            await reader?.close()
            reader = undefined
            reader = await this.#open(content)
          }
          const answer = await this.#answerOf(request, { reader, patches })
          const place = await this.#places.take(peerId, answer.bytes)
          try {
            const bytes = await answer.read()
            const packs = (request.what === 'leaves' || request.what === 'blocks') && request.zstd
            const sent = packs ? await this.#packing.pack(content.digest, bytes) : { payload: bytes }
            place.prepared(sent.payload.length)
            return { code: 'ok', ...sent, done: () => place.release() }
          } catch (error) {
            place.release()
            throw error
          }
        } catch (error) {
          return this.#refusal(error, peerId, request)
        } finally {
          const left = (this.#underWay.get(peerId) ?? 1) - 1
          if (left === 0) this.#underWay.delete(peerId)
          else this.#underWay.set(peerId, left)
        }
      },
      close: async () => {
        patches.close()
        await reader?.close()
      },
    }
  }

  async #open(content: StoredContent): Promise<Reader> {
    const { layout, limits } = this.#components
    return content.kind === 'tree'
      ? await TreeReader.open(layout, content, { limits, decodePage: treePageDecoder(limits) })
      : await ContentReader.open(layout, content)
  }

  async #answerOf(
    request: ContentRequest,
    { reader, patches }: { reader: Reader; patches: PatchSession },
  ): Promise<Answer> {
    if (request.what === 'patchTable' || request.what === 'patch') return await patches.answer(request)
    return reader instanceof TreeReader ? this.#fromTree(reader, request) : this.#fromFile(reader, request)
  }

  #fromFile(reader: ContentReader, request: ContentRequest): Answer {
    const { work, limits } = this.#components
    const { payloadBytes, leafListSegments, blockKeyLeaves, blockRunLeaves } = limits
    const { index, content } = reader
    const segments = segmentCount(content.size)
    switch (request.what) {
      case 'segments': {
        const { first, count } = requireRun(request.run, segments, Math.floor(payloadBytes / DIGEST_BYTES))
        return { bytes: count * DIGEST_BYTES, read: async () => await index.readSegments(first, count) }
      }
      case 'leafLists': {
        const { first, count } = requireRun(request.run, segments, leafListSegments)
        const bytes = count * SEGMENT_LEAVES * DIGEST_BYTES
        return { bytes, read: async () => await index.readLeafLists(first, count) }
      }
      case 'leaves': {
        const { first, count } = requireRun(request.run, leafCount(content.size), payloadBytes)
        const bytes = runLength(content.size, first, count)
        if (bytes > payloadBytes) throw tooMuch()
        return { bytes, read: async () => await reader.readLeaves(first, count) }
      }
      case 'blockKeys': {
        const run = requireRun(request.run, leafCount(content.size), blockKeyLeaves)
        const read = async () => {
          const fd = await reader.descriptor()
          return await work.run('readBlockKeys', { fd, size: content.size, ...run })
        }
        return { bytes: run.count * LEAF_BLOCKS * BLOCK_KEY_BYTES, read }
      }
      case 'blocks': {
        const { wish } = request
        requireRun(wish, leafCount(content.size), blockRunLeaves)
        const bytes = requireBlocks(content.size, wish)
        if (bytes > payloadBytes) throw tooMuch()
        const read = async () => {
          const fd = await reader.descriptor()
          return await work.run('readBlocks', { fd, size: content.size, wish })
        }
        return { bytes, read }
      }
      default:
        throw new IngotError('invalid', 'a request for what a file does not have')
    }
  }

  #fromTree(reader: TreeReader, request: ContentRequest): Answer {
    const { payloadBytes, answerLeaves } = this.#components.limits
    const { index } = reader
    const { table, totals } = index
    switch (request.what) {
      case 'pageTable':
        return { bytes: table.bytes.length, read: async () => await Promise.resolve(table.bytes) }
      case 'pages': {
        const { first, count } = requireRun(request.run, table.pages, table.pages)
        const bytes = table.offset(first + count) - table.offset(first)
        if (bytes > payloadBytes) throw tooMuch()
        return { bytes, read: async () => await index.readPages(first, count) }
      }
      case 'leafDigests': {
        const { first, count } = requireRun(
          request.run,
          totals.leaves,
          Math.floor(payloadBytes / DIGEST_BYTES),
        )
        return { bytes: count * DIGEST_BYTES, read: async () => await reader.readLeafDigests(first, count) }
      }
      case 'leaves': {
        const { first, count } = requireRun(request.run, totals.leaves, answerLeaves)
        // How long they are is known when they are found.
        const bytes = Math.min(payloadBytes, count * LEAF_BYTES)
        return { bytes, read: async () => await reader.readLeaves(first, count, payloadBytes) }
      }
      default:
        throw new IngotError('invalid', 'a request for what a tree does not have')
    }
  }

  #refusal(error: unknown, peerId: string, request: ContentRequest): ContentReply {
    if (isIngotError(error, 'not-announced')) return { code: 'not-announced' }
    if (isIngotError(error, 'not-found')) return { code: 'not-found' }
    if (isIngotError(error, 'invalid')) return { code: 'invalid' }
    if (isIngotError(error, 'too-large')) return { code: 'too-large' }
    const { logger } = this.#components
    // How often a peer asks is its choice. Time that is not set back.
    if (this.#failures.count(request.image, performance.now()) !== 'silent')
      logger.error(
        { peerId, image: request.image, error: describeError(error) },
        'could not read content for a peer',
      )
    if (!isIngotError(error, 'changed-on-disk')) return { code: 'internal' }
    const content = this.#components.state.images.byId(request.image)?.sealed.manifest.content
    if (content !== undefined) this.#components.onChanged(content)
    return { code: 'changed-on-disk' }
  }
}

/** Bytes of wanted blocks. */
function requireBlocks(size: number, wish: BlockWish): number {
  try {
    return wantedBytes(size, wish)
  } catch (error) {
    throw new IngotError('invalid', 'a request for blocks that the content does not have', { cause: error })
  }
}
