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
import type { Channel, StepOptions } from './channel.ts'
import type { Host } from './host.ts'
import type { Links } from './links.ts'
import type { JobPace, Pace } from './pace.ts'

const PROTOCOL = '/ingot/content/1'

/** An answer with content, or a code that says why there is none. */
export type ContentReply =
  /** `done` is called once the payload was sent, or never will be. */
  | { code: 'ok'; payload: Uint8Array; compressed?: boolean; done?: () => void }
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

/**
 * Answers content streams: requests in order, one at a time per stream, payloads at the pace of the peer. `open` makes a session
 * for an authenticated peer.
 */
export async function serveContent(
  host: Host,
  limits: Limits,
  open: (peerId: string) => ContentSession,
  pace?: Pace,
): Promise<void> {
  await host.handle(PROTOCOL, async (channel, connection) => {
    const peerId = connection.remotePeer.toString()
    const session = open(peerId)
    const step = { timeoutMs: limits.exchangeMs, signal: host.stopping }
    const pieces = (payload: Uint8Array) => pace?.pieces({ peerId }, payload, step.signal) ?? [payload]
    try {
      for await (const frame of channel.frames(limits.messageBytes, {
        ...step,
        idleMs: limits.idleStreamMs,
      })) {
        const reply = await session.answer(decodeContentRequest(frame, limits))
        try {
          await sendReply(channel, reply, { ...step, leafMs: limits.leafMs, pieces })
        } finally {
          if (reply.code === 'ok') reply.done?.()
        }
      }
    } finally {
      await session.close()
    }
  })
}

async function sendReply(
  channel: Channel,
  reply: ContentReply,
  step: StepOptions & {
    leafMs: number
    pieces: (payload: Uint8Array) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  },
): Promise<void> {
  const payload = reply.code === 'ok' ? reply.payload : undefined
  const retryAfterMs = reply.code === 'ok' ? 0 : (reply.retryAfterMs ?? 0)
  const head = encodeContentAnswer({
    code: reply.code,
    payloadBytes: payload?.length ?? 0,
    compressed: reply.code === 'ok' && reply.compressed === true,
    retryAfterMs,
  })
  await channel.writeFrame(head, step)
  if (payload === undefined) return
  for await (const piece of step.pieces(payload))
    await channel.write(piece, { signal: step.signal, timeoutMs: step.leafMs })
}

/**
 * `pace`: where what is received is taken first; without it nothing holds the stream back. `lane`: number of the stream among those
 * of a job to a far peer, which are spread over connections.
 */
export interface StreamOptions {
  limits: Limits
  pace?: JobPace
  lane?: number
  signal: AbortSignal
}

/** One content stream at the receiver: requests go ahead of answers; answers come in the order of the requests. */
export class ContentStream {
  readonly #channel: Channel
  readonly #limits: Limits
  readonly #signal: AbortSignal
  readonly #pace: JobPace | undefined
  /** What was taken of the pace for each request whose answer is not read yet. */
  readonly #taken: number[] = []
  /** When a request was sent on the silent stream, as `performance.now()`. */
  #askedAt: number | undefined
  /** Milliseconds from a request to the head of its answer, at best. */
  roundTripMs = Infinity

  private constructor(channel: Channel, options: StreamOptions) {
    this.#channel = channel
    this.#limits = options.limits
    this.#signal = options.signal
    this.#pace = options.pace
  }

  static async open(links: Links, peerId: string, options: StreamOptions): Promise<ContentStream> {
    await options.pace?.take(0, options.signal) // not before something may come: the peer ends a stream that stands idle
    return new ContentStream(await links.open(peerId, PROTOCOL, options.signal, options.lane), options)
  }

  /** Bytes that arrived on this stream. */
  get received(): number {
    return this.#channel.received
  }

  /** Sends a request, when its `bytes` may come; its answer is read later. Without a number: what came is counted then. */
  async ask(request: ContentRequest, bytes = 0): Promise<void> {
    await this.#pace?.take(bytes, this.#signal)
    this.#askedAt = this.#taken.length === 0 ? performance.now() : undefined
    this.#taken.push(bytes)
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
    const { length, compressed } = await this.#head(target.length)
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
    const { length, compressed } = await this.#head(most)
    const bytes = bufferOf(length)
    await this.#channel.readInto(bytes, { timeoutMs: this.#limits.leafMs, signal: this.#signal })
    return { bytes, compressed }
  }

  /** Reads the head of an answer: how many bytes follow, `most` at most, and how they are coded. */
  async #head(most: number): Promise<{ length: number; compressed: boolean }> {
    const { answerMs, exchangeMs, messageBytes } = this.#limits
    const head = decodeContentAnswer(
      await this.#channel.requireFrame(messageBytes, {
        timeoutMs: exchangeMs,
        idleMs: answerMs,
        signal: this.#signal,
      }),
      this.#limits,
    )
    if (this.#askedAt !== undefined && this.#taken.length === 1)
      this.roundTripMs = Math.min(this.roundTripMs, performance.now() - this.#askedAt)
    const allowed = head.code === 'ok' ? most : 0
    // Before it is counted: what all peers share is not for one to run into debt with a number.
    if (head.payloadBytes > allowed)
      throw new IngotError(
        'protocol',
        `an answer (${head.code}) of ${head.payloadBytes} bytes where at most ${allowed} were asked for`,
      )
    this.#pace?.giveBack((this.#taken.shift() ?? 0) - head.payloadBytes)
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
