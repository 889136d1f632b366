import type { Clock } from '../core/clock.ts'
import { bySpecificity, evaluate, type Candidate, type Standing } from '../filter/evaluate.ts'
import { parseSelector, type Selector } from '../filter/selector.ts'
import type { Digest } from '../image/digest.ts'
import type { AnnouncedImage, Decision, Unmet } from '../state/announced.ts'
import { finalJobStates } from '../state/job.ts'
import type { Subscription } from '../state/subscriptions.ts'
import type { State } from '../state/state.ts'
import { Room } from './room.ts'

export interface DecideComponents {
  state: State
  clock: Clock
}

/** A subscription as the filter evaluates it. */
export interface StandingSubscription extends Standing {
  subscription: Subscription
}

/** An announced image as the filter sees it, in those of its series that subscriptions name. */
export function candidateOf(state: State, { peer, sealed, ordinal }: AnnouncedImage): Candidate {
  return { sealed, ordinal, series: state.announcedSeries.subscribedOf(peer, sealed.id) }
}

/** This server's subscriptions on one peer's images, most specific first. */
export function standingsOf(state: State, peerId: string): StandingSubscription[] {
  return state.subscriptions
    .list(peerId)
    .map((subscription) => toStanding(state, subscription))
    .toSorted(bySpecificity)
}

/** A subscription, also one that is not made yet, as the filter evaluates it. */
export function toStanding(state: State, subscription: Subscription): StandingSubscription {
  const { peer, selector: text, name, newOnly, ordinal, keep } = subscription
  const selector = parseSelector(text, name)
  const newest = keep === undefined ? undefined : newestOf(state, { peer, selector, keep })
  return { subscription, selector, newOnly, ordinal, kept: newest && new Set(newest) }
}

/**
 * The last of a series in the order that its origin gave it, or of an image and its descendants in that of their publication; undefined
 * for what is no line.
 */
function newestOf(
  { announced, announcedSeries }: State,
  { peer, selector, keep }: { peer: string; selector: Selector; keep: number },
): Digest[] | undefined {
  if (selector.kind === 'series') return announcedSeries.newest(peer, selector.series, keep)
  if (selector.kind === 'image') return announced.newestOfLine(peer, selector.image, keep)
  return undefined
}

/** What is decided about one image now. */
export interface Outcome {
  decision: Decision
  rule: string
  by: StandingSubscription | undefined
}

/** What the subscriptions, and what stands against them here, say about an announced image. Changes nothing. */
export function judge(
  state: State,
  image: AnnouncedImage,
  standings: readonly StandingSubscription[],
  room = new Room(state, image.peer),
): Outcome {
  const verdict = evaluate(standings, candidateOf(state, image))
  if (verdict.by === undefined) return { decision: 'not-wanted', rule: verdict.rule, by: undefined }
  const refusal = refusalOf(state, image, { by: verdict.by, room })
  if (refusal !== undefined) return { decision: 'refused', rule: refusal, by: verdict.by }
  return { decision: 'wanted', rule: verdict.rule, by: verdict.by }
}

const declinedRules = {
  deleted: 'its replica was deleted here',
  cancelled: 'its job was cancelled here',
  kept: 'another image of its name was kept here',
}

/** Why an image that a selector wants is not taken. */
function refusalOf(
  state: State,
  image: AnnouncedImage,
  { by, room }: { by: StandingSubscription; room: Room },
): string | undefined {
  const { peer, sealed } = image
  const { maxBytes } = by.subscription
  const declined = state.declined.get(peer, sealed.id)
  if (declined !== undefined) return declinedRules[declined.why]
  if (maxBytes !== undefined && state.images.byId(sealed.id) === undefined) {
    const { size } = sealed.manifest
    if (room.takenBefore(image) + size > maxBytes)
      return `max-bytes: its ${size} bytes would make more than ${maxBytes} of this peer`
  }
  return undefined
}

/**
 * Decides about one announced image, records the decision with its rule, and queues a job when the image is wanted and not
 * here. Runs inside the caller's transaction.
 */
export function decide(
  components: DecideComponents,
  image: AnnouncedImage,
  standings: readonly StandingSubscription[] = standingsOf(components.state, image.peer),
  room = new Room(components.state, image.peer),
): void {
  const { state, clock } = components
  const { peer, sealed } = image
  const time = clock.now()
  const { decision, rule, by } = judge(state, image, standings, room)
  if (decision !== image.decision || rule !== image.rule)
    state.announced.setDecision({ peer, sealed, decision, rule, decidedAt: time })
  if (decision === 'refused') {
    const noted = state.receipts.noted(peer, sealed.id)
    if (noted?.state !== 'deleted' && (noted?.state !== 'refused' || noted.reason !== rule))
      state.receipts.note(peer, { image: sealed.id, state: 'refused', reason: rule, time })
  }
  if (by !== undefined && decision === 'wanted') want(components, image, by.subscription)
  room.decided(image, decision)
}

/** Queues a job for a wanted image, unless it is here or under way, or its last one ended for good. */
function want(
  { state, clock }: DecideComponents,
  { peer, sealed, ordinal }: AnnouncedImage,
  { id: subscription, priority, landAs, trustPrivileged }: Subscription,
): void {
  const { id: image, manifest } = sealed
  const time = clock.now()
  const note = (told: 'wanted' | 'enabled') =>
    state.receipts.note(peer, { image, state: told, reason: '', time })
  if (state.images.byId(image) !== undefined) {
    if (state.receipts.noted(peer, image) === undefined) note('enabled')
    return
  }
  const options = { priority, landAs, trustPrivileged, subscription }
  const latest = state.jobs.latest(peer, image)
  if (latest !== undefined && !finalJobStates.includes(latest.state)) {
    state.jobs.setOptions(latest.id, options)
    return
  }
  if (latest?.state === 'FAILED') return // until the operator says "retry job"
  const { name, size: bytesTotal } = manifest
  state.jobs.enqueue({ peer, image, name, bytesTotal, ordinal, createdAt: time, ...options })
  note('wanted')
}

/** Decides anew about everything that a peer announces: after its subscriptions, or what stands against them, changed. */
export function decideAll(components: DecideComponents, peerId: string): void {
  const { state } = components
  const standings = standingsOf(state, peerId)
  const room = new Room(state, peerId)
  for (const image of state.announced.each(peerId)) decide(components, image, standings, room)
}

/**
 * After entries were taken in: decides anew about images that are among those kept now and were not `before`, or the other way; a new
 * one makes an old one superfluous. About the others nothing else is decided by that.
 */
export function decideKept(
  components: DecideComponents,
  peerId: string,
  before: readonly StandingSubscription[],
  room = new Room(components.state, peerId),
): void {
  const { state } = components
  if (!before.some(({ kept }) => kept !== undefined)) return
  const standings = standingsOf(state, peerId)
  const kept = new Map(before.map((standing) => [standing.subscription.id, standing.kept]))
  const moved = new Set<Digest>()
  for (const standing of standings) {
    const held = kept.get(standing.subscription.id)
    if (held === undefined || standing.kept === undefined) continue
    for (const id of standing.kept) if (!held.has(id)) moved.add(id)
    for (const id of held) if (!standing.kept.has(id)) moved.add(id)
  }
  const images = [...moved]
    .map((id) => state.announced.get(peerId, id))
    .filter((image) => image?.status === 'announced')
    .filter((image) => image !== undefined)
    .toSorted((one, other) => one.ordinal - other.ordinal)
  for (const image of images) decide(components, image, standings, room)
}

/**
 * Decides anew about what of a peer waits for something, in the order in which it was published: after there may be room for it. Each
 * step is a page of what the peer announces, in a transaction of its own: of a million images not all in one go.
 */
export function* decideUnmet(components: DecideComponents, peerId: string): Generator<void> {
  const { state } = components
  let after: number | undefined = -1
  let taken = 0
  while (after !== undefined) {
    const { images, last }: Unmet = state.announced.unmet(peerId, after)
    const room = new Room(state, peerId)
    if (images.length > 0 && room.taken < taken) {
      // Something ended since the last step: its room is for those first that are older.
      after = -1
      taken = 0
      continue
    }
    if (images.length > 0) {
      state.db.transaction(() => {
        const standings = standingsOf(state, peerId)
        for (const image of images) decide(components, image, standings, room)
      })
      taken = room.taken
    }
    after = last
    if (after !== undefined) yield
  }
}
