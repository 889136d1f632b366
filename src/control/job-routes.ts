import type { FastifyInstance } from 'fastify'
import type { JobDocument } from './documents.ts'
import { JobsQuery } from './schema.ts'
import type { RouteContext } from './context.ts'

/** Jobs: list. */
export function jobRoutes(app: FastifyInstance, { state, present }: RouteContext): void {
  app.get('/v1/jobs', { schema: { querystring: JobsQuery } }, (request): { jobs: JobDocument[] } => {
    const { job } = request.query as JobsQuery
    const jobs = job === undefined ? state.jobs.list() : [state.jobs.require(job)]
    return { jobs: jobs.map((found) => present.job(found)) }
  })
}
