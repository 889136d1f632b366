import type { ContentCollector } from '../store/collect.ts'
import type { Clock } from '../core/clock.ts'
import { describeError } from '../core/errors.ts'
import { Tasks } from '../core/tasks.ts'
import type { StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import type { ImageRecord } from '../state/images.ts'
import { wholeFile } from '../store/flat-digest.ts'
import { IndexFile } from '../store/index-file.ts'
import { verifyContent } from '../store/verify.ts'
import type { WorkPool } from '../store/work/pool.ts'
import { removeReplica, type RemoveComponents } from './remove.ts'

export interface FlatCheckComponents extends RemoveComponents {
  selfId: string
  collector: ContentCollector
  clock: Clock
  /** Threads that stand back behind all others. */
  background: WorkPool
  /** Told when there is a receipt to send. */
  onReceipt: (peerId: string) => void
}

/**
 * Computes the flat SHA-256 of large files after they are enabled: their leaves were verified before, and one digest over 100 GB in
 * order would keep them back for minutes. An image whose origin signed another one goes again, and its job becomes
 * FAILED (wrong-manifest).
 */
export class FlatChecks {
  readonly #components: FlatCheckComponents
  readonly #tasks: Tasks
  readonly #stopping = new AbortController()
  readonly #waiting: Digest[] = []
  #isWorking = false

  constructor(components: FlatCheckComponents) {
    this.#components = components
    this.#tasks = new Tasks(components.logger)
  }

  /** Goes on with what an earlier process did not come to. */
  start(): void {
    for (const { digest, kind, sha256 } of this.#components.state.images.contents())
      if (kind === 'file' && sha256 === undefined) this.add(digest)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#waiting.length = 0
    await this.#tasks.settled()
  }

  /** A content came whose flat digest is not known. */
  add(content: Digest): void {
    if (this.#waiting.includes(content) || this.#stopping.signal.aborted) return
    this.#waiting.push(content)
    if (!this.#isWorking) this.#tasks.run('flat digests', async () => await this.#work())
  }

  async #work(): Promise<void> {
    const { logger, state, collector } = this.#components
    this.#isWorking = true
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        const release = collector.hold(next)
        try {
          const content = state.images.content(next)
          if (content !== undefined && content.sha256 === undefined) await this.#check(content)
        } catch (error) {
          if (!this.#stopping.signal.aborted)
            logger.error({ content: next, error: describeError(error) }, 'could not compute a flat digest')
        } finally {
          await release()
        }
      }
    } finally {
      this.#isWorking = false
    }
  }

  async #check(content: StoredContent): Promise<void> {
    const { state, layout, background } = this.#components
    const { digest, size } = content
    const places = { image: layout.file(digest), index: layout.index(digest) }
    const index = await IndexFile.open(places.index, size)
    let segments: Buffer
    try {
      segments = await index.readSegments()
    } finally {
      await index.close()
    }
    const sha256 = await background.run('flatDigestOf', wholeFile(places.image, size, segments))
    const liars = state.images.onContent(digest).filter(({ sealed }) => sealed.manifest.sha256 !== sha256)
    // Before an origin is blamed: damage of this disk is another matter.
    if (liars.length > 0) await verifyContent(places, { digest, size, signal: this.#stopping.signal })
    state.images.setSha256(digest, sha256)
    for (const image of liars) await this.#remove(image, sha256)
  }

  async #remove(image: ImageRecord, sha256: Digest): Promise<void> {
    const { selfId, state, clock, events, logger, onReceipt } = this.#components
    const { id, manifest } = image.sealed
    const { origin } = manifest
    const error = `the origin signed ${manifest.sha256} as SHA-256 of the file; it is ${sha256}`
    const job = state.jobs.latest(origin, id)
    logger.error({ image: id, error }, 'an image has another digest than its origin signed')
    if (origin === selfId) return // no replica: an operator has to look at it
    await removeReplica(this.#components, image, {
      reason: error,
      also: () => {
        const failed = { state: 'FAILED', reason: 'wrong-manifest', error, finishedAt: clock.now() } as const
        if (job !== undefined) state.jobs.update({ ...job, ...failed })
        // Not what it is instead: the origin may know no more of the content than its root.
        state.receipts.note(origin, {
          image: id,
          state: 'refused',
          reason: 'wrong-manifest',
          time: clock.now(),
        })
      },
    })
    if (job !== undefined)
      events.emit({ type: 'job', job: job.id, state: 'FAILED', reason: 'wrong-manifest' })
    onReceipt(origin)
  }
}
