import type { Connection } from '@libp2p/interface'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, type Socket } from 'node:net'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import type { Choices } from './choices.ts'
import { frameOf, type FuzzPeer, type Target } from './fuzz-peer.ts'
import { kinds, type Known } from './messages.ts'
import { mutate } from './mutate.ts'
import type { Tally } from './tally.ts'

const protocols = ['hello', 'journal', 'content', 'receipt', 'farewell', 'subscriptions']

/** Milliseconds in which one that is not registered is cut; less than those after which anybody is who does not say hello. */
const CUT_MS = 10_000

/** True when a connection has ended before `deadline` (`performance.now()`). */
async function isCut(connection: Connection, deadline: number): Promise<boolean> {
  while (connection.status === 'open' && performance.now() < deadline) await pause(10)
  return connection.status !== 'open'
}

/** A key that is not registered, and sockets without any: nothing that they send may be answered behind the gate. */
export class Outsider {
  readonly #peer: FuzzPeer
  readonly #target: Target
  readonly #tally: Tally
  readonly #known: Known

  constructor(peer: FuzzPeer, target: Target, of: { tally: Tally; known: Known }) {
    this.#peer = peer
    this.#target = target
    this.#tally = of.tally
    this.#known = of.known
  }

  async run(choices: Choices, stop: () => boolean): Promise<void> {
    for (let round = 0; !stop(); round++) {
      const own = choices.child(round)
      if (round % 2 === 0) await this.#knock(own)
      else await this.#scribble(own)
      await pause(20)
    }
  }

  /** Proves a key that nobody registered, and sends messages at once. */
  async #knock(choices: Choices): Promise<void> {
    let connection: Connection | undefined
    let deadline = Infinity
    try {
      connection = await this.#peer.dial(this.#target)
      deadline = performance.now() + CUT_MS
      for (let i = 0; i < 4; i++) {
        const kind = choices.one(Object.values(kinds))
        const channel = await this.#peer.open(connection, `/ingot/${choices.one(protocols)}/1`)
        await channel.write(
          frameOf(mutate(kind.make(choices, this.#known), choices, 60_000)),
          this.#peer.step(CUT_MS),
        )
        this.#tally.add('message without registration')
        const answer = await channel.readFrame(limits.messageBytes, this.#peer.step(CUT_MS))
        if (answer !== undefined)
          this.#tally.problem(`${this.#peer.name}: an unregistered key was answered on ${kind.name}`)
      }
    } catch {
      // cut, as it should be: see below
    }
    if (connection === undefined || (await isCut(connection, deadline))) {
      this.#tally.add('knock without registration')
      return
    }
    connection.abort(new Error('let in'))
    this.#tally.problem(`${this.#peer.name}: an unregistered key was let in`)
  }

  /** A socket that proves nothing: noise that is none, or the beginning of it and then silence. */
  async #scribble(choices: Choices): Promise<void> {
    const [, , host, , port] = (this.#target.addresses[0] ?? '').split('/')
    const socket: Socket = connect(Number(port), host)
    socket.on('error', () => {}) // cut, as it should be
    try {
      await once(socket, 'connect')
      socket.write(
        choices.one([
          choices.bytes(choices.below(5_000)),
          Buffer.from('GET / HTTP/1.1\r\n\r\n'),
          Buffer.concat([
            Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n', 'latin1'),
            choices.bytes(choices.below(200)),
          ]),
          Buffer.from('\x13/multistream/1.0.0\n', 'latin1'),
        ]),
      )
      await pause(choices.below(50))
      this.#tally.add('bytes without a handshake')
    } catch {
      this.#tally.add('connection that was refused')
    } finally {
      socket.destroy()
    }
  }
}
