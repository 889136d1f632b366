import { backoff, type Clock } from '../core/clock.ts'
import { describeError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { Tasks } from '../core/tasks.ts'
import type { Peers } from '../state/peers.ts'
import type { LinkStates } from './link-states.ts'
import type { Penalties } from './penalties.ts'

export interface DialLoopsComponents {
  peers: Peers
  states: LinkStates
  penalties: Penalties
  clock: Clock
  random: () => number
  limits: Limits
  logger: Logger
  /** Ends all loops. */
  stopping: AbortSignal
  /** The link to a peer that is up now. */
  linkOf: (peerId: string) => { since: number; ended: AbortSignal } | undefined
  /** Makes a link. */
  connect: (peerId: string, addresses: string[]) => Promise<void>
}

/** A link that lived shorter than this did not prove that dialling at once is welcome. Milliseconds. */
const STABLE_MS = 10_000

/** A loop for each peer, which dials it with growing, jittered pauses whenever there is no link to it. */
export class DialLoops {
  readonly #components: DialLoopsComponents
  readonly #tasks: Tasks
  /** Peers with a loop, and what ends its pause. */
  readonly #wakes = new Map<string, () => void>()

  constructor(components: DialLoopsComponents) {
    this.#components = components
    this.#tasks = new Tasks(components.logger)
  }

  /** Begins a loop for a peer that has none. It ends by itself when the peer is not registered any more, or suspended. */
  start(peerId: string): void {
    if (this.#wakes.has(peerId)) return
    this.#wakes.set(peerId, () => {})
    this.#tasks.run(`link to ${peerId}`, async () => {
      try {
        await this.#keep(peerId)
      } finally {
        this.#wakes.delete(peerId)
      }
    })
  }

  /** Ends the pause of a loop; false when the peer has none. */
  wake(peerId: string): boolean {
    this.#wakes.get(peerId)?.()
    return this.#wakes.has(peerId)
  }

  /** Resolves when all loops have ended, after `stopping` was aborted. */
  async settled(): Promise<void> {
    for (const wake of this.#wakes.values()) wake()
    await this.#tasks.settled()
  }

  /** The dialling loop of one peer. */
  async #keep(peerId: string): Promise<void> {
    const { peers, clock, limits, random, states, penalties, stopping, linkOf, connect } = this.#components
    let attempt = 0
    while (!stopping.aborted) {
      const link = linkOf(peerId)
      if (link !== undefined) {
        await this.#pause(peerId, link.ended, Infinity)
        if (linkOf(peerId) !== undefined) continue
        if (clock.now() - link.since > STABLE_MS) attempt = 0
        else
          await this.#pause(
            peerId,
            stopping,
            backoff(attempt++, limits.redialMinMs, limits.redialMaxMs, random),
          )
        continue
      }
      const peer = peers.byId(peerId)
      if (peer === undefined || peer.status === 'unregistered') {
        states.forget(peerId)
        return
      }
      if (peer.status === 'suspended') {
        states.set(peerId, { state: 'suspended' })
        return
      }
      const kept = penalties.of(peerId)
      if (kept === undefined) {
        if (attempt === 0) states.set(peerId, { state: 'connecting' })
        try {
          await connect(peerId, peer.addresses)
          continue
        } catch (error) {
          if (stopping.aborted || linkOf(peerId) !== undefined) continue
          states.set(peerId, { state: 'down', reason: dialFault(error), retryAt: undefined })
        }
      }
      const pause = Math.max(
        backoff(attempt++, limits.redialMinMs, limits.redialMaxMs, random),
        (kept?.until ?? 0) - clock.now(),
      )
      const state = states.of(peerId)
      if (state.state === 'down') states.set(peerId, { ...state, retryAt: clock.now() + pause })
      await this.#pause(peerId, stopping, pause)
    }
  }

  /** Ends after `ms`, when `signal` is aborted, or when somebody wakes the loop. */
  async #pause(peerId: string, signal: AbortSignal, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wakes.set(peerId, resolve)
    const timer = ms === Infinity ? undefined : setTimeout(resolve, ms)
    const onAbort = () => resolve()
    if (signal.aborted) resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    await promise
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    this.#wakes.set(peerId, () => {})
  }
}

/** Why a peer could not be dialled, in a line. */
function dialFault(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ')
  return isIngotError(error) ? error.message : describeError(error)
}
