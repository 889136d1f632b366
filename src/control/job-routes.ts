import type { FastifyInstance } from 'fastify'
import type { JobDocument } from './documents.ts'
import { JobActionParams, JobParams, JobsQuery, ResolveBody } from './schema.ts'
import type { RouteContext } from './context.ts'

/** Jobs: list, control. */
export function jobRoutes(app: FastifyInstance, { state, present, jobChanges, audited }: RouteContext): void {
  app.get('/v1/jobs', { schema: { querystring: JobsQuery } }, (request): { jobs: JobDocument[] } => {
    const { job } = request.query as JobsQuery
    const jobs = job === undefined ? state.jobs.list() : [state.jobs.require(job)]
    return { jobs: jobs.map((found) => present.job(found)) }
  })

  const document = (id: number) => present.job(state.jobs.require(id))
  const subject = (id: number) =>
    state.jobs.byId(id) === undefined ? `${id}` : `${id} ${document(id).image}`

  app.post(
    '/v1/jobs/:job/:action',
    { schema: { params: JobActionParams } },
    async (request): Promise<JobDocument> => {
      const { job, action } = request.params as JobActionParams
      const next = await audited(`${action} job`, subject(job), async () => await jobChanges[action](job))
      return document(next ?? job)
    },
  )

  app.post(
    '/v1/jobs/:job/resolve',
    { schema: { params: JobParams, body: ResolveBody } },
    async (request): Promise<JobDocument> => {
      const { job } = request.params as JobParams
      const body = request.body as ResolveBody
      await audited(
        'resolve job',
        `${subject(job)} by ${body.resolution}`,
        async () => await jobChanges.resolve(job, body),
      )
      return document(job)
    },
  )
}
