import type { FastifyInstance } from 'fastify'
import { IngotError } from '../core/errors.ts'
import type { RouteContext } from './context.ts'
import type { AuditDocument, EventLine } from './documents.ts'
import { AuditQuery } from './schema.ts'

/** Records answered when no limit is asked for. */
const DEFAULT_RECORDS = 1_000

/** What was done, and what happens now. */
export function auditRoutes(app: FastifyInstance, context: RouteContext): void {
  const { state, events, clock, limits, logger, stopping } = context
  let watchers = 0

  app.get('/v1/audit', { schema: { querystring: AuditQuery } }, (request): { audit: AuditDocument[] } => {
    const {
      from,
      to,
      operation,
      subject,
      failed = false,
      limit = DEFAULT_RECORDS,
    } = request.query as AuditQuery
    const records = state.audit.list({ from, to, operation, subject, failed, limit })
    return { audit: records.map((record) => ({ ...record, time: new Date(record.time).toISOString() })) }
  })

  // JSON lines until the caller goes; one who does not read what comes is cut.
  app.get('/v1/events', (_request, reply) => {
    if (watchers >= limits.eventWatchers) {
      throw new IngotError('busy', `${limits.eventWatchers} others watch events already`, {
        hint: 'end one of them, or raise limits.eventWatchers',
      })
    }
    const stream = reply.hijack().raw
    stream.writeHead(200, { 'content-type': 'application/x-ndjson' })
    stream.flushHeaders()
    watchers++
    const unfollow = events.follow((event) => {
      const line: EventLine = { time: new Date(clock.now()).toISOString(), ...event }
      stream.write(`${JSON.stringify(line)}\n`)
      if (stream.writableLength <= limits.eventBacklogBytes) return
      unfollow()
      logger.warn({ bytes: stream.writableLength }, 'cut a watcher of events that does not read')
      stream.destroy()
    })
    const onStop = () => {
      unfollow() // what happens while the server stops comes after the end of the stream
      stream.end()
    }
    stopping.addEventListener('abort', onStop, { once: true })
    stream.once('close', () => {
      watchers--
      unfollow()
      stopping.removeEventListener('abort', onStop)
    })
  })
}
