import { IngotError } from '../core/errors.ts'
import { ControlConnection, toError, type Call } from './connection.ts'
import type {
  AuditDocument,
  CheckDocument,
  EventLine,
  ExplainDocument,
  ImageDocument,
  ImageTypeDocument,
  ProgressLine,
  JobDocument,
  MemberDocument,
  PeerDocument,
  PlanDocument,
  SeriesDocument,
  ServerDocument,
  StatusDocument,
  SubscriptionDocument,
  UnsubscribedDocument,
} from './documents.ts'
import type {
  AdoptBody,
  AuditQuery,
  ExplainQuery,
  ImagesQuery,
  ImportBody,
  JobActionParams,
  ModifyPeerBody,
  ModifyServerBody,
  ModifySubscriptionBody,
  PromoteBody,
  RegisterBody,
  ResolveBody,
  SeriesMemberBody,
  SeriesQuery,
  SubscribeBody,
  SubscriptionBody,
  VerifyBody,
  WaitQuery,
} from './schema.ts'

/** What ends a long call early, and who hears of its progress (bytes). */
export interface LongCall {
  signal: AbortSignal
  onProgress: (done: number, total: number) => void
}

/** The control API of the daemon behind a unix socket. Every call throws an IngotError as the daemon meant it. */
export class ControlClient {
  readonly #connection: ControlConnection

  /** `socket`: path of `run/control.sock` in the daemon's home. */
  constructor(socket: string) {
    this.#connection = new ControlConnection(socket)
  }

  async status(): Promise<StatusDocument> {
    return await this.#connection.json({ method: 'GET', path: '/v1/status' })
  }

  async server(): Promise<ServerDocument> {
    return await this.#connection.json({ method: 'GET', path: '/v1/server' })
  }

  /** Text of the server-data file. */
  async serverData(): Promise<{ serverData: string; fingerprint: string }> {
    return await this.#connection.json({ method: 'GET', path: '/v1/server/data' })
  }

  async register(body: RegisterBody): Promise<PeerDocument> {
    return await this.#connection.json({ method: 'POST', path: '/v1/peers', body })
  }

  async unregister(server: string, force: boolean): Promise<void> {
    await this.#connection.json({
      method: 'DELETE',
      path: `/v1/peers/${encodeURIComponent(server)}`,
      query: { force },
    })
  }

  async peers(query: { server?: string }): Promise<{ peers: PeerDocument[] }> {
    return await this.#connection.json({ method: 'GET', path: '/v1/peers', query })
  }

  /** Replaces the addresses at which a peer is dialled, and its rates (bytes per second; null: no bound). */
  async modifyPeer(server: string, body: ModifyPeerBody): Promise<PeerDocument> {
    return await this.#connection.json({
      method: 'PATCH',
      path: `/v1/peers/${encodeURIComponent(server)}`,
      body,
    })
  }

  /** Bounds what all peers together send and receive, bytes per second; null: no bound. */
  async modifyServer(body: ModifyServerBody): Promise<ServerDocument> {
    return await this.#connection.json({ method: 'PATCH', path: '/v1/server', body })
  }

  /** Goes on with the intake from a peer after a fault of its journal. */
  async acceptPeer(server: string): Promise<PeerDocument> {
    return await this.#connection.json({
      method: 'POST',
      path: `/v1/peers/${encodeURIComponent(server)}/accept`,
    })
  }

  /** Starts a new journal and announces in it what is published. */
  async renewJournal(force: boolean): Promise<ServerDocument> {
    return await this.#connection.json({ method: 'POST', path: '/v1/journal/renew', body: { force } })
  }

  /** Imports a file or tree; calls `onProgress` with bytes as they are done. Ends the import when `signal` is aborted. */
  async importImage(body: ImportBody, options: LongCall): Promise<ImageDocument> {
    return await this.#long({ method: 'POST', path: '/v1/images', body }, options)
  }

  /** Reads an image that is here, leaf by leaf, and repairs it if that is asked for; throws while it is damaged. */
  async verifyImage(body: VerifyBody, options: LongCall): Promise<ImageDocument> {
    return await this.#long({ method: 'POST', path: '/v1/images/verify', body }, options)
  }

  async adoptImage(body: AdoptBody): Promise<ImageDocument> {
    return await this.#connection.json({ method: 'POST', path: '/v1/images/adopt', body })
  }

  async promoteImage(body: PromoteBody): Promise<ImageDocument> {
    return await this.#connection.json({ method: 'POST', path: '/v1/images/promote', body })
  }

  /** Answers with the image as it was. */
  async deleteImage(image: string): Promise<ImageDocument> {
    return await this.#connection.json({ method: 'DELETE', path: '/v1/images', body: { image } })
  }

  async explainImage(query: ExplainQuery): Promise<ExplainDocument> {
    return await this.#connection.json({ method: 'GET', path: '/v1/images/explain', query })
  }

  async images(query: ImagesQuery): Promise<{ images: ImageDocument[] }> {
    return await this.#connection.json({ method: 'GET', path: '/v1/images', query })
  }

  /** Resolves when the image is enabled; throws `timed-out-waiting`, or why it will not come. */
  async waitImage(query: WaitQuery, signal: AbortSignal): Promise<ImageDocument> {
    return await this.#connection.json({ method: 'GET', path: '/v1/images/wait', query, signal })
  }

  async subscribe(body: SubscribeBody): Promise<PlanDocument> {
    return await this.#connection.json({ method: 'POST', path: '/v1/subscriptions', body })
  }

  async modifySubscription(body: ModifySubscriptionBody): Promise<SubscriptionDocument> {
    return await this.#connection.json({ method: 'PATCH', path: '/v1/subscriptions', body })
  }

  async unsubscribe(body: SubscriptionBody): Promise<UnsubscribedDocument> {
    return await this.#connection.json({ method: 'DELETE', path: '/v1/subscriptions', body })
  }

  async subscriptions(query: { server?: string }): Promise<{ subscriptions: SubscriptionDocument[] }> {
    return await this.#connection.json({ method: 'GET', path: '/v1/subscriptions', query })
  }

  async jobs(query: { job?: number }): Promise<{ jobs: JobDocument[] }> {
    return await this.#connection.json({ method: 'GET', path: '/v1/jobs', query })
  }

  async controlJob(job: number, action: JobActionParams['action']): Promise<JobDocument> {
    return await this.#connection.json({ method: 'POST', path: `/v1/jobs/${job}/${action}` })
  }

  /** Ends the conflict of a job. */
  async resolveJob(job: number, body: ResolveBody): Promise<JobDocument> {
    return await this.#connection.json({ method: 'POST', path: `/v1/jobs/${job}/resolve`, body })
  }

  async addSeries(series: string): Promise<SeriesDocument> {
    return await this.#connection.json({ method: 'POST', path: '/v1/series', body: { series } })
  }

  async deleteSeries(series: string, force: boolean): Promise<void> {
    await this.#connection.json({ method: 'DELETE', path: '/v1/series', body: { series, force } })
  }

  /** Own series; with `server` those of that peer, asked now. */
  async series(query: SeriesQuery): Promise<{ series: SeriesDocument[] }> {
    return await this.#connection.json({ method: 'GET', path: '/v1/series', query })
  }

  /** Puts an image into a series, at the end or before another; moves one that is in it. */
  async insertImage(body: SeriesMemberBody): Promise<SeriesDocument> {
    return await this.#connection.json({ method: 'POST', path: '/v1/series/members', body })
  }

  async removeImage(body: SeriesMemberBody): Promise<SeriesDocument> {
    return await this.#connection.json({ method: 'DELETE', path: '/v1/series/members', body })
  }

  async addImageType(imageType: string, baseType: string): Promise<ImageTypeDocument> {
    return await this.#connection.json({
      method: 'POST',
      path: '/v1/imagetypes',
      body: { imageType, baseType },
    })
  }

  async deleteImageType(imageType: string): Promise<void> {
    await this.#connection.json({ method: 'DELETE', path: '/v1/imagetypes', body: { imageType } })
  }

  async imageTypes(): Promise<{ imageTypes: ImageTypeDocument[] }> {
    return await this.#connection.json({ method: 'GET', path: '/v1/imagetypes' })
  }

  async addMember(kind: 'clients' | 'targets', name: string): Promise<MemberDocument> {
    return await this.#connection.json({ method: 'POST', path: `/v1/${kind}`, body: { name } })
  }

  async deleteMember(kind: 'clients' | 'targets', name: string): Promise<void> {
    await this.#connection.json({ method: 'DELETE', path: `/v1/${kind}`, body: { name } })
  }

  /** Clients or targets of this server's own domain; one of them with `name`. */
  async members(
    kind: 'clients' | 'targets',
    query: { name?: string },
  ): Promise<{ [kind: string]: MemberDocument[] }> {
    return await this.#connection.json({ method: 'GET', path: `/v1/${kind}`, query })
  }

  async audit(query: AuditQuery): Promise<{ audit: AuditDocument[] }> {
    return await this.#connection.json({ method: 'GET', path: '/v1/audit', query })
  }

  async doctor(): Promise<{ checks: CheckDocument[] }> {
    return await this.#connection.json({ method: 'GET', path: '/v1/doctor' })
  }

  /** Everything that happens in the daemon, as it happens, until `signal` is aborted or the caller leaves the loop. */
  async *events(signal: AbortSignal): AsyncGenerator<EventLine> {
    yield* this.#connection.lines<EventLine>({ method: 'GET', path: '/v1/events', signal })
  }

  /** A call that answers with lines of progress and then an image. */
  async #long(call: Call, { signal, onProgress }: LongCall): Promise<ImageDocument> {
    for await (const line of this.#connection.lines<ProgressLine>({ ...call, signal })) {
      if (line.type === 'done') return line.image
      if (line.type === 'error') throw toError(line)
      onProgress(line.done, line.total)
    }
    throw new IngotError('daemon-unreachable', 'the daemon ended in the middle of its answer')
  }
}
