import { match, matchSelector, type Match } from '../filter/evaluate.ts'
import type { AnnouncedImage } from '../state/announced.ts'
import type { Declined } from '../state/declined.ts'
import type { Job } from '../state/job.ts'
import type { State } from '../state/state.ts'
import type { Subscription } from '../state/subscriptions.ts'
import { candidateOf, judge, standingsOf } from './decide.ts'

/** Why an announced image is or is not taken: the recorded decision, every selector evaluated again, and what would change it. */
export interface Explanation {
  image: AnnouncedImage
  selectors: { subscription: Subscription; match: Match }[]
  declined: Declined | undefined
  job: Job | undefined
  advice: string[]
}

/** `peer`: the name of the peer here, for the advice. */
export function explain(state: State, image: AnnouncedImage, peer: string): Explanation {
  const { id, manifest } = image.sealed
  const standings = standingsOf(state, image.peer)
  const candidate = candidateOf(state, image)
  const job = state.jobs.latest(image.peer, id)
  const declined = state.declined.get(image.peer, id)
  const ask = `"ingot instantiate image --server ${peer} --image ${manifest.name}"`
  const advice: string[] = []
  if (image.status !== 'announced') {
    advice.push(`its origin took it back (${image.status}); it is taken when the origin publishes it again`)
  } else {
    const { decision, rule, by } = judge(state, image, standings)
    const dropped = standings.some(
      ({ kept, selector }) => kept?.has(id) === false && matchSelector(selector, candidate).matches,
    )
    if (decision === 'not-wanted' && dropped) {
      advice.push('a higher --keep with "ingot modify subscription" lets more of the older ones stay')
    }
    if (decision === 'not-wanted') {
      advice.push(
        `${ask} takes it and its descendants; a subscription to type ${manifest.type} or to all takes it too`,
      )
    }
    if (declined !== undefined) advice.push(`${ask} asks for it again`)
    else if (decision === 'refused' && by?.subscription.maxBytes !== undefined) {
      advice.push(`free space of this peer's images, or raise --max-bytes with "ingot modify subscription"`)
    } else if (decision === 'refused') advice.push(rule)
    if (job?.state === 'FAILED') advice.push(`"ingot retry job --job ${job.id}" tries it again`)
    if (job?.state === 'PAUSED') advice.push(`"ingot resume job --job ${job.id}" lets it go on`)
    if (job?.state === 'CONFLICT')
      advice.push(
        `"ingot resolve job --job ${job.id}" with --keep, --replace or --rename NAME ends the conflict`,
      )
    if (decision === 'wanted' && by !== undefined && standings.length > 0) {
      advice.push(`it is wanted until "ingot uninstantiate image" ends every selector that matches`)
    }
  }
  return {
    image,
    selectors: standings.map((standing) => ({
      subscription: standing.subscription,
      match: match(standing, candidate),
    })),
    declined,
    job,
    advice,
  }
}
