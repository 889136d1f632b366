import { request as httpRequest, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { IngotError, systemCode, type ErrorCode } from '../core/errors.ts'
import type { ErrorDocument } from './documents.ts'

/** One call of the control API. */
export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  signal?: AbortSignal
}

/** The way to the daemon behind a unix socket: HTTP with JSON. */
export class ControlConnection {
  readonly #socket: string

  /** `socket`: path of `run/control.sock` in the daemon's home. */
  constructor(socket: string) {
    this.#socket = socket
  }

  /** A call that answers with one document. */
  async json<T>(call: Call): Promise<T> {
    return (await this.#read(await this.#send(call), call.signal)) as T
  }

  /** A call that answers with documents, a line each, until the daemon ends it or the caller leaves the loop. */
  async *lines<T>(call: Call): AsyncGenerator<T> {
    const response = await this.#send(call)
    try {
      for await (const text of createInterface({ input: response })) {
        if (text !== '') yield JSON.parse(text) as T
      }
    } finally {
      response.destroy()
    }
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
    throw toError((await this.#read(response, call.signal)) as ErrorDocument)
  }

  async #read(response: IncomingMessage, signal: AbortSignal | undefined): Promise<unknown> {
    const parts: Buffer[] = []
    try {
      for await (const part of response) parts.push(part as Buffer)
    } catch (error) {
      throw this.#translate(error as Error, signal)
    }
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown
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

/** What the daemon says, as it meant it. */
export function toError({ error }: Pick<ErrorDocument, 'error'>): IngotError {
  return new IngotError(
    error.code as ErrorCode,
    error.message,
    error.hint === null ? {} : { hint: error.hint },
  )
}
