import type { FastifyInstance } from 'fastify'
import { IngotError } from '../core/errors.ts'
import { explain } from '../replicate/explain.ts'
import { removeReplica } from '../replicate/remove.ts'
import type { ImageRecord } from '../state/images.ts'
import type { RouteContext } from './context.ts'
import type { ExplainDocument, ImageDocument } from './documents.ts'
import { findAnnounced, findTakenBack, requireHere, requireImage, subjectOf } from './resolve.ts'
import { AdoptBody, ExplainQuery, ImageBody, PromoteBody } from './schema.ts'

/** What becomes of images: promote, adopt, delete, explain. */
export function lifecycleRoutes(app: FastifyInstance, context: RouteContext): void {
  const { selfId, state, present, audited, publisher, lifecycle } = context
  const isOwn = ({ sealed }: ImageRecord) => sealed.manifest.origin === selfId

  app.post(
    '/v1/images/promote',
    { schema: { body: PromoteBody } },
    async (request): Promise<ImageDocument> => {
      const body = request.body as PromoteBody
      const subject = `${subjectOf(context, body.image)} to ${body.state}`
      return await audited('promote image', subject, () => {
        const image = requireHere(context, body.image)
        if (isOwn(image)) lifecycle.promote(image, body.state)
        else state.db.durably(() => state.images.setState(image.sealed.id, body.state))
        return present.image(image.sealed)
      })
    },
  )

  app.post('/v1/images/adopt', { schema: { body: AdoptBody } }, async (request): Promise<ImageDocument> => {
    const body = request.body as AdoptBody
    const source = subjectOf(context, body.image)
    const subject = body.as === undefined ? source : `${source} as ${body.as}`
    return await audited('adopt image', subject, async () => {
      const image = requireHere(context, body.image)
      const adopted = await publisher.adopt(image, {
        name: body.as ?? image.name,
        state: body.state ?? 'PUBLISHED',
        private: body.private ?? false,
      })
      return present.image(adopted.sealed)
    })
  })

  app.delete('/v1/images', { schema: { body: ImageBody } }, async (request): Promise<ImageDocument> => {
    const ref = (request.body as ImageBody).image
    return await audited('delete image', subjectOf(context, ref), async () => {
      const image = requireHere(context, ref)
      const document = present.image(image.sealed)
      if (isOwn(image)) await lifecycle.delete(image)
      else await deleteReplica(context, image)
      return document
    })
  })

  app.get('/v1/images/explain', { schema: { querystring: ExplainQuery } }, (request): ExplainDocument => {
    const query = request.query as ExplainQuery
    const peer = state.peers.require(query.server)
    const { id } =
      findAnnounced(context, query.image, peer) ??
      findTakenBack(context, query.image, peer) ??
      requireImage(context, query.image, peer.id)
    const announced = state.announced.get(peer.id, id)
    if (announced === undefined) {
      throw new IngotError('not-found', `${peer.name} never announced ${query.image}`, {
        hint: `"ingot query image --server ${peer.name}" lists what it announces`,
      })
    }
    return present.explanation(explain(state, announced, peer.name))
  })
}

/** A replica stays deleted until it is asked for again by name. */
async function deleteReplica(context: RouteContext, image: ImageRecord): Promise<void> {
  const { state, clock, queue, subscriber } = context
  const { origin } = image.sealed.manifest
  await removeReplica(context, image, {
    reason: '',
    also: () => state.declined.put(origin, image.sealed.id, { why: 'deleted', time: clock.now() }),
  })
  queue.unblock(origin, image.name)
  subscriber.reconsider(origin) // there may be room now for what did not fit
}
