import type { FastifyInstance } from 'fastify'
import { IngotError } from '../core/errors.ts'
import type { RouteContext } from './context.ts'
import type { SeriesDocument } from './documents.ts'
import { requireHere, requireOwn } from './resolve.ts'
import { SeriesBody, SeriesMemberBody, SeriesQuery } from './schema.ts'

/** Series of this server and, to look at, of peers. */
export function seriesRoutes(app: FastifyInstance, context: RouteContext): void {
  const { state, present, audited, series, intake } = context

  app.post('/v1/series', { schema: { body: SeriesBody } }, async (request): Promise<SeriesDocument> => {
    const { series: name } = request.body as SeriesBody
    await audited('add series', name, () => series.add(name))
    return present.series(name, undefined)
  })

  app.delete('/v1/series', { schema: { body: SeriesBody } }, async (request): Promise<object> => {
    const { series: name, force = false } = request.body as SeriesBody
    await audited('delete series', name, () => series.delete(name, force))
    return {}
  })

  app.get(
    '/v1/series',
    { schema: { querystring: SeriesQuery } },
    async (request): Promise<{ series: SeriesDocument[] }> => {
      const { series: name, server } = request.query as SeriesQuery
      const peer = server === undefined ? undefined : state.peers.require(server)
      if (peer !== undefined) await intake.catchUp(peer.id, context.stopping)
      const names = peer === undefined ? state.series.names() : state.announcedSeries.names(peer.id)
      if (name !== undefined && !names.includes(name)) {
        if (peer === undefined) series.require(name)
        throw new IngotError('not-found', `${server} announces no series ${name}`, {
          hint: `"ingot query series --server ${server}" lists its series`,
        })
      }
      return { series: (name === undefined ? names : [name]).map((each) => present.series(each, peer)) }
    },
  )

  app.post(
    '/v1/series/members',
    { schema: { body: SeriesMemberBody } },
    async (request): Promise<SeriesDocument> => {
      const { series: name, image, before } = request.body as SeriesMemberBody
      await audited('insertimage series', `${name} ${image}`, () => {
        const follower = before === undefined ? undefined : requireOwn(context, before).sealed.id
        series.insert(name, requireHere(context, image), follower)
      })
      return present.series(name, undefined)
    },
  )

  app.delete(
    '/v1/series/members',
    { schema: { body: SeriesMemberBody } },
    async (request): Promise<SeriesDocument> => {
      const { series: name, image } = request.body as SeriesMemberBody
      await audited('deleteimage series', `${name} ${image}`, () =>
        series.remove(name, requireOwn(context, image)),
      )
      return present.series(name, undefined)
    },
  )
}
