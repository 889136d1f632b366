import { rm } from 'node:fs/promises'
import type { Clock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { checkName } from '../core/names.ts'
import { checkBuiltInType, type BuiltInType } from '../image/manifest.ts'
import type { Signer } from '../image/signature.ts'
import type { ImageState } from '../image/states.ts'
import type { ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import { linkImage, placeContent } from '../store/placement.ts'
import { sealManifest } from '../wire/manifest.ts'
import { importFile, type ImportedFile } from './import.ts'
import type { Journal } from './journal.ts'

export interface PublisherComponents {
  selfId: string
  sign: Signer
  state: State
  layout: Layout
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
    const { layout, limits, selfId, state, journal } = this.#components
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
    this.#underWay.add(image.name)
    try {
      const file = await importFile(layout, limits, { ...options, path: image.path, inPlace: image.inPlace })
      try {
        return await this.#publish(image, type, file)
      } catch (error) {
        await rm(file.staging, { recursive: true, force: true })
        throw error
      }
    } finally {
      this.#underWay.delete(image.name)
    }
  }

  async #publish(image: NewImage, type: BuiltInType, file: ImportedFile): Promise<ImageRecord> {
    const { selfId, sign, state, layout, journal, clock, limits, events, logger } = this.#components
    const now = clock.now()
    const sealed = sealManifest(
      {
        origin: selfId,
        name: image.name,
        type,
        baseType: type,
        version: image.version,
        description: image.description,
        labels: image.labels,
        kind: 'file',
        size: file.size,
        content: file.digest,
        sha256: file.sha256,
        ancestors: [],
        createdAt: now,
      },
      sign,
      limits,
    )
    await placeContent(layout, file.staging, file.digest)
    const record: ImageRecord = { sealed, state: image.state, private: image.private, enabledAt: now }
    // Bytes that were copied once stay the source, also when the same content is registered in place later.
    const held = state.images.content(file.digest)
    const inPlace = held !== undefined && held.inPlace === undefined ? undefined : file.inPlace
    const { digest, size, sha256 } = file
    try {
      journal.publish((append) => {
        state.images.putContent({ digest, kind: 'file', size, sha256, inPlace, createdAt: now })
        state.images.insert(record)
        if (image.state === 'PUBLISHED' && !image.private) append({ type: 'image-published', image: sealed })
      })
    } catch (error) {
      if (state.images.content(digest) === undefined)
        await rm(layout.content(digest), { recursive: true, force: true })
      throw error
    }
    await linkImage(layout.link(undefined, image.name), inPlace?.path ?? layout.file(file.digest))
    logger.info({ image: sealed.id, name: image.name, bytes: file.size }, 'image created')
    events.emit({ type: 'image', image: sealed.id, ref: `./${image.name}`, status: 'enabled' })
    return record
  }
}
