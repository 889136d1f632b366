import type { Connection } from '@libp2p/interface'
import { zstdCompressSync } from 'node:zlib'
import { isIngotError } from '../../../src/core/errors.ts'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import type { JournalEntry } from '../../../src/image/journal.ts'
import { verifyManifest, type Manifest } from '../../../src/image/manifest.ts'
import type { Channel } from '../../../src/net/channel.ts'
import { decodeContentRequest, encodeContentAnswer, type ContentRequest } from '../../../src/wire/content.ts'
import { encodeMessage } from '../../../src/wire/decode.ts'
import { ingot } from '../../../src/wire/generated/messages.js'
import {
  decodeEvent,
  decodeJournalRequest,
  encodeEvent,
  encodeJournalAnswer,
} from '../../../src/wire/journal.ts'
import { sealManifest } from '../../../src/wire/manifest.ts'
import { testManifest } from '../manifests.ts'
import { honestAnswer, rawContent, type RawContent } from '../raw-content.ts'
import { rawTree, raw, treeAnswer, type RawTree } from '../raw-tree.ts'
import type { Choices } from './choices.ts'
import { FuzzJournal } from './fuzz-journal.ts'
import { frameOf, type FuzzPeer, type Target } from './fuzz-peer.ts'
import { eventFor, helloFor, kinds, type Known } from './messages.ts'
import { mutate } from './mutate.ts'
import type { Tally } from './tally.ts'

/** Entries that are made at a time. */
const BATCH = 64
/** Entries between two images that can be fetched, and how many of these are announced at a time. */
const IMAGE_EVERY = 128
const IMAGES = 4
/** Share of the messages that are entries of journals, at most. */
const ENTRIES = 0.5
/** The series of what can be fetched: servers subscribe to it. */
export const SERIES = 'fuzz'

/** What an image that can be fetched is made of. */
type Content = { file: RawContent } | { tree: RawTree }

/** A registered peer that answers: what a server asks of it gets answers that no honest peer gives. */
export class Answerer {
  readonly #peer: FuzzPeer
  readonly #target: Target
  readonly #tally: Tally
  readonly #known: Known
  readonly #choices: Choices
  readonly #journal: FuzzJournal
  readonly #contents = new Map<string, Content>()
  #made = 0
  #connection: Connection | undefined
  #stopped: () => boolean = () => false

  constructor(peer: FuzzPeer, target: Target, of: { tally: Tally; known: Known; choices: Choices }) {
    this.#peer = peer
    this.#target = target
    this.#tally = of.tally
    this.#known = of.known
    this.#choices = of.choices
    this.#journal = new FuzzJournal(peer.key, of.choices)
  }

  /** Handles what the server asks. */
  async start(): Promise<void> {
    const handle = async (protocol: string, answer: (channel: Channel) => Promise<void>) =>
      await this.#peer.handle(`/ingot/${protocol}/1`, async (channel) => await answer(channel))
    await handle(
      'hello',
      async (channel) =>
        await this.#one(
          channel,
          () => kinds.helloAnswer.make(this.#choices, this.#known),
          'answer to a hello',
        ),
    )
    await handle('journal', async (channel) => await this.#journalStream(channel))
    await handle('content', async (channel) => await this.#contentStream(channel))
    await handle(
      'receipt',
      async (channel) =>
        await this.#each(
          channel,
          () => kinds.receiptAck.make(this.#choices, this.#known),
          'answer to a receipt',
        ),
    )
    await handle(
      'subscriptions',
      async (channel) => await this.#one(channel, () => Buffer.alloc(0), 'answer to subscriptions'),
    )
    await handle(
      'farewell',
      async (channel) => await this.#one(channel, () => Buffer.alloc(0), 'answer to a farewell'),
    )
  }

  /** Keeps a link until `stop` says so: over it the server asks. */
  async run(stop: () => boolean): Promise<void> {
    this.#stopped = stop
    while (!stop()) {
      if (this.#connection?.status !== 'open') {
        try {
          this.#connection = await this.#peer.connect(this.#target, {
            ...helloFor(this.#choices, this.#known),
            heldHead: undefined,
          })
          this.#tally.connections++
        } catch (error) {
          if (isIngotError(error, 'timeout')) this.#tally.problem(`${this.#peer.name}: no answer to a hello`)
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    this.#connection?.abort(new Error('the end'))
  }

  async #each(channel: Channel, valid: () => Uint8Array, what: string): Promise<void> {
    const step = this.#peer.step(60_000)
    for await (const _frame of channel.frames(limits.messageBytes, step)) {
      const bytes = this.#choices.chance(0.5) ? valid() : mutate(valid(), this.#choices, 60_000)
      await channel.write(frameOf(bytes), step)
      this.#tally.add(what)
    }
  }

  async #one(channel: Channel, valid: () => Uint8Array, what: string): Promise<void> {
    const step = this.#peer.step()
    await channel.requireFrame(limits.messageBytes, step)
    const bytes = this.#choices.chance(0.5) ? valid() : mutate(valid(), this.#choices, 60_000)
    await channel.write(frameOf(bytes), step)
    this.#tally.add(what)
  }

  // --- journal

  async #journalStream(channel: Channel): Promise<void> {
    const choices = this.#choices
    const step = this.#peer.step(600_000)
    const request = decodeJournalRequest(await channel.requireFrame(limits.messageBytes, step), limits)
    if (request.type !== 'open') return this.#tally.problem('a journal stream that does not begin with open')
    if (choices.chance(0.02)) return await this.#badAnswer(channel)
    const { cursor } = request.open
    if (!this.#journal.continues(cursor)) {
      if (cursor !== undefined)
        return await channel.write(
          frameOf(
            encodeJournalAnswer({ type: 'refusal', refusal: 'cursor-unknown', head: this.#journal.head() }),
          ),
          step,
        )
      this.#journal.renew(choices)
    }
    await channel.write(frameOf(encodeJournalAnswer({ type: 'start', head: this.#journal.head() })), step)
    if (request.open.headOnly) return
    let sent = cursor?.seq ?? 0
    let acknowledged = sent
    const reader = { isGone: false }
    const listening = (async () => {
      for await (const frame of channel.frames(limits.messageBytes, step)) {
        const ack = decodeJournalRequest(frame, limits)
        if (ack.type !== 'ack' || ack.seq > sent) this.#tally.problem('an acknowledgement that is none')
        else acknowledged = ack.seq
        this.#journal.forget(acknowledged)
      }
    })()
      .catch(() => {}) // the stream is gone: there is nobody to announce to
      .finally(() => (reader.isGone = true))
    while (!this.#stopped() && !reader.isGone) {
      const entries = this.#journal.after(sent)
      // Askers are to have their share: their messages take longer.
      if ((this.#tally.sent['entry of a journal'] ?? 0) > this.#tally.total * ENTRIES) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        continue
      }
      if (entries.length === 0) {
        for (let i = 0; i < BATCH; i++) this.#grow()
        continue
      }
      for (const entry of entries) {
        while (entry.seq > acknowledged + limits.journalWindowEntries && !reader.isGone)
          await new Promise((resolve) => setTimeout(resolve, 1))
        await channel.write(frameOf(encodeJournalAnswer({ type: 'entry', entry })), step)
        sent = entry.seq
        this.#tally.add('entry of a journal')
      }
      if (choices.chance(0.02)) return await this.#badEntry(channel, entries.at(-1) as JournalEntry)
    }
    channel.abort(new Error('the end'))
    await listening
  }

  /** Something that is no answer of a journal: the server has to cut this peer. */
  async #badAnswer(channel: Channel): Promise<void> {
    const valid = kinds.journalAnswer.make(this.#choices, this.#known)
    await channel.write(frameOf(mutate(valid, this.#choices)), this.#peer.step())
    this.#tally.add('answer of a journal')
  }

  /** An entry that does not belong there: a fault of the journal, or a breach of the protocol. */
  async #badEntry(channel: Channel, last: JournalEntry): Promise<void> {
    const entry = encodeJournalAnswer({
      type: 'entry',
      entry: { ...last, seq: last.seq + this.#choices.below(3) },
    })
    await channel.write(
      frameOf(this.#choices.chance(0.5) ? entry : mutate(entry, this.#choices)),
      this.#peer.step(),
    )
    this.#tally.add('entry out of place')
  }

  #grow(): void {
    if (this.#made++ % IMAGE_EVERY === 0) {
      this.#publish()
      return
    }
    const event = encodeEvent(eventFor(this.#choices, this.#known))
    this.#journal.append(this.#acceptable(this.#choices.chance(0.3) ? event : this.#changed(event)))
  }

  /** A changed event; where it announces an image its manifest is signed anew, so that what it says is read. */
  #changed(event: Uint8Array): Uint8Array {
    const { imagePublished } = ingot.Event.decode(event)
    if (imagePublished?.manifest == null || this.#choices.chance(0.2))
      return mutate(event, this.#choices, 60_000)
    const manifest = mutate(imagePublished.manifest, this.#choices, 60_000)
    const signature = this.#peer.key.sign('ingot/manifest-signature/1', manifest)
    return encodeMessage(ingot.Event, { imagePublished: { manifest, signature } })
  }

  /** What would stop the intake until an operator acts is rare: see {@link Answerer.#badEntry}. */
  #acceptable(body: Uint8Array): Uint8Array {
    try {
      const event = decodeEvent(body, limits)
      if (event.type !== 'image-published') return body
      const { origin } = event.image.manifest
      const holds = origin === this.#peer.key.peerId && verifyManifest(event.image)
      return holds || this.#choices.chance(0.01) ? body : Buffer.alloc(0)
    } catch {
      return body
    }
  }

  /** Announces an image that can be fetched, in a series, and takes back the oldest. */
  #publish(): void {
    const number = this.#made
    const content = this.#content(number)
    const manifest: Manifest = testManifest(this.#peer.key.peerId, {
      name: `fetch-${number}`,
      ancestors: [],
      ...('tree' in content
        ? content.tree.manifest
        : { size: content.file.bytes.length, content: content.file.root, sha256: content.file.sha256 }),
    })
    const image = sealManifest(manifest, this.#peer.key.sign, limits)
    this.#contents.set(image.id, content)
    this.#journal.append(encodeEvent({ type: 'series-created', series: SERIES }))
    this.#journal.append(encodeEvent({ type: 'image-published', image }))
    this.#journal.append(
      encodeEvent({ type: 'series-inserted', series: SERIES, image: image.id, place: number }),
    )
    const [oldest] = this.#contents.keys()
    if (this.#contents.size <= IMAGES || oldest === undefined) return
    this.#contents.delete(oldest)
    this.#journal.append(encodeEvent({ type: 'image-withdrawn', image: oldest as `sha256:${string}` }))
  }

  #content(number: number): Content {
    if (number % 2 === 0) return { file: rawContent(this.#choices.bytes(1 + this.#choices.below(1_500_000))) }
    const file = (name: string) => raw.file(name, this.#choices.bytes(this.#choices.below(100_000)))
    return {
      tree: rawTree([raw.directory(''), file('a'), raw.symlink('b', 'a'), file('c'), raw.hardlink('d', 1)]),
    }
  }

  // --- content

  async #contentStream(channel: Channel): Promise<void> {
    const step = this.#peer.step(60_000)
    for await (const frame of channel.frames(limits.messageBytes, { ...step, idleMs: 120_000 })) {
      const { head, payload } = this.#answer(decodeContentRequest(frame, limits))
      await channel.write(frameOf(head), step)
      if (payload.length > 0) await channel.write(payload, step)
      this.#tally.add('answer with content')
    }
  }

  #answer(request: ContentRequest): { head: Uint8Array; payload: Uint8Array } {
    const choices = this.#choices
    const known = this.#known
    let payload: Uint8Array = Buffer.alloc(0)
    try {
      const content = this.#contents.get(request.image)
      if (content !== undefined)
        payload = 'tree' in content ? treeAnswer(content.tree, request) : honestAnswer(content.file, request)
    } catch {
      // not a question for such a content
    }
    const ok = (bytes: Uint8Array, compressed = false) => ({
      head: encodeContentAnswer({ code: 'ok', payloadBytes: bytes.length, compressed, retryAfterMs: 0 }),
      payload: bytes,
    })
    switch (choices.below(20)) {
      case 0: // wrong bytes
        return ok(choices.bytes(payload.length))
      case 1: // one that was changed a little
        return ok(mutate(payload, choices).subarray(0, payload.length))
      case 2: // garbage in place of a compressed frame
        return ok(choices.bytes(Math.max(1, payload.length >> 1)), true)
      case 3: // a bomb: megabytes of zeros in a few bytes
        return ok(zstdCompressSync(Buffer.alloc(choices.one([0, 1, 4_194_304, 16_777_216]))), true)
      case 4: // another code
        return { head: kinds.contentAnswer.make(choices, known), payload: Buffer.alloc(0) }
      case 5: // a changed head before the right bytes
        return choices.chance(0.3) ? { head: mutate(ok(payload).head, choices), payload } : ok(payload)
      case 6: // more or fewer bytes than were asked for
        return choices.chance(0.3) ? ok(choices.bytes(choices.below(70_000))) : ok(payload)
      default:
        return ok(payload)
    }
  }
}
