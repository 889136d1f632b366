import { isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Digest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import { isAnnounced, type ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import { groupCount, openNumbered, type NumberedContent } from '../store/numbered-content.ts'
import { groupSource } from '../store/patch-copies.ts'
import { PART_BYTES, type GroupLeaves } from '../store/patch-part.ts'
import type { PatchGroupSource } from '../store/patch-place.ts'
import type { ContentRequest } from '../wire/content.ts'
import { treePageDecoder } from '../wire/tree.ts'
import type { LeafRun } from './runs.ts'
import type { WithStream } from './target.ts'

export interface PatchComponents {
  state: State
  layout: Layout
  limits: Limits
}

/** Bytes of one length in a table of parts. */
const LENGTH_BYTES = 4

/** A group that is made from its part; `wanted` says what of it is needed. */
export interface PatchedGroup<W> {
  group: number
  /** Bytes of its part. */
  part: number
  /** Bytes of the leaves that are wanted. */
  bytes: number
  wanted: W
}

/** Groups in a row: `first` and `count` number them, `bytes` are those of the wanted leaves. */
export interface PatchRun<W> extends LeafRun {
  what: 'patch'
  groups: PatchedGroup<W>[]
}

/**
 * The patch by which an image comes here: from the nearest ancestor that is here, else from nothing. What it makes is verified leaf by
 * leaf; once something of it does not hold it is not asked any more.
 */
export class ArrivingPatch {
  readonly #components: PatchComponents
  readonly #image: SealedManifest
  readonly #isAsked: boolean
  readonly #onBase: (base: Digest) => void
  #base: NumberedContent | undefined
  /** Lengths of all parts, when the origin has the patch. */
  #table: Buffer | undefined

  /**
   * Nothing is asked of an origin that does not know patches, nor for a content so small that they gain nothing. `onBase`: told of the
   * content of which parts are about to be copied.
   */
  constructor(
    components: PatchComponents,
    image: SealedManifest,
    { isKnown, onBase }: { isKnown: boolean; onBase: (base: Digest) => void },
  ) {
    this.#onBase = onBase
    this.#components = components
    this.#image = image
    this.#isAsked = isKnown && image.manifest.size >= components.limits.patchLeastBytes
  }

  /**
   * Asks for the patch from the nearest ancestor here that the origin may hear of; true when the origin has it. A content on which only
   * private images stand does not count: the origin would learn from the question that it is here.
   */
  async askFromAncestor(withStream: WithStream, leaves: number): Promise<boolean> {
    const { state, layout, limits } = this.#components
    const { manifest } = this.#image
    if (!this.#isAsked) return false
    for (const id of manifest.ancestors) {
      const ancestor = state.images.byId(id)
      const content = ancestor && state.images.content(ancestor.sealed.manifest.content)
      if (
        ancestor === undefined ||
        content === undefined ||
        content.digest === manifest.content ||
        !this.#isKnownThere(ancestor) ||
        state.images.isPrivate(content.digest) ||
        state.integrity.isDamaged(content.digest)
      )
        continue
      const options = { limits, decodePage: treePageDecoder(limits) }
      this.#base = await openNumbered(layout, content, options).catch(() => undefined) // as good as absent
      if (this.#base === undefined) continue
      if (await this.#ask(withStream, leaves)) {
        this.#onBase(content.digest)
        return true
      }
      await this.#base.close()
      this.#base = undefined
      return false
    }
    return false
  }

  /**
   * True for an image of that origin, and for one that we announce to it. The question names the content of the base: of an image of
   * a third server, whose id anybody may list as an ancestor, the origin would learn that it is here, and its content.
   */
  #isKnownThere(ancestor: ImageRecord): boolean {
    const { manifest, id } = ancestor.sealed
    if (manifest.origin === this.#image.manifest.origin) return true
    return isAnnounced(ancestor) && this.#components.state.journal.names(id)
  }

  /** Asks for the patch from nothing; true when the origin has it. */
  async askFromNothing(withStream: WithStream, leaves: number): Promise<boolean> {
    return this.#isAsked && (await this.#ask(withStream, leaves))
  }

  async #ask(withStream: WithStream, leaves: number): Promise<boolean> {
    const groups = groupCount(leaves)
    const page = Math.floor(this.#components.limits.payloadBytes / LENGTH_BYTES)
    const table = Buffer.alloc(groups * LENGTH_BYTES)
    const isThere = await withStream(async (stream) => {
      for (let first = 0; first < groups; first += page) {
        const run = { first, count: Math.min(page, groups - first) }
        await stream.ask({ image: this.#image.id, what: 'patchTable', base: this.#from, run })
        try {
          await stream.answer(table.subarray(first * LENGTH_BYTES, (first + run.count) * LENGTH_BYTES))
        } catch (error) {
          if (isIngotError(error, 'not-found')) return false
          throw error
        }
      }
      return true
    })
    if (isThere) this.#table = table
    return isThere
  }

  get #from(): Digest | undefined {
    return this.#base?.content.digest
  }

  /** Bytes of the part of a group when it is worth more than its leaves, of which `bytes` are wanted; else undefined. */
  partBytes(group: number, bytes: number): number | undefined {
    if (this.#table === undefined) return undefined
    const length = this.#table.readUInt32BE(group * LENGTH_BYTES)
    return length <= PART_BYTES && length < bytes * this.#components.limits.patchWorth ? length : undefined
  }

  /** What brings the parts of a run here. */
  request({ first, count, groups }: PatchRun<unknown>): { request: ContentRequest; most: number } {
    const most = groups.reduce((sum, { part }) => sum + part, 0)
    const run = { first, count }
    return { request: { image: this.#image.id, what: 'patch', base: this.#from, run }, most }
  }

  /**
   * Hands all that a group is made of to `make`. Undefined when the part does not hold, or what it needs is not here. What an error of
   * the base means: the group is fetched in another way.
   */
  async withSource<T>(
    part: Uint8Array | undefined,
    group: GroupLeaves,
    make: (source: PatchGroupSource) => Promise<T>,
  ): Promise<T | undefined> {
    const base = this.#base
    const { openFiles } = this.#components.limits
    const source = part && (await groupSource(part, group, { base, openFiles }).catch(() => undefined))
    return source && (await make(source))
  }

  /** It does not hold: what is planned from here on comes in another way. */
  giveUp(): void {
    this.#table = undefined
  }

  async close(): Promise<void> {
    this.#table = undefined
    await this.#base?.close()
  }
}

/** Gathers groups that follow each other into runs, and hands over those that are full. */
export class PatchRuns<W> {
  readonly #put: (run: PatchRun<W>) => Promise<void>
  readonly #limits: Limits
  #run: PatchRun<W> | undefined

  constructor(limits: Limits, put: (run: PatchRun<W>) => Promise<void>) {
    this.#limits = limits
    this.#put = put
  }

  async add(group: PatchedGroup<W>): Promise<void> {
    const run = this.#run
    const { patchGroups, patchRunBytes } = this.#limits
    const sum = run?.groups.reduce((total, { part }) => total + part, group.part) ?? 0
    if (
      run !== undefined &&
      run.first + run.count === group.group &&
      run.count < patchGroups &&
      sum <= patchRunBytes
    ) {
      run.count++
      run.bytes += group.bytes
      run.groups.push(group)
      return
    }
    await this.end()
    this.#run = { what: 'patch', first: group.group, count: 1, bytes: group.bytes, groups: [group] }
  }

  /** Hands over what is left. */
  async end(): Promise<void> {
    const run = this.#run
    this.#run = undefined
    if (run !== undefined) await this.#put(run)
  }
}

/** The part of each group of a run in the bytes of an answer; none where the answer has another length than the table says. */
export function partsOf<W>(
  run: PatchRun<W>,
  bytes: Buffer,
): { wanted: PatchedGroup<W>; part: Buffer | undefined }[] {
  const isWhole = bytes.length === run.groups.reduce((sum, { part }) => sum + part, 0)
  let at = 0
  return run.groups.map((wanted) => {
    const part = isWhole ? bytes.subarray(at, at + wanted.part) : undefined
    at += wanted.part
    return { wanted, part }
  })
}

/** Bytes that a group copies from its base. */
export function copiedBytes({ pieces }: PatchGroupSource): number {
  return pieces.reduce((sum, { length }) => sum + length, 0)
}

/** A run as its first groups, whose parts have at most `bytes`, and at least one, and the rest; undefined when it is no larger. */
export function splitPatch<W>(run: PatchRun<W>, bytes: number): [PatchRun<W>, PatchRun<W>] | undefined {
  let count = 0
  for (let sum = 0; count < run.count; count++) {
    sum += (run.groups[count] as PatchedGroup<W>).part
    if (count > 0 && sum > bytes) break
  }
  if (count === run.count) return undefined
  const part = (from: number, to: number): PatchRun<W> => {
    const groups = run.groups.slice(from, to)
    const sum = groups.reduce((total, group) => total + group.bytes, 0)
    return { what: 'patch', first: run.first + from, count: to - from, bytes: sum, groups }
  }
  return [part(0, count), part(count, run.count)]
}
