import type { Clock } from '../core/clock.ts'
import { IngotError, describeError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { Tasks } from '../core/tasks.ts'
import type { Window } from '../core/window.ts'
import type { StoredContent } from '../image/content.ts'
import { isDigest, type Digest } from '../image/digest.ts'
import { SEGMENT_BYTES } from '../image/leaves.ts'
import type { Unread } from '../state/integrity.ts'
import type { State } from '../state/state.ts'
import type { WorkPool } from '../store/work/pool.ts'
import type { Verification } from './verification.ts'

/** How the scrub goes about its work. */
export interface ScrubOptions {
  enabled: boolean
  /** Bytes per second, at most. */
  rate: number
  /** When it reads; undefined: always. */
  window: Window | undefined
  /** Milliseconds after which a content is read again. */
  everyMs: number
}

export interface ScrubComponents {
  state: State
  clock: Clock
  limits: Limits
  logger: Logger
  verification: Verification
  /** Threads that stand back behind all others. */
  background: WorkPool
  /** True while transfers run. */
  isBusy: () => boolean
  /** A content was found to be damaged. */
  onDamage: (content: Digest) => void
}

/** What it does now. */
export type ScrubState = 'off' | 'idle' | 'reading' | 'window'

/** It looks for what is due at least so often, milliseconds: a clock that was set is noticed so late. */
const LOOK_MS = 3_600_000

/** Why it stops in the middle of a content. */
const CLOSED = 'the window of the scrub closed'

/**
 * Reads all contents in turn, the one first that nobody has read for the longest, slowly and behind all other work. Where it stopped
 * in a large file is kept, so that it goes on there after a restart. Costs one query an hour while nothing is due.
 */
export class Scrub {
  readonly #components: ScrubComponents
  readonly #options: ScrubOptions
  readonly #tasks: Tasks
  readonly #stopping = new AbortController()
  /** Own contents of which receivers report wrong leaves. */
  readonly #reported = new Set<Digest>()
  /** Contents that could not be read, and until when others go first, milliseconds since 1970. */
  readonly #unreadable = new Map<Digest, number>()
  #pause = new AbortController()
  #state: ScrubState
  /** When its position was recorded. */
  #recordedAt = 0

  constructor(components: ScrubComponents, options: ScrubOptions) {
    this.#components = components
    this.#options = options
    this.#state = options.enabled ? 'idle' : 'off'
    this.#tasks = new Tasks(components.logger)
  }

  get state(): ScrubState {
    return this.#state
  }

  /** When the next content is due, milliseconds since 1970; undefined when there is none, or when it is off. */
  get nextAt(): number | undefined {
    const next = this.#options.enabled ? this.#next() : undefined
    return next && next.since + this.#options.everyMs
  }

  start(): void {
    if (this.#options.enabled) this.#tasks.run('scrub', async () => await this.#work())
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new IngotError('aborted', 'this server is stopping'))
    this.#pause.abort()
    await this.#tasks.settled()
  }

  /** A receiver says that leaves of a content are wrong: it is read soon, unless that was done not long ago. */
  report(content: Digest): void {
    const { state, clock, limits } = this.#components
    const readAt = state.integrity.verifiedAt(content) ?? -Infinity
    if (!this.#options.enabled || Math.abs(clock.now() - readAt) < limits.scrubReportMs) return
    if (state.integrity.isDamaged(content)) return
    this.#reported.add(content)
    // All of it: how a file in place stands is known only then.
    const { settings } = state
    if (settings.get('scrub-position')?.startsWith(`${content} `) === true) settings.remove('scrub-position')
    this.#pause.abort()
  }

  async #work(): Promise<void> {
    const { clock, limits, logger } = this.#components
    while (!this.#stopping.signal.aborted) {
      const now = clock.now()
      const closed = this.#closedFor(now)
      const due = closed === undefined ? this.#due(now) : undefined
      this.#state = closed === undefined ? 'idle' : 'window'
      if (closed !== undefined) await this.#sleep(Math.min(closed, limits.windowCheckMs))
      else if (due === undefined)
        await this.#sleep(Math.min(LOOK_MS, Math.max(1, (this.nextAt ?? Infinity) - now)))
      else
        try {
          this.#state = 'reading'
          await this.#read(due)
        } catch (error) {
          if (this.#stopping.signal.aborted || isIngotError(error, 'busy')) continue
          logger.error({ content: due.digest, error: describeError(error) }, 'could not scrub a content')
          this.#unreadable.set(due.digest, clock.now() + LOOK_MS)
        }
    }
  }

  /** Milliseconds until the window opens; undefined while it is open. */
  #closedFor(now: number): number | undefined {
    const { window } = this.#options
    if (window === undefined || window.isOpen(now)) return undefined
    return Math.max(1, (window.nextChange(now) ?? Infinity) - now)
  }

  #next(): Unread | undefined {
    const now = this.#components.clock.now()
    for (const [content, until] of this.#unreadable)
      if (until <= now || until > now + LOOK_MS) this.#unreadable.delete(content)
    const latest = now + this.#options.everyMs // beyond that, the clock was set back
    return this.#components.state.integrity.longestUnread(latest, [...this.#unreadable.keys()])
  }

  #due(now: number): StoredContent | undefined {
    const { images } = this.#components.state
    for (const reported of this.#reported) {
      this.#reported.delete(reported)
      const content = images.content(reported)
      if (content !== undefined) return content
    }
    const next = this.#next()
    return next === undefined || next.since + this.#options.everyMs > now
      ? undefined
      : images.content(next.content)
  }

  async #sleep(ms: number): Promise<void> {
    this.#pause = new AbortController()
    const signal = AbortSignal.any([this.#pause.signal, this.#stopping.signal])
    await this.#components.clock.sleep(ms, signal).catch(() => {}) // woken
  }

  async #read(content: StoredContent): Promise<void> {
    const { verification, background, onDamage } = this.#components
    const { signal } = this.#stopping
    const firstSegment = this.#position(content)
    let segment = firstSegment
    const pace = this.#pace(content, () => this.#record(content, ++segment))
    try {
      const damage = await verification.verify(content, {
        by: 'scrub',
        check: async (leaves) => await background.run('checkLeaves', leaves),
        firstSegment,
        onRead: pace,
        signal,
      })
      this.#components.state.settings.remove('scrub-position')
      if (damage !== undefined) onDamage(content.digest)
    } catch (error) {
      if (content.kind === 'file') this.#write(content.digest, segment)
      if (this.#components.state.integrity.isDamaged(content.digest)) onDamage(content.digest)
      throw error
    }
  }

  /** Called after each piece: holds the reading to its rate and window, and stands back while transfers run. */
  #pace({ digest }: StoredContent, onSegment: () => void): (bytes: number) => Promise<void> {
    const { clock, state, limits, isBusy } = this.#components
    const { signal } = this.#stopping
    let next = clock.now()
    return async (bytes) => {
      onSegment()
      if (state.images.usesOf(digest) === 0) throw new IngotError('busy', 'the content was deleted')
      const took = (bytes / this.#options.rate) * 1000
      const now = clock.now()
      next = Math.max(next, now - took) + took
      // A clock that was set back must not make it wait for longer than the piece is worth.
      let wait = Math.min(next - now, took)
      if (isBusy()) wait = Math.max(wait, (limits.scrubYieldMs * bytes) / SEGMENT_BYTES)
      if (wait > 0) await clock.sleep(wait, signal)
      if (this.#closedFor(clock.now()) !== undefined) throw new IngotError('busy', CLOSED)
    }
  }

  /** Segment with which it goes on. */
  #position({ digest, kind }: StoredContent): number {
    const [content = '', segment] = (this.#components.state.settings.get('scrub-position') ?? '').split(' ')
    return kind === 'file' && isDigest(content) && content === digest ? Number(segment) : 0
  }

  #record({ digest, kind }: StoredContent, segment: number): void {
    const { clock, limits } = this.#components
    const now = clock.now()
    if (kind !== 'file' || Math.abs(now - this.#recordedAt) < limits.scrubRecordMs) return
    this.#recordedAt = now
    this.#write(digest, segment)
  }

  #write(digest: Digest, segment: number): void {
    this.#components.state.settings.set('scrub-position', `${digest} ${segment}`)
  }
}
