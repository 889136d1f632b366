import type { Limits } from '../core/limits.ts'
import type { Links } from '../net/links.ts'
import type { Job } from '../state/job.ts'
import type { State } from '../state/state.ts'

export interface ScheduleComponents {
  links: Links
  state: State
  limits: Limits
}

/** A job that runs. */
export interface Running {
  job: Job
}

/** When, and what the queue does so far. */
export interface Situation {
  /** Milliseconds since 1970. */
  now: number
  running: readonly Running[]
  /** Number of the last start of a job, by peer. */
  turns: ReadonlyMap<string, number>
  /** Jobs that may not run now, whatever their rows say. */
  resting: ReadonlyMap<number, unknown>
}

/** Jobs that are looked at together when the first ones of a peer may not run. */
const PAGE = 32

/**
 * The job that should start next: of the peer with a link for which the fewest run, the first by priority and then journal order
 * that may run. Among such peers it is the turn of the one for which none started for the longest. Undefined when none may.
 *
 * The places of jobsRunning are shared. A peer for which none runs gets one besides, up to jobsRunningMost in all: peers that
 * bring little for long must not keep the others waiting.
 */
export function nextJob(components: ScheduleComponents, situation: Situation): Job | undefined {
  const { links, state, limits } = components
  const { running, turns } = situation
  const count = (peerId: string) => running.filter(({ job }) => job.peer === peerId).length
  const peers = state.peers
    .list()
    .filter(({ id }) => links.get(id) !== undefined && mayHaveMore(count(id), running.length, limits))
    .toSorted(
      (one, other) =>
        count(one.id) - count(other.id) || (turns.get(one.id) ?? 0) - (turns.get(other.id) ?? 0),
    )
  for (const { id } of peers) {
    const job = nextOf(components, id, situation)
    if (job !== undefined) return job
  }
  return undefined
}

/** Whether one more may run of a peer of which `ofPeer` run, among `inAll`. */
function mayHaveMore(ofPeer: number, inAll: number, limits: Limits): boolean {
  if (ofPeer === 0) return inAll < Math.max(limits.jobsRunning, limits.jobsRunningMost)
  return inAll < limits.jobsRunning && ofPeer < limits.jobsRunningPeer
}

function nextOf(
  components: ScheduleComponents,
  peerId: string,
  { now, running, resting }: Situation,
): Job | undefined {
  for (let offset = 0; ; offset += PAGE) {
    const jobs = components.state.jobs.runnable(peerId, now, { offset, limit: PAGE })
    const job = jobs.find((each) => !resting.has(each.id) && mayRun(components, each, running))
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
