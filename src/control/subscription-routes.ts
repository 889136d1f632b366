import type { FastifyInstance } from 'fastify'
import { selectorText, type Selector } from '../filter/selector.ts'
import type { PlanDocument, SubscriptionDocument } from './documents.ts'
import { requireImage } from './resolve.ts'
import { PeersQuery, SubscriptionBody } from './schema.ts'
import type { RouteContext } from './context.ts'

/** Subscriptions: make, end, list. */
export function subscriptionRoutes(app: FastifyInstance, context: RouteContext): void {
  const { state, subscriber, intake, present, audited } = context

  /** An image is resolved once, when the subscription is made: of that peer, a replica, or our own. */
  const resolve = (peerId: string, { selector }: SubscriptionBody): Selector => {
    switch (selector.kind) {
      case 'all':
        return selector
      case 'imagetype':
        return selector
      case 'image':
        return {
          kind: 'image',
          image: requireImage(context, selector.image, peerId).id,
          name: selector.image,
        }
    }
  }

  /** An image may have been unsubscribed from after it was withdrawn: then the name under which it was subscribed counts. */
  const resolveHeld = (peerId: string, body: SubscriptionBody): Selector => {
    if (body.selector.kind === 'image') {
      const { image } = body.selector
      const held = state.subscriptions.list(peerId).map((held) => present.subscription(held))
      const named = held.find(
        ({ value, imageId }) => imageId !== null && (value === image || imageId === image),
      )
      if (named?.imageId != null)
        return { kind: 'image', image: named.imageId as `sha256:${string}`, name: image }
    }
    return resolve(peerId, body)
  }

  app.post(
    '/v1/subscriptions',
    { schema: { body: SubscriptionBody } },
    async (request): Promise<PlanDocument> => {
      const body = request.body as SubscriptionBody
      const peer = state.peers.require(body.server)
      await intake.catchUp(peer.id, context.stopping)
      const selector = resolve(peer.id, body)
      const dryRun = body.dryRun ?? false
      const plan = dryRun
        ? subscriber.plan(peer, selector)
        : await audited('instantiate image', `${peer.name} ${selectorText(selector)}`, () =>
            subscriber.subscribe(peer, selector),
          )
      return present.plan(plan, { server: peer.name, selector, dryRun })
    },
  )

  app.delete('/v1/subscriptions', { schema: { body: SubscriptionBody } }, async (request) => {
    const body = request.body as SubscriptionBody
    const peer = state.peers.require(body.server)
    const selector = resolveHeld(peer.id, body)
    const cancelledJobs = await audited(
      'uninstantiate image',
      `${peer.name} ${selectorText(selector)}`,
      async () => await subscriber.unsubscribe(peer, selector),
    )
    return {
      cancelledJobs,
      remaining: state.subscriptions.list(peer.id).map((held) => present.subscription(held)),
    }
  })

  app.get(
    '/v1/subscriptions',
    { schema: { querystring: PeersQuery } },
    (request): { subscriptions: SubscriptionDocument[] } => {
      const { server } = request.query as PeersQuery
      const list = state.subscriptions.list(server === undefined ? undefined : state.peers.require(server).id)
      return { subscriptions: list.map((subscription) => present.subscription(subscription)) }
    },
  )
}
