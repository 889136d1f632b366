import { request as httpRequest, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { IngotError, systemCode, type ErrorCode } from '../core/errors.ts'
import type {
  AuditDocument,
  CheckDocument,
  ErrorDocument,
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

interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  signal?: AbortSignal
}

/** What ends a long call early, and who hears of its progress (bytes). */
export interface LongCall {
  signal: AbortSignal
  onProgress: (done: number, total: number) => void
}

/** The control API of the daemon behind a unix socket. Every call throws an IngotError as the daemon meant it. */
export class ControlClient {
  readonly #socket: string

  /** `socket`: path of `run/control.sock` in the daemon's home. */
  constructor(socket: string) {
    this.#socket = socket
  }

  async status(): Promise<StatusDocument> {
    return await this.#json({ method: 'GET', path: '/v1/status' })
  }

  async server(): Promise<ServerDocument> {
    return await this.#json({ method: 'GET', path: '/v1/server' })
  }

  /** Text of the server-data file. */
  async serverData(): Promise<{ serverData: string; fingerprint: string }> {
    return await this.#json({ method: 'GET', path: '/v1/server/data' })
  }

  async register(body: RegisterBody): Promise<PeerDocument> {
    return await this.#json({ method: 'POST', path: '/v1/peers', body })
  }

  async unregister(server: string, force: boolean): Promise<void> {
    await this.#json({ method: 'DELETE', path: `/v1/peers/${encodeURIComponent(server)}`, query: { force } })
  }

  async peers(query: { server?: string }): Promise<{ peers: PeerDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/peers', query })
  }

  /** Replaces the addresses at which a peer is dialled, and its rates (bytes per second; null: no bound). */
  async modifyPeer(server: string, body: ModifyPeerBody): Promise<PeerDocument> {
    return await this.#json({ method: 'PATCH', path: `/v1/peers/${encodeURIComponent(server)}`, body })
  }

  /** Bounds what all peers together send and receive, bytes per second; null: no bound. */
  async modifyServer(body: ModifyServerBody): Promise<ServerDocument> {
    return await this.#json({ method: 'PATCH', path: '/v1/server', body })
  }

  /** Goes on with the intake from a peer after a fault of its journal. */
  async acceptPeer(server: string): Promise<PeerDocument> {
    return await this.#json({ method: 'POST', path: `/v1/peers/${encodeURIComponent(server)}/accept` })
  }

  /** Starts a new journal and announces in it what is published. */
  async renewJournal(force: boolean): Promise<ServerDocument> {
    return await this.#json({ method: 'POST', path: '/v1/journal/renew', body: { force } })
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
    return await this.#json({ method: 'POST', path: '/v1/images/adopt', body })
  }

  async promoteImage(body: PromoteBody): Promise<ImageDocument> {
    return await this.#json({ method: 'POST', path: '/v1/images/promote', body })
  }

  /** Answers with the image as it was. */
  async deleteImage(image: string): Promise<ImageDocument> {
    return await this.#json({ method: 'DELETE', path: '/v1/images', body: { image } })
  }

  async explainImage(query: ExplainQuery): Promise<ExplainDocument> {
    return await this.#json({ method: 'GET', path: '/v1/images/explain', query })
  }

  async images(query: ImagesQuery): Promise<{ images: ImageDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/images', query })
  }

  /** Resolves when the image is enabled; throws `timed-out-waiting`, or why it will not come. */
  async waitImage(query: WaitQuery, signal: AbortSignal): Promise<ImageDocument> {
    return await this.#json({ method: 'GET', path: '/v1/images/wait', query, signal })
  }

  async subscribe(body: SubscribeBody): Promise<PlanDocument> {
    return await this.#json({ method: 'POST', path: '/v1/subscriptions', body })
  }

  async modifySubscription(body: ModifySubscriptionBody): Promise<SubscriptionDocument> {
    return await this.#json({ method: 'PATCH', path: '/v1/subscriptions', body })
  }

  async unsubscribe(body: SubscriptionBody): Promise<UnsubscribedDocument> {
    return await this.#json({ method: 'DELETE', path: '/v1/subscriptions', body })
  }

  async subscriptions(query: { server?: string }): Promise<{ subscriptions: SubscriptionDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/subscriptions', query })
  }

  async jobs(query: { job?: number }): Promise<{ jobs: JobDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/jobs', query })
  }

  async controlJob(job: number, action: JobActionParams['action']): Promise<JobDocument> {
    return await this.#json({ method: 'POST', path: `/v1/jobs/${job}/${action}` })
  }

  /** Ends the conflict of a job. */
  async resolveJob(job: number, body: ResolveBody): Promise<JobDocument> {
    return await this.#json({ method: 'POST', path: `/v1/jobs/${job}/resolve`, body })
  }

  async addSeries(series: string): Promise<SeriesDocument> {
    return await this.#json({ method: 'POST', path: '/v1/series', body: { series } })
  }

  async deleteSeries(series: string, force: boolean): Promise<void> {
    await this.#json({ method: 'DELETE', path: '/v1/series', body: { series, force } })
  }

  /** Own series; with `server` those of that peer, asked now. */
  async series(query: SeriesQuery): Promise<{ series: SeriesDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/series', query })
  }

  /** Puts an image into a series, at the end or before another; moves one that is in it. */
  async insertImage(body: SeriesMemberBody): Promise<SeriesDocument> {
    return await this.#json({ method: 'POST', path: '/v1/series/members', body })
  }

  async removeImage(body: SeriesMemberBody): Promise<SeriesDocument> {
    return await this.#json({ method: 'DELETE', path: '/v1/series/members', body })
  }

  async addImageType(imageType: string, baseType: string): Promise<ImageTypeDocument> {
    return await this.#json({ method: 'POST', path: '/v1/imagetypes', body: { imageType, baseType } })
  }

  async deleteImageType(imageType: string): Promise<void> {
    await this.#json({ method: 'DELETE', path: '/v1/imagetypes', body: { imageType } })
  }

  async imageTypes(): Promise<{ imageTypes: ImageTypeDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/imagetypes' })
  }

  async addMember(kind: 'clients' | 'targets', name: string): Promise<MemberDocument> {
    return await this.#json({ method: 'POST', path: `/v1/${kind}`, body: { name } })
  }

  async deleteMember(kind: 'clients' | 'targets', name: string): Promise<void> {
    await this.#json({ method: 'DELETE', path: `/v1/${kind}`, body: { name } })
  }

  /** Clients or targets of this server's own domain; one of them with `name`. */
  async members(
    kind: 'clients' | 'targets',
    query: { name?: string },
  ): Promise<{ [kind: string]: MemberDocument[] }> {
    return await this.#json({ method: 'GET', path: `/v1/${kind}`, query })
  }

  async audit(query: AuditQuery): Promise<{ audit: AuditDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/audit', query })
  }

  async doctor(): Promise<{ checks: CheckDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/doctor' })
  }

  /** Everything that happens in the daemon, as it happens, until `signal` is aborted or the caller leaves the loop. */
  async *events(signal: AbortSignal): AsyncGenerator<EventLine> {
    const response = await this.#send({ method: 'GET', path: '/v1/events', signal })
    try {
      for await (const text of createInterface({ input: response })) {
        if (text !== '') yield JSON.parse(text) as EventLine
      }
    } finally {
      response.destroy()
    }
  }

  /** A call that answers with lines of progress and then an image. */
  async #long(call: Call, { signal, onProgress }: LongCall): Promise<ImageDocument> {
    const response = await this.#send({ ...call, signal })
    for await (const text of createInterface({ input: response })) {
      const line = JSON.parse(text) as ProgressLine
      if (line.type === 'done') return line.image
      if (line.type === 'error') throw toError(line)
      onProgress(line.done, line.total)
    }
    throw new IngotError('daemon-unreachable', 'the daemon ended in the middle of its answer')
  }

  async #json<T>(call: Call): Promise<T> {
    const response = await this.#send(call)
    const parts: Buffer[] = []
    for await (const part of response) parts.push(part as Buffer)
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as T
  }

  /** Sends a request; throws unless the answer is a 2xx. */
  async #send(call: Call): Promise<IncomingMessage> {
    const query = new URLSearchParams()
    for (const [key, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) query.set(key, String(value))
    }
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest(
        {
          socketPath: this.#socket,
          method: call.method,
          path: query.size === 0 ? call.path : `${call.path}?${query.toString()}`,
          headers:
            body === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
          ...(call.signal === undefined ? {} : { signal: call.signal }),
        },
        resolve,
      )
      request.on('error', (error) => reject(this.#translate(error, call.signal)))
      request.end(body)
    })
    response.on('error', () => {
      // whoever reads is told by the reading; nobody else is to be, not even the process
    })
    if (response.statusCode !== undefined && response.statusCode < 300) return response
    const parts: Buffer[] = []
    for await (const part of response) parts.push(part as Buffer)
    throw toError(JSON.parse(Buffer.concat(parts).toString('utf8')) as ErrorDocument)
  }

  #translate(error: Error, signal: AbortSignal | undefined): Error {
    if (signal?.aborted === true) return new IngotError('aborted', 'interrupted', { cause: error })
    switch (systemCode(error)) {
      case 'ENOENT':
      case 'ECONNREFUSED':
        return new IngotError('daemon-unreachable', `no ingot daemon listens on ${this.#socket}`, {
          cause: error,
          hint: 'start it with "ingot daemon", or name its home with --home DIR',
        })
      case 'EACCES':
        return new IngotError('daemon-unreachable', `no permission to open ${this.#socket}`, {
          cause: error,
          hint: 'call as the user that runs the daemon, or as a member of its socketGroup',
        })
      case 'ECONNRESET':
      case 'EPIPE':
        return new IngotError('daemon-unreachable', 'the daemon ended before its answer', {
          cause: error,
          hint: 'see its log, and "ingot status" once it runs again',
        })
      default:
        return new IngotError('daemon-unreachable', `the connection to the daemon failed: ${error.message}`, {
          cause: error,
        })
    }
  }
}

function toError({ error }: ErrorDocument): IngotError {
  return new IngotError(
    error.code as ErrorCode,
    error.message,
    error.hint === null ? {} : { hint: error.hint },
  )
}
