import type { FastifyInstance } from 'fastify'
import type { PeerDocument } from './documents.ts'
import { ModifyPeerBody, PeerParams, PeersQuery, RegisterBody, UnregisterQuery } from './schema.ts'
import type { RouteContext } from './context.ts'
import { ratesSubject, requireRates } from './rates.ts'

/** Peers: register, change, accept, end, list. */
export function peerRoutes(app: FastifyInstance, context: RouteContext): void {
  const { state, present, peering, rates, intake, limits, audited } = context

  app.post('/v1/peers', { schema: { body: RegisterBody } }, async (request): Promise<PeerDocument> => {
    const { serverData, ...options } = request.body as RegisterBody
    return await audited('register server', peering.subject(serverData, options), () => {
      const peer = peering.register(serverData, options)
      rates.applyPeer(peer)
      return present.peer(peer)
    })
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

  app.patch(
    '/v1/peers/:server',
    { schema: { params: PeerParams, body: ModifyPeerBody } },
    async (request): Promise<PeerDocument> => {
      const { server } = request.params as PeerParams
      const { addresses, ...changes } = request.body as ModifyPeerBody
      requireRates(limits, changes.rateIn, changes.rateOut)
      const subject = [server, ...(addresses ?? []), ...ratesSubject(changes)].join(' ')
      return await audited('modify peerserver', subject, () => {
        const { id } = state.peers.require(server)
        if (addresses !== undefined) peering.modify(server, addresses)
        rates.changePeer(id, changes)
        return present.peer(state.peers.require(server))
      })
    },
  )

  app.post(
    '/v1/peers/:server/accept',
    { schema: { params: PeerParams } },
    async (request): Promise<PeerDocument> => {
      const { server } = request.params as PeerParams
      await audited('accept peerserver', server, () => intake.accept(state.peers.require(server).id))
      return present.peer(state.peers.require(server))
    },
  )
}
