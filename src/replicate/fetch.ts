import { IngotError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { LEAF_BYTES } from '../image/leaves.ts'
import type { ContentAnswerBytes, ContentStream } from '../net/content.ts'
import type { Links } from '../net/links.ts'
import type { JobPace } from '../net/pace.ts'
import type { Needs } from '../store/space.ts'
import { FetchStreams } from './fetch-streams.ts'
import { Receiving } from './receiving.ts'
import { RunQueue, type LeafRun } from './runs.ts'
import type { Target } from './target.ts'

export interface FetchComponents {
  links: Links
  limits: Limits
  /** Whatever is received is taken here first. */
  pace: JobPace
  /** A leaf came that does not verify. */
  onWrongLeaf: () => void
  /** Told the most space that will be taken, before the first byte is written; throws `no-space` when it is not there. */
  reserve: (needs: Needs) => Promise<void>
  /** Called often: bytes that are here and verified, and bytes received in this attempt. */
  onProgress: (done: number, wire: number) => void
}

/** Requests by which a peer that seems to be far may show that it is not; and from which round trip on that is not to be hoped. */
const PROBES = 3
const FAR_FOR_SURE_MS = 100

/** Runs that may wait between the planner and the streams. */
const QUEUED_RUNS = 64

/** Which content of which peer. */
export interface Source {
  peerId: string
  /** Bytes of content. */
  size: number
}

/**
 * Brings a content to completeness: its index, then the leaves that are missing, over several streams with a bounded number of
 * requests in flight. A leaf is written only when it verifies. What the content is made of is its target's business.
 */
export class Fetch<R extends LeafRun> {
  readonly #components: FetchComponents
  readonly #source: Source
  readonly #target: Target<R>
  readonly #queue: RunQueue<R>
  readonly #streams: FetchStreams
  #done = 0
  #wrong = 0
  #sinceCheckpoint = 0
  #lastCheckpoint = performance.now()
  #checkpointing: Promise<void> | undefined
  #failure: Error | undefined

  constructor(components: FetchComponents, source: Source, target: Target<R>, signal: AbortSignal) {
    this.#components = components
    this.#source = source
    this.#target = target
    const { links, limits, pace } = components
    this.#streams = new FetchStreams({ links, limits, pace, peerId: source.peerId, signal })
    this.#queue = new RunQueue(QUEUED_RUNS, (run) => target.split(run, components.pace.requestBytes))
  }

  /** Resolves when all is whole. What is here already survives whatever it throws. */
  async run(): Promise<void> {
    const { links, reserve } = this.#components
    try {
      if (this.#streams.isFar) links.prepareFor(this.#source.peerId, this.#lanes)
      await reserve(await this.#target.prepare(this.#streams.withStream))
      await this.#probe()
      const lanes = Array.from({ length: this.#lanes }, async (_, lane) => await this.#lane(lane))
      const parts = [this.#plan(), ...lanes]
      await Promise.all(parts.map(async (part) => await part.catch((error: unknown) => this.#fail(error))))
      if (this.#failure !== undefined) throw this.#failure
      await this.#streams.endSpare()
    } catch (error) {
      this.#streams.abort(error as Error)
      throw error
    } finally {
      await this.#checkpointing
      await this.#target.checkpoint()
    }
  }

  /** Brings the index here and no leaf: resolves to the bytes of the leaves that are missing. */
  async measure(): Promise<number> {
    let missing = this.#source.size
    const findings = {
      put: async () => {},
      again: () => {},
      found: (bytes: number) => void (missing -= bytes),
      counts: true,
    }
    try {
      await this.#target.prepare(this.#streams.withStream)
      await this.#target.plan(findings, this.#streams.withStream)
      await this.#streams.endSpare()
      return missing
    } catch (error) {
      this.#streams.abort(error as Error)
      throw error
    }
  }

  /** The first error ends all parts; what they throw because of that does not matter any more. */
  #fail(error: unknown): void {
    const failure = error instanceof Error ? error : new Error(String(error))
    this.#failure ??= failure
    this.#queue.fail(failure)
    this.#streams.abort(failure)
  }

  /** Queues what is missing, in order. */
  async #plan(): Promise<void> {
    const findings = {
      put: async (run: R) => await this.#queue.put(run),
      again: (run: R) => this.#queue.putBack(run),
      counts: false,
      found: (bytes: number) => {
        this.#done += bytes
        this.#report()
      },
    }
    await this.#target.plan(findings, this.#streams.withStream)
    this.#queue.close()
  }

  /** Streams that are of use. */
  get #lanes(): number {
    const { limits, pace } = this.#components
    const requests = Math.ceil(this.#source.size / (limits.requestLeaves * LEAF_BYTES))
    return Math.min(
      requests,
      pace.streams(this.#streams.isFar ? limits.fetchStreamsFar : limits.fetchStreams),
    )
  }

  /** One stream: asks ahead, takes answers in order, verifies, writes. */
  async #lane(lane: number): Promise<void> {
    // To a far peer it is opened before there is something to fetch.
    const streams = this.#streams
    const early = streams.isFar ? streams.keep(await streams.open(lane)) : undefined
    const first = await this.#queue.take()
    if (first === undefined) {
      await early?.take()?.end()
      return
    }
    const stream = early?.take() ?? (await streams.open(lane))
    await this.#serveLane(stream, first)
    await stream.end()
  }

  /** A server that has just begun is slow at first: it is far only when it stays so. */
  async #probe(): Promise<void> {
    const streams = this.#streams
    for (let probe = 0; probe < PROBES && streams.isFar && streams.roundTripMs < FAR_FOR_SURE_MS; probe++)
      await this.#target.probe(streams.withStream)
  }

  async #serveLane(stream: ContentStream, first: R): Promise<void> {
    const { limits } = this.#components
    const asked: { run: R; most: number }[] = []
    const ask = async (run: R) => {
      const { request, most } = this.#target.request(run)
      await stream.ask(request, most)
      asked.push({ run, most })
    }
    // While one answer is checked and written, the next one comes in.
    const buffers = [new Receiving(), new Receiving()] as const
    await ask(first)
    try {
      for (let turn = 0; ; turn = 1 - turn) {
        while (asked.length < limits.requestsPerStream) {
          const next = asked.length === 0 ? await this.#nextRun(buffers) : this.#queue.poll()
          if (next === undefined) break
          await ask(next)
        }
        const next = asked.shift()
        if (next === undefined) return
        const buffer = buffers[turn] as Receiving
        await buffer.free()
        const answer = await this.#answer(stream, next, buffer)
        if (answer !== undefined) buffer.use(this.#take(next.run, answer))
      }
    } finally {
      await Promise.allSettled(buffers.map(async (buffer) => await buffer.free()))
    }
  }

  /** Undefined when the origin does not have what a run asks for, and it is asked for in another way. */
  async #answer(
    stream: ContentStream,
    { run, most }: { run: R; most: number },
    buffer: Receiving,
  ): Promise<ContentAnswerBytes | undefined> {
    try {
      return await stream.answerWithin(most, (length) => buffer.ofLength(length))
    } catch (error) {
      if (!isIngotError(error, 'not-found')) throw error
      if (await this.#target.withdraw(run)) return undefined
      throw new IngotError('not-announced', error.message, { cause: error })
    }
  }

  /** The next run, also one that comes back because its answer turns out wrong. */
  async #nextRun(buffers: readonly Receiving[]): Promise<R | undefined> {
    for (const buffer of buffers) await buffer.free()
    return await this.#queue.take()
  }

  /** Has written what verifies; what does not is asked for again. */
  async #take(run: R, answer: ContentAnswerBytes): Promise<void> {
    const wrong = await this.#target.take(run, answer)
    if (wrong === 0) {
      this.#done += run.bytes
      this.#sinceCheckpoint += run.bytes
    } else {
      this.#refuse(run, wrong)
    }
    this.#checkpointWhenDue()
    this.#report()
  }

  /** Nothing of a run with a wrong leaf is taken: it is asked for again, as a whole. */
  #refuse(run: R, wrong: number): void {
    for (let i = 0; i < wrong; i++) this.#components.onWrongLeaf()
    this.#wrong += wrong
    if (this.#wrong > this.#components.limits.wrongLeavesPerAttempt) {
      throw new IngotError('wrong-content', `the peer sent ${this.#wrong} leaves that do not verify`)
    }
    this.#queue.putBack(run)
  }

  #checkpointWhenDue(): void {
    const { progressBytes, progressMs } = this.#components.limits
    const due =
      this.#sinceCheckpoint >= progressBytes || performance.now() - this.#lastCheckpoint >= progressMs
    if (!due || this.#checkpointing !== undefined) return
    this.#sinceCheckpoint = 0
    this.#lastCheckpoint = performance.now()
    this.#checkpointing = this.#target
      .checkpoint()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => (this.#checkpointing = undefined))
  }

  #report(): void {
    this.#components.onProgress(this.#done, this.#streams.received)
  }
}
