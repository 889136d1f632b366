import type { FastifyInstance } from 'fastify'
import { runningJobStates } from '../state/jobs.ts'
import { freeBytes } from '../store/space.ts'
import { fingerprint } from '../image/signature.ts'
import { writeServerData } from '../wire/server-data.ts'
import type { PeerDocument, ServerDocument, StatusDocument } from './documents.ts'
import { PeerParams, PeersQuery, RegisterBody, UnregisterQuery } from './schema.ts'
import type { RouteContext } from './context.ts'

/** This server, its peers, its status. */
export function serverRoutes(app: FastifyInstance, context: RouteContext): void {
  const { state, present, peering, audited } = context
  const startedAt = context.clock.now()

  const server = (): ServerDocument => {
    const head = context.journal.head()
    return {
      name: context.selfName,
      peerId: context.selfId,
      fingerprint: fingerprint(context.selfId),
      addresses: context.host.addresses(),
      version: context.version,
      home: context.home,
      images: context.layout.images,
      journalId: head.journalId,
      journalSeq: head.seq,
      journalFault: state.settings.get('journal-fault') ?? null,
    }
  }

  app.get('/v1/server', () => server())

  app.get('/v1/server/data', () => {
    const data = {
      name: context.selfName,
      peerId: context.selfId,
      addresses: context.host.addresses(),
      createdAt: context.clock.now(),
    }
    return { serverData: writeServerData(data, context.sign), fingerprint: fingerprint(context.selfId) }
  })

  app.get('/v1/status', async (): Promise<StatusDocument> => {
    const peers = state.peers.list()
    const jobs = state.jobs.list({ live: true })
    const own = state.images.countOf(context.selfId)
    return {
      server: server(),
      pid: process.pid,
      startedAt: new Date(startedAt).toISOString(),
      peers: {
        total: peers.length,
        up: peers.filter(({ id }) => context.links.get(id) !== undefined).length,
      },
      images: { own, replicas: state.images.count() - own },
      jobs: {
        running: jobs.filter((job) => runningJobStates.includes(job.state)).length,
        waiting: jobs.filter((job) => ['QUEUED', 'WAITING'].includes(job.state)).length,
        conflict: jobs.filter((job) => job.state === 'CONFLICT').length,
      },
      diskFree: await freeBytes(context.layout.images),
    }
  })

  app.post('/v1/peers', { schema: { body: RegisterBody } }, async (request): Promise<PeerDocument> => {
    const { serverData, ...options } = request.body as RegisterBody
    return await audited('register server', peering.subject(serverData, options), () =>
      present.peer(peering.register(serverData, options)),
    )
  })

  app.delete(
    '/v1/peers/:server',
    { schema: { params: PeerParams, querystring: UnregisterQuery } },
    async (request): Promise<object> => {
      const name = (request.params as PeerParams).server
      const { force = false } = request.query as UnregisterQuery
      await audited(
        'unregister server',
        name,
        async () => await peering.unregister(name, force, context.stopping),
      )
      return {}
    },
  )

  app.get('/v1/peers', { schema: { querystring: PeersQuery } }, (request): { peers: PeerDocument[] } => {
    const { server: name } = request.query as PeersQuery
    const peers = name === undefined ? state.peers.list() : [state.peers.require(name)]
    return { peers: peers.map((peer) => present.peer(peer)) }
  })
}
