/**
 * A peer written from docs/protocol.md and proto/ alone: nothing of src/ is used. It proves that the document is enough to write one.
 * Numbers in comments are sections of the document.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { Connection, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import protobuf from 'protobufjs'

// Messages: proto/ as it is, read at run time.

export interface Head {
  journalId: Buffer
  seq: number
  hash: Buffer
  time: number
  signature: Buffer
}
export interface Hello {
  version: number
  software: string
  features: string[]
  addresses: string[]
  name: string
  ownHead: Head | null
  heldHead: Head | null
  instance: Buffer
}
export interface SignedManifest {
  manifest: Buffer
  signature: Buffer
}
export interface Manifest {
  version: number
  origin: string
  name: string
  imageType: string
  baseType: string
  imageVersion: string
  description: string
  labels: { key: string; value: string }[]
  kind: string
  size: number
  content: Buffer
  sha256: Buffer
  ancestors: Buffer[]
  createdAt: number
}
export interface Event {
  imagePublished?: SignedManifest
  imageWithdrawn?: { image: Buffer }
  imageDeleted?: { image: Buffer }
}
export interface JournalEntry {
  seq: number
  time: number
  previous: Buffer
  bodyDigest: Buffer
  body?: Buffer
  signature: Buffer
}
export interface JournalRequest {
  open?: { journalId: Buffer; seq: number; hash: Buffer; headOnly: boolean }
  ack?: { seq: number }
}
export interface JournalAnswer {
  start?: { head: Head | null }
  entry?: JournalEntry
  refusal?: { code: string; head: Head | null }
}
interface Run {
  first: number
  count: number
}
export interface ContentRequest {
  image: Buffer
  segments?: Run
  leafLists?: Run
  leaves?: Run
}
export interface ContentAnswer {
  code: string
  payloadBytes: number
  encoding: string
  retryAfterMs: number
}
export interface Receipt {
  image: Buffer
  state: string
  reason: string
  time: number
}
interface ServerData {
  version: number
  name: string
  peerId: string
  addresses: string[]
  createdAt: number
}

const protoFiles = ['hello', 'journal', 'manifest', 'content', 'receipt', 'farewell', 'server-data']
const proto = protobuf.loadSync(
  protoFiles.map((name) => fileURLToPath(new URL(`../../proto/${name}.proto`, import.meta.url))),
)

class Message<T extends object> {
  readonly #type: protobuf.Type

  constructor(name: string) {
    this.#type = proto.lookupType(`ingot.${name}`)
  }

  /** Fields that are left out are not sent. */
  encode(value: Partial<T>): Buffer {
    return Buffer.from(this.#type.encode(this.#type.fromObject(value)).finish())
  }

  decode(bytes: Uint8Array): T {
    const options = { longs: Number, enums: String, defaults: true, arrays: true }
    const value: unknown = this.#type.toObject(this.#type.decode(bytes), options)
    checkNumbers(value)
    return value as T
  }
}

/** 8: numbers beyond 2^53 - 1 make a message invalid. */
function checkNumbers(value: unknown): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new Error('a number beyond 2^53 - 1')
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  Object.values(value).forEach(checkNumbers)
}

export const messages = {
  hello: new Message<Hello>('Hello'),
  helloAnswer: new Message<{ refusal: string; detail: string; hello: Hello | null }>('HelloAnswer'),
  manifest: new Message<Manifest>('Manifest'),
  event: new Message<Event>('Event'),
  journalRequest: new Message<JournalRequest>('JournalRequest'),
  journalAnswer: new Message<JournalAnswer>('JournalAnswer'),
  contentRequest: new Message<ContentRequest>('ContentRequest'),
  contentAnswer: new Message<ContentAnswer>('ContentAnswer'),
  receipt: new Message<Receipt>('Receipt'),
  receiptAck: new Message<{ accepted: boolean }>('ReceiptAck'),
  farewell: new Message<{ time: number }>('Farewell'),
  farewellAck: new Message<Record<string, never>>('FarewellAck'),
  serverData: new Message<ServerData>('ServerData'),
  signedServerData: new Message<{ serverData: Buffer; signature: Buffer }>('SignedServerData'),
}

export const protocols = {
  hello: '/ingot/hello/1',
  journal: '/ingot/journal/1',
  content: '/ingot/content/1',
  receipt: '/ingot/receipt/1',
  farewell: '/ingot/farewell/1',
}

// 2: hashes and signatures.

export function prefix(domain: string): Buffer {
  const bytes = Buffer.alloc(64)
  bytes.write(domain, 'ascii')
  return bytes
}

export function hash(domain: string, ...parts: Uint8Array[]): Buffer {
  const sum = createHash('sha256').update(prefix(domain))
  for (const part of parts) sum.update(part)
  return sum.digest()
}

function u32(n: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(n)
  return bytes
}

function u64(n: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(n))
  return bytes
}

function verifies(
  domain: string,
  message: Uint8Array,
  by: { peerId: string; signature: Uint8Array },
): boolean {
  if (by.signature.length !== 64) return false
  const key = { kty: 'OKP', crv: 'Ed25519', x: publicKeyOf(by.peerId).toString('base64url') }
  const publicKey = createPublicKey({ key, format: 'jwk' })
  return verify(null, Buffer.concat([prefix(domain), message]), publicKey, by.signature)
}

// 1: identity.

const base58Digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** Identity multihash (00, length) of the protobuf: field 1 (key type) = 1 (Ed25519), field 2 (key) of 32 bytes. */
const peerIdPrefix = Buffer.from('002408011220', 'hex')

function peerIdOf(publicKey: Buffer): string {
  const bytes = Buffer.concat([peerIdPrefix, publicKey])
  let n = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (; n > 0n; n /= 58n) text = base58Digits[Number(n % 58n)] + text
  // The multihash begins with one zero byte: one leading '1'.
  return `1${text}`
}

export function publicKeyOf(peerId: string): Buffer {
  let n = 0n
  for (const digit of peerId) {
    const value = base58Digits.indexOf(digit)
    if (value < 0) throw new Error(`${peerId} is no peer id`)
    n = n * 58n + BigInt(value)
  }
  const publicKey = Buffer.from(n.toString(16).padStart(76, '0'), 'hex').subarray(-32)
  if (peerIdOf(publicKey) !== peerId) throw new Error(`${peerId} is no Ed25519 peer id in its usual spelling`)
  return publicKey
}

export function fingerprintOf(peerId: string): string {
  return `sha256:${hash('ingot/server-key/1', publicKeyOf(peerId)).toString('hex')}`
}

export class Identity {
  readonly seed: Buffer
  readonly publicKey: Buffer
  readonly peerId: string
  readonly #key: KeyObject

  constructor(seed: Buffer = randomBytes(32)) {
    this.seed = seed
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
    this.#key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    this.publicKey = Buffer.from(createPublicKey(this.#key).export({ format: 'jwk' }).x ?? '', 'base64url')
    this.peerId = peerIdOf(this.publicKey)
  }

  sign(domain: string, message: Uint8Array): Buffer {
    return sign(null, Buffer.concat([prefix(domain), message]), this.#key)
  }
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/

// 6: server data.

const firstLine = '-----BEGIN INGOT SERVER DATA-----'
const lastLine = '-----END INGOT SERVER DATA-----'
const addressPattern = /^\/(ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d+$/

export function writeServerData(identity: Identity, data: Omit<ServerData, 'version' | 'peerId'>): string {
  const serverData = messages.serverData.encode({ version: 1, peerId: identity.peerId, ...data })
  const signature = identity.sign('ingot/server-data-signature/1', serverData)
  const base64 = messages.signedServerData.encode({ serverData, signature }).toString('base64')
  return [firstLine, ...(base64.match(/.{1,64}/g) ?? []), lastLine, ''].join('\n')
}

export function readServerData(text: string): ServerData {
  if (text.length > 65_536) throw new Error('server data: too long')
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const base64 = lines.slice(1, -1).join('')
  if (lines[0] !== firstLine || lines.at(-1) !== lastLine) throw new Error('server data: first or last line')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw new Error('server data: other characters')
  const { serverData, signature } = messages.signedServerData.decode(Buffer.from(base64, 'base64'))
  const data = messages.serverData.decode(serverData)
  if (data.version !== 1) throw new Error('server data: version')
  if (!verifies('ingot/server-data-signature/1', serverData, { peerId: data.peerId, signature })) {
    throw new Error('server data: signature')
  }
  if (!namePattern.test(data.name)) throw new Error('server data: name')
  checkAddresses(data.addresses)
  return data
}

function checkAddresses(addresses: string[]): void {
  const bad = addresses.some((address) => address.length > 512 || !addressPattern.test(address))
  if (bad || addresses.length > 16) throw new Error('addresses')
}

// 3: content.

const leafSize = 65_536
const segmentSize = 64 * leafSize

export function leafDigest(leaf: Uint8Array): Buffer {
  return hash('ingot/leaf/1', leaf)
}

/** Of the digests of its leaves and their lengths. */
export function segmentDigest(leaves: readonly Buffer[], length: number): Buffer {
  const list = leaves.map((digest, i) =>
    Buffer.concat([digest, u32(Math.min(leafSize, length - i * leafSize))]),
  )
  return hash('ingot/segment/1', ...list)
}

export function rootDigest(size: number, segments: readonly Buffer[]): Buffer {
  return hash('ingot/file-index/1', u64(size), u64(leafSize), ...segments)
}

const zeroLeaves = new Map<number, Buffer>()
function isZeroLeaf(digest: Buffer, length: number): boolean {
  const zero = zeroLeaves.get(length) ?? leafDigest(Buffer.alloc(length))
  zeroLeaves.set(length, zero)
  return zero.equals(digest)
}
const zeroLeaf = leafDigest(Buffer.alloc(leafSize))
const zeroList = Array.from({ length: 64 }, () => zeroLeaf)
export const zeroSegment = segmentDigest(zeroList, segmentSize)

export interface Index {
  leaves: Buffer[]
  segments: Buffer[]
  root: Buffer
}

export function indexOf(content: Buffer): Index {
  const leaves: Buffer[] = []
  for (let at = 0; at < content.length; at += leafSize) {
    leaves.push(leafDigest(content.subarray(at, at + leafSize)))
  }
  const segments: Buffer[] = []
  for (let at = 0; at < content.length; at += segmentSize) {
    const length = Math.min(segmentSize, content.length - at)
    segments.push(segmentDigest(leaves.slice(segments.length * 64, segments.length * 64 + 64), length))
  }
  return { leaves, segments, root: rootDigest(content.length, segments) }
}

// 4: manifest.

const baseTypes = ['DISK', 'OS', 'ISO', 'SOFTWARE', 'DATABASE', 'CONTAINER', 'PATCH']
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/

export function imageIdOf(manifest: Uint8Array): Buffer {
  return hash('ingot/manifest/1', manifest)
}

/** Rules 1 to 11; throws when one does not hold. */
function acceptManifest(bytes: Buffer): Manifest {
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`manifest: ${what}`)
  }
  must(bytes.length <= 65_536, 'length')
  const manifest = messages.manifest.decode(bytes)
  must(manifest.version === 1, 'version')
  publicKeyOf(manifest.origin)
  must(namePattern.test(manifest.name) && namePattern.test(manifest.imageType), 'names')
  must(baseTypes.includes(manifest.baseType), 'base type')
  must(!baseTypes.includes(manifest.imageType) || manifest.imageType === manifest.baseType, 'image type')
  must(manifest.imageVersion.length <= 128 && !control.test(manifest.imageVersion), 'image version')
  must(Buffer.byteLength(manifest.description) <= 4096, 'description')
  must(!control.test(manifest.description.replaceAll('\n', '')), 'description')
  const keys = manifest.labels.map((label) => label.key)
  must(keys.length <= 64 && new Set(keys).size === keys.length, 'labels')
  must(
    manifest.labels.every(
      ({ key, value }) => namePattern.test(key) && Buffer.byteLength(value) <= 1024 && !control.test(value),
    ),
    'labels',
  )
  must(manifest.kind === 'KIND_FILE' || manifest.kind === 'KIND_TREE', 'kind')
  must(manifest.size <= 2 ** 44, 'size')
  must(manifest.content.length === 32 && manifest.sha256.length === 32, 'digests')
  const empty = rootDigest(0, []).equals(manifest.content)
  must(manifest.kind !== 'KIND_FILE' || (manifest.size === 0) === empty, 'size')
  const ancestors = manifest.ancestors.map((id) => id.toString('hex'))
  must(ancestors.length <= 512 && new Set(ancestors).size === ancestors.length, 'ancestors')
  must(
    ancestors.every((id) => id.length === 64),
    'ancestors',
  )
  return manifest
}

// 5: journal.

export function genesisOf(journalId: Buffer): Buffer {
  return hash('ingot/journal/1', journalId)
}

export function bodyDigestOf(body: Uint8Array): Buffer {
  return hash('ingot/journal-body/1', body)
}

export function entryHash(entry: Omit<JournalEntry, 'signature' | 'body'>): Buffer {
  return hash('ingot/journal-entry/1', u64(entry.seq), u64(entry.time), entry.previous, entry.bodyDigest)
}

export function headMessage(head: Omit<Head, 'signature'>): Buffer {
  return Buffer.concat([head.journalId, u64(head.seq), head.hash, u64(head.time)])
}

export function headVerifies(head: Head, peerId: string): boolean {
  const sized = head.journalId.length === 16 && head.hash.length === 32
  const { signature } = head
  return sized && verifies('ingot/head-signature/1', headMessage(head), { peerId, signature })
}

export interface Cursor {
  journalId: Buffer
  seq: number
  hash: Buffer
}

export interface PeerImage {
  id: Buffer
  manifest: Manifest
}

/** What this peer holds of the journal of another one. */
export class HeldJournal {
  readonly peerId: string
  cursor: Cursor | undefined
  head: Head | undefined
  fault: string | undefined
  readonly entries: JournalEntry[] = []
  /** Entries that moved the cursor and have no other effect, with the reason. */
  readonly passedOver: { seq: number; reason: string }[] = []
  readonly announced = new Map<string, PeerImage>()

  constructor(peerId: string) {
    this.peerId = peerId
  }

  start(head: Head | null): void {
    if (head === null || !headVerifies(head, this.peerId)) throw this.#faulty('head')
    const { journalId } = head
    this.cursor ??= { journalId, seq: 0, hash: genesisOf(journalId) }
    if (!this.cursor.journalId.equals(journalId)) throw this.#faulty('journal id')
  }

  /** Checks an entry against the cursor and moves it. */
  take(entry: JournalEntry): void {
    const { cursor } = this
    if (cursor === undefined || this.fault !== undefined) throw new Error('not taken in')
    if (entry.seq <= cursor.seq) throw this.#faulty('step back')
    if (entry.seq > cursor.seq + 1) throw this.#faulty('gap')
    if (!entry.previous.equals(cursor.hash)) throw this.#faulty('chain')
    if (entry.body !== undefined && !bodyDigestOf(entry.body).equals(entry.bodyDigest)) {
      throw this.#faulty('body')
    }
    const { journalId } = cursor
    const { seq, time, signature } = entry
    const head = { journalId, seq, hash: entryHash(entry), time, signature }
    if (!headVerifies(head, this.peerId)) throw this.#faulty('signature')
    this.#apply(entry)
    this.cursor = { journalId, seq, hash: head.hash }
    this.head = head
    this.entries.push(entry)
  }

  #apply({ seq, body }: JournalEntry): void {
    const passOver = (reason: string): void => void this.passedOver.push({ seq, reason })
    if (body === undefined) return passOver('no body')
    let event: Event
    try {
      event = messages.event.decode(body)
    } catch (error) {
      return passOver(String(error))
    }
    const gone = event.imageWithdrawn ?? event.imageDeleted
    if (gone !== undefined) return void this.announced.delete(gone.image.toString('hex'))
    if (event.imagePublished === undefined) return passOver('unknown event')
    const { manifest: bytes, signature } = event.imagePublished
    let manifest: Manifest
    try {
      manifest = acceptManifest(bytes)
      if (signature.length !== 64) throw new Error('manifest: signature length')
    } catch (error) {
      return passOver(String(error))
    }
    if (manifest.origin !== this.peerId) throw this.#faulty('origin')
    if (!verifies('ingot/manifest-signature/1', bytes, { peerId: manifest.origin, signature })) {
      throw this.#faulty('manifest signature')
    }
    const id = imageIdOf(bytes)
    this.announced.set(id.toString('hex'), { id, manifest })
  }

  #faulty(what: string): Error {
    this.fault = what
    return new Error(`journal of ${this.peerId}: ${what}`)
  }
}

/** This peer's own journal. */
export class OwnJournal {
  readonly journalId = randomBytes(16)
  readonly entries: JournalEntry[] = []
  readonly #identity: Identity
  #waiting: (() => void)[] = []

  constructor(identity: Identity) {
    this.#identity = identity
  }

  hashAt(seq: number): Buffer | undefined {
    if (seq === 0) return genesisOf(this.journalId)
    const entry = this.entries[seq - 1]
    return entry && entryHash(entry)
  }

  head(): Head {
    const last = this.entries.at(-1)
    const { journalId } = this
    const head = { journalId, seq: this.entries.length, hash: genesisOf(journalId), time: last?.time ?? 0 }
    if (last !== undefined) return { ...head, hash: entryHash(last), signature: last.signature }
    return { ...head, signature: this.#identity.sign('ingot/head-signature/1', headMessage(head)) }
  }

  append(body: Buffer): void {
    const { journalId } = this
    const seq = this.entries.length + 1
    const previous = this.hashAt(seq - 1)
    if (previous === undefined) throw new Error('no entry before')
    const entry = { seq, time: Date.now(), previous, bodyDigest: bodyDigestOf(body) }
    const message = headMessage({ journalId, seq, hash: entryHash(entry), time: entry.time })
    const signature = this.#identity.sign('ingot/head-signature/1', message)
    this.entries.push({ ...entry, body, signature })
    this.wake()
  }

  /** Resolves when something was appended, or {@link wake} was called. */
  async change(): Promise<void> {
    await new Promise<void>((resolve) => void this.#waiting.push(resolve))
  }

  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

// 8: framing.

const stepMs = 15_000

async function within<T>(ms: number | undefined, what: Promise<T>): Promise<T> {
  if (ms === undefined) return await what
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([what, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A stream with frames and payload. */
export class Channel {
  readonly stream: Stream
  #chunks: Buffer[] = []
  #length = 0
  #ended = false
  #error: Error | undefined
  #wake: () => void = () => {}

  constructor(stream: Stream) {
    this.stream = stream
    this.#ended = stream.readableEnded
    stream.addEventListener('message', ({ data }) => {
      const bytes = Buffer.from(data.subarray())
      this.#chunks.push(bytes)
      this.#length += bytes.length
      this.#wake()
    })
    const end = (error?: Error): void => {
      this.#ended = true
      this.#error ??= error
      this.#wake()
    }
    stream.addEventListener('end', () => end())
    stream.addEventListener('close', ({ error }) => end(error))
  }

  /** True when `n` bytes are there; false when the other side closed before the first of them. */
  async #fill(n: number): Promise<boolean> {
    while (this.#length < n) {
      if (this.#error !== undefined) throw this.#error
      if (this.#ended && this.#length === 0) return false
      if (this.#ended) throw new Error('the stream ended within a message')
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    return true
  }

  #take(n: number): Buffer {
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all.subarray(n)]
    this.#length -= n
    return all.subarray(0, n)
  }

  async payload(n: number): Promise<Buffer> {
    if (n === 0) return Buffer.alloc(0)
    if (!(await within(60_000, this.#fill(n)))) throw new Error('the stream ended before the payload')
    return this.#take(n)
  }

  /** The next frame, or undefined when the other side closed its side. `firstMs` is how long it may take to begin. */
  async frame(firstMs?: number): Promise<Buffer | undefined> {
    if (!(await within(firstMs, this.#fill(1)))) return undefined
    const rest = async (): Promise<Buffer> => {
      let length = 0
      for (let i = 0; ; i++) {
        if (i === 4) throw new Error('a varint of more than 4 bytes')
        if (!(await this.#fill(1))) throw new Error('the stream ended within a frame')
        const byte = this.#take(1)[0] ?? 0
        length += (byte & 0x7f) * 2 ** (7 * i)
        if (byte < 0x80) break
      }
      if (length > 262_144) throw new Error('a frame beyond the limit')
      if (!(await this.#fill(length))) throw new Error('the stream ended within a frame')
      return this.#take(length)
    }
    return await within(stepMs, rest())
  }

  /** An answer that has to come. */
  async answer<T extends object>(message: Message<T>, firstMs = stepMs): Promise<T> {
    const frame = await this.frame(firstMs)
    if (frame === undefined) throw new Error('the stream ended without an answer')
    return message.decode(frame)
  }

  async send(message: Uint8Array): Promise<void> {
    await this.sendRaw(Buffer.concat([varint(message.length), message]))
  }

  async sendRaw(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += leafSize) {
      const taken = this.stream.send(bytes.subarray(at, at + leafSize))
      if (!taken) await within(stepMs, this.stream.onDrain())
    }
  }

  async close(): Promise<void> {
    await this.stream.close()
  }

  /** Resolves when the other side closed its side. */
  async ended(): Promise<void> {
    if ((await this.frame(stepMs)) !== undefined) throw new Error('a message that has no place here')
  }

  reset(error: unknown): void {
    this.stream.abort(error instanceof Error ? error : new Error(String(error)))
  }
}

export function varint(n: number): Buffer {
  const bytes: number[] = []
  for (; n >= 0x80; n = Math.floor(n / 128)) bytes.push((n % 128) | 0x80)
  return Buffer.from([...bytes, n])
}

// 9: the peer.

interface Registered {
  peerId: string
  name: string
  addresses: string[]
  suspended: boolean
  held: HeldJournal
}

export interface Link {
  connection: Connection
  dialledHere: boolean
  hello: Hello
}

export interface OwnImage {
  id: Buffer
  content: Buffer
  index: Index
  announced: boolean
}

export interface Fetched {
  content: Buffer
  /** How many leaves, and leaf lists, were asked for. */
  leaves: number
  lists: number
}

interface PeerOptions {
  name: string
  identity?: Identity
}

/** Ends a connection. Streams that break off with it are nobody's failure. */
function cut(connection: Connection): void {
  connection.close().catch(() => {})
}

export class IndependentPeer {
  readonly identity: Identity
  readonly name: string
  readonly journal: OwnJournal
  readonly images = new Map<string, OwnImage>()
  readonly links = new Map<string, Link>()
  /** Hellos that came on connections which others dialled. */
  readonly heard: Hello[] = []
  readonly receipts: Receipt[] = []
  readonly requests: ContentRequest[] = []
  /** How journal streams of others were opened. */
  readonly opens: NonNullable<JournalRequest['open']>[] = []
  /** The largest distance between what was sent of the journal and what was acknowledged. */
  widestWindow = 0
  instance = randomBytes(16)
  /** Of the hellos that it says. */
  version = 1
  readonly #registered = new Map<string, Registered>()
  #node: Libp2p | undefined

  constructor({ name, identity = new Identity() }: PeerOptions) {
    this.name = name
    this.identity = identity
    this.journal = new OwnJournal(identity)
  }

  get peerId(): string {
    return this.identity.peerId
  }

  get node(): Libp2p {
    if (this.#node === undefined) throw new Error('not started')
    return this.#node
  }

  get addresses(): string[] {
    return this.node.getMultiaddrs().map((address) => address.toString().split('/p2p/')[0] ?? '')
  }

  async start(): Promise<void> {
    const { seed, publicKey } = this.identity
    const cut = (peerId: { toString(): string }): boolean => !this.#registered.has(peerId.toString())
    this.#node = await createLibp2p({
      privateKey: privateKeyFromRaw(Buffer.concat([seed, publicKey])),
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: { denyInboundEncryptedConnection: cut, denyOutboundEncryptedConnection: cut },
      connectionManager: { inboundConnectionThreshold: 100 },
    })
    await this.#handle(protocols.hello, (channel, connection) => this.#answerHello(channel, connection))
    await this.#handle(protocols.journal, (channel) => this.#serveJournal(channel))
    await this.#handle(protocols.content, (channel) => this.#serveContent(channel))
    await this.#handle(protocols.receipt, (channel) => this.#takeReceipts(channel))
    await this.#handle(protocols.farewell, (channel, connection) => this.#takeFarewell(channel, connection))
  }

  async stop(): Promise<void> {
    await this.#node?.stop()
    this.journal.wake()
  }

  async #handle(
    protocol: string,
    handler: (channel: Channel, connection: Connection) => Promise<void>,
  ): Promise<void> {
    const handle = (stream: Stream, connection: Connection): void => {
      const channel = new Channel(stream)
      handler(channel, connection).catch((error: unknown) => channel.reset(error))
    }
    await this.node.handle(protocol, handle, { maxInboundStreams: 16 })
  }

  serverData(): string {
    const { name, addresses } = this
    return writeServerData(this.identity, { name, addresses, createdAt: Date.now() })
  }

  register(text: string): void {
    const { peerId, name, addresses } = readServerData(text)
    const held = this.#registered.get(peerId)?.held ?? new HeldJournal(peerId)
    this.#registered.set(peerId, { peerId, name, addresses, suspended: false, held })
  }

  registered(peerId: string): Registered {
    const found = this.#registered.get(peerId)
    if (found === undefined) throw new Error(`${peerId} is not registered`)
    return found
  }

  held(peerId: string): HeldJournal {
    return this.registered(peerId).held
  }

  link(peerId: string): Link {
    const found = this.links.get(peerId)
    if (found === undefined) throw new Error(`no link to ${peerId}`)
    return found
  }

  // 10: hello.

  #hello(to: string): Hello {
    return {
      version: this.version,
      software: 'independent/1',
      features: ['unknown-feature'],
      addresses: this.addresses,
      name: this.name,
      ownHead: this.journal.head(),
      heldHead: this.held(to).head ?? null,
      instance: this.instance,
    }
  }

  #checkHello(hello: Hello, from: string): void {
    if (hello.ownHead === null || !headVerifies(hello.ownHead, from)) throw new Error('hello: own head')
    if (hello.instance.length !== 16) throw new Error('hello: instance')
    if (hello.software.length > 128 || hello.name.length > 128) throw new Error('hello: text')
    if (hello.features.length > 64 || hello.features.some((name) => name.length > 64)) {
      throw new Error('hello: features')
    }
    checkAddresses(hello.addresses)
  }

  /** Opens a new connection and says hello. Gives the hello of the other side. */
  async dial(peerId: string): Promise<Hello> {
    const { addresses } = this.registered(peerId)
    const targets = addresses.map((address) => multiaddr(`${address}/p2p/${peerId}`))
    const connection = await this.node.dial(targets, { force: true })
    const channel = new Channel(await connection.newStream(protocols.hello))
    await channel.send(messages.hello.encode(this.#hello(peerId)))
    await channel.close()
    const { refusal, detail, hello } = await channel.answer(messages.helloAnswer)
    if (hello === null) throw new Error(`${refusal}: ${detail}`)
    this.#checkHello(hello, peerId)
    this.#settle({ connection, dialledHere: true, hello })
    return hello
  }

  async #answerHello(channel: Channel, connection: Connection): Promise<void> {
    const from = connection.remotePeer.toString()
    const hello = await channel.answer(messages.hello)
    if (hello.version !== 1) {
      const detail = 'this peer speaks version 1'
      await channel.send(messages.helloAnswer.encode({ refusal: 'HELLO_REFUSAL_VERSION', detail }))
      await channel.close()
      return
    }
    this.#checkHello(hello, from)
    this.heard.push(hello)
    await channel.send(messages.helloAnswer.encode({ hello: this.#hello(from) }))
    await channel.close()
    this.#settle({ connection, dialledHere: false, hello })
  }

  /** Which connection survives. */
  #settle(link: Link): void {
    const { connection, dialledHere, hello } = link
    const peerId = connection.remotePeer.toString()
    const old = this.links.get(peerId)
    const peer = this.registered(peerId)
    const survives =
      old === undefined ||
      old.connection.status !== 'open' ||
      !old.hello.instance.equals(hello.instance) ||
      old.dialledHere === dialledHere ||
      dialledHere === this.peerId < peerId
    if (!survives) return cut(connection)
    peer.suspended = false
    peer.addresses = [...new Set([...hello.addresses, ...peer.addresses])].slice(0, 16)
    this.links.set(peerId, link)
    connection.addEventListener('close', () => {
      if (this.links.get(peerId) === link) this.links.delete(peerId)
    })
    if (old !== undefined) cut(old.connection)
    // The end of this stream is the end of the link, or a fault, which the held journal keeps.
    this.#follow(peer.held, connection).catch(() => {})
  }

  async open(peerId: string, protocol: string): Promise<Channel> {
    return new Channel(await this.link(peerId).connection.newStream(protocol))
  }

  // 11: the journal of another peer.

  async #follow(held: HeldJournal, connection: Connection): Promise<void> {
    if (held.fault !== undefined) return
    const channel = new Channel(await connection.newStream(protocols.journal))
    try {
      const cursor = held.cursor ?? { journalId: Buffer.alloc(0), seq: 0, hash: Buffer.alloc(0) }
      await channel.send(messages.journalRequest.encode({ open: { ...cursor, headOnly: false } }))
      const { start, refusal } = await channel.answer(messages.journalAnswer)
      if (start === undefined) throw new Error(`journal refused: ${refusal?.code}`)
      held.start(start.head)
      for (;;) {
        const frame = await channel.frame()
        if (frame === undefined) return await channel.close()
        const { entry } = messages.journalAnswer.decode(frame)
        if (entry === undefined) throw new Error('not an entry')
        held.take(entry)
        await channel.send(messages.journalRequest.encode({ ack: { seq: entry.seq } }))
      }
    } catch (error) {
      channel.reset(error)
      throw error
    }
  }

  // 11: this peer's journal.

  async #serveJournal(channel: Channel): Promise<void> {
    const { journal } = this
    const { open } = await channel.answer(messages.journalRequest)
    if (open === undefined) throw new Error('no open')
    this.opens.push(open)
    const head = journal.head()
    const known =
      open.headOnly ||
      open.journalId.length === 0 ||
      (open.journalId.equals(journal.journalId) && journal.hashAt(open.seq)?.equals(open.hash) === true)
    if (!known) {
      const refusal = { code: 'JOURNAL_REFUSAL_CURSOR_UNKNOWN', head }
      await channel.send(messages.journalAnswer.encode({ refusal }))
      return await channel.close()
    }
    await channel.send(messages.journalAnswer.encode({ start: { head } }))
    if (open.headOnly) return await channel.close()

    const cursor = open.journalId.length === 0 ? 0 : open.seq
    const state = { sent: cursor, acknowledged: cursor, ended: false }
    const acknowledgements = async (): Promise<void> => {
      try {
        for (;;) {
          const frame = await channel.frame()
          if (frame === undefined) return
          const { ack } = messages.journalRequest.decode(frame)
          if (ack === undefined || ack.seq > state.sent) throw new Error('not an acknowledgement')
          state.acknowledged = Math.max(state.acknowledged, ack.seq)
          journal.wake()
        }
      } finally {
        state.ended = true
        journal.wake()
      }
    }
    const entries = async (): Promise<void> => {
      while (!state.ended) {
        const entry = journal.entries[state.sent]
        if (entry === undefined || state.sent - state.acknowledged >= 256) {
          await journal.change()
          continue
        }
        state.sent++
        this.widestWindow = Math.max(this.widestWindow, state.sent - state.acknowledged)
        await channel.send(messages.journalAnswer.encode({ entry }))
      }
    }
    await Promise.all([acknowledgements(), entries()])
    await channel.close()
  }

  /** Publishes a file, or whatever `changes` make of its manifest. Gives the image id. */
  publish(content: Buffer, changes: Partial<Manifest> & { name: string }): Buffer {
    const index = indexOf(content)
    const manifest = messages.manifest.encode({
      version: 1,
      origin: this.peerId,
      imageType: 'DISK',
      baseType: 'DISK',
      kind: 'KIND_FILE',
      size: content.length,
      content: index.root,
      sha256: createHash('sha256').update(content).digest(),
      createdAt: Date.now(),
      ...changes,
    })
    const signature = this.identity.sign('ingot/manifest-signature/1', manifest)
    const id = imageIdOf(manifest)
    this.images.set(id.toString('hex'), { id, content, index, announced: true })
    this.journal.append(messages.event.encode({ imagePublished: { manifest, signature } }))
    return id
  }

  /** Takes back the body of the publication too. */
  withdraw(id: Buffer): void {
    const image = this.images.get(id.toString('hex'))
    if (image !== undefined) image.announced = false
    for (const entry of this.journal.entries) {
      const published = entry.body && messages.event.decode(entry.body).imagePublished
      if (published && imageIdOf(published.manifest).equals(id)) delete entry.body
    }
    this.journal.append(messages.event.encode({ imageWithdrawn: { image: id } }))
  }

  // 12: content of this peer.

  async #serveContent(channel: Channel): Promise<void> {
    for (;;) {
      const frame = await channel.frame()
      if (frame === undefined) return await channel.close()
      const request = messages.contentRequest.decode(frame)
      this.requests.push(request)
      const { code, payload } = this.#answerContent(request)
      await channel.send(messages.contentAnswer.encode({ code, payloadBytes: payload.length }))
      await channel.sendRaw(payload)
    }
  }

  #answerContent(request: ContentRequest): { code: string; payload: Buffer } {
    const refuse = (code: string): { code: string; payload: Buffer } => ({ code, payload: Buffer.alloc(0) })
    const image = this.images.get(request.image.toString('hex'))
    if (image === undefined || !image.announced) return refuse('CONTENT_NOT_ANNOUNCED')
    const { segments, leafLists, leaves } = request
    const run = segments ?? leafLists ?? leaves
    if (run === undefined) throw new Error('a request without a run')
    const { first, count } = run
    if (count < 1) return refuse('CONTENT_INVALID')
    const total = leaves === undefined ? image.index.segments.length : image.index.leaves.length
    if (first + count > total) return refuse('CONTENT_INVALID')
    if (count > (segments === undefined ? 64 : 131_072)) return refuse('CONTENT_TOO_LARGE')
    const ok = (payload: Buffer): { code: string; payload: Buffer } => ({ code: 'CONTENT_OK', payload })
    if (segments !== undefined) return ok(Buffer.concat(image.index.segments.slice(first, first + count)))
    if (leafLists !== undefined) {
      return ok(Buffer.concat(image.index.leaves.slice(first * 64, (first + count) * 64)))
    }
    return ok(image.content.subarray(first * leafSize, (first + count) * leafSize))
  }

  // 12: content of another peer.

  async fetch(peerId: string, { id, manifest }: PeerImage): Promise<Fetched> {
    const { size } = manifest
    const content = Buffer.alloc(size)
    if (size === 0) return { content, leaves: 0, lists: 0 }
    const channel = await this.open(peerId, protocols.content)
    const requests = new ContentReader(channel, id)
    const count = Math.ceil(size / segmentSize)
    if (count > 131_072) throw new Error('more segments than this peer asks for at once')

    const [digests] = await requests.all([{ what: 'segments', first: 0, count, bytes: count * 32 }])
    const segments = split(digests ?? Buffer.alloc(0))
    if (!rootDigest(size, segments).equals(manifest.content)) throw new Error('segment digests')

    const lengthOf = (segment: number): number => Math.min(segmentSize, size - segment * segmentSize)
    const leaves: Buffer[] = []
    let lists = 0
    for (const [segment, digest] of segments.entries()) {
      const length = lengthOf(segment)
      if (length === segmentSize && digest.equals(zeroSegment)) {
        leaves.push(...zeroList)
        continue
      }
      const bytes = Math.ceil(length / leafSize) * 32
      const [list] = await requests.all([{ what: 'leafLists', first: segment, count: 1, bytes }])
      const digests = split(list ?? Buffer.alloc(0))
      if (!segmentDigest(digests, length).equals(digest)) throw new Error('leaf list')
      leaves.push(...digests)
      lists++
    }

    const leafLength = (leaf: number): number => Math.min(leafSize, size - leaf * leafSize)
    const asked: Asked[] = []
    for (const [leaf, digest] of leaves.entries()) {
      if (isZeroLeaf(digest, leafLength(leaf))) continue
      const last = asked.at(-1)
      if (last !== undefined && last.first + last.count === leaf && last.count < 16) {
        last.count++
        last.bytes += leafLength(leaf)
      } else {
        asked.push({ what: 'leaves', first: leaf, count: 1, bytes: leafLength(leaf) })
      }
    }
    for (const [i, payload] of (await requests.all(asked)).entries()) {
      const { first = 0, count = 0 } = asked[i] ?? {}
      for (let leaf = first; leaf < first + count; leaf++) {
        const bytes = payload.subarray((leaf - first) * leafSize, (leaf - first + 1) * leafSize)
        if (leaves[leaf]?.equals(leafDigest(bytes)) !== true) throw new Error(`leaf ${leaf}`)
        bytes.copy(content, leaf * leafSize)
      }
    }
    await channel.close()
    await channel.ended()
    if (!createHash('sha256').update(content).digest().equals(manifest.sha256)) throw new Error('SHA-256')
    return { content, leaves: asked.reduce((sum, { count }) => sum + count, 0), lists }
  }

  // 13: receipts.

  /** Gives what the origin answers to each. */
  async sendReceipts(peerId: string, receipts: Omit<Receipt, 'time'>[]): Promise<boolean[]> {
    const channel = await this.open(peerId, protocols.receipt)
    const accepted: boolean[] = []
    for (const receipt of receipts) {
      await channel.send(messages.receipt.encode({ ...receipt, time: Date.now() }))
      accepted.push((await channel.answer(messages.receiptAck)).accepted)
    }
    await channel.close()
    await channel.ended()
    return accepted
  }

  async #takeReceipts(channel: Channel): Promise<void> {
    for (;;) {
      const frame = await channel.frame()
      if (frame === undefined) return await channel.close()
      const receipt = messages.receipt.decode(frame)
      this.receipts.push(receipt)
      const accepted = this.images.has(receipt.image.toString('hex'))
      await channel.send(messages.receiptAck.encode({ accepted }))
    }
  }

  // 14: farewell.

  async sayFarewell(peerId: string): Promise<void> {
    const { connection } = this.link(peerId)
    const channel = await this.open(peerId, protocols.farewell)
    await channel.send(messages.farewell.encode({ time: Date.now() }))
    await channel.answer(messages.farewellAck)
    this.#registered.delete(peerId)
    await connection.close()
  }

  async #takeFarewell(channel: Channel, connection: Connection): Promise<void> {
    await channel.answer(messages.farewell)
    this.registered(connection.remotePeer.toString()).suspended = true
    await channel.send(messages.farewellAck.encode({}))
    await channel.close()
    await connection.close()
  }
}

interface Asked {
  what: 'segments' | 'leafLists' | 'leaves'
  first: number
  count: number
  /** How long the answer has to be. */
  bytes: number
}

function split(digests: Buffer): Buffer[] {
  return Array.from({ length: digests.length / 32 }, (_, i) => digests.subarray(i * 32, i * 32 + 32))
}

/** Requests on one content stream, with up to three sent ahead of the answer that is read. */
class ContentReader {
  readonly #channel: Channel
  readonly #image: Buffer

  constructor(channel: Channel, image: Buffer) {
    this.#channel = channel
    this.#image = image
  }

  async all(asked: readonly Asked[]): Promise<Buffer[]> {
    const payloads: Buffer[] = []
    let sent = 0
    for (const [i, { bytes }] of asked.entries()) {
      for (; sent < Math.min(asked.length, i + 4); sent++) await this.#ask(asked[sent])
      const { code, payloadBytes, encoding } = await this.#channel.answer(messages.contentAnswer, 60_000)
      if (code !== 'CONTENT_OK') throw new Error(code)
      if (payloadBytes !== bytes || encoding !== 'ENCODING_RAW') throw new Error('another payload')
      payloads.push(await this.#channel.payload(bytes))
    }
    return payloads
  }

  async #ask(asked: Asked | undefined): Promise<void> {
    if (asked === undefined) return
    const { what, first, count } = asked
    await this.#channel.send(messages.contentRequest.encode({ image: this.#image, [what]: { first, count } }))
  }
}
