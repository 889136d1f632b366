import type { FastifyInstance, FastifyReply } from 'fastify'
import { IngotError } from '../core/errors.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { ImageDocument } from './documents.ts'
import { callerSignal } from './caller.ts'
import { answerWithProgress } from './progress.ts'
import { findAnnounced, findImage, requireHere, requireImage } from './resolve.ts'
import { ImagesQuery, ImportBody, WaitQuery } from './schema.ts'
import type { RouteContext } from './context.ts'

const MOST_WAIT_MS = 2 ** 31 - 1

/** Images: make, list, wait for. */
export function imageRoutes(app: FastifyInstance, context: RouteContext): void {
  app.post('/v1/images', { schema: { body: ImportBody } }, async (request, reply) => {
    await createImage(context, request.body as ImportBody, reply)
  })
  app.get('/v1/images', { schema: { querystring: ImagesQuery } }, async (request) => {
    return { images: await listImages(context, request.query as ImagesQuery) }
  })
  app.get('/v1/images/wait', { schema: { querystring: WaitQuery } }, async (request, reply) => {
    return await waitImage(context, request.query as WaitQuery, callerSignal(reply, context.stopping))
  })
}

/** Answers with progress, then the image or the error. Ends the import when the caller goes. */
async function createImage(context: RouteContext, body: ImportBody, reply: FastifyReply): Promise<void> {
  const operation = body.parent === undefined ? 'import image' : 'add image'
  await answerWithProgress(context, reply, async (options) => {
    const record = await context.audited(operation, body.image, async () => {
      const image = {
        name: body.image,
        path: body.path,
        type: body.imageType,
        version: body.version ?? '',
        description: body.description ?? '',
        labels: body.labels ?? {},
        state: body.state ?? 'PUBLISHED',
        private: body.private ?? false,
        inPlace: body.inPlace ?? false,
        parent: body.parent === undefined ? undefined : requireHere(context, body.parent).sealed,
        series: [...new Set(body.series)],
        owner: body.owner ?? false,
      }
      return await context.publisher.create(image, options)
    })
    return context.present.image(record.sealed)
  })
}

async function listImages(context: RouteContext, query: ImagesQuery): Promise<ImageDocument[]> {
  const { state, intake, present } = context
  let found: SealedManifest[]
  if (query.server === undefined) {
    found = state.images.list().map(({ sealed }) => sealed)
    for (const job of state.jobs.list({ live: true })) {
      const wanted = state.announced.get(job.peer, job.image)
      if (wanted !== undefined && state.images.byId(job.image) === undefined) found.push(wanted.sealed)
    }
  } else {
    const peer = state.peers.require(query.server)
    await intake.catchUp(peer.id, context.stopping)
    found = state.announced.list(peer.id).map(({ sealed }) => sealed)
  }
  if (query.image !== undefined) {
    const peer = query.server === undefined ? undefined : state.peers.require(query.server)
    const image =
      (peer && findAnnounced(context, query.image, peer)) ?? requireImage(context, query.image, peer?.id)
    found = found.filter(({ id }) => id === image.id)
    if (found.length === 0) {
      throw new IngotError(
        'not-found',
        `${query.image} is not ${query.server === undefined ? 'here' : `announced by ${query.server}`}`,
        {
          hint: 'a peer that announces it is asked with --server PEER',
        },
      )
    }
  }
  const images = found
    .map((sealed) =>
      present.image(sealed, { holders: query.holders ?? false, descendants: query.image !== undefined }),
    )
    .filter((image) => query.imageType === undefined || image.type === query.imageType)
    .filter((image) => query.series === undefined || image.series.includes(query.series))
    .filter((image) => query.state === undefined || image.state === query.state)
  // What a peer announces is in the order in which it was published.
  return query.server === undefined ? images.toSorted(ownFirst) : images
}

/** Answers when the image is enabled; an image that nobody announced yet is waited for too. */
async function waitImage(
  context: RouteContext,
  query: WaitQuery,
  signal: AbortSignal,
): Promise<ImageDocument> {
  const { state, events, present } = context
  const peer = query.server === undefined ? undefined : state.peers.require(query.server)
  const timeout = AbortSignal.timeout(Math.min(query.timeoutMs ?? MOST_WAIT_MS, MOST_WAIT_MS))
  for (;;) {
    const image =
      (peer && findAnnounced(context, query.image, peer)) ?? findImage(context, query.image, peer?.id)
    if (image !== undefined && state.images.byId(image.id) !== undefined) return present.image(image)
    const job = image === undefined ? undefined : state.jobs.latest(image.manifest.origin, image.id)
    const announced = image === undefined ? undefined : state.announced.get(image.manifest.origin, image.id)
    if (announced?.status === 'announced' && announced.decision === 'refused') {
      throw new IngotError('failed', `${query.image} will not come: ${announced.rule}`, {
        hint: '"ingot explain image" says what would change that',
      })
    }
    if (job?.state === 'CONFLICT' || job?.state === 'FAILED') {
      throw new IngotError(
        job.state === 'CONFLICT' ? 'conflict' : 'failed',
        `${query.image} will not come: ${job.error ?? job.reason}`,
        {
          hint: `"ingot query job --job ${job.id}" shows the job`,
        },
      )
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const unfollow = events.follow(() => resolve())
    const onTimeout = () =>
      reject(
        new IngotError('timed-out-waiting', `${query.image} was not enabled in time`, {
          hint: '"ingot query job" and "ingot explain" say what it waits for',
        }),
      )
    const onGone = () => reject(signal.reason as Error)
    if (timeout.aborted) onTimeout()
    if (signal.aborted) onGone()
    timeout.addEventListener('abort', onTimeout, { once: true })
    signal.addEventListener('abort', onGone, { once: true })
    try {
      await promise
    } finally {
      unfollow()
      timeout.removeEventListener('abort', onTimeout)
      signal.removeEventListener('abort', onGone)
    }
  }
}

/** Own images, then those of peers by name. */
function ownFirst(one: ImageDocument, other: ImageDocument): number {
  return Number(other.local) - Number(one.local) || (one.ref < other.ref ? -1 : 1)
}
