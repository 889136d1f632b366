import { describeError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { Tasks } from '../core/tasks.ts'
import type { Links } from '../net/links.ts'
import { sendReceipts } from '../net/receipt.ts'
import type { State } from '../state/state.ts'

export interface ReceiptSenderComponents {
  links: Links
  state: State
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
    const { links, state, limits, logger } = this.#components
    for (;;) {
      const pending = state.receipts.pending(peerId, BATCH)
      const link = links.get(peerId)
      if (pending.length === 0 || link === undefined) return
      try {
        await sendReceipts(links, peerId, pending, {
          limits,
          signal: link.ended,
          onAcknowledged: (receipt) => state.receipts.acknowledge(peerId, receipt),
        })
      } catch (error) {
        logger.debug(
          { peer: state.peers.byId(peerId)?.name, error: describeError(error) },
          'receipts wait for the next link',
        )
        return
      }
    }
  }
}
