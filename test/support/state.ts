import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { defaultLimits, type Limits } from '../../src/core/limits.ts'
import type { OpenManifest, SealedManifest } from '../../src/image/manifest.ts'
import type { AnnouncedImage } from '../../src/state/announced.ts'
import type { Database } from '../../src/state/database.ts'
import type { Job } from '../../src/state/job.ts'
import type { Jobs } from '../../src/state/jobs.ts'
import { openState, type State } from '../../src/state/state.ts'
import type { Subscriptions } from '../../src/state/subscriptions.ts'
import { openManifest } from '../../src/wire/manifest.ts'
import { testDigest } from './manifests.ts'

/** All repositories over a database in memory (or at `path`), closed when the running test has ended. */
export function testState(path = ':memory:', limits: Partial<Limits> = {}): State {
  const open: OpenManifest = (bytes, signature) => openManifest(bytes, signature, defaultLimits)
  const state = openState(path, open, { ...defaultLimits, ...limits })
  onTestFinished(() => state.db.close())
  return state
}

/** Works on the database of a server that does not run: looks into it, or leaves it as a crash between two steps would. */
export function inStateOf<T>(server: { home: string }, work: (state: State) => T): T {
  const open: OpenManifest = (bytes, signature) => openManifest(bytes, signature, defaultLimits)
  const state = openState(join(server.home, 'state', 'ingot.db'), open)
  try {
    return work(state)
  } finally {
    state.db.close()
  }
}

/** An image as the mirror of peer P has it; `changes` replace its fields. */
export function testAnnounced(sealed: SealedManifest, changes: Partial<AnnouncedImage> = {}): AnnouncedImage {
  return {
    peer: 'P',
    sealed,
    seq: 1,
    ordinal: 1,
    status: 'announced',
    decision: 'wanted',
    rule: 'all',
    decidedAt: 5,
    ...changes,
  }
}

type NewJob = Parameters<Jobs['enqueue']>[0]
type NewSubscription = Parameters<Subscriptions['put']>[0]

/** What is queued as a job of peer P; `changes` replace its fields. */
export function testJob(changes: Partial<NewJob> = {}): NewJob {
  return {
    peer: 'P',
    image: testDigest('image'),
    name: 'debian-13',
    bytesTotal: 100,
    ordinal: 3,
    createdAt: 5,
    priority: 0,
    landAs: 'PUBLISHED',
    trustPrivileged: false,
    subscription: undefined,
    ...changes,
  }
}

/** Queues a job for an image of that name. */
export function enqueueJob(jobs: Jobs, name: string, changes: Partial<NewJob> = {}): Job {
  jobs.enqueue(testJob({ image: testDigest(name), name, ...changes }))
  return jobs.list().at(-1) as Job
}

/** A subscription on images of peer P that takes all; `changes` replace its fields. */
export function testSubscription(changes: Partial<NewSubscription> = {}): NewSubscription {
  return {
    peer: 'P',
    selector: 'all',
    name: '',
    headSeq: 0,
    ordinal: 0,
    newOnly: false,
    createdAt: 5,
    landAs: 'PUBLISHED',
    keep: undefined,
    maxBytes: undefined,
    priority: 0,
    trustPrivileged: false,
    preseed: undefined,
    rate: undefined,
    window: undefined,
    ...changes,
  }
}

/** Counts the rows that are read from now on. */
export function countRows(db: Database): () => number {
  let rows = 0
  const [all, get] = [db.all.bind(db), db.get.bind(db)]
  db.all = (...query) => {
    const found = all(...query)
    rows += found.length
    return found
  }
  db.get = (...query) => {
    rows++
    return get(...query)
  }
  return () => rows
}
