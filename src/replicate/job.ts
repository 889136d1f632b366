import type { Clock } from '../core/clock.ts'
import { backoff } from '../core/clock.ts'
import { IngotError, describeError, fileError, isIngotError, systemCode } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { isViolation } from '../net/host.ts'
import type { Links } from '../net/links.ts'
import type { JobPace } from '../net/pace.ts'
import type { TransferRates } from '../net/transfer-rates.ts'
import type { StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { Job } from '../state/job.ts'
import type { ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import type { ContentCollector } from '../store/collect.ts'
import { removeTree } from '../store/remove-tree.ts'
import type { Needs, SpaceLedger } from '../store/space.ts'
import type { WorkPool } from '../store/work/pool.ts'
import type { Preseed } from '../store/preseed.ts'
import { judge, standingsOf } from './decide.ts'
import { enable } from './enable.ts'
import { JobRecord } from './job-record.ts'
import { Obtain } from './obtain.ts'
import { Provenance } from './provenance.ts'
import { NO_SPACE } from './space-watch.ts'
import { WINDOW } from './windows.ts'

export interface JobComponents {
  links: Links
  rates: TransferRates
  state: State
  layout: Layout
  space: SpaceLedger
  events: EventBus
  clock: Clock
  random: () => number
  limits: Limits
  logger: Logger
  collector: ContentCollector
  /** Threads that check and write what arrives. */
  work: WorkPool
  /** Told of a content whose flat digest is not known. */
  onUnchecked: (content: Digest) => void
  preseed: Preseed
  /** Told when there is a receipt to send. */
  onReceipt: (peerId: string) => void
}

/**
 * One attempt of one job:
 *
 *   QUEUED → PLANNING   is the content here already, is there a conflict, does it fit?
 *          → FETCHING   what is missing, leaf by leaf, into staging; resumes what an earlier attempt left
 *          → ENABLING   synced, checked, renamed, linked, recorded
 *          → DONE       the origin is told
 *
 * What passes by itself (a lost link, a full disk, wrong leaves) ends in WAITING and is tried again; what is here stays.
 */
export class JobRun {
  readonly #components: JobComponents
  readonly #signal: AbortSignal
  readonly #record: JobRecord
  /** This attempt received more than what any attempt receives before it knows what is missing. */
  #progressed = false
  /** What it takes for the bytes that it receives. */
  readonly pace: JobPace
  readonly #provenance: Provenance
  /** Space that it still needs, at most; undefined before that is known. */
  needs: Needs | undefined

  constructor(components: JobComponents, job: Job, signal: AbortSignal) {
    this.pace = components.rates.ofJob(job.peer, job.subscription)
    this.#components = components
    this.#record = new JobRecord(components, job)
    this.#provenance = new Provenance(components.state, job)
    this.#signal = signal
  }

  async run(): Promise<void> {
    const { state, clock } = this.#components
    const { peer, image, attempts, startedAt } = this.#job
    const announced = state.announced.get(peer, image)
    this.#record.change({
      attempts: attempts + 1,
      startedAt: startedAt ?? clock.now(),
      retryAt: undefined,
      reason: undefined,
      error: undefined,
    })
    try {
      if (announced === undefined || announced.status !== 'announced') {
        await this.#end('CANCELLED', 'withdrawn')
        return
      }
      if (announced.decision !== 'wanted') {
        await this.#end('CANCELLED', 'not wanted any more')
        return
      }
      await this.#replicate(announced.sealed)
    } catch (error) {
      await this.#fail(error)
    }
  }

  get #job(): Job {
    return this.#record.job
  }

  get #staging(): string {
    return this.#components.layout.staging(`job-${this.#job.id}`)
  }

  async #replicate(image: SealedManifest): Promise<void> {
    const { state, collector } = this.#components
    const { origin, content } = image.manifest
    this.#record.enter('PLANNING')
    const release = collector.hold(content)
    try {
      if (state.images.byId(image.id) !== undefined) {
        state.db.durably(() => this.#record.finish(image.manifest.size))
        this.#record.emit()
      } else await this.#arrive(image, state.images.byName(origin, this.#job.name))
    } finally {
      await release()
    }
  }

  /** `namesake`: the image of that name that is here; it gives way when its content is the same, or when the operator said so. */
  async #arrive(image: SealedManifest, namesake: ImageRecord | undefined): Promise<void> {
    const { state, events, logger, collector, onReceipt } = this.#components
    const { content: digest, size } = image.manifest
    const { name, peer, replaces } = this.#job
    if (namesake !== undefined && namesake.sealed.manifest.content !== digest && !replaces) {
      this.#record.enter('CONFLICT', 'another image of this name is here')
      this.#record.tell({ state: 'refused', reason: 'another image of this name is held' })
      return
    }
    const obtained = await this.#obtain(image)
    if (obtained === undefined) return
    const { content, dropped } = obtained
    this.#record.enter('ENABLING', droppedText(dropped))
    // What came to this name while the content did is not overwritten.
    const replaced = state.images.byName(image.manifest.origin, name)
    if (replaced?.sealed.id !== namesake?.sealed.id)
      throw new IngotError('conflict', 'its name was taken meanwhile')
    const pure = this.#provenance.end()
    const { landAs } = state.jobs.require(this.#job.id) // its subscription may have changed while the content came
    await enable(this.#components, { image, name, content, landAs, replaced, pure }, () =>
      this.#record.finish(size),
    )
    if (content.kind === 'file' && content.sha256 === undefined) this.#components.onUnchecked(digest)
    if (replaced !== undefined) await collector.collect(replaced.sealed.manifest.content)
    this.#record.emit()
    const ref = `${state.peers.byId(peer)?.name}/${name}`
    events.emit({ type: 'image', image: image.id, ref, status: 'enabled' })
    logger.info({ job: this.#job.id, image: ref, bytes: size, note: this.#job.reason }, 'image enabled')
    onReceipt(peer)
  }

  /** The content in its place; undefined when the job has ended because what the origin signed is not true. */
  async #obtain(image: SealedManifest): Promise<{ content: StoredContent; dropped: number } | undefined> {
    const { state, limits } = this.#components
    const { size } = image.manifest
    const before = this.#job.bytesWire
    const obtained = await new Obtain(this.#components, {
      peerId: this.#job.peer,
      image,
      staging: this.#staging,
      trustPrivileged: this.#job.trustPrivileged,
      preseed: this.#preseed(),
      signal: this.#signal,
      pace: this.pace,
      onNeeds: (needs) => (this.needs = needs),
      onSource: this.#provenance.use,
      onLocal: () => this.#record.change({ bytesLocal: size, bytesDone: size }),
      onReuse: (bytes) => {
        if (bytes > 0) this.#provenance.noteTaken()
        this.#record.change({ bytesLocal: Math.min(size, this.#job.bytesLocal + bytes) })
      },
      onFetching: () => {
        this.#record.enter('FETCHING')
        this.#record.tell({ state: 'fetching', reason: '' })
      },
      onEnabling: () => this.#record.enter('ENABLING'),
      onWrongLeaf: () => state.peers.countWrongLeaf(this.#job.peer),
      onProgress: (done, wire) => {
        if (wire > limits.payloadBytes) this.#progressed = true
        this.#record.progress(done, before + wire)
      },
    }).run()
    if (!('fault' in obtained)) return obtained
    await this.#end('FAILED', 'wrong-manifest', obtained.fault)
    return undefined
  }

  /** What the subscription that wants the image says now of what was brought by hand. */
  #preseed(): string | undefined {
    const { state } = this.#components
    const announced = state.announced.get(this.#job.peer, this.#job.image)
    return announced && judge(state, announced, standingsOf(state, announced.peer)).by?.subscription.preseed
  }

  /**
   * Ends the job for good; its staging goes. The origin is told the reason alone: the error may say what a content is that it only
   * knew the root of.
   */
  async #end(state: 'FAILED' | 'CANCELLED', reason: string, error?: string): Promise<void> {
    const { state: repositories, clock, collector } = this.#components
    await removeTree(this.#staging)
    const content = repositories.announced.get(this.#job.peer, this.#job.image)?.sealed.manifest.content
    if (content !== undefined) await collector.collect(content) // it may lie in its place already
    this.#record.settle({ state, reason, error, finishedAt: clock.now() }, { state: 'refused', reason })
  }

  /** What an operator reads of an error; of a full disk also what would be enough. */
  async #describe(error: unknown): Promise<string> {
    const isOfDisk = !isIngotError(error) && systemCode(error) !== undefined
    const told = isOfDisk ? fileError(error, 'cannot store the image') : error
    const text = describeError(told)
    const isFull = isIngotError(told, NO_SPACE)
    if (!isFull || this.needs === undefined || text.includes('are needed at')) return text
    return `${text}; ${(await this.#components.space.shortage(this.needs.bytes)).message}`
  }

  #pause(): void {
    this.#record.settle({ state: 'PAUSED', reason: 'paused' }, { state: 'wanted', reason: 'paused' })
  }

  async #fail(error: unknown): Promise<void> {
    if (!this.#signal.aborted) {
      await this.#interrupt(error)
      return
    }
    const why: unknown = this.#signal.reason
    if (isIngotError(why, 'not-announced')) await this.#end('CANCELLED', why.message)
    else if (isIngotError(why, 'conflict')) this.#pause()
    else if (isIngotError(why, 'busy')) this.#waitForWindow(why.retryAfterMs ?? 0)
    else if (isIngotError(why, 'no-space')) await this.#interrupt(why)
    else this.#record.enter('QUEUED') // this server stops; the job goes on after the next start
  }

  /** Its window closed; it opens after so many milliseconds. */
  #waitForWindow(ms: number): void {
    const retryAt = this.#components.clock.now() + ms
    this.#record.settle({ state: 'WAITING', reason: WINDOW, retryAt }, { state: 'wanted', reason: WINDOW })
  }

  /** What happened passes by itself: it waits, and is tried again. */
  async #interrupt(error: unknown): Promise<void> {
    const { clock, limits, random, links, logger, state } = this.#components
    const text = await this.#describe(error)
    const code = isIngotError(error) ? error.code : fileError(error, 'staging').code
    const fields = { job: this.#job.id, peer: state.peers.byId(this.#job.peer)?.name, error: text }
    if (isViolation(error)) links.punish(this.#job.peer, error)
    const away = code !== NO_SPACE && links.get(this.#job.peer) === undefined
    const asked = isIngotError(error) ? Math.min(error.retryAfterMs ?? 0, limits.jobRetryMaxMs) : 0
    // An attempt that brought something begins the pauses anew: a long transfer over a bad line must not slow down.
    const failures = this.#progressed ? 0 : this.#job.attempts
    const pause = Math.max(asked, backoff(failures, limits.jobRetryMinMs, limits.jobRetryMaxMs, random))
    logger.warn({ ...fields, pause }, 'job interrupted; it will go on')
    const changes = {
      state: 'WAITING',
      reason: away ? 'peer-unreachable' : code,
      error: text,
      // What waits for space goes on when there is enough: the queue looks.
      retryAt: away || code === NO_SPACE ? undefined : clock.now() + pause,
    } as const
    // The origin's operator reads what stands in the way: the code, not the text with our paths in it.
    const told = away || isViolation(error) ? undefined : ({ state: 'wanted', reason: code } as const)
    this.#record.settle(changes, told)
  }
}

/** Why a running job stands still when less space is left than shall stay free. */
export function belowFloor(): IngotError {
  return new IngotError('no-space', 'less space is left than shall stay free')
}

/** Why a running job stands still when its window closes; it opens after so many milliseconds. */
export function outsideWindow(ms: number): IngotError {
  return new IngotError('busy', 'outside its window', { retryAfterMs: ms })
}

/** Why a running job stands still when the operator pauses it. */
export function paused(): IngotError {
  return new IngotError('conflict', 'paused')
}

/** What an operator is told of a tree that is here without all that its origin recorded. */
function droppedText(count: number): string | undefined {
  if (count === 0) return undefined
  return count === 1 ? '1 privileged attribute was dropped' : `${count} privileged attributes were dropped`
}

/** Why a running job is ended when its image is gone or no selector wants it any more. */
export function cancelled(reason: string): IngotError {
  return new IngotError('not-announced', reason)
}
