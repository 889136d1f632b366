import { request as httpRequest, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { IngotError, systemCode, type ErrorCode } from '../core/errors.ts'
import type {
  ErrorDocument,
  ImageDocument,
  ImportLine,
  JobDocument,
  PeerDocument,
  PlanDocument,
  ServerDocument,
  StatusDocument,
  SubscriptionDocument,
} from './documents.ts'
import type { ImagesQuery, ImportBody, RegisterBody, SubscriptionBody, WaitQuery } from './schema.ts'

interface Call {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  signal?: AbortSignal
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

  /** Imports a file; calls `onProgress` with bytes as they are done. Ends the import when `signal` is aborted. */
  async importImage(
    body: ImportBody,
    options: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
  ): Promise<ImageDocument> {
    const response = await this.#send({ method: 'POST', path: '/v1/images', body, signal: options.signal })
    for await (const text of createInterface({ input: response })) {
      const line = JSON.parse(text) as ImportLine
      if (line.type === 'done') return line.image
      if (line.type === 'error') throw toError(line)
      options.onProgress(line.done, line.total)
    }
    throw new IngotError('daemon-unreachable', 'the daemon ended in the middle of the import')
  }

  async images(query: ImagesQuery): Promise<{ images: ImageDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/images', query })
  }

  /** Resolves when the image is enabled; throws `timed-out-waiting`, or why it will not come. */
  async waitImage(query: WaitQuery, signal: AbortSignal): Promise<ImageDocument> {
    return await this.#json({ method: 'GET', path: '/v1/images/wait', query, signal })
  }

  async subscribe(body: SubscriptionBody): Promise<PlanDocument> {
    return await this.#json({ method: 'POST', path: '/v1/subscriptions', body })
  }

  /** `remaining`: this server's selectors on that peer that are left. */
  async unsubscribe(
    body: SubscriptionBody,
  ): Promise<{ cancelledJobs: number; remaining: SubscriptionDocument[] }> {
    return await this.#json({ method: 'DELETE', path: '/v1/subscriptions', body })
  }

  async subscriptions(query: { server?: string }): Promise<{ subscriptions: SubscriptionDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/subscriptions', query })
  }

  async jobs(query: { job?: number }): Promise<{ jobs: JobDocument[] }> {
    return await this.#json({ method: 'GET', path: '/v1/jobs', query })
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
