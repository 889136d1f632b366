import type { Clock } from '../core/clock.ts'
import type { Limits } from '../core/limits.ts'
import type { Links } from '../net/links.ts'
import type { Job } from '../state/jobs.ts'
import type { State } from '../state/state.ts'

export interface ScheduleComponents {
  links: Links
  state: State
  clock: Clock
  limits: Limits
}

/** A job that runs. */
export interface Running {
  job: Job
}

/** Jobs that are looked at together when the first ones of a peer may not run. */
const PAGE = 32

/**
 * The job that should start next: of the peer with a link for which the fewest run, the first by priority and then journal order
 * that may run. Among such peers it is the turn of the one for which none started for the longest: `turns` has the number of
 * the last start by peer. Undefined when none may.
 */
export function nextJob(
  components: ScheduleComponents,
  running: readonly Running[],
  turns: ReadonlyMap<string, number>,
): Job | undefined {
  const { links, state, limits } = components
  if (running.length >= limits.jobsRunning) return undefined
  const count = (peerId: string) => running.filter(({ job }) => job.peer === peerId).length
  const peers = state.peers
    .list()
    .filter(({ id }) => links.get(id) !== undefined && count(id) < limits.jobsRunningPeer)
    .toSorted(
      (one, other) =>
        count(one.id) - count(other.id) || (turns.get(one.id) ?? 0) - (turns.get(other.id) ?? 0),
    )
  for (const { id } of peers) {
    const job = nextOf(components, id, running)
    if (job !== undefined) return job
  }
  return undefined
}

function nextOf(
  components: ScheduleComponents,
  peerId: string,
  running: readonly Running[],
): Job | undefined {
  const { state, clock } = components
  for (let offset = 0; ; offset += PAGE) {
    const jobs = state.jobs.runnable(peerId, clock.now(), { offset, limit: PAGE })
    const job = jobs.find((each) => mayRun(components, each, running))
    if (job !== undefined || jobs.length < PAGE) return job
  }
}

function mayRun(components: ScheduleComponents, job: Job, running: readonly Running[]): boolean {
  // Two images of one name: the first takes it, the second then sees the conflict.
  const clash = running.some(({ job: other }) => other.id === job.id || sameName(job, other))
  return !clash && !waitsForAncestor(components, job)
}

function sameName(one: Job, other: Job): boolean {
  return one.peer === other.peer && one.name === other.name
}

/** A descendant waits for a wanted ancestor only while that is queued, with its peer in reach, or running. */
function waitsForAncestor({ state, links }: ScheduleComponents, job: Job): boolean {
  const ancestors = state.announced.get(job.peer, job.image)?.sealed.manifest.ancestors ?? []
  return ancestors.some((ancestor) => {
    const other = state.jobs.underWay(ancestor)
    return other !== undefined && (other.state !== 'QUEUED' || links.get(other.peer) !== undefined)
  })
}
