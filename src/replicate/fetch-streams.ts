import type { Limits } from '../core/limits.ts'
import { ContentStream } from '../net/content.ts'
import type { Links } from '../net/links.ts'
import type { JobPace } from '../net/pace.ts'
import type { WithStream } from './target.ts'

export interface FetchStreamsInit {
  links: Links
  limits: Limits
  pace: JobPace
  peerId: string
  signal: AbortSignal
}

/** The content streams of one fetch, and what they tell of the way to the peer. */
export class FetchStreams {
  readonly #init: FetchStreamsInit
  readonly #streams: ContentStream[] = []
  /** The stream of small requests, while it is free. */
  #spare: Spare | undefined
  #failure: Error | undefined

  constructor(init: FetchStreamsInit) {
    this.#init = init
  }

  /**
   * Stream number `lane` for leaves. To a peer that is far, every second one is on the link's own connection, which is there
   * already; the others wait for further ones.
   */
  async open(lane: number): Promise<ContentStream> {
    return await this.#open(this.isFar && lane % 2 === 1 ? (lane + 1) / 2 : 0)
  }

  async #open(connection: number): Promise<ContentStream> {
    const { links, peerId, ...options } = this.#init
    const stream = await ContentStream.open(links, peerId, { ...options, lane: connection })
    this.#streams.push(stream)
    if (this.#failure !== undefined) {
      stream.abort(this.#failure)
      throw this.#failure
    }
    return stream
  }

  /** On the stream that served before, where it is free: a far peer answers a new one later. */
  readonly withStream: WithStream = async (work) => {
    const spare = this.#spare?.take()
    this.#spare = undefined
    const stream = spare ?? (await this.#open(0))
    try {
      const result = await work(stream)
      await this.endSpare() // one that came back meanwhile is one too many
      this.#spare = this.keep(stream)
      return result
    } catch (error) {
      stream.abort(error as Error)
      throw error
    }
  }

  /** Keeps a stream for its next use. */
  keep(stream: ContentStream): Spare {
    return new Spare(stream, this.#init.limits)
  }

  /** Ends the stream that {@link withStream} keeps. */
  async endSpare(): Promise<void> {
    const spare = this.#spare
    this.#spare = undefined
    await spare?.take()?.end()
  }

  /** Cuts all streams, and those that are being opened. */
  abort(error: Error): void {
    this.#failure ??= error
    for (const stream of this.#streams) stream.abort(error)
  }

  /** Bytes that arrived. */
  get received(): number {
    return this.#streams.reduce((sum, stream) => sum + stream.received, 0)
  }

  /** Milliseconds of the shortest way to the peer and back that was seen, by the link or by a request; Infinity while none was. */
  get roundTripMs(): number {
    const { links, peerId } = this.#init
    return Math.min(links.roundTripMs(peerId), ...this.#streams.map(({ roundTripMs }) => roundTripMs))
  }

  /** True for a peer that no answer came from in less than `farMs`. */
  get isFar(): boolean {
    const best = this.roundTripMs
    return best !== Infinity && best > this.#init.limits.farMs
  }
}

/** A stream that waits for its next use. */
export class Spare {
  readonly #stream: ContentStream
  readonly #limits: Limits
  readonly #since = performance.now()

  constructor(stream: ContentStream, limits: Limits) {
    this.#stream = stream
    this.#limits = limits
  }

  /** The stream, unless the origin may end it soon because it stands idle: then it is ended here. */
  take(): ContentStream | undefined {
    if (performance.now() - this.#since < this.#limits.idleStreamMs / 2) return this.#stream
    void this.#stream.end()
    return undefined
  }
}
