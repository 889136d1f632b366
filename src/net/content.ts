import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import {
  contentErrorCodes,
  decodeContentAnswer,
  decodeContentRequest,
  encodeContentAnswer,
  encodeContentRequest,
  type ContentCode,
  type ContentRequest,
} from '../wire/content.ts'
import type { Channel } from './channel.ts'
import type { Host } from './host.ts'
import type { Links } from './links.ts'

const PROTOCOL = '/ingot/content/1'

/** An answer with content, or a code that says why there is none. */
export type ContentReply =
  | { code: 'ok'; payload: Uint8Array; compressed?: boolean }
  | { code: Exclude<ContentCode, 'ok'>; retryAfterMs?: number }

/** Bytes of an answer as they came. */
export interface ContentAnswerBytes {
  bytes: Buffer
  /** They are one zstd frame of what was asked for. */
  compressed: boolean
}

/** Answers the requests of one stream; closed when the stream ends. */
export interface ContentSession {
  answer(request: ContentRequest): Promise<ContentReply>
  close(): Promise<void>
}

/** Answers content streams: requests in order, one at a time per stream. `open` makes a session for an authenticated peer. */
export async function serveContent(
  host: Host,
  limits: Limits,
  open: (peerId: string) => ContentSession,
): Promise<void> {
  await host.handle(PROTOCOL, async (channel, connection) => {
    const session = open(connection.remotePeer.toString())
    const step = { timeoutMs: limits.exchangeMs, signal: host.stopping }
    try {
      for await (const frame of channel.frames(limits.messageBytes, {
        ...step,
        idleMs: limits.idleStreamMs,
      })) {
        const reply = await session.answer(decodeContentRequest(frame, limits))
        const payload = reply.code === 'ok' ? reply.payload : undefined
        const retryAfterMs = reply.code === 'ok' ? 0 : (reply.retryAfterMs ?? 0)
        const head = encodeContentAnswer({
          code: reply.code,
          payloadBytes: payload?.length ?? 0,
          compressed: reply.code === 'ok' && reply.compressed === true,
          retryAfterMs,
        })
        await channel.writeFrame(head, step)
        if (payload !== undefined) await channel.write(payload, { ...step, timeoutMs: limits.leafMs })
      }
    } finally {
      await session.close()
    }
  })
}

/** One content stream at the receiver: requests go ahead of answers; answers come in the order of the requests. */
export class ContentStream {
  readonly #channel: Channel
  readonly #limits: Limits
  readonly #signal: AbortSignal

  private constructor(channel: Channel, limits: Limits, signal: AbortSignal) {
    this.#channel = channel
    this.#limits = limits
    this.#signal = signal
  }

  static async open(
    links: Links,
    peerId: string,
    options: { limits: Limits; signal: AbortSignal },
  ): Promise<ContentStream> {
    return new ContentStream(
      await links.open(peerId, PROTOCOL, options.signal),
      options.limits,
      options.signal,
    )
  }

  /** Bytes that arrived on this stream. */
  get received(): number {
    return this.#channel.received
  }

  /** Sends a request; its answer is read later. */
  async ask(request: ContentRequest): Promise<void> {
    await this.#channel.writeFrame(encodeContentRequest(request), {
      timeoutMs: this.#limits.exchangeMs,
      signal: this.#signal,
    })
  }

  /**
   * Reads the answer to the oldest request into `target`, which has exactly its length. Throws what the peer's refusal means,
   * `protocol` for an answer of another length, `timeout` when it stalls.
   */
  async answer(target: Uint8Array): Promise<void> {
    const { length, compressed } = await this.#head()
    if (compressed) throw new IngotError('protocol', 'a compressed answer where none was allowed')
    if (length !== target.length)
      throw new IngotError('protocol', `an answer of ${length} bytes where ${target.length} were asked for`)
    await this.#channel.readInto(target, { timeoutMs: this.#limits.leafMs, signal: this.#signal })
  }

  /** Like {@link answer}, for an answer of which only the most bytes are known. */
  async answerUpTo(most: number): Promise<Buffer> {
    const { bytes, compressed } = await this.answerWithin(most, (length) => Buffer.allocUnsafeSlow(length))
    if (compressed) throw new IngotError('protocol', 'a compressed answer where none was allowed')
    return bytes
  }

  /** Like {@link answerUpTo}, for an answer that may be compressed, into a buffer that is made for its length. */
  async answerWithin(most: number, bufferOf: (length: number) => Buffer): Promise<ContentAnswerBytes> {
    const { length, compressed } = await this.#head()
    if (length > most)
      throw new IngotError('protocol', `an answer of ${length} bytes where at most ${most} were asked for`)
    const bytes = bufferOf(length)
    await this.#channel.readInto(bytes, { timeoutMs: this.#limits.leafMs, signal: this.#signal })
    return { bytes, compressed }
  }

  /** Reads the head of an answer: how many bytes follow, and how they are coded. */
  async #head(): Promise<{ length: number; compressed: boolean }> {
    const { answerMs, exchangeMs, messageBytes } = this.#limits
    const head = decodeContentAnswer(
      await this.#channel.requireFrame(messageBytes, {
        timeoutMs: exchangeMs,
        idleMs: answerMs,
        signal: this.#signal,
      }),
      this.#limits,
    )
    if (head.code === 'ok') return { length: head.payloadBytes, compressed: head.compressed }
    throw new IngotError(contentErrorCodes[head.code], `the peer does not send the content: ${head.code}`, {
      retryAfterMs: head.retryAfterMs,
    })
  }

  async end(): Promise<void> {
    await this.#channel.end({ timeoutMs: this.#limits.exchangeMs, signal: this.#signal })
  }

  abort(error: Error): void {
    this.#channel.abort(error)
  }
}
