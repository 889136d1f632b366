import { IngotError, describeError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { wantedBytes, type BlockWish } from '../image/block-wish.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import type { StoredContent } from '../image/content.ts'
import { leafCount, runLength, segmentCount } from '../image/leaves.ts'
import type { ContentReply, ContentSession } from '../net/content.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import { ContentReader } from '../store/reader.ts'
import { TreeReader } from '../store/tree-reader.ts'
import type { ContentRequest } from '../wire/content.ts'
import type { WorkPool } from '../store/work/pool.ts'
import { treePageDecoder } from '../wire/tree.ts'
import { authorise } from './authorise.ts'
import { Packing } from './packing.ts'
import { PatchSession, type PatchSource } from './patches.ts'
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
}

/** What answers a request. */
interface Payload {
  payload: Uint8Array
  compressed?: boolean
}

/** Blocks are what other images do not have: they are few, and worth a level at which zstd still makes 200 MB/s. */
const BLOCKS_ZSTD = { level: 3, worth: 0.95 }

type Reader = ContentReader | TreeReader

/** Reads what a registered peer may have and hands it to its stream. */
export class Provider {
  readonly #components: ProviderComponents
  /** Requests that are being answered, per peer. */
  readonly #underWay = new Map<string, number>()
  readonly #packing: Packing

  constructor(components: ProviderComponents) {
    this.#components = components
    this.#packing = new Packing(components.work, components.limits)
  }

  /** A session for one content stream of an authenticated peer. */
  session(peerId: string): ContentSession {
    let reader: Reader | undefined
    const patches = new PatchSession(this.#components)
    return {
      answer: async (request) => {
        const count = this.#underWay.get(peerId) ?? 0
        if (count >= this.#components.limits.requestsPerPeer) return { code: 'busy', retryAfterMs: 1000 }
        this.#underWay.set(peerId, count + 1)
        try {
          const content = authorise(this.#components, peerId, request.image)
          if (reader?.content.digest !== content.digest) {
            await reader?.close()
            reader = undefined
            reader = await this.#open(content)
          }
          if (request.what === 'patchTable' || request.what === 'patch')
            return { code: 'ok', payload: await patches.read(request) }
          const answer =
            reader instanceof TreeReader
              ? { payload: await this.#readTree(reader, request) }
              : await this.#readFile(reader, request)
          return request.what === 'leaves' && request.zstd === true
            ? { code: 'ok', ...(await this.#packing.pack(content.digest, answer.payload)) }
            : { code: 'ok', ...answer }
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

  async #readFile(reader: ContentReader, request: ContentRequest): Promise<Payload> {
    const { work } = this.#components
    const { payloadBytes, leafListSegments, blockKeyLeaves, blockRunLeaves } = this.#components.limits
    const { size } = reader.content
    const segments = segmentCount(size)
    switch (request.what) {
      case 'segments':
        requireRun(request.run, segments, Math.floor(payloadBytes / DIGEST_BYTES))
        return { payload: await reader.index.readSegments(request.run.first, request.run.count) }
      case 'leafLists':
        requireRun(request.run, segments, leafListSegments)
        return { payload: await reader.index.readLeafLists(request.run.first, request.run.count) }
      case 'leaves':
        requireRun(request.run, leafCount(size), payloadBytes)
        if (runLength(size, request.run.first, request.run.count) > payloadBytes) throw tooMuch()
        return { payload: await reader.readLeaves(request.run.first, request.run.count) }
      case 'blockKeys':
        requireRun(request.run, leafCount(size), blockKeyLeaves)
        return {
          payload: await work.run('readBlockKeys', { fd: await reader.descriptor(), size, ...request.run }),
        }
      case 'blocks':
        requireRun(request.wish, leafCount(size), blockRunLeaves)
        requireBlocks(size, request.wish, payloadBytes)
        return await work.run('readBlocks', {
          fd: await reader.descriptor(),
          size,
          wish: request.wish,
          zstd: request.zstd === true ? BLOCKS_ZSTD : undefined,
        })
      default:
        throw new IngotError('invalid', 'a request for what a file does not have')
    }
  }

  async #readTree(reader: TreeReader, request: ContentRequest): Promise<Uint8Array> {
    const { payloadBytes, answerLeaves } = this.#components.limits
    const { index } = reader
    switch (request.what) {
      case 'pageTable':
        return index.table.bytes
      case 'pages': {
        const { first, count } = request.run
        requireRun(request.run, index.table.pages, index.table.pages)
        if (index.table.offset(first + count) - index.table.offset(first) > payloadBytes) throw tooMuch()
        return await index.readPages(first, count)
      }
      case 'leafDigests':
        requireRun(request.run, index.totals.leaves, Math.floor(payloadBytes / DIGEST_BYTES))
        return await reader.readLeafDigests(request.run.first, request.run.count)
      case 'leaves':
        requireRun(request.run, index.totals.leaves, answerLeaves)
        return await reader.readLeaves(request.run.first, request.run.count, payloadBytes)
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
    logger.error(
      { peerId, image: request.image, error: describeError(error) },
      'could not read content for a peer',
    )
    return { code: isIngotError(error, 'changed-on-disk') ? 'changed-on-disk' : 'internal' }
  }
}

function requireBlocks(size: number, wish: BlockWish, most: number): void {
  let bytes: number
  try {
    bytes = wantedBytes(size, wish)
  } catch (error) {
    throw new IngotError('invalid', 'a request for blocks that the content does not have', { cause: error })
  }
  if (bytes > most) throw tooMuch()
}
