import type { Connection } from '@libp2p/interface'
import { IngotError, isIngotError } from '../../../src/core/errors.ts'
import { defaultLimits } from '../../../src/core/limits.ts'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import { ContentStream } from '../../../src/net/content.ts'
import type { Links } from '../../../src/net/links.ts'
import { encodeEvent } from '../../../src/wire/journal.ts'
import type { Bed } from '../daemon.ts'
import { RawPeer } from '../raw-peer.ts'
import type { ModelImage } from './model.ts'

/** Takes a refusal, as it should be: the tap sees what is answered. */
function refused(error: unknown): void {
  if (!isIngotError(error, 'not-announced')) throw error
}

/**
 * A registered peer that would chain: it knows every id, asks its peers for the content of all images, and passes on what others
 * signed as if it were its own to tell. What it says itself is not judged; what servers say to it is.
 */
export class Relay {
  readonly name: string
  readonly #peer: RawPeer

  private constructor(name: string, peer: RawPeer) {
    this.name = name
    this.#peer = peer
  }

  static async start(bed: Bed, name: string): Promise<Relay> {
    const peer = await RawPeer.open(name)
    bed.onEnd(async () => await peer.host.stop())
    return new Relay(name, peer)
  }

  get peerId(): string {
    return this.#peer.key.peerId
  }

  get address(): string {
    return this.#peer.host.addresses()[0] ?? ''
  }

  get journalId(): string {
    return this.#peer.journalId
  }

  get serverData(): string {
    return this.#peer.serverData(this.name)
  }

  /** Number of its newest journal entry. */
  get seq(): number {
    return this.#peer.entries.length
  }

  /** True while a server has a link to it. */
  hasLink(peerId: string): boolean {
    return this.#connectionTo(peerId) !== undefined
  }

  #connectionTo(peerId: string): Connection | undefined {
    return this.#peer.host.connectionsOf(peerId).find(({ status }) => status === 'open')
  }

  /** Asks a server that has a link to it for the first segment digest and the first leaf of each image. Throws `link-lost` without one. */
  async askForContent(peerId: string, images: readonly ModelImage[]): Promise<void> {
    const { host } = this.#peer
    const connection = this.#connectionTo(peerId)
    if (connection === undefined) throw new IngotError('link-lost', 'there is no link to that server')
    const signal = AbortSignal.timeout(10_000)
    const links = {
      open: async (_: string, protocol: string) => await host.openChannel(connection, protocol, signal),
    } as unknown as Links
    const stream = await ContentStream.open(links, peerId, { limits: defaultLimits, signal })
    for (const { id: image, content } of images) {
      const run = { first: 0, count: 1 }
      await stream.ask({ image, what: 'segments', run })
      await stream.answer(Buffer.alloc(32)).catch(refused)
      await stream.ask({ image, what: 'leaves', run })
      await stream.answer(Buffer.alloc(Math.min(65_536, content.bytes.length))).catch(refused)
    }
    await stream.end()
  }

  /** Announces an image of somebody else, with the signature of its origin. */
  announce(image: SealedManifest): void {
    this.#peer.append(encodeEvent({ type: 'image-published', image }))
  }
}
