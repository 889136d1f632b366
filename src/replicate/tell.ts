import { describeError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { Tasks } from '../core/tasks.ts'
import { parseSelector } from '../filter/selector.ts'
import type { Digest } from '../image/digest.ts'
import type { Links } from '../net/links.ts'
import { tellSubscriptions } from '../net/subscriptions.ts'
import { isAnnounced } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { ToldSelector } from '../wire/subscriptions.ts'

export interface SubscriptionTellerComponents {
  selfId: string
  links: Links
  state: State
  limits: Limits
  logger: Logger
}

/** Tells origins our selectors on their images, with each link and each change. */
export class SubscriptionTeller {
  readonly #components: SubscriptionTellerComponents
  readonly #tasks: Tasks

  constructor(components: SubscriptionTellerComponents) {
    this.#components = components
    this.#tasks = new Tasks(components.logger)
  }

  start(): void {
    this.#components.links.onUp((link) => this.tell(link.peerId))
  }

  async stop(): Promise<void> {
    await this.#tasks.settled()
  }

  /** Tells a peer, if there is a link; the next link tells it otherwise. */
  tell(peerId: string): void {
    const { links, state, limits, logger } = this.#components
    const link = links.get(peerId)
    if (link === undefined) return
    this.#tasks.run(`subscriptions to ${peerId}`, async () => {
      try {
        await tellSubscriptions(links, peerId, this.#selectors(peerId), { limits, signal: link.ended })
      } catch (error) {
        if (link.ended.aborted) return
        const peer = state.peers.byId(peerId)?.name
        logger.debug({ peer, error: describeError(error) }, 'subscriptions could not be told')
      }
    })
  }

  #selectors(peerId: string): ToldSelector[] {
    return this.#components.state.subscriptions.list(peerId).map(({ selector: text, name }): ToldSelector => {
      const selector = parseSelector(text, name)
      if (selector.kind !== 'image') return selector
      return { kind: 'image', image: this.#concerns(peerId, selector.image) ? selector.image : undefined }
    })
  }

  /**
   * True for an image of this peer, and for one of ours that it is told of. What is another's does not concern it, not even its id.
   */
  #concerns(peerId: string, image: Digest): boolean {
    const { selfId, state } = this.#components
    const here = state.images.byId(image)
    const origin = here?.sealed.manifest.origin
    if (origin === selfId) return here !== undefined && isAnnounced(here)
    return origin === peerId || state.announced.get(peerId, image) !== undefined
  }
}
