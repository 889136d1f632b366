import { isAbsolute } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { IngotError } from '../core/errors.ts'
import { Window } from '../core/window.ts'
import { parseSelector, selectorText, type Selector } from '../filter/selector.ts'
import type { Wish } from '../replicate/subscribe.ts'
import type { Peer } from '../state/peers.ts'
import type { SubscriptionOptions } from '../state/subscriptions.ts'
import { callerSignal } from './caller.ts'
import type { PlanDocument, SubscriptionDocument, UnsubscribedDocument } from './documents.ts'
import { findAnnounced, requireImage } from './resolve.ts'
import { ModifySubscriptionBody, PeersQuery, SubscribeBody, SubscriptionBody } from './schema.ts'
import type { RouteContext } from './context.ts'
import { requireRates } from './rates.ts'

/** What a subscription says when nothing is asked for. */
const defaultOptions = {
  landAs: 'PUBLISHED',
  keep: undefined,
  maxBytes: undefined,
  priority: 0,
  trustPrivileged: false,
  preseed: undefined,
  rate: undefined,
  window: undefined,
} as const

/** Subscriptions: make, change, end, list. */
export function subscriptionRoutes(app: FastifyInstance, context: RouteContext): void {
  const { state, subscriber, intake, present, audited } = context

  /** An image is resolved once, when the subscription is made: of that peer, a replica, or our own. */
  const resolve = (peer: Peer, { selector }: SubscriptionBody): Selector => {
    if (selector.kind !== 'image') return selector
    const { image: ref } = selector
    const image = findAnnounced(context, ref, peer) ?? requireImage(context, ref, peer.id)
    return { kind: 'image', image: image.id, name: ref }
  }

  /** The image of a subscription may be withdrawn since: then the name under which it was subscribed to counts. */
  const resolveHeld = (peer: Peer, body: SubscriptionBody): Selector => {
    const { selector } = body
    if (selector.kind === 'image') {
      const named = state.subscriptions
        .list(peer.id)
        .map((held) => parseSelector(held.selector, held.name))
        .find((held) => held.kind === 'image' && [held.name, held.image].includes(selector.image))
      if (named !== undefined) return named
    }
    return resolve(peer, body)
  }

  /** What is asked for over what the subscription says already; without --new-only also what was there before. */
  const wishOf = (peer: Peer, selector: Selector, body: SubscribeBody): Wish => {
    const held = state.subscriptions.get(peer.id, selectorText(selector))
    const wish = { ...defaultOptions, ...held, ...optionsOf(body) }
    requireLine(selector, wish.keep)
    const { landAs, keep, maxBytes, priority, trustPrivileged, preseed, rate, window } = wish
    const options = { landAs, keep, maxBytes, priority, trustPrivileged, preseed, rate, window }
    return { selector, newOnly: body.newOnly ?? false, ...options }
  }

  app.post(
    '/v1/subscriptions',
    { schema: { body: SubscribeBody } },
    async (request, reply): Promise<PlanDocument> => {
      const body = request.body as SubscribeBody
      requireRates(context.limits, body.rate)
      const { server, dryRun = false, exact = false } = body
      const signal = callerSignal(reply, context.stopping)
      const instantiate = async () => {
        const peer = state.peers.require(server)
        await intake.catchUp(peer.id, signal)
        const selector = resolve(peer, body)
        const wish = wishOf(peer, selector, body)
        // Before anything moves: what is on its way would not be counted.
        const measured = exact
          ? await subscriber.measured(peer, subscriber.plan(peer, wish), { ...wish, signal })
          : undefined
        const plan = dryRun ? subscriber.plan(peer, wish) : await subscriber.subscribe(peer, wish)
        return present.plan(measured ?? plan, { server, selector, dryRun })
      }
      return dryRun ? await instantiate() : await audited('instantiate image', subjectOf(body), instantiate)
    },
  )

  app.patch(
    '/v1/subscriptions',
    { schema: { body: ModifySubscriptionBody } },
    async (request): Promise<SubscriptionDocument> => {
      const body = request.body as ModifySubscriptionBody
      requireRates(context.limits, body.rate)
      return await audited('modify subscription', subjectOf(body), async () => {
        const peer = state.peers.require(body.server)
        const selector = resolveHeld(peer, body)
        const options = optionsOf(body)
        requireLine(selector, options.keep)
        return present.subscription(await subscriber.modify(peer, selector, options))
      })
    },
  )

  app.delete(
    '/v1/subscriptions',
    { schema: { body: SubscriptionBody } },
    async (request): Promise<UnsubscribedDocument> => {
      const body = request.body as SubscriptionBody
      return await audited('uninstantiate image', subjectOf(body), async () => {
        const peer = state.peers.require(body.server)
        const remainder = await subscriber.unsubscribe(peer, resolveHeld(peer, body))
        const remaining = state.subscriptions.list(peer.id).map((held) => present.subscription(held))
        return { ...remainder, remaining }
      })
    },
  )

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

/** What the audit log calls a subscription: the peer and the selector, as the operator named them. */
function subjectOf({ server, selector }: SubscriptionBody): string {
  return `${server} ${selector.kind === 'image' ? `image ${selector.image}` : selectorText(selector)}`
}

/** Only what is given; null takes a bound away. */
function optionsOf(body: Partial<SubscribeBody>): Partial<SubscriptionOptions> {
  const { landAs, keep, maxBytes, priority, trustPrivileged, preseed, rate, window } = body
  if (preseed != null && !isAbsolute(preseed))
    throw new IngotError('usage', 'the path of what is pre-seeded is not absolute')
  return {
    ...(landAs === undefined ? {} : { landAs }),
    ...(keep === undefined ? {} : { keep: keep ?? undefined }),
    ...(maxBytes === undefined ? {} : { maxBytes: maxBytes ?? undefined }),
    ...(priority === undefined ? {} : { priority }),
    ...(trustPrivileged === undefined ? {} : { trustPrivileged }),
    ...(preseed === undefined ? {} : { preseed: preseed ?? undefined }),
    ...(rate === undefined ? {} : { rate: rate ?? undefined }),
    ...(window === undefined
      ? {}
      : { window: window === null ? undefined : Window.parse(window).toString() }),
  }
}

/** Throws `usage` for a number that stays of something that has no order. */
function requireLine(selector: Selector, keep: number | undefined): void {
  if (keep === undefined || selector.kind === 'image' || selector.kind === 'series') return
  throw new IngotError(
    'usage',
    `--keep needs an image with its descendants, or a series; not ${selector.kind}`,
    {
      hint: 'only these have older and newer images',
    },
  )
}
