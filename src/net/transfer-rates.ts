import type { Clock } from '../core/clock.ts'
import type { Limits } from '../core/limits.ts'
import type { LinkRates } from '../state/peers.ts'
import type { State } from '../state/state.ts'
import { JobPace, Pace, shareOf } from './pace.ts'

/** What is asked for: null takes a bound away, undefined leaves it as it is. */
export interface RateChanges {
  rateIn?: number | null
  rateOut?: number | null
}

/** The rates that operators set: kept in the state, in force in the paces of both directions. */
export class TransferRates {
  /** What is received. */
  readonly incoming: Pace
  /** What is sent. */
  readonly outgoing: Pace
  readonly #state: State

  constructor({ state, clock, limits }: { state: State; clock: Clock; limits: Limits }) {
    this.#state = state
    this.incoming = new Pace(clock, limits)
    this.outgoing = new Pace(clock, limits)
  }

  /** Puts in force what the state holds. */
  start(): void {
    this.#applyServer(this.server())
    for (const peer of this.#state.peers.list()) this.applyPeer(peer)
  }

  /** Bytes per second over all peers together. */
  server(): LinkRates {
    const rate = (key: 'rate-in' | 'rate-out') => {
      const text = this.#state.settings.get(key)
      return text === undefined ? undefined : Number(text)
    }
    return { rateIn: rate('rate-in'), rateOut: rate('rate-out') }
  }

  /** Bounds all peers together. */
  changeServer(changes: RateChanges): void {
    const { settings, db } = this.#state
    const rates = changed(this.server(), changes)
    db.durably(() => {
      for (const [key, rate] of [
        ['rate-in', rates.rateIn],
        ['rate-out', rates.rateOut],
      ] as const) {
        if (rate === undefined) settings.remove(key)
        else settings.set(key, String(rate))
      }
    })
    this.#applyServer(rates)
  }

  /** Bounds one peer. */
  changePeer(peerId: string, changes: RateChanges): void {
    const { peers, db } = this.#state
    const peer = peers.byId(peerId)
    if (peer === undefined) return
    const rates = changed(peer, changes)
    db.durably(() => peers.setRates(peerId, rates))
    this.applyPeer({ id: peerId, ...rates })
  }

  /** Puts in force what the row of a peer says: once it is registered (again). */
  applyPeer({ id, rateIn, rateOut }: LinkRates & { id: string }): void {
    this.incoming.setPeer(id, rateIn)
    this.outgoing.setPeer(id, rateOut)
  }

  /** Bytes per second that the jobs of a subscription receive together; its row is kept elsewhere. */
  setSubscription(id: number, rate: number | undefined): void {
    this.incoming.setShare(shareOf(id), rate)
  }

  /** What a job of that subscription receives from a peer. */
  ofJob(peerId: string, subscription: number | undefined): JobPace {
    return new JobPace(this.incoming, peerId, subscription)
  }

  #applyServer({ rateIn, rateOut }: LinkRates): void {
    this.incoming.setTotal(rateIn)
    this.outgoing.setTotal(rateOut)
  }
}

function changed(rates: LinkRates, { rateIn, rateOut }: RateChanges): LinkRates {
  return {
    rateIn: rateIn === undefined ? rates.rateIn : (rateIn ?? undefined),
    rateOut: rateOut === undefined ? rates.rateOut : (rateOut ?? undefined),
  }
}
