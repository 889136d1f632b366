import type { Clock } from '../core/clock.ts'
import { evaluate } from '../filter/evaluate.ts'
import { parseSelector, type Selector } from '../filter/selector.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { State } from '../state/state.ts'

export interface DecideComponents {
  state: State
  clock: Clock
}

/** The selectors of this server on one peer's images. */
export function selectorsOf(state: State, peerId: string): Selector[] {
  return state.subscriptions.list(peerId).map(({ selector, name }) => parseSelector(selector, name))
}

/**
 * Evaluates the subscriptions for one announced image, records the decision with its rule, and queues a job when the image is
 * wanted and not here. Runs inside the caller's transaction.
 */
export function decide(
  components: DecideComponents,
  peerId: string,
  sealed: SealedManifest,
  seq: number,
): void {
  const { state, clock } = components
  const { manifest, id: image } = sealed
  const time = clock.now()
  const verdict = evaluate(selectorsOf(state, peerId), sealed)
  const refusal = verdict.wanted ? refusalOf(sealed) : undefined
  const wanted = verdict.wanted && refusal === undefined
  state.announced.put({
    peer: peerId,
    sealed,
    seq,
    status: 'announced',
    decision: wanted ? 'wanted' : verdict.wanted ? 'refused' : 'not-wanted',
    rule: refusal ?? verdict.rule,
    decidedAt: time,
  })
  if (refusal !== undefined) state.receipts.note(peerId, { image, state: 'refused', reason: refusal, time })
  if (!wanted || state.images.byId(image) !== undefined || state.jobs.liveOf(peerId, image) !== undefined)
    return
  state.jobs.enqueue({ peer: peerId, image, name: manifest.name, bytesTotal: manifest.size, createdAt: time })
  state.receipts.note(peerId, { image, state: 'wanted', reason: '', time })
}

/** Trees travel with a later version of this server; until then they are refused in so many words. */
function refusalOf(sealed: SealedManifest): string | undefined {
  return sealed.manifest.kind === 'tree'
    ? 'directory trees are not known to this version of ingot'
    : undefined
}

/** Decides anew about everything that a peer announces: after its subscriptions changed. */
export function decideAll(components: DecideComponents, peerId: string): void {
  const { state } = components
  for (const { sealed, seq } of state.announced.list(peerId)) decide(components, peerId, sealed, seq)
}
