import { backoff, type Clock } from '../core/clock.ts'
import { describeError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { Tasks } from '../core/tasks.ts'
import type { Links } from '../net/links.ts'
import { sendReceipts } from '../net/receipt.ts'
import type { State } from '../state/state.ts'

export interface ReceiptSenderComponents {
  links: Links
  state: State
  clock: Clock
  random: () => number
  limits: Limits
  logger: Logger
}

/** Receipts sent on one stream before the next are read from the database. */
const BATCH = 256

/** Tells origins how we stand with their images; what was not acknowledged is sent again with the next link. */
export class ReceiptSender {
  readonly #components: ReceiptSenderComponents
  readonly #tasks: Tasks
  readonly #sending = new Set<string>()

  constructor(components: ReceiptSenderComponents) {
    this.#components = components
    this.#tasks = new Tasks(components.logger)
  }

  start(): void {
    this.#components.links.onUp((link) => this.send(link.peerId))
  }

  async stop(): Promise<void> {
    await this.#tasks.settled()
  }

  /** Sends what is pending for a peer, if there is a link. */
  send(peerId: string): void {
    if (this.#sending.has(peerId)) return
    this.#sending.add(peerId)
    this.#tasks.run(`receipts to ${peerId}`, async () => {
      try {
        await this.#flush(peerId)
      } finally {
        this.#sending.delete(peerId)
      }
    })
  }

  async #flush(peerId: string): Promise<void> {
    const { links, state, clock, random, limits, logger } = this.#components
    for (let failures = 0; ;) {
      const pending = state.receipts.pending(peerId, BATCH)
      const link = links.get(peerId)
      if (pending.length === 0 || link === undefined) return
      try {
        await sendReceipts(links, peerId, pending, {
          limits,
          signal: link.ended,
          onAcknowledged: (receipt) => state.receipts.acknowledge(peerId, receipt),
        })
        failures = 0
      } catch (error) {
        if (link.ended.aborted || isIngotError(error, 'unsupported')) return // with the next link, if ever
        const peer = state.peers.byId(peerId)?.name
        logger.debug({ peer, error: describeError(error) }, 'receipts were not taken; they are sent again')
        const pause = backoff(failures++, limits.redialMinMs, limits.redialMaxMs, random)
        await clock.sleep(pause, link.ended).catch(() => {}) // the link ended: the next round sees it
      }
    }
  }
}
