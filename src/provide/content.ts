import { IngotError, describeError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import type { StoredContent } from '../image/content.ts'
import { leafCount, runLength, segmentCount } from '../image/leaves.ts'
import type { ContentReply, ContentSession } from '../net/content.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import { ContentReader } from '../store/reader.ts'
import type { ContentRequest, Run } from '../wire/content.ts'
import { authorise } from './authorise.ts'

export interface ProviderComponents {
  selfId: string
  state: State
  layout: Layout
  limits: Limits
  logger: Logger
}

/** Reads what a registered peer may have and hands it to its stream. */
export class Provider {
  readonly #components: ProviderComponents
  /** Requests that are being answered, per peer. */
  readonly #underWay = new Map<string, number>()

  constructor(components: ProviderComponents) {
    this.#components = components
  }

  /** A session for one content stream of an authenticated peer. */
  session(peerId: string): ContentSession {
    let reader: ContentReader | undefined
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
            reader = await ContentReader.open(this.#components.layout, content)
          }
          return await this.#read(reader, content, request)
        } catch (error) {
          return this.#refusal(error, peerId, request)
        } finally {
          const left = (this.#underWay.get(peerId) ?? 1) - 1
          if (left === 0) this.#underWay.delete(peerId)
          else this.#underWay.set(peerId, left)
        }
      },
      close: async () => await reader?.close(),
    }
  }

  async #read(
    reader: ContentReader,
    content: StoredContent,
    { what, run }: ContentRequest,
  ): Promise<ContentReply> {
    const { payloadBytes } = this.#components.limits
    const segments = segmentCount(content.size)
    switch (what) {
      case 'segments':
        requireRun(run, segments, Math.floor(payloadBytes / DIGEST_BYTES))
        return { code: 'ok', payload: await reader.index.readSegments(run.first, run.count) }
      case 'leafLists':
        requireRun(run, segments, this.#components.limits.leafListSegments)
        return { code: 'ok', payload: await reader.index.readLeafLists(run.first, run.count) }
      case 'leaves':
        requireRun(run, leafCount(content.size), payloadBytes)
        if (runLength(content.size, run.first, run.count) > payloadBytes) return { code: 'too-large' }
        return { code: 'ok', payload: await reader.readLeaves(run.first, run.count) }
    }
  }

  #refusal(error: unknown, peerId: string, request: ContentRequest): ContentReply {
    if (isIngotError(error, 'not-announced')) return { code: 'not-announced' }
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

function requireRun({ first, count }: Run, available: number, most: number): void {
  if (count < 1 || first >= available || count > available - first) {
    throw new IngotError('invalid', 'a request for what the content does not have')
  }
  if (count > most) throw new IngotError('too-large', 'a request for more than one answer may carry')
}
