import type { Clock } from '../core/clock.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import type { FileIdentity, StoredContent } from '../image/content.ts'
import {
  DamageList,
  damageText,
  missingText,
  rangesText,
  type Damage,
  type FoundBy,
} from '../image/damage.ts'
import type { Digest } from '../image/digest.ts'
import { leafCount } from '../image/leaves.ts'
import type { DamageRecord } from '../state/integrity.ts'
import { refOf } from '../state/refs.ts'
import type { State } from '../state/state.ts'
import type { CheckLeaves } from '../store/check-leaves.ts'
import type { ContentCollector } from '../store/collect.ts'
import { inspectContent } from '../store/inspect.ts'
import type { Layout } from '../store/layout.ts'
import { treePageDecoder } from '../wire/tree.ts'

export interface VerificationComponents {
  selfId: string
  state: State
  layout: Layout
  collector: ContentCollector
  events: EventBus
  clock: Clock
  limits: Limits
  logger: Logger
}

export interface VerifyOptions {
  by: FoundBy
  check: CheckLeaves
  /** Segment of a file with which it begins: what stands before was read already. */
  firstSegment?: number
  onRead?: (bytes: number) => Promise<void>
  signal: AbortSignal
}

/** Reads contents, and keeps the record of which are damaged: a mark that all images on the content share. */
export class Verification {
  readonly #components: VerificationComponents
  /** Of each content that is read now: how often, and the newest of these readings that has ended, by its number. */
  readonly #readings = new Map<Digest, { underWay: number; newest: number }>()
  #begun = 0

  constructor(components: VerificationComponents) {
    this.#components = components
  }

  /**
   * Reads a content. One that is damaged is marked; one that is whole loses its mark, and of one in place it is recorded how it stands
   * now. Resolves to the mark. What was found is marked also when the signal ends the reading. A slow reading that another one, begun
   * later, has overtaken changes nothing: it tells of what was.
   */
  async verify(content: StoredContent, options: VerifyOptions): Promise<DamageRecord | undefined> {
    const { state, layout, collector, limits, clock } = this.#components
    const { digest } = content
    const damage = new DamageList(limits)
    const release = collector.hold(digest)
    const end = this.#begin(digest)
    let identity: FileIdentity | undefined
    try {
      identity = await inspectContent(layout, content, {
        ...options,
        damage,
        limits,
        decodePage: treePageDecoder(limits),
      })
    } catch (error) {
      if (end() && damage.found !== undefined) this.#mark(digest, damage.found, options.by)
      throw error
    } finally {
      await release()
    }
    if (!end()) return state.integrity.damage(digest)
    const isAll = (options.firstSegment ?? 0) === 0
    const isWhole = () => {
      if (identity !== undefined && isAll) state.images.setIdentity(digest, identity)
      return state.integrity.whole(digest, clock.now())
    }
    if (damage.found !== undefined) this.#mark(digest, damage.found, options.by)
    else if (state.db.durably(isWhole))
      this.#tell(digest, { status: 'enabled', operation: 'verify image', outcome: 'whole again' })
    return state.integrity.damage(digest)
  }

  /** Begins a reading; what it returns ends it, and tells whether it is the newest of those that have ended. */
  #begin(content: Digest): () => boolean {
    const number = ++this.#begun
    const readings = this.#readings.get(content) ?? { underWay: 0, newest: 0 }
    readings.underWay++
    this.#readings.set(content, readings)
    return () => {
      if (--readings.underWay === 0) this.#readings.delete(content)
      const isNewest = number > readings.newest
      if (isNewest) readings.newest = number
      return isNewest
    }
  }

  /** The damage that was known of a content was mended, leaf by leaf. */
  mended(content: Digest): void {
    const { state } = this.#components
    const readings = this.#readings.get(content)
    if (readings !== undefined) readings.newest = this.#begun // what is being read was not mended when that began
    if (!state.db.durably(() => state.integrity.mended(content))) return
    this.#tell(content, { status: 'enabled', operation: 'repair image', outcome: 'done' })
  }

  /** A content was gone when this server started: removed by hand, or since the backup from which the database is. */
  missing(content: Digest): void {
    const found = this.#components.state.images.content(content)
    if (found === undefined) return
    const damage = new DamageList(this.#components.limits)
    if (found.kind === 'file') damage.addLeaves(0, leafCount(found.size))
    damage.addOther(missingText(found.kind))
    if (damage.found !== undefined) this.#mark(content, damage.found, 'verify')
  }

  #mark(content: Digest, damage: Damage, by: FoundBy): void {
    const { state, clock, logger } = this.#components
    const before = state.integrity.damage(content)
    state.db.durably(() => state.integrity.mark(content, damage, { by, at: clock.now() }))
    const outcome = damageText(damage)
    if (before !== undefined && damageText(before) === outcome) return
    logger.error(
      { content, foundBy: by, damage: outcome, leaves: rangesText(damage) },
      'a content is damaged',
    )
    this.#tell(content, { status: 'damaged', operation: 'verify image', outcome })
  }

  /** Tells of each image on the content, to who follows events and in the audit log. */
  #tell(
    content: Digest,
    { status, operation, outcome }: { status: string; operation: string; outcome: string },
  ): void {
    const { state, clock, events, logger } = this.#components
    for (const { sealed } of state.images.onContent(content)) {
      const ref = refOf(this.#components, sealed)
      if (status === 'enabled') logger.info({ image: ref }, 'a damaged image is whole again')
      state.audit.add({ time: clock.now(), operation, subject: ref, outcome })
      events.emit({ type: 'audit', operation, subject: ref, outcome })
      events.emit({ type: 'image', image: sealed.id, ref, status })
    }
  }
}
