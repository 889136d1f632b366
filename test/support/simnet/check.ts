import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ImageDocument } from '../../../src/control/documents.ts'
import { systemCode } from '../../../src/core/errors.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'
import { printOf } from './sources.ts'
import { Violation } from './violation.ts'

/** Directories under images/ that hold no links. */
const STORES = ['content', 'staging', 'patches']

/**
 * Looks at servers from outside: what they list, and what lies on their disks. What was read once is read again only when it changed,
 * so that a look is cheap.
 */
export class Checker {
  readonly #network: SimNetwork
  /** By path: what it was when it was read, and the print of its bytes. */
  #prints = new Map<string, { stamp: string; print: string }>()
  /** Looks that were taken, and files and trees that were read for them. */
  looks = 0
  reads = 0

  constructor(network: SimNetwork) {
    this.#network = network
  }

  /** Nothing counts as read: for a last look at everything. */
  forget(): void {
    this.#prints.clear()
  }

  /** Looks at one server that runs. Throws a Violation. */
  async look(server: SimServer): Promise<void> {
    const { life } = server
    if (!server.running || server.isTroubled) return
    this.looks++
    const hasGone = () => server.life !== life || !server.running || server.isTroubled
    const answers = await Promise.all([
      server.client.images({}),
      server.client.peers({}),
      server.client.server(),
    ]).catch((error: unknown) => {
      if (hasGone()) return undefined // it was killed before it answered
      throw error
    })
    if (answers === undefined || hasGone()) return
    const [{ images }, { peers }, self] = answers
    for (const image of images) this.#checkListed(server, image)
    this.#lookAtDisk(
      server,
      new Set(images.filter(({ status }) => status === 'damaged').map(({ name }) => name)),
    )
    for (const { name, fault } of peers) {
      const isExcused = [...this.#network.restored].some((each) => each === server || each.name === name)
      if (fault !== null && !isExcused)
        throw new Violation(`${server.name} finds a fault in the journal of ${name}: ${fault}`)
    }
    if (self.journalFault !== null && !this.#network.restored.has(server))
      throw new Violation(`${server.name} does not publish: ${self.journalFault}`)
    const [said] = this.#network.wire.faults
    if (said !== undefined) throw new Violation(said)
  }

  /** A server lists its own images and those of its peers, and what is enabled has the bytes that its origin was given. */
  #checkListed(server: SimServer, image: ImageDocument): void {
    const known = this.#network.images.get(image.name)
    if (known === undefined) throw new Violation(`${server.name} lists ${image.ref}, which nobody made`)
    if (known.origin.peerId !== image.originId)
      throw new Violation(`${server.name} lists ${image.ref} as of ${image.originId}`)
    const isNear =
      known.origin.name === server.name ||
      this.#network.peersOf(server).some(({ name }) => name === known.origin.name)
    if (!isNear) throw new Violation(`${server.name} lists ${image.ref}, of a server that is no peer of it`)
    if (image.status !== 'enabled') return
    if (image.size !== known.source.size)
      throw new Violation(`${server.name} lists ${image.ref} with ${image.size} bytes`)
    if (!image.local) server.facts.replicas.add(image.name)
  }

  /**
   * Everything under the images directory that anybody may open has the right bytes, all of them; what is `damaged` may be gone, as after
   * a backup that is older than the images.
   */
  #lookAtDisk(server: SimServer, damaged: ReadonlySet<string>): void {
    const { images } = server
    for (const owner of readdirSync(images, { withFileTypes: true })) {
      if (!owner.isDirectory() || STORES.includes(owner.name)) continue
      if (owner.name !== 'own' && !server.facts.peers.has(owner.name))
        throw new Violation(`${server.name} has images of ${owner.name}, which is no peer of it`)
      for (const name of readdirSync(join(images, owner.name))) {
        if (name.startsWith('.')) continue // a link on its way to its name
        this.#checkLink(server, { owner: owner.name, name, damaged })
      }
    }
    for (const digest of readdirSync(join(images, 'content'))) {
      const path = join(images, 'content', digest, 'image')
      const print = this.#printOf(path)
      if (print === undefined) continue
      const isRight = [...this.#network.images.values()].some(({ source }) => source.print === print)
      if (!isRight) throw new Violation(`${path} of ${server.name} has bytes that no image has`)
    }
  }

  #checkLink(
    server: SimServer,
    { owner, name, damaged }: { owner: string; name: string; damaged: ReadonlySet<string> },
  ): void {
    const link = join(server.images, owner, name)
    const image = this.#network.images.get(name)
    const isOf = owner === 'own' ? server.name : owner
    if (image?.origin.name !== isOf) throw new Violation(`${link}: ${isOf} made no such image`)
    const print = this.#printOf(link)
    if (print === image.source.print || print === 'rotten') return
    if (print === undefined && (isGone(link) || damaged.has(name))) return
    throw new Violation(
      `${link} leads to ${print === undefined ? 'nothing' : 'other bytes than the image has'}`,
    )
  }

  /** `rotten` for what was damaged on purpose; undefined for what is not there. */
  #printOf(path: string): string | undefined {
    try {
      const real = realpathSync(path)
      if (this.#network.rotten.has(dirname(real))) return 'rotten'
      const stamp = stampOf(real)
      const known = this.#prints.get(real)
      if (known !== undefined && known.stamp === stamp) return known.print
      this.reads++
      const print = printOf(real)
      // What changed while it was read is read again the next time.
      if (stamp !== undefined && stampOf(real) === stamp) this.#prints.set(real, { stamp, print })
      return print
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
  }
}

/** Changes with every write to the file; undefined for a tree, in which much may change and nothing of itself. */
function stampOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true })
  return found.isFile() ? `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}` : undefined
}

function isGone(path: string): boolean {
  try {
    lstatSync(path)
    return false
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true
    throw error
  }
}
