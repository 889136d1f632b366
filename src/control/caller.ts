import type { FastifyReply } from 'fastify'
import { IngotError } from '../core/errors.ts'

/** Aborted when the caller goes before it has its answer, or when the server stops. */
export function callerSignal(reply: FastifyReply, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort(new IngotError('aborted', 'nobody waits for the answer any more')))
  return AbortSignal.any([gone.signal, stopping])
}
