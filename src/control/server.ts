import { chmod, chown, rm } from 'node:fs/promises'
import AjvCompiler from '@fastify/ajv-compiler'
import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import {
  IngotError,
  describeError,
  fileError,
  isIngotError,
  systemCode,
  type ErrorCode,
} from '../core/errors.ts'
import { errorDocument, type ControlComponents, type RouteContext } from './context.ts'
import { auditRoutes } from './audit-routes.ts'
import { doctorRoutes } from './doctor.ts'
import { imageRoutes } from './image-routes.ts'
import { imageTypeRoutes } from './image-type-routes.ts'
import { jobRoutes } from './job-routes.ts'
import { lifecycleRoutes } from './lifecycle-routes.ts'
import { memberRoutes } from './member-routes.ts'
import { peerRoutes } from './peer-routes.ts'
import { Presenter } from './present.ts'
import { seriesRoutes } from './series-routes.ts'
import { serverRoutes } from './server-routes.ts'
import { subscriptionRoutes } from './subscription-routes.ts'
import { verifyRoutes } from './verify-routes.ts'

const statusCodes: Record<ErrorCode, number> = {
  usage: 400,
  invalid: 400,
  'too-large': 413,
  'not-found': 404,
  conflict: 409,
  'changed-on-disk': 409,
  busy: 429,
  'peer-unreachable': 502,
  'daemon-unreachable': 503,
  aborted: 503,
  timeout: 504,
  'timed-out-waiting': 504,
  'no-space': 507,
  'not-announced': 404,
  'wrong-content': 500,
  protocol: 502,
  unsupported: 502,
  'link-lost': 502,
  failed: 500,
}

/** One for all servers of a process: schemas are compiled once, which is most of what a start costs. */
const buildValidator = AjvCompiler()

/** The control API: HTTP/JSON on a unix socket, whose mode says who may call. */
export class ControlServer {
  readonly #components: ControlComponents
  readonly #socket: string
  readonly #group: number | undefined
  readonly #stopping = new AbortController()
  #app: FastifyInstance | undefined

  /** `group`: numeric id of the group that may call besides the daemon's user. */
  constructor(components: ControlComponents, init: { socket: string; group: number | undefined }) {
    this.#components = components
    this.#socket = init.socket
    this.#group = init.group
  }

  async start(): Promise<void> {
    if (this.#app !== undefined) return
    const { limits, logger } = this.#components
    const app = fastify({
      bodyLimit: limits.controlRequestBytes,
      forceCloseConnections: true,
      ajv: { customOptions: { removeAdditional: false } },
      schemaController: { compilersFactory: { buildValidator } },
    })
    app.setErrorHandler(async (error: FastifyError | IngotError, _request, reply) => {
      if (error instanceof IngotError)
        return await reply.code(statusCodes[error.code]).send(errorDocument(error))
      const usage =
        error.validation !== undefined || (error.statusCode !== undefined && error.statusCode < 500)
      if (!usage) logger.error({ error: error.message, stack: error.stack }, 'a control request failed')
      const translated = new IngotError(usage ? 'usage' : 'failed', error.message, {
        hint: usage
          ? 'command and daemon may be of different versions; docs/commands.md has what each takes'
          : 'the log of the daemon says more',
      })
      return await reply.code(statusCodes[translated.code]).send(errorDocument(translated))
    })
    app.setNotFoundHandler(async (_request, reply) => {
      const error = new IngotError('usage', 'the daemon does not know this request', {
        hint: 'command and daemon may be of different versions',
      })
      return await reply.code(404).send(errorDocument(error))
    })
    const context = this.#context()
    const routes = [
      serverRoutes,
      peerRoutes,
      imageRoutes,
      lifecycleRoutes,
      verifyRoutes,
      seriesRoutes,
      imageTypeRoutes,
      subscriptionRoutes,
      jobRoutes,
      memberRoutes,
      auditRoutes,
      doctorRoutes,
    ]
    for (const add of routes) add(app, context)
    await rm(this.#socket, { force: true }) // the home is locked: a socket here is left from a killed daemon
    await app.listen({ path: this.#socket })
    await chmod(this.#socket, this.#group === undefined ? 0o600 : 0o660)
    if (this.#group !== undefined) await chown(this.#socket, -1, this.#group)
    this.#app = app
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new IngotError('daemon-unreachable', 'the daemon is stopping'))
    await this.#app?.close()
    this.#app = undefined
  }

  #context(): RouteContext {
    const { state, clock, events, logger } = this.#components
    return {
      ...this.#components,
      present: new Presenter(this.#components),
      stopping: this.#stopping.signal,
      audited: async (operation, subject, work) => {
        const note = (outcome: string) => {
          try {
            state.audit.add({ time: clock.now(), operation, subject, outcome })
          } catch (error) {
            // A full disk, say. What was done is done, and what went wrong must not be hidden by this.
            const fields = { operation, subject, outcome, error: describeError(error) }
            logger.error(fields, 'could not record an operation')
          }
          events.emit({ type: 'audit', operation, subject, outcome })
        }
        try {
          const result = await work()
          note('done')
          return result
        } catch (cause) {
          // What the disk refuses is told with what to do.
          const isOfDisk = !isIngotError(cause) && systemCode(cause) !== undefined
          const error = isOfDisk ? fileError(cause, `cannot ${operation} ${subject}`) : cause
          note(describeError(error))
          throw error
        }
      },
    }
  }
}
