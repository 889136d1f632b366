import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isIngotError } from '../core/errors.ts'
import type { StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { Links } from '../net/links.ts'
import type { JobPace } from '../net/pace.ts'
import { assembleTree } from '../store/assemble.ts'
import { flatDigestOfSmall } from '../store/flat-digest.ts'
import { placeContent } from '../store/placement.ts'
import { removeTree } from '../store/remove-tree.ts'
import type { Needs, SpaceLedger } from '../store/space.ts'
import { StagedFile } from '../store/staging.ts'
import type { WorkPool } from '../store/work/pool.ts'
import { verifyContent } from '../store/verify.ts'
import { PATCHES } from '../wire/hello.ts'
import { treePageDecoder } from '../wire/tree.ts'
import type { Preseed } from '../store/preseed.ts'
import { AttemptSpace } from './attempt-space.ts'
import { Fetch, type FetchComponents } from './fetch.ts'
import { FileSeeds } from './file-seeds.ts'
import { FileTarget } from './fetch-file.ts'
import { TreeTarget } from './fetch-tree.ts'
import { TreeSeeds } from './tree-seeds.ts'
import { TreeFault } from './fetch-tree-index.ts'
import { findLocalContent, type LocalComponents, type LocalOptions } from './local.ts'
import { ArrivingPatch } from './patch.ts'
import type { LeafRun } from './runs.ts'
import { chooseSeeds, placeOf, type SeedPlace } from './seeds.ts'
import { NO_SPACE } from './space-watch.ts'
import type { Target } from './target.ts'

export interface ObtainComponents extends LocalComponents {
  preseed: Preseed
  links: Links
  space: SpaceLedger
  /** Threads that check and write what arrives. */
  work: WorkPool
}

export interface ObtainOptions extends Omit<LocalOptions, 'reserve'> {
  peerId: string
  image: SealedManifest
  /** File or directory that its subscription names. */
  preseed: string | undefined
  pace: JobPace
  /** Told often: the space that is still needed here, at most. */
  onNeeds: (needs: Needs) => void
  /** All of it was found on this disk. */
  onLocal: () => void
  /** So many bytes more were taken from this disk. */
  onReuse: (bytes: number) => void
  /** Before bytes are taken, or perhaps taken, from a content of this disk; with undefined from anything else that lies here. */
  onSource: (content: Digest | undefined, how: 'taken' | 'perhaps') => void
  /** It has to be fetched. */
  onFetching: () => void
  /** All bytes are here; what is left is this server's work. */
  onEnabling: () => void
  onWrongLeaf: () => void
  /** Called often: bytes that are here and verified, and bytes received in this attempt. */
  onProgress: (done: number, wire: number) => void
}

/** A content in its place, or why the origin's manifest is not true. */
export type Obtained = { content: StoredContent; dropped: number } | { fault: string }

/** Brings the content of one image into its place: from this disk, or from the origin. */
export class Obtain {
  readonly #components: ObtainComponents
  readonly #options: ObtainOptions

  constructor(components: ObtainComponents, options: ObtainOptions) {
    this.#components = components
    this.#options = options
  }

  async run(): Promise<Obtained> {
    const { layout, clock, state } = this.#components
    const { image, staging } = this.#options
    const { content: digest, size, kind } = image.manifest
    // A tree that is here with its privileged attributes keeps them, also when it has to be fetched again.
    const trustPrivileged =
      this.#options.trustPrivileged || state.images.content(digest)?.privileged === 'applied'
    // Apart from what an earlier attempt fetched: a local content that is of no use must not cost that.
    const copy = `${staging}-local`
    const space = this.#space()
    const local = await findLocalContent(this.#components, image, {
      ...this.#options,
      staging: copy,
      trustPrivileged,
      reserve: async (needs) => await space.reserve(needs),
    }).finally(() => space.release())
    if (local !== undefined) {
      this.#options.onSource(local.recorded ? digest : undefined, 'taken')
      this.#options.onLocal()
    }
    const found =
      local ?? (kind === 'tree' ? await this.#fetchTree(trustPrivileged) : await this.#fetchFile())
    if ('fault' in found) return found
    const { sha256, privileged, dropped } = found
    // Of a large file it is computed when the file is enabled.
    if (sha256 !== undefined && sha256 !== image.manifest.sha256) {
      if (local === undefined) await this.#requireIntact()
      return { fault: `the origin signed ${image.manifest.sha256} as SHA-256 of the file; it is ${sha256}` }
    }
    if (local === undefined) await placeContent(layout, staging, digest)
    else if (local.staged) await placeContent(layout, copy, digest)
    if (local !== undefined) await removeTree(staging)
    const createdAt = clock.now()
    return { content: { digest, kind, size, sha256, inPlace: undefined, privileged, createdAt }, dropped }
  }

  /** Before the origin is blamed: throws `wrong-content`, and begins anew, when the staged file was damaged on this disk. */
  async #requireIntact(): Promise<void> {
    const { image, staging, signal } = this.#options
    const { content: digest, size } = image.manifest
    const staged = { image: join(staging, 'image'), index: join(staging, 'index') }
    try {
      await verifyContent(staged, { digest, size, signal })
    } catch (error) {
      await removeTree(staging)
      throw error
    }
  }

  /** Bytes that would have to travel now: brings the index into staging, and no leaf. */
  async measure(): Promise<number> {
    return this.#options.image.manifest.kind === 'tree'
      ? await this.#withTree(async (target, space) => await this.#fetchOf(target, space).measure())
      : await this.#withFile(async (target, space) => await this.#fetchOf(target, space).measure())
  }

  /** Fetches what is missing of a file into staging; what fits into one segment gets its flat digest. */
  async #fetchFile(): Promise<Found> {
    const { image, onFetching, onEnabling } = this.#options
    const { size } = image.manifest
    onFetching()
    return await this.#withFile(async (target, space, staged) => {
      await this.#fetchOf(target, space).run()
      onEnabling()
      const sha256 = flatDigestOfSmall(staged.path, size)
      await staged.complete()
      return { sha256, privileged: 'none', dropped: 0 }
    })
  }

  /** What on this disk may hold parts of the file. */
  async #openSeeds(): Promise<FileSeeds | undefined> {
    const { limits, work } = this.#components
    const { signal } = this.#options
    const places: SeedPlace[] = []
    for (const seed of await chooseSeeds(this.#components, this.#options)) {
      this.#options.onSource(seed.from === 'content' ? seed.content.digest : undefined, 'perhaps')
      const place = await placeOf(this.#components, seed, signal).catch(() => undefined) // as good as absent
      signal.throwIfAborted()
      if (place !== undefined) places.push(place)
    }
    return await FileSeeds.open(places, { limits, work, signal })
  }

  /** The patch that brings the image, of an origin that knows patches. */
  #patch(): ArrivingPatch {
    const { links } = this.#components
    const { peerId, image } = this.#options
    const isKnown = links.get(peerId)?.hello.features.includes(PATCHES) === true
    const onBase = (base: Digest) => this.#options.onSource(base, 'taken')
    return new ArrivingPatch(this.#components, image, { isKnown, onBase })
  }

  async #openTreeSeeds(): Promise<TreeSeeds | undefined> {
    const { layout, limits } = this.#components
    const seeds = await chooseSeeds(this.#components, this.#options)
    for (const seed of seeds)
      this.#options.onSource(seed.from === 'content' ? seed.content.digest : undefined, 'perhaps')
    return await TreeSeeds.open(seeds, { layout, limits, decodePage: treePageDecoder(limits) })
  }

  async #withFile<T>(
    work: (target: FileTarget, space: AttemptSpace, staged: StagedFile) => Promise<T>,
  ): Promise<T> {
    const { limits, work: threads } = this.#components
    const { image, staging } = this.#options
    const { size, content } = image.manifest
    const space = this.#space()
    const staged = await StagedFile.open(staging, size)
    const target = new FileTarget(staged, {
      image: image.id,
      content,
      limits,
      work: threads,
      seeds: async () => await this.#openSeeds(),
      patch: this.#patch(),
      onLocal: this.#options.onReuse,
    })
    try {
      return await work(target, space, staged)
    } finally {
      space.release()
      await target.close()
      await staged.close()
    }
  }

  /** Fetches what is missing of a tree into staging, and assembles it. */
  async #fetchTree(trust: boolean): Promise<Found | { fault: string }> {
    const { signal, onFetching, onEnabling } = this.#options
    onFetching()
    try {
      return await this.#withTree(async (target, space) => {
        await this.#fetchOf(target, space).run()
        onEnabling()
        const { index, image: root } = target.staged
        const privileged = target.privileged
        await assembleTree({ index, root, signal }, { trust })
        await target.staged.seal()
        return privileged === 0
          ? { sha256: undefined, privileged: 'none', dropped: 0 }
          : {
              sha256: undefined,
              privileged: trust ? 'applied' : 'dropped',
              dropped: trust ? 0 : privileged,
            }
      })
    } catch (error) {
      if (error instanceof TreeFault) return { fault: error.message }
      throw error
    }
  }

  async #withTree<T>(work: (target: TreeTarget, space: AttemptSpace) => Promise<T>): Promise<T> {
    const { limits, layout, work: threads } = this.#components
    const { image, staging, signal } = this.#options
    const { size, content, entries = 0 } = image.manifest
    const space = this.#space()
    const target = new TreeTarget({
      image: image.id,
      content,
      size,
      entries,
      staging,
      place: layout.file(content),
      limits,
      patch: this.#patch(),
      decodePage: treePageDecoder(limits),
      signal,
      reserveIndex: async (bytes) => await space.reserve({ bytes, inodes: 4 }),
      work: threads,
      seeds: async () => await this.#openTreeSeeds(),
      onLocal: this.#options.onReuse,
    })
    let isRefused = false
    try {
      return await work(target, space)
    } catch (error) {
      isRefused = isIngotError(error, NO_SPACE) && !existsSync(join(staging, 'image'))
      throw error
    } finally {
      space.release()
      await target.close()
      if (isRefused) {
        // Nothing of the tree is made: its index would lie here until there is space, perhaps for ever.
        await removeTree(staging)
        this.#options.onNeeds(space.all)
      }
    }
  }

  #space(): AttemptSpace {
    return new AttemptSpace(this.#components.space, this.#options.onNeeds)
  }

  #fetchOf<R extends LeafRun>(target: Target<R>, space: AttemptSpace): Fetch<R> {
    const { links, limits } = this.#components
    const { peerId, image, pace, signal, onWrongLeaf, onProgress } = this.#options
    const components: FetchComponents = {
      links,
      limits,
      pace,
      onWrongLeaf,
      reserve: async (needs) => await space.reserve(needs),
      onProgress: (done, wire) => {
        space.shrinkTo(image.manifest.size - done)
        onProgress(done, wire)
      },
    }
    return new Fetch(components, { peerId, size: image.manifest.size }, target, signal)
  }
}

interface Found {
  sha256: Digest | undefined
  privileged: StoredContent['privileged']
  dropped: number
}
