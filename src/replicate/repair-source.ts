import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { IngotError, fileError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { StoredContent } from '../image/content.ts'
import { DIGEST_BYTES, type Digest } from '../image/digest.ts'
import { LEAF_BYTES, segmentCount, segmentLeaves } from '../image/leaves.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { Links } from '../net/links.ts'
import type { TransferRates } from '../net/transfer-rates.ts'
import { refOf } from '../state/refs.ts'
import type { State } from '../state/state.ts'
import { realRoot } from '../store/inside.ts'
import type { IndexSource } from '../store/mend-index.ts'
import type { WantedLeaves } from '../store/mend-leaves.ts'
import { joinBytes } from '../store/tree-path.ts'
import type { Run } from '../wire/content.ts'
import { REPAIR } from '../wire/hello.ts'
import { FetchStreams } from './fetch-streams.ts'

/** A peer that may have an image whole, and under which id it is asked for. */
export interface Holder {
  peerId: string
  image: SealedManifest
}

export interface HolderComponents {
  selfId: string
  state: State
  links: Links
}

/**
 * Peers with a link now that may give back what is damaged of a content: of a replica its origin; of an own image those that told
 * that they have it and that serve an origin. And for people, what stands in the way where there is none.
 */
export function holdersOf(
  components: HolderComponents,
  content: Digest,
): { holders: Holder[]; missing: string } {
  const { selfId, state, links } = components
  const holders: Holder[] = []
  const missing: string[] = []
  for (const { sealed } of state.images.onContent(content)) {
    const { origin } = sealed.manifest
    if (origin !== selfId) {
      if (links.get(origin) !== undefined) holders.push({ peerId: origin, image: sealed })
      else missing.push(`no link to the origin of ${refOf(components, sealed)}`)
      continue
    }
    const found = state.receipts
      .holders(sealed.id)
      .filter(({ state: told, peer }) => told === 'enabled' && state.peers.isRegistered(peer))
      .filter(({ peer }) => links.get(peer)?.hello.features.includes(REPAIR) === true)
    holders.push(...found.map(({ peer }) => ({ peerId: peer, image: sealed })))
    if (found.length === 0) missing.push(`no peer with a link has ${refOf(components, sealed)}`)
  }
  return { holders, missing: missing.join('; ') }
}

/** Where damaged parts of a content are taken from. */
export interface RepairSource {
  /** For people. */
  readonly name: string
  /** What can tell the index of a file. */
  readonly index: IndexSource | undefined
  leaves(wanted: WantedLeaves): Promise<Uint8Array>
}

/** Segment digests that are asked for at once: 128 KiB. */
const SEGMENTS_ASKED = 4096

/** A peer, asked for single leaves and parts of the index of a file, one after the other. */
export class PeerSource implements RepairSource, IndexSource {
  readonly name: string
  readonly index: IndexSource = this
  readonly #streams: FetchStreams
  readonly #image: SealedManifest

  constructor(
    { links, rates, limits, state }: { links: Links; rates: TransferRates; limits: Limits; state: State },
    { peerId, image }: Holder,
    signal: AbortSignal,
  ) {
    this.name = state.peers.byId(peerId)?.name ?? peerId
    const pace = rates.ofJob(peerId, undefined)
    this.#streams = new FetchStreams({ links, limits, pace, peerId, signal })
    this.#image = image
  }

  async leaves({ first, count, bytes }: WantedLeaves): Promise<Uint8Array> {
    return await this.#ask({ what: 'leaves', run: { first, count } }, Buffer.allocUnsafe(bytes))
  }

  async segments(): Promise<Buffer> {
    const count = segmentCount(this.#image.manifest.size)
    const pages: Buffer[] = []
    for (let first = 0; first < count; first += SEGMENTS_ASKED) {
      const run = { first, count: Math.min(SEGMENTS_ASKED, count - first) }
      pages.push(await this.#ask({ what: 'segments', run }, Buffer.alloc(run.count * DIGEST_BYTES)))
    }
    return Buffer.concat(pages)
  }

  async leafLists(first: number, count: number): Promise<Buffer> {
    const { size } = this.#image.manifest
    const last = segmentLeaves(size, first + count - 1)
    const list = Buffer.alloc((last.first + last.count - segmentLeaves(size, first).first) * DIGEST_BYTES)
    return await this.#ask({ what: 'leafLists', run: { first, count } }, list)
  }

  async #ask(
    request: { what: 'leaves' | 'segments' | 'leafLists'; run: Run },
    target: Buffer,
  ): Promise<Buffer> {
    await this.#streams.withStream(async (stream) => {
      await stream.ask({ image: this.#image.id, ...request }, target.length)
      await stream.answer(target)
    })
    return target
  }

  async close(): Promise<void> {
    await this.#streams.endSpare()
  }

  abort(error: Error): void {
    this.#streams.abort(error)
  }
}

/** A file or directory of the operator that may be a copy of the content. */
export class PathSource implements RepairSource {
  readonly name: string
  readonly index = undefined
  readonly #path: string

  private constructor(path: string) {
    this.name = path
    this.#path = path
  }

  /** Throws `usage` for what is not of the kind of the content. */
  static async open(path: string, { kind }: StoredContent): Promise<PathSource> {
    const found = await stat(path).catch((error: unknown) => {
      throw fileError(error, `cannot read ${path}`)
    })
    if (kind === 'tree' ? found.isDirectory() : found.isFile()) return new PathSource(path)
    throw new IngotError('usage', `${path} is no ${kind === 'tree' ? 'directory' : 'file'}, as the image is`)
  }

  async leaves({ parts, bytes }: WantedLeaves): Promise<Uint8Array> {
    const target = Buffer.alloc(bytes)
    let at = 0
    for (const part of parts) {
      const place =
        part.file.path.length === 0
          ? Buffer.from(this.#path)
          : joinBytes(Buffer.from(this.#path), part.file.path)
      await readInto(place, target.subarray(at, at + part.bytes), part.first * LEAF_BYTES)
      at += part.bytes
    }
    return target
  }
}

/** What lies in a file there; zeros beyond its end, and where it is none. */
async function readInto(place: Buffer, target: Buffer, position: number): Promise<void> {
  try {
    const file = await open(place, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      for (let done = 0; done < target.length;) {
        const { bytesRead } = await file.read(target, done, target.length - done, position + done)
        if (bytesRead === 0) return
        done += bytesRead
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error // as good as absent
  }
}

/** Where the bytes of a content lie that was copied or fetched, by file of its index; in a tree without any link. */
export function placesOf(image: string, { kind }: StoredContent): (file: { path: Buffer }) => Buffer {
  const root = kind === 'tree' ? realRoot(image) : Buffer.from(image)
  return ({ path }) => joinBytes(root, path)
}
