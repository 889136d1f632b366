import { fromDigest, type Digest } from '../../../src/image/digest.ts'
import { publicKeyOf } from '../../../src/image/signature.ts'
import type { Content } from './content.ts'
import { Traces } from './traces.ts'

/** What should be so: who registered whom, who made what, what is announced. Plain objects, told by the actions and nobody else. */
export interface ModelServer {
  kind: 'server'
  /** Number in the network. */
  index: number
  name: string
  /** Those that it has registered now. */
  registered: Set<ModelServer>
  /** Those that it has ever registered, or that registered it. */
  met: Set<ModelServer>
  /** Images of peers that were announced while they were its peers. */
  known: Set<ModelImage>
  /** Own and foreign replicas that its operator removed: they do not come again by themselves. */
  removed: Set<ModelImage>
  /** Series that its operator named in a selector. */
  named: Set<ModelSeries>
}

export interface ModelImage {
  kind: 'image'
  id: Digest
  name: string
  origin: ModelServer
  content: Content
  /** What its manifest says besides: version, description, labels. An adopted image says the same as its source. */
  texts: readonly string[]
  type: string
  state: string
  private: boolean
  deleted: boolean
  /** True once it was announced to anybody. */
  wasAnnounced: boolean
}

export interface ModelSeries {
  kind: 'series'
  name: string
  owner: ModelServer
  images: Set<ModelImage>
  deleted: boolean
}

/** What a trace is a trace of. Of an image that is not announced any more, its id may still be told, and nothing else. */
export type Subject =
  | ModelServer
  | ModelSeries
  | { kind: 'image'; image: ModelImage }
  | { kind: 'image-id'; image: ModelImage }

export function isAnnounced(image: ModelImage): boolean {
  return image.state === 'PUBLISHED' && !image.private && !image.deleted
}

/** Two servers exchange when each has registered the other. */
export function arePeers(one: ModelServer, other: ModelServer): boolean {
  return one.registered.has(other) && other.registered.has(one)
}

export class Model {
  readonly servers: ModelServer[] = []
  readonly images: ModelImage[] = []
  readonly series: ModelSeries[] = []
  readonly traces = new Traces<Subject>()
  /** As it was before the step under way: what is told during a step may be of before or after it. */
  #announcedBefore = new Set<ModelImage>()
  #peersBefore = new Set<string>()
  #names = 0

  /** A name that occurs nowhere else. */
  freshName(of: string): string {
    const digits = Math.imul(++this.#names, 0x9e3779b1) >>> 0
    return `${digits.toString(36).padStart(7, '0')}-${of}${this.#names}`
  }

  addServer(name: string, peerId: string, address: string): ModelServer {
    const server: ModelServer = {
      kind: 'server',
      index: this.servers.length,
      name,
      registered: new Set(),
      met: new Set(),
      known: new Set(),
      removed: new Set(),
      named: new Set(),
    }
    this.servers.push(server)
    const key = publicKeyOf(peerId)
    for (const trace of [name, peerId, key, address.slice(address.indexOf('/tcp/'))])
      this.traces.add(trace, server)
    return server
  }

  /** The random id of a journal tells whose it is. */
  addJournal(server: ModelServer, journalId: string): void {
    this.traces.addDigest(Buffer.from(journalId, 'hex'), server)
  }

  addImage(of: Omit<ModelImage, 'kind' | 'deleted' | 'wasAnnounced'>): ModelImage {
    const image: ModelImage = { ...of, kind: 'image', deleted: false, wasAnnounced: false }
    this.images.push(image)
    const { content } = image
    const whole = { kind: 'image', image } as const
    this.traces.addDigest(fromDigest(image.id), { kind: 'image-id', image })
    for (const digest of [fromDigest(content.root), fromDigest(content.sha256), ...content.digests])
      this.traces.addDigest(digest, whole)
    for (const trace of [image.name, ...image.texts, ...content.marks]) this.traces.add(trace, whole)
    return image
  }

  addSeries(name: string, owner: ModelServer): ModelSeries {
    const series: ModelSeries = { kind: 'series', name, owner, images: new Set(), deleted: false }
    this.series.push(series)
    this.traces.add(name, series)
    return series
  }

  /** Before each step. */
  begin(): void {
    this.#announcedBefore = new Set(this.images.filter(isAnnounced))
    this.#peersBefore = new Set(this.#pairs())
  }

  /** After each step: who may have heard what. */
  learn(): void {
    for (const image of this.images) image.wasAnnounced ||= isAnnounced(image)
    for (const server of this.servers) {
      for (const image of this.images) {
        if (this.#mayTell(image) && this.werePeers(image.origin, server)) server.known.add(image)
      }
    }
  }

  #pairs(): string[] {
    return this.servers.flatMap((one) =>
      this.servers.filter((other) => arePeers(one, other)).map((other) => `${one.index} ${other.index}`),
    )
  }

  /** Peers before or after the step under way. */
  werePeers(one: ModelServer, other: ModelServer): boolean {
    return arePeers(one, other) || this.#peersBefore.has(`${one.index} ${other.index}`)
  }

  #mayTell(image: ModelImage): boolean {
    return isAnnounced(image) || this.#announcedBefore.has(image)
  }

  /** True when `subject` may occur in what `from` sends to `to`. */
  mayCross(from: ModelServer, to: ModelServer, subject: Subject): boolean {
    switch (subject.kind) {
      case 'server':
        return subject === from || subject === to
      case 'series':
        return subject.owner === from || (subject.owner === to && from.named.has(subject))
      case 'image':
        return subject.image.origin === from
          ? this.#mayTell(subject.image)
          : this.#mayTellOrigin(from, to, subject.image)
      case 'image-id':
        return subject.image.origin === from
          ? subject.image.wasAnnounced
          : this.#mayTellOrigin(from, to, subject.image)
    }
  }

  /** A receiver tells the origin about the origin's own images only. */
  #mayTellOrigin(from: ModelServer, to: ModelServer, image: ModelImage): boolean {
    return image.origin === to && from.known.has(image)
  }

  /** True when `subject` may occur in what a server stores and answers to its own operator. */
  mayHold(server: ModelServer, subject: Subject): boolean {
    switch (subject.kind) {
      case 'server':
        return subject === server || server.met.has(subject)
      case 'series':
        return subject.owner === server || server.met.has(subject.owner)
      case 'image':
        return subject.image.origin === server || server.known.has(subject.image)
      case 'image-id':
        return (
          subject.image.origin === server ||
          server.known.has(subject.image) ||
          (subject.image.wasAnnounced && server.met.has(subject.image.origin))
        )
    }
  }
}

/** A subject in a line. */
export function describeSubject(subject: Subject): string {
  switch (subject.kind) {
    case 'server':
      return `server ${subject.name}`
    case 'series':
      return `series ${subject.name} of ${subject.owner.name}`
    default:
      return `${subject.kind} ${subject.image.name} of ${subject.image.origin.name}`
  }
}
