import type { Clock } from '../core/clock.ts'
import { IngotError, describeError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { checkName } from '../core/names.ts'
import type { Digest } from '../image/digest.ts'
import { emptyRoot, type Manifest, type SealedManifest } from '../image/manifest.ts'
import type { Signer } from '../image/signature.ts'
import type { ImageState } from '../image/states.ts'
import { isAnnounced, type ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import type { ContentCollector } from '../store/collect.ts'
import type { Secrets } from '../store/secrets.ts'
import type { SpaceLedger } from '../store/space.ts'
import type { WorkPool } from '../store/work/pool.ts'
import { removeTree } from '../store/remove-tree.ts'
import { linkImage, placeContent } from '../store/placement.ts'
import { sealManifest } from '../wire/manifest.ts'
import { announce } from './announce.ts'
import { localImageType, resolveImageType, type ResolvedType } from './image-types.ts'
import { importContent } from './import-content.ts'
import type { ImportedContent } from './import-file.ts'
import type { Journal } from './journal.ts'
import type { SeriesEditor } from './series.ts'

export interface PublisherComponents {
  selfId: string
  sign: Signer
  state: State
  layout: Layout
  space: SpaceLedger
  secrets: Secrets
  collector: ContentCollector
  journal: Journal
  series: SeriesEditor
  events: EventBus
  clock: Clock
  limits: Limits
  logger: Logger
  /** Threads that read, hash and copy, and threads that each follow one file. */
  work: WorkPool
  followers: WorkPool
}

/** How a new image shall stand here. */
interface Placement {
  name: string
  state: ImageState
  private: boolean
}

/** What an operator says of a new image. */
export interface NewImage extends Placement {
  /** Absolute path of the file or directory. */
  path: string
  /** Undefined: that of the parent, else DISK. */
  type: string | undefined
  version: string
  description: string
  labels: Record<string, string>
  inPlace: boolean
  /** The image of which it is a descendant. */
  parent: SealedManifest | undefined
  /** Own series in which it is put, at the end. */
  series: readonly string[]
  /** Record the owners of a tree's nodes. */
  owner: boolean
}

/** What a manifest says that does not depend on where and when it is made. */
type Description = Pick<
  Manifest,
  | 'type'
  | 'baseType'
  | 'version'
  | 'description'
  | 'labels'
  | 'kind'
  | 'size'
  | 'content'
  | 'sha256'
  | 'entries'
  | 'ancestors'
>

/** Makes images of files and directory trees: content, manifest, signature, journal entry. */
export class Publisher {
  readonly #components: PublisherComponents
  /** Names of images that are being made. */
  readonly #underWay = new Set<string>()
  readonly #ended = new Set<Promise<void>>()

  constructor(components: PublisherComponents) {
    this.#components = components
  }

  /**
   * Creates an image from a file: a descendant of its parent, or of nothing. Throws before anything is read when the name, type or
   * a series is not right, and leaves nothing behind when it throws later.
   */
  async create(
    image: NewImage,
    options: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
  ): Promise<ImageRecord> {
    const { limits, series } = this.#components
    this.#requireFree(image)
    const description = this.#describe(image)
    for (const name of image.series) series.requireInsertable(name, undefined)
    if (this.#underWay.size >= limits.imports) {
      throw new IngotError('busy', `${limits.imports} imports are running`, {
        hint: 'try again when one has ended, or raise limits.imports in ingot.toml',
      })
    }
    this.#seal(image, description) // before a long file is read: would its manifest be one?
    this.#underWay.add(image.name)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ended.add(promise)
    try {
      const { path, inPlace, owner } = image
      const imported = await importContent(this.#components, {
        ...options,
        path,
        inPlace,
        owner,
        isTrusted: (digest) => this.#components.state.images.content(digest)?.privileged === 'applied',
      })
      try {
        return await this.#publishImported(image, description, imported)
      } catch (error) {
        await removeTree(imported.staging)
        throw error
      }
    } finally {
      this.#underWay.delete(image.name)
      this.#ended.delete(promise)
      resolve()
    }
  }

  /**
   * Publishes a replica again as an image of this server: the same content, with the replica and its ancestors as ancestors. Its
   * type is the same where this server knows it, else its base type.
   */
  async adopt(source: ImageRecord, placement: Placement): Promise<ImageRecord> {
    const { selfId, state } = this.#components
    const { manifest } = source.sealed
    if (manifest.origin === selfId) {
      throw new IngotError('conflict', `./${source.name} is an image of this server already`, {
        hint: '"ingot promote image" changes what its peers see of it',
      })
    }
    if (manifest.sha256 !== undefined && state.images.content(manifest.content)?.sha256 !== manifest.sha256) {
      throw new IngotError(
        'conflict',
        `the SHA-256 of ${source.name} is not computed yet: only its origin says what it is`,
        {
          hint: 'try again when "ingot query image" shows it as checked',
        },
      )
    }
    if (state.integrity.isDamaged(manifest.content)) {
      throw new IngotError('conflict', `${source.name} is damaged on this disk`, {
        hint: '"ingot verify image --repair" mends it',
      })
    }
    this.#requireFree(placement)
    const sealed = this.#seal(placement, {
      ...manifest,
      ...localImageType(state, manifest),
      ancestors: this.#lineOf(source.sealed),
    })
    this.#underWay.add(placement.name)
    try {
      return await this.#publish(placement, sealed, [], () => {})
    } finally {
      this.#underWay.delete(placement.name)
    }
  }

  /** Resolves when no import runs any more; whoever asked for them ends them. */
  async stop(): Promise<void> {
    await Promise.all(this.#ended)
  }

  /** Throws unless an image of that name can be made here now. */
  #requireFree(placement: Placement): void {
    const { selfId, state, journal } = this.#components
    checkName(placement.name, 'image name')
    if (state.images.byName(selfId, placement.name) !== undefined || this.#underWay.has(placement.name)) {
      throw new IngotError('conflict', `an image ./${placement.name} exists here already`, {
        hint: 'images never change: choose another name, for example with the version in it',
      })
    }
    if (placement.state === 'PUBLISHED' && !placement.private) journal.requirePublishing()
  }

  /** Everything that is known of a manifest before the content is read. */
  #describe({ type, version, description, labels, parent }: NewImage): Description {
    const { state } = this.#components
    return {
      ...this.#typeOf(state, type, parent),
      version,
      description,
      labels,
      kind: 'file',
      size: 0,
      content: emptyRoot,
      sha256: emptyRoot,
      entries: undefined,
      ancestors: parent === undefined ? [] : this.#lineOf(parent),
    }
  }

  #typeOf(state: State, type: string | undefined, parent: SealedManifest | undefined): ResolvedType {
    if (type !== undefined) return resolveImageType(state, type)
    return parent === undefined ? { type: 'DISK', baseType: 'DISK' } : localImageType(state, parent.manifest)
  }

  /** Ancestors of what descends from an image. */
  #lineOf({ id, manifest }: SealedManifest): Digest[] {
    const { ancestors: most } = this.#components.limits
    if (manifest.ancestors.length >= most) {
      throw new IngotError('too-large', `${manifest.name} has ${most} ancestors; a line cannot be longer`, {
        hint: 'import the image anew: it then descends from nothing',
      })
    }
    return [id, ...manifest.ancestors]
  }

  /** Throws `invalid` or `too-large` for texts that no manifest may have. */
  #seal({ name }: Placement, description: Description): SealedManifest {
    const { selfId, sign, clock, limits } = this.#components
    return sealManifest({ ...description, origin: selfId, name, createdAt: clock.now() }, sign, limits)
  }

  async #publishImported(
    image: NewImage,
    description: Description,
    imported: ImportedContent,
  ): Promise<ImageRecord> {
    const { state, layout, clock, collector } = this.#components
    const { staging, kind, digest, size, sha256, entries } = imported
    const sealed = this.#seal(image, { ...description, kind, size, content: digest, sha256, entries })
    const release = collector.hold(digest)
    try {
      await placeContent(layout, staging, digest)
      // Bytes that were copied once stay the source, also when the same content is registered in place later.
      const held = state.images.content(digest)
      const inPlace = held !== undefined && held.inPlace === undefined ? undefined : imported.inPlace
      // A tree in place brought no copy: what lies here stays as it was.
      const privileged =
        imported.inPlace !== undefined && held !== undefined ? held.privileged : imported.privileged
      const content = { digest, kind, size, sha256, inPlace, privileged, createdAt: clock.now() }
      // What was just read or copied is whole; what lies here from before was not looked at.
      const isRead = imported.inPlace === undefined || inPlace !== undefined
      return await this.#publish(image, sealed, image.series, () => {
        state.images.putContent(content)
        if (isRead) state.integrity.whole(digest, clock.now())
      })
    } catch (error) {
      await collector.collect(digest) // with the release below
      throw error
    } finally {
      await release()
    }
  }

  /** Records and announces an image whose content is here; `record` runs in the same transaction. */
  async #publish(
    { name, state: imageState, private: isPrivate }: Placement,
    sealed: SealedManifest,
    series: readonly string[],
    record: () => void,
  ): Promise<ImageRecord> {
    const { state, layout, journal, series: editor, clock, events, logger } = this.#components
    const image = { name, sealed, state: imageState, private: isPrivate, enabledAt: clock.now() }
    const { content, size } = sealed.manifest
    journal.publish((append) => {
      record()
      state.images.insert(image)
      for (const each of series) {
        editor.requireInsertable(each, undefined) // it may have gone, or filled up, while the content was read
        const members = state.series.members(each).map((member) => member.image)
        state.series.setMembers(each, [...members, sealed.id])
      }
      if (isAnnounced(image)) announce(state, append, image)
    })
    try {
      await linkImage(
        layout.link(undefined, name),
        state.images.content(content)?.inPlace?.path ?? layout.file(content),
      )
    } catch (error) {
      // The image is made and announced; the next start links it.
      logger.error({ image: sealed.id, error: describeError(error) }, 'could not link an image')
    }
    logger.info({ image: sealed.id, name, bytes: size }, 'image created')
    events.emit({ type: 'image', image: sealed.id, ref: `./${name}`, status: 'enabled' })
    return image
  }
}
