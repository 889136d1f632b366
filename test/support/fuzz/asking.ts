import type { Connection } from '@libp2p/interface'
import { describeError, isIngotError } from '../../../src/core/errors.ts'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import type { Channel } from '../../../src/net/channel.ts'
import { isAddress } from '../../../src/net/host.ts'
import { decodeContentAnswer } from '../../../src/wire/content.ts'
import { decodeHello, decodeHelloAnswer } from '../../../src/wire/hello.ts'
import { decodeJournalAnswer, decodeJournalRequest } from '../../../src/wire/journal.ts'
import { decodeReceiptAck } from '../../../src/wire/receipt.ts'
import type { Choices } from './choices.ts'
import { frameOf, type FuzzPeer, type Target } from './fuzz-peer.ts'
import { helloFor, kinds, type Known, type MessageKind } from './messages.ts'
import { mutate } from './mutate.ts'
import type { Tally } from './tally.ts'

/** Share of sessions that are one message which breaks the protocol: each costs a connection. */
const SEVERE = 0.4
/** Sessions on one connection. */
const SESSIONS = 60
/** Requests on one content stream, and how many go ahead of their answers. */
const REQUESTS = 400
const AHEAD = 64

export const askedProtocols = ['hello', 'journal', 'content', 'receipt', 'farewell', 'subscriptions'] as const
export type AskedProtocol = (typeof askedProtocols)[number]

const path = (protocol: string) => `/ingot/${protocol}/1`

/** The connection went away, as it may whenever a message was bad enough. */
class Gone extends Error {}

/** A registered peer that asks: it opens streams and sends what nobody should. */
export class Asker {
  readonly #peer: FuzzPeer
  readonly #target: Target
  readonly #tally: Tally
  readonly #known: Known
  #connection: Connection | undefined

  constructor(peer: FuzzPeer, target: Target, of: { tally: Tally; known: Known }) {
    this.#peer = peer
    this.#target = target
    this.#tally = of.tally
    this.#known = of.known
  }

  /** Connects and sends, until `stop` says so. */
  async run(choices: Choices, protocols: readonly AskedProtocol[], stop: () => boolean): Promise<void> {
    for (let round = 0; !stop(); round++) {
      const own = choices.child(round)
      try {
        const connection = await this.#connect(own)
        // Once through all protocols with what breaks none, then as it comes.
        if (round === 0) for (const protocol of protocols) await this.#mildly(connection, protocol, own)
        for (let i = 0; i < SESSIONS && !stop() && connection.status === 'open'; i++)
          await this.#session(connection, own.one(protocols), own)
      } catch (error) {
        if (!(error instanceof Gone)) this.#onError(error)
      }
      if (round % 8 === 7) this.#connection?.abort(new Error('enough'))
    }
    this.#connection?.abort(new Error('the end'))
  }

  #onError(error: unknown): void {
    if (isIngotError(error, 'link-lost', 'aborted', 'conflict')) return // cut: what bad messages are for
    if (isIngotError(error, 'timeout')) this.#tally.problem(`${this.#peer.name}: no answer within 30 s`)
    else this.#tally.problem(`${this.#peer.name}: ${describeError(error)}`)
  }

  async #connect(choices: Choices): Promise<Connection> {
    if (this.#connection?.status === 'open') return this.#connection
    for (let attempt = 0; ; attempt++) {
      try {
        this.#connection = await this.#peer.connect(this.#target, {
          ...helloFor(choices, this.#known),
          heldHead: undefined,
        })
        this.#tally.connections++
        return this.#connection
      } catch (error) {
        // It is kept out for some milliseconds after a bad message.
        if (attempt === 400) throw new Error(`no connection: ${describeError(error)}`, { cause: error })
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
  }

  async #session(connection: Connection, protocol: AskedProtocol, choices: Choices): Promise<void> {
    if (choices.chance(0.02)) return await this.#misplaced(connection, protocol, choices)
    if (choices.chance(SEVERE)) return await this.#severe(connection, protocol, choices)
    // Few messages fit on a stream of these.
    const times = ['hello', 'subscriptions', 'journal'].includes(protocol) ? 1 + choices.below(8) : 1
    for (let i = 0; i < times; i++) await this.#mildly(connection, protocol, choices)
  }

  async #mildly(connection: Connection, protocol: AskedProtocol, choices: Choices): Promise<void> {
    switch (protocol) {
      case 'content':
        return await this.#content(connection, choices)
      case 'journal':
        return await this.#journal(connection, choices)
      case 'receipt':
        return await this.#receipts(connection, choices)
      case 'subscriptions':
        return await this.#one(connection, { protocol, kind: kinds.subscriptions, choices }, () => {})
      case 'hello':
        return await this.#one(connection, { protocol, kind: kinds.hello, choices }, (bytes) =>
          decodeHelloAnswer(bytes, limits),
        )
      case 'farewell':
        // Each ends the relation until the next hello.
        if (!choices.chance(0.1)) return await this.#content(connection, choices)
        await this.#one(connection, { protocol, kind: kinds.farewell, choices }, () => {})
        return await this.#requireCut(connection, 'a farewell')
    }
  }

  /** A changed message that is still one, or a valid one. */
  #mild(kind: MessageKind, choices: Choices): Uint8Array {
    for (let attempt = 0; attempt < 12; attempt++) {
      const valid = kind.make(choices, this.#known)
      const bytes = choices.chance(0.35) ? valid : mutate(valid, choices, 60_000)
      if (isTaken(kind, bytes) && dialsNobody(kind, bytes)) return bytes
    }
    return kind.make(choices, this.#known)
  }

  /** A message that breaks the protocol. */
  #broken(kind: MessageKind, choices: Choices): Uint8Array {
    for (let attempt = 0; attempt < 12; attempt++) {
      const bytes = mutate(kind.make(choices, this.#known), choices)
      if (!isTaken(kind, bytes)) return bytes
    }
    return Buffer.from([0x0a, 0xff])
  }

  /** Many requests on one stream, ahead of their answers. */
  async #content(connection: Connection, choices: Choices): Promise<void> {
    const channel = await this.#peer.open(connection, path('content'))
    const count = 1 + choices.below(REQUESTS)
    const step = this.#peer.step()
    let sent = 0
    for (let answered = 0; answered < count; answered++) {
      for (; sent < Math.min(count, answered + AHEAD); sent++)
        await channel.write(frameOf(this.#mild(kinds.contentRequest, choices)), step)
      const answer = decodeContentAnswer(await channel.requireFrame(limits.messageBytes, step), limits)
      if (answer.payloadBytes > 0) await channel.readInto(new Uint8Array(answer.payloadBytes), step)
      this.#tally.add('request for content')
    }
    await this.#leave(channel, choices)
  }

  async #journal(connection: Connection, choices: Choices): Promise<void> {
    const channel = await this.#peer.open(connection, path('journal'))
    const step = this.#peer.step()
    const open = this.#mild(kinds.journalOpen, choices)
    const request = decodeJournalRequest(open, limits)
    await channel.write(frameOf(open), step)
    if (request.type === 'ack')
      return await this.#requireCut(connection, 'an acknowledgement before a journal was opened')
    const answer = decodeJournalAnswer(await channel.requireFrame(limits.messageBytes, step), limits)
    this.#tally.add('opening of a journal')
    if (answer.type !== 'start' || request.open.headOnly) return
    for (let i = choices.below(20); i > 0; i--) {
      const ack = this.#mild(kinds.journalAck, choices)
      const said = decodeJournalRequest(ack, limits)
      if (said.type !== 'ack' || said.seq > 0) continue
      await channel.write(frameOf(ack), step)
      this.#tally.add('acknowledgement')
    }
    await this.#leave(channel, choices)
  }

  async #receipts(connection: Connection, choices: Choices): Promise<void> {
    const channel = await this.#peer.open(connection, path('receipt'))
    const step = this.#peer.step()
    const count = 1 + choices.below(REQUESTS)
    let sent = 0
    for (let i = 0; i < count; i++) {
      for (; sent < Math.min(count, i + AHEAD); sent++)
        await channel.write(frameOf(this.#mild(kinds.receipt, choices)), step)
      decodeReceiptAck(await channel.requireFrame(limits.messageBytes, step), limits)
      this.#tally.add('receipt')
    }
    await this.#leave(channel, choices)
  }

  /** One message on a stream of its own, and its answer; a stream that ends instead is an answer too. */
  async #one(
    connection: Connection,
    { protocol, kind, choices }: { protocol: string; kind: MessageKind; choices: Choices },
    read: (bytes: Uint8Array) => unknown,
  ): Promise<void> {
    const channel = await this.#peer.open(connection, path(protocol))
    await channel.write(frameOf(this.#mild(kind, choices)), this.#peer.step())
    try {
      read(await channel.requireFrame(limits.messageBytes, this.#peer.step()))
    } catch (error) {
      if (!isIngotError(error, 'link-lost')) throw error
    }
    this.#tally.add(kind.name)
    await this.#leave(channel, choices)
  }

  /** A message that breaks the protocol, or a frame that is none: the connection has to go. */
  async #severe(connection: Connection, protocol: AskedProtocol, choices: Choices): Promise<void> {
    const kind =
      protocol === 'journal'
        ? kinds.journalOpen
        : protocol === 'content'
          ? kinds.contentRequest
          : kinds[protocol]
    const channel = await this.#peer.open(connection, path(protocol))
    const bytes = choices.chance(0.8)
      ? frameOf(this.#broken(kind, choices))
      : choices.one([
          Buffer.alloc(1 + choices.below(20), 0xff), // a length that does not end
          Buffer.from('8080848001', 'hex'),
          Buffer.concat([Buffer.from('818010', 'hex'), choices.bytes(500)]), // one byte more than a message may have
        ])
    await channel.write(bytes, this.#peer.step()).catch(() => {}) // cut while it is sent
    if (isUnfinished(bytes)) {
      await channel.end(this.#peer.step())
      this.#tally.add('a frame that ends too early')
      return
    }
    this.#tally.add(`broken ${kind.name}`)
    this.#tally.cuts++
    await this.#requireCut(
      connection,
      `a broken message on ${protocol}: ${bytes.subarray(0, 400).toString('hex')}`,
    )
  }

  /** A message of one protocol on a stream of another, and then no more. */
  async #misplaced(connection: Connection, protocol: AskedProtocol, choices: Choices): Promise<void> {
    const channel = await this.#peer.open(connection, path(protocol))
    const kind = choices.one(
      Object.values(kinds).filter(({ name }) => !name.includes('hello') && name !== 'farewell'),
    )
    await channel.write(frameOf(mutate(kind.make(choices, this.#known), choices, 60_000)), this.#peer.step())
    await channel.end(this.#peer.step())
    this.#tally.add('misplaced message')
  }

  async #requireCut(connection: Connection, what: string): Promise<never> {
    const until = performance.now() + 30_000
    while (connection.status === 'open') {
      if (performance.now() > until) {
        this.#tally.problem(`${this.#peer.name}: not cut after ${what}`)
        break
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    connection.abort(new Error('done'))
    throw new Gone()
  }

  /** Ends a stream in order, cuts it, or leaves it open. */
  async #leave(channel: Channel, choices: Choices): Promise<void> {
    const how = choices.below(25)
    if (how < 20) await channel.end(this.#peer.step())
    else if (how < 24) channel.abort(new Error('left'))
  }
}

function isTaken(kind: MessageKind, bytes: Uint8Array): boolean {
  try {
    kind.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** False for a hello that would make a server dial into the world. */
function dialsNobody(kind: MessageKind, bytes: Uint8Array): boolean {
  if (kind !== kinds.hello) return true
  return decodeHello(bytes, limits).addresses.every(
    (address) => !isAddress(address) || address.startsWith('/ip4/127.0.0.1/'),
  )
}

/** True for a frame that says that more comes than it has: nothing is wrong with it until the stream ends. */
function isUnfinished(bytes: Uint8Array): boolean {
  let length = 0
  for (const [at, byte] of bytes.entries()) {
    if (at === 4) return false
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return length <= limits.messageBytes && bytes.length - at - 1 < length
  }
  return true
}
