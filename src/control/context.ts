import { describeError, isIngotError } from '../core/errors.ts'
import type { Clock } from '../core/clock.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import type { Signer } from '../image/signature.ts'
import type { Host } from '../net/host.ts'
import type { TransferRates } from '../net/transfer-rates.ts'
import type { Links } from '../net/links.ts'
import type { Journal } from '../publish/journal.ts'
import type { ImageTypeEditor } from '../publish/image-types.ts'
import type { Lifecycle } from '../publish/lifecycle.ts'
import type { Publisher } from '../publish/publisher.ts'
import type { SeriesEditor } from '../publish/series.ts'
import type { Intake } from '../replicate/intake.ts'
import type { JobChanges } from '../replicate/job-changes.ts'
import type { JobQueue } from '../replicate/queue.ts'
import type { Repair } from '../replicate/repair.ts'
import type { RepairQueue } from '../replicate/repair-queue.ts'
import type { Scrub } from '../replicate/scrub.ts'
import type { Subscriber } from '../replicate/subscribe.ts'
import type { Verification } from '../replicate/verification.ts'
import type { State } from '../state/state.ts'
import type { ContentCollector } from '../store/collect.ts'
import type { Layout } from '../store/layout.ts'
import type { WorkPool } from '../store/work/pool.ts'
import type { ErrorDocument } from './documents.ts'
import type { Domain } from './domain.ts'
import type { Peering } from './peering.ts'
import type { Presenter } from './present.ts'

/** What the routes work with. */
export interface ControlComponents {
  selfId: string
  selfName: string
  version: string
  home: string
  sign: Signer
  state: State
  layout: Layout
  host: Host
  links: Links
  journal: Journal
  publisher: Publisher
  lifecycle: Lifecycle
  series: SeriesEditor
  imageTypes: ImageTypeEditor
  intake: Intake
  queue: JobQueue
  jobChanges: JobChanges
  verification: Verification
  repair: Repair
  repairs: RepairQueue
  scrub: Scrub
  /** Threads that read and hash. */
  work: WorkPool
  subscriber: Subscriber
  rates: TransferRates
  peering: Peering
  domain: Domain
  collector: ContentCollector
  events: EventBus
  clock: Clock
  limits: Limits
  logger: Logger
}

/** The routes' view: the components, the presenter, and what ends with the server. */
export interface RouteContext extends ControlComponents {
  present: Presenter
  stopping: AbortSignal
  /** Runs an operation that changes something and writes it with its outcome to the audit log. */
  audited: <T>(operation: string, subject: string, work: () => Promise<T> | T) => Promise<T>
}

/** An error as the API answers it. */
export function errorDocument(error: unknown): ErrorDocument {
  if (isIngotError(error))
    return { error: { code: error.code, message: error.message, hint: error.hint ?? null } }
  return { error: { code: 'failed', message: describeError(error), hint: null } }
}
