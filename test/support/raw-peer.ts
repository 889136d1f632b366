import type { Connection } from '@libp2p/interface'
import { onTestFinished } from 'vitest'
import { defaultLimits, type Limits } from '../../src/core/limits.ts'
import {
  bodyDigest,
  entryHash,
  genesisHash,
  signHead,
  type Head,
  type JournalEntry,
} from '../../src/image/journal.ts'
import type { Manifest, SealedManifest } from '../../src/image/manifest.ts'
import { answerHellos, greet } from '../../src/net/hello.ts'
import type { ChannelHandler, Host } from '../../src/net/host.ts'
import { ContentStream, serveContent, type ContentReply } from '../../src/net/content.ts'
import type { Links } from '../../src/net/links.ts'
import { openJournal, serveJournal } from '../../src/net/journal.ts'
import { serveReceipts } from '../../src/net/receipt.ts'
import { serveSubscriptions } from '../../src/net/subscriptions.ts'
import type { Receipt } from '../../src/image/receipt.ts'
import type { ContentRequest } from '../../src/wire/content.ts'
import type { Hello } from '../../src/wire/hello.ts'
import { encodeEvent } from '../../src/wire/journal.ts'
import { sealManifest } from '../../src/wire/manifest.ts'
import { writeServerData } from '../../src/wire/server-data.ts'
import type { ToldSelector } from '../../src/wire/subscriptions.ts'
import { bareHost } from './bare-host.ts'
import { testKey, type TestKey } from './keys.ts'
import { randomId, type TestServer } from './network.ts'
import { honestAnswer, type RawContent } from './raw-content.ts'

/**
 * A peer made of the real protocols, whose every answer a test can bend: it keeps a journal of whatever it is told to publish
 * and answers content requests as `onContent` says.
 */
export class RawPeer {
  readonly key: TestKey
  readonly host: Host
  readonly limits: Limits
  readonly entries: JournalEntry[] = []
  readonly requests: ContentRequest[] = []
  /** What receivers told of images of this peer, in order. */
  readonly receipts: Receipt[] = []
  /** What receivers told of their selectors, in order. */
  readonly told: ToldSelector[][] = []
  /** Contents of what it published, by image id. */
  readonly #contents = new Map<string, RawContent>()
  readonly #held = new Map<string, Promise<void>>()
  /** Answers of this peer to content requests. */
  onContent: (request: ContentRequest) => Promise<ContentReply> | ContentReply = () => ({
    code: 'not-announced',
  })
  /** Bends the hello that this peer says. */
  onHello: (hello: Hello) => Hello = (hello) => hello
  /** The time of its entries, milliseconds since 1970. */
  now: () => number = () => Date.now()
  journalId = randomId()
  #connection: Connection | undefined
  #wakes = new Set<() => void>()

  private constructor(key: TestKey, limits: Limits) {
    this.key = key
    this.limits = limits
    this.host = bareHost(key, limits)
  }

  /** A peer that stops when the running test has ended. */
  static async start(seed: string, replace: Record<string, ChannelHandler> = {}): Promise<RawPeer> {
    const peer = await RawPeer.open(seed, replace)
    onTestFinished(async () => await peer.host.stop())
    return peer
  }

  /** A peer whose host the caller stops. `replace`: handlers that take the place of the usual ones, by protocol. */
  static async open(seed: string, replace: Record<string, ChannelHandler> = {}): Promise<RawPeer> {
    const peer = new RawPeer(await testKey(seed), { ...defaultLimits })
    const { host, limits } = peer
    await host.start()
    const usual = (protocol: string) => replace[protocol] === undefined
    for (const [protocol, handler] of Object.entries(replace)) await host.handle(protocol, handler)
    if (usual('/ingot/hello/1')) {
      await answerHellos(host, limits, () => ({ refusal: undefined, hello: peer.#hello() }))
    }
    if (usual('/ingot/journal/1')) {
      await serveJournal(host, limits, {
        isRegistered: () => true,
        source: {
          head: () => peer.head(),
          contains: () => true,
          after: (seq, limit) => peer.entries.slice(seq, seq + limit),
          changed: async (_seq, signal) => await peer.#changed(signal),
        },
      })
    }
    if (usual('/ingot/content/1')) {
      await serveContent(host, limits, () => ({
        answer: async (request) => {
          peer.requests.push(request)
          return await peer.onContent(request)
        },
        close: async () => {},
      }))
    }
    if (usual('/ingot/receipt/1')) {
      await serveReceipts(host, limits, (_peerId, receipt) => {
        peer.receipts.push(receipt)
        return true
      })
    }
    if (usual('/ingot/subscriptions/1')) {
      await serveSubscriptions(host, limits, (_peerId, selectors) => void peer.told.push(selectors))
    }
    return peer
  }

  /** Serves what it publishes as an honest origin does, but for images that are held. */
  serve(): this {
    this.onContent = async (request) => {
      await this.#held.get(request.image)
      const content = this.#contents.get(request.image)
      if (content === undefined) return { code: 'not-announced' }
      return { code: 'ok', payload: honestAnswer(content, request) }
    }
    return this
  }

  /** Answers no request for an image until the returned function is called. */
  hold(image: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held.set(image, promise)
    return () => {
      this.#held.delete(image)
      resolve()
    }
  }

  /** Starts a new journal in place of the one that it had. */
  renewJournal(): void {
    this.journalId = randomId()
    this.entries.length = 0
  }

  #hello(): Hello {
    return this.onHello({
      version: 1,
      software: 'raw',
      features: [],
      addresses: this.host.addresses(),
      name: 'raw',
      ownHead: this.head(),
      heldHead: undefined,
      instance: randomId(), // as if restarted: the newest connection stays
      contentOnly: false,
    })
  }

  async #changed(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#wakes.add(resolve)
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
  }

  /** The signed head of this peer's journal. */
  head = (): Head => {
    const last = this.entries.at(-1)
    const cursor = { journalId: this.journalId, seq: last?.seq ?? 0, time: last?.time ?? 0 }
    const hash = last === undefined ? genesisHash(this.journalId) : entryHash(last)
    return signHead({ ...cursor, hash }, this.key.sign)
  }

  /** Appends an entry with this body; `bend` may break it. */
  append(body: Uint8Array, bend: (entry: JournalEntry) => JournalEntry = (entry) => entry): void {
    const before = this.head()
    const entry = {
      seq: before.seq + 1,
      time: this.now(),
      previous: before.hash,
      bodyDigest: bodyDigest(body),
    }
    const head = signHead(
      { journalId: this.journalId, seq: entry.seq, hash: entryHash(entry), time: entry.time },
      this.key.sign,
    )
    this.entries.push(bend({ ...entry, body, signature: head.signature }))
    for (const wake of this.#wakes) wake()
    this.#wakes.clear()
  }

  /** Publishes an image of a content; `bend` may break the manifest before it is signed. */
  publish(name: string, content: RawContent, bend: Partial<Manifest> = {}): SealedManifest {
    const sealed = sealManifest(
      {
        origin: this.key.peerId,
        name,
        type: 'DISK',
        baseType: 'DISK',
        version: '',
        description: '',
        labels: {},
        kind: 'file',
        size: content.bytes.length,
        content: content.root,
        sha256: content.sha256,
        ancestors: [],
        createdAt: Date.now(),
        ...bend,
      },
      this.key.sign,
      this.limits,
    )
    this.#contents.set(sealed.id, content)
    this.append(encodeEvent({ type: 'image-published', image: sealed }))
    return sealed
  }

  serverData(name: string): string {
    const data = { name, peerId: this.key.peerId, addresses: this.host.addresses(), createdAt: Date.now() }
    return writeServerData(data, this.key.sign)
  }

  /** Has a server register this peer under `name`; the server then dials it. */
  async registerOn(server: TestServer, name: string): Promise<void> {
    await server.client.register({ serverData: this.serverData(name) })
    await server.waitLink(name, 'up')
  }

  /** Dials a server and says hello; the connection for requests of this peer. */
  async connect(server: TestServer): Promise<Connection> {
    const { addresses } = await server.client.server()
    const signal = AbortSignal.timeout(10_000)
    this.#connection = await this.host.dial(server.peerId, addresses, signal)
    await greet(this.host, this.#connection, { hello: this.#hello(), limits: this.limits, signal })
    return this.#connection
  }

  /** Reads the first entries of the journal of a server, as they are sent. */
  async readJournal(server: TestServer, count: number): Promise<JournalEntry[]> {
    const connection = await this.connect(server)
    const signal = AbortSignal.timeout(10_000)
    const links = this.#linksOver(connection, signal)
    const stream = await openJournal(links, server.peerId, { cursor: undefined, limits: this.limits, signal })
    const entries: JournalEntry[] = []
    for await (const entry of stream.entries) {
      entries.push(entry)
      if (entries.length === count) break
    }
    return entries
  }

  /** Dials a server and opens a stream on which its content can be asked for. */
  async contentStream(server: TestServer): Promise<ContentStream> {
    const [stream] = await this.contentStreams(server, 1)
    return stream as ContentStream
  }

  /** Several streams over one connection. */
  async contentStreams(server: TestServer, count: number): Promise<ContentStream[]> {
    const connection = await this.connect(server)
    const signal = AbortSignal.timeout(60_000)
    const links = this.#linksOver(connection, signal)
    const options = { limits: this.limits, signal }
    return await Promise.all(
      Array.from({ length: count }, async () => await ContentStream.open(links, server.peerId, options)),
    )
  }

  #linksOver(connection: Connection, signal: AbortSignal): Links {
    return {
      open: async (_peerId: string, protocol: string) =>
        await this.host.openChannel(connection, protocol, signal),
    } as unknown as Links
  }
}

/** Lets a peer answer no request for leaves from `leaf` on while `stalls`; counts the leaves that it served. */
export function stallAt(peer: RawPeer, leaf: number): { stalls: boolean; served: number } {
  const line = { stalls: true, served: 0 }
  const honest = peer.onContent
  peer.onContent = async (request) => {
    if (request.what === 'leaves') {
      if (line.stalls && request.run.first >= leaf) await new Promise<never>(() => {})
      line.served += request.run.count
    }
    return await honest(request)
  }
  return line
}
