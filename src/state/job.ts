import type { Digest } from '../image/digest.ts'
import type { ImageState } from '../image/states.ts'
import type { Row } from './database.ts'

/**
 * QUEUED → PLANNING → FETCHING → ENABLING → DONE. WAITING runs again at its time or when the peer is back. PAUSED and CONFLICT
 * wait for the operator. DONE, FAILED and CANCELLED are final.
 */
export type JobState =
  | 'QUEUED'
  | 'PLANNING'
  | 'FETCHING'
  | 'ENABLING'
  | 'WAITING'
  | 'PAUSED'
  | 'CONFLICT'
  | 'DONE'
  | 'FAILED'
  | 'CANCELLED'

export const finalJobStates: readonly JobState[] = ['DONE', 'FAILED', 'CANCELLED']

/** States in which an attempt is under way. */
export const runningJobStates: readonly JobState[] = ['PLANNING', 'FETCHING', 'ENABLING']

/** What the subscription that wants an image says of its job. */
export interface JobOptions {
  /** Jobs of a higher number go first. */
  priority: number
  /** Local state in which the image arrives. */
  landAs: ImageState
  /** Set-id bits and security attributes of a tree are applied. */
  trustPrivileged: boolean
  /** Id of the subscription that says this: its rate and its window count too. Undefined: queued by an earlier version. */
  subscription: number | undefined
}

/** One replication of one image. Times are milliseconds since 1970, counts are bytes. */
export interface Job extends JobOptions {
  id: number
  peer: string
  image: Digest
  /** The name that the image will have here: that of its origin, or what the operator said to end a conflict. */
  name: string
  /** It takes the place of the image that has its name here. */
  replaces: boolean
  /** When the image was announced; see {@link AnnouncedImage.ordinal}. */
  ordinal: number
  state: JobState
  reason: string | undefined
  error: string | undefined
  bytesTotal: number
  bytesDone: number
  /** Taken from this disk. */
  bytesLocal: number
  /** Received, as sent. */
  bytesWire: number
  attempts: number
  retryAt: number | undefined
  createdAt: number
  startedAt: number | undefined
  finishedAt: number | undefined
}

/** A job of its row. */
export function toJob(row: Row): Job {
  return {
    id: row['id'] as number,
    peer: row['peer'] as string,
    image: row['image'] as Digest,
    name: row['name'] as string,
    replaces: row['replaces'] === 1,
    ordinal: row['ordinal'] as number,
    priority: row['priority'] as number,
    landAs: row['land_as'] as ImageState,
    trustPrivileged: row['trust_privileged'] === 1,
    subscription: (row['subscription'] as number | null) ?? undefined,
    state: row['state'] as JobState,
    reason: (row['reason'] as string | null) ?? undefined,
    error: (row['error'] as string | null) ?? undefined,
    bytesTotal: row['bytes_total'] as number,
    bytesDone: row['bytes_done'] as number,
    bytesLocal: row['bytes_local'] as number,
    bytesWire: row['bytes_wire'] as number,
    attempts: row['attempts'] as number,
    retryAt: (row['retry_at'] as number | null) ?? undefined,
    createdAt: row['created_at'] as number,
    startedAt: (row['started_at'] as number | null) ?? undefined,
    finishedAt: (row['finished_at'] as number | null) ?? undefined,
  }
}
