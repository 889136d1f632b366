import { rm } from 'node:fs/promises'
import type { Clock } from '../core/clock.ts'
import { IngotError, describeError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { checkName } from '../core/names.ts'
import {
  checkBuiltInType,
  emptyRoot,
  type BuiltInType,
  type Manifest,
  type SealedManifest,
} from '../image/manifest.ts'
import type { Signer } from '../image/signature.ts'
import type { ImageState } from '../image/states.ts'
import type { ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import type { SpaceLedger } from '../store/space.ts'
import { linkImage, placeContent } from '../store/placement.ts'
import { sealManifest } from '../wire/manifest.ts'
import { importFile, type ImportedFile } from './import.ts'
import type { Journal } from './journal.ts'

export interface PublisherComponents {
  selfId: string
  sign: Signer
  state: State
  layout: Layout
  space: SpaceLedger
  journal: Journal
  events: EventBus
  clock: Clock
  limits: Limits
  logger: Logger
}

/** What an operator says of a new image. */
export interface NewImage {
  name: string
  /** Absolute path of the file. */
  path: string
  type: string
  version: string
  description: string
  labels: Record<string, string>
  state: ImageState
  private: boolean
  inPlace: boolean
}

/** Makes images of files: content, manifest, signature, journal entry. */
export class Publisher {
  readonly #components: PublisherComponents
  /** Names of images that are being made. */
  readonly #underWay = new Set<string>()
  readonly #ended = new Set<Promise<void>>()

  constructor(components: PublisherComponents) {
    this.#components = components
  }

  /**
   * Creates an image that descends from nothing. Throws before anything is read when the name or type is not right, and leaves
   * nothing behind when it throws later.
   */
  async importImage(
    image: NewImage,
    options: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
  ): Promise<ImageRecord> {
    const { limits, selfId, state, journal } = this.#components
    checkName(image.name, 'image name')
    const type = checkBuiltInType(image.type)
    if (state.images.byName(selfId, image.name) !== undefined || this.#underWay.has(image.name)) {
      throw new IngotError('conflict', `an image ./${image.name} exists here already`, {
        hint: 'images never change: choose another name, for example with the version in it',
      })
    }
    if (this.#underWay.size >= limits.imports) {
      throw new IngotError('busy', `${limits.imports} imports are running; try again when one has ended`)
    }
    if (image.state === 'PUBLISHED' && !image.private) journal.requirePublishing()
    // Before a long file is read: would its manifest be one?
    this.#seal(image, type, { size: 0, content: emptyRoot, sha256: emptyRoot })
    this.#underWay.add(image.name)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ended.add(promise)
    try {
      const file = await importFile(this.#components, {
        ...options,
        path: image.path,
        inPlace: image.inPlace,
      })
      try {
        return await this.#publish(image, type, file)
      } catch (error) {
        await rm(file.staging, { recursive: true, force: true })
        throw error
      }
    } finally {
      this.#underWay.delete(image.name)
      this.#ended.delete(promise)
      resolve()
    }
  }

  /** Resolves when no import runs any more; whoever asked for them ends them. */
  async stop(): Promise<void> {
    await Promise.all(this.#ended)
  }

  /** Throws `invalid` or `too-large` for texts that no manifest may have. */
  #seal(
    image: NewImage,
    type: BuiltInType,
    content: Pick<Manifest, 'size' | 'content' | 'sha256'>,
  ): SealedManifest {
    const { selfId, sign, clock, limits } = this.#components
    const manifest: Manifest = {
      origin: selfId,
      name: image.name,
      type,
      baseType: type,
      version: image.version,
      description: image.description,
      labels: image.labels,
      kind: 'file',
      ancestors: [],
      createdAt: clock.now(),
      ...content,
    }
    return sealManifest(manifest, sign, limits)
  }

  async #publish(image: NewImage, type: BuiltInType, file: ImportedFile): Promise<ImageRecord> {
    const { state, layout, journal, clock, events, logger } = this.#components
    const now = clock.now()
    const sealed = this.#seal(image, type, { size: file.size, content: file.digest, sha256: file.sha256 })
    await placeContent(layout, file.staging, file.digest)
    const record: ImageRecord = { sealed, state: image.state, private: image.private, enabledAt: now }
    // Bytes that were copied once stay the source, also when the same content is registered in place later.
    const held = state.images.content(file.digest)
    const inPlace = held !== undefined && held.inPlace === undefined ? undefined : file.inPlace
    const { digest, size, sha256 } = file
    journal.publish((append) => {
      state.images.putContent({ digest, kind: 'file', size, sha256, inPlace, createdAt: now })
      state.images.insert(record)
      if (image.state === 'PUBLISHED' && !image.private) append({ type: 'image-published', image: sealed })
    })
    try {
      await linkImage(layout.link(undefined, image.name), inPlace?.path ?? layout.file(digest))
    } catch (error) {
      // The image is made and announced; the next start links it.
      logger.error({ image: sealed.id, error: describeError(error) }, 'could not link an image')
    }
    logger.info({ image: sealed.id, name: image.name, bytes: file.size }, 'image created')
    events.emit({ type: 'image', image: sealed.id, ref: `./${image.name}`, status: 'enabled' })
    return record
  }
}
