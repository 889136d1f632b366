import { lstatIf } from '../core/absent.ts'
import type { Clock } from '../core/clock.ts'
import { IngotError, describeError, fileError, isIngotError } from '../core/errors.ts'
import type { StoredContent } from '../image/content.ts'
import { DamageList, damageText, isLeavesOnly, listedLeaves, missingText } from '../image/damage.ts'
import type { Digest } from '../image/digest.ts'
import { leafCount } from '../image/leaves.ts'
import { isViolation } from '../net/host.ts'
import type { DamageRecord } from '../state/integrity.ts'
import type { CheckLeaves } from '../store/check-leaves.ts'
import type { ContentCollector } from '../store/collect.ts'
import { makeDirectory, syncDirectory } from '../store/durable.ts'
import { indexHolds, mendFileIndex } from '../store/mend-index.ts'
import { mendLeaves, restoreLength } from '../store/mend-leaves.ts'
import { openNumbered } from '../store/numbered-content.ts'
import { removeTree } from '../store/remove-tree.ts'
import { checkWith } from '../store/work/check.ts'
import { treePageDecoder } from '../wire/tree.ts'
import {
  PathSource,
  PeerSource,
  holdersOf,
  placesOf,
  type Holder,
  type RepairSource,
} from './repair-source.ts'
import { rebuild, type RebuildComponents } from './rebuild.ts'
import type { Verification } from './verification.ts'

export interface RepairComponents extends RebuildComponents {
  selfId: string
  collector: ContentCollector
  clock: Clock
  verification: Verification
}

export interface RepairOptions {
  /** File or directory of the operator from which damaged leaves are taken; undefined: from a peer. */
  path: string | undefined
  signal: AbortSignal
}

/** Rounds of one repair: each ends with less damage, or the repair ends. */
const MOST_ROUNDS = 4

/** Mends one damaged content at a time; see {@link Repair.run}. */
export class Repair {
  readonly #components: RepairComponents
  /** The end of the repair of each content that is under way. */
  readonly #underWay = new Map<Digest, Promise<void>>()

  constructor(components: RepairComponents) {
    this.#components = components
  }

  /**
   * Mends what is known to be damaged of a content: from a path, else from the first peer that can. Throws why it is still damaged;
   * whatever was mended until then stays, and what was fetched of a content that is gone. Waits for another repair of it to end.
   */
  async run(digest: Digest, options: RepairOptions): Promise<void> {
    const { state, collector } = this.#components
    while (this.#underWay.has(digest)) await this.#underWay.get(digest)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#underWay.set(digest, promise)
    const release = collector.hold(digest)
    try {
      await this.#run(digest, options)
    } catch (error) {
      const why = isIngotError(error) ? error : fileError(error, 'cannot repair')
      if (!options.signal.aborted) state.integrity.setReason(digest, describeError(why))
      throw why
    } finally {
      await this.#clear(digest).catch(() => {}) // the next repair, or the next start, removes it
      this.#underWay.delete(digest)
      resolve()
      await release()
    }
  }

  /** What was brought of a content that is gone stays for the next attempt; nothing else does. */
  async #clear(digest: Digest): Promise<void> {
    const { state, layout } = this.#components
    if (state.integrity.isDamaged(digest) && (await lstatIf(layout.file(digest))) === undefined) return
    await removeTree(layout.repair(digest))
  }

  async #run(digest: Digest, options: RepairOptions): Promise<void> {
    const { state } = this.#components
    const content = state.images.content(digest)
    if (content === undefined || !state.integrity.isDamaged(digest)) return
    if (content.inPlace !== undefined)
      throw new IngotError(
        'conflict',
        `it was registered in place: ${content.inPlace.path} is not written to`,
        {
          hint: 'bring the file back as it was (from a backup), then "ingot verify image"',
        },
      )
    const { path, signal } = options
    await this.#lookAgain(content, signal)
    if (!state.integrity.isDamaged(digest)) return
    if (path !== undefined) {
      const source = await PathSource.open(path, content)
      await this.#mend(content, { source, path, from: undefined, signal })
      return
    }
    const { holders, missing } = holdersOf(this.#components, digest)
    let failure = new IngotError('peer-unreachable', missing, {
      hint: 'it is tried again when a link is up; an own image can be repaired from a copy with --path FILE|DIR',
    })
    for (const from of holders) {
      try {
        await this.#fromPeer(content, from, signal)
        return
      } catch (error) {
        if (signal.aborted) throw error
        const name = state.peers.byId(from.peerId)?.name ?? from.peerId
        const text = `from ${name}: ${describeError(error)}`
        failure = new IngotError(isIngotError(error) ? error.code : 'failed', text, { cause: error })
        if (isViolation(error)) this.#components.links.punish(from.peerId, error)
      }
    }
    throw failure
  }

  /** What was gone may be back by itself: a disk that is mounted again. */
  async #lookAgain(content: StoredContent, signal: AbortSignal): Promise<void> {
    const { state, layout, verification, work } = this.#components
    const record = state.integrity.damage(content.digest)
    if (record?.other.includes(missingText(content.kind)) !== true) return
    if ((await lstatIf(layout.file(content.digest))) === undefined) return
    await verification.verify(content, { by: 'repair', check: checkWith(work), signal })
  }

  async #fromPeer(content: StoredContent, from: Holder, signal: AbortSignal): Promise<void> {
    const source = new PeerSource(this.#components, from, signal)
    try {
      await this.#mend(content, { source, path: undefined, from, signal })
    } catch (error) {
      source.abort(error as Error)
      throw error
    }
    await source.close()
  }

  /** Mends what the record says, and reads all of it again where the record does not say all that is wrong. */
  async #mend(content: StoredContent, way: Way): Promise<void> {
    const { state, verification, work } = this.#components
    const check = checkWith(work)
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const record = state.integrity.damage(content.digest)
      if (record === undefined || state.images.usesOf(content.digest) === 0) return
      if (await this.#mendOnce(content, record, { ...way, check })) {
        verification.mended(content.digest)
        return
      }
      await verification.verify(content, { by: 'repair', check, signal: way.signal })
    }
    throw new IngotError('wrong-content', 'it is damaged anew while it is repaired', {
      hint: 'look at the disk: the kernel log may say more',
    })
  }

  /** True when that was all; false when the content has to be read again to know. Throws when something of it is not to be had. */
  async #mendOnce(content: StoredContent, record: DamageRecord, way: CheckedWay): Promise<boolean> {
    const { digest, size, kind } = content
    const file = this.#components.layout.file(digest)
    const isGone = (await lstatIf(file)) === undefined
    if (kind === 'file') {
      if (isGone && !record.index && record.leaves < leafCount(size)) return false // it went since it was read
      // Of a file that is gone, a peer brings the index too.
      if (!(isGone && way.from !== undefined) && (await this.#mendIndex(content, record, way))) return false
    }
    if (isGone || (kind === 'tree' && !isLeavesOnly(record))) {
      await this.#rebuild(content, way)
      return false
    }
    if (kind === 'file') await restoreLength(file, size)
    await this.#mendLeaves(content, record, way)
    return record.leaves === listedLeaves(record)
  }

  /** Mends the index of a file where it is wrong; false when it is right. */
  async #mendIndex(content: StoredContent, record: DamageRecord, way: CheckedWay): Promise<boolean> {
    const { layout, work } = this.#components
    const { digest, size } = content
    if (await makeDirectory(layout.content(digest), 0o755)) await syncDirectory(layout.contents)
    const index = layout.index(digest)
    if (!record.index && (await indexHolds(index, content, record.ranges))) return false
    const { source, path, signal } = way
    const files = [layout.file(digest), ...(path === undefined ? [] : [path])]
    const staging = layout.repairIndex(digest)
    await mendFileIndex({ digest, size, index, files, staging, source: source.index, work, signal })
    return true
  }

  async #mendLeaves(content: StoredContent, record: DamageRecord, way: CheckedWay): Promise<void> {
    const { layout, limits, state, clock } = this.#components
    const { digest } = content
    const { source, from, check, signal } = way
    const left = new DamageList(limits)
    const numbered = await openNumbered(layout, content, { limits, decodePage: treePageDecoder(limits) })
    try {
      await mendLeaves(numbered, record.ranges, {
        limits,
        check,
        left,
        pathOf: placesOf(layout.file(digest), content),
        fetch: async (wanted) => await source.leaves(wanted),
        onWrong: (leaves) => this.#countWrong(from, leaves),
        signal,
      })
    } finally {
      await numbered.close()
    }
    const { found } = left
    if (found === undefined) return
    const leaves = found.leaves + record.leaves - listedLeaves(record)
    state.integrity.mark(digest, { ...found, leaves }, { by: 'repair', at: clock.now() })
    throw new IngotError(
      'wrong-content',
      `${source.name} does not have all: ${damageText({ ...found, leaves })}`,
    )
  }

  async #rebuild(content: StoredContent, { from, path, signal }: Way): Promise<void> {
    const { state } = this.#components
    const image = from?.image ?? state.images.onContent(content.digest)[0]?.sealed
    if (image === undefined) return
    const onWrong = () => this.#countWrong(from, 1)
    const isNeeded = () =>
      state.integrity.isDamaged(content.digest) && state.images.usesOf(content.digest) > 0
    try {
      await rebuild(this.#components, { content, image, from, path, isNeeded, onWrong, signal })
    } catch (error) {
      if (isNeeded()) throw error // else a job, or an import, made it whole meanwhile; or it was deleted
    }
  }

  #countWrong(from: Holder | undefined, leaves: number): void {
    if (from === undefined) return
    for (let i = 0; i < leaves; i++) this.#components.state.peers.countWrongLeaf(from.peerId)
  }
}

/** Where damaged parts come from: a path of the operator, or a peer. */
interface Way {
  source: RepairSource
  path: string | undefined
  from: Holder | undefined
  signal: AbortSignal
}

type CheckedWay = Way & { check: CheckLeaves }
