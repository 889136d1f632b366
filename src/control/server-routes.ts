import type { FastifyInstance } from 'fastify'
import { NO_SPACE } from '../replicate/space-watch.ts'
import { WINDOW } from '../replicate/windows.ts'
import { runningJobStates, type JobState } from '../state/job.ts'
import { freeBytes } from '../store/space.ts'
import { fingerprint } from '../image/signature.ts'
import { writeServerData } from '../wire/server-data.ts'
import type { ServerDocument, StatusDocument } from './documents.ts'
import { ratesSubject, requireRates } from './rates.ts'
import { ModifyServerBody, RenewBody } from './schema.ts'
import type { RouteContext } from './context.ts'
import { renewJournal } from './renew.ts'

/** This server, its status, its journal. */
export function serverRoutes(app: FastifyInstance, context: RouteContext): void {
  const { state, rates, audited } = context
  const startedAt = context.clock.now()

  const server = (): ServerDocument => {
    const head = context.journal.head()
    const { rateIn, rateOut } = rates.server()
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
      rateIn: rateIn ?? null,
      rateOut: rateOut ?? null,
    }
  }

  app.get('/v1/server', () => server())

  app.patch(
    '/v1/server',
    { schema: { body: ModifyServerBody } },
    async (request): Promise<ServerDocument> => {
      const changes = request.body as ModifyServerBody
      requireRates(context.limits, changes.rateIn, changes.rateOut)
      await audited('modify server', ratesSubject(changes).join(' '), () => rates.changeServer(changes))
      return server()
    },
  )

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
    const jobs = state.jobs.counts()
    const count = (states: readonly JobState[]) => states.reduce((sum, each) => sum + (jobs[each] ?? 0), 0)
    const own = state.images.countOf(context.selfId)
    return {
      server: server(),
      pid: process.pid,
      startedAt: new Date(startedAt).toISOString(),
      peers: {
        total: peers.length,
        up: peers.filter(({ id }) => context.links.get(id) !== undefined).length,
      },
      images: { own, replicas: state.images.count() - own, damaged: state.integrity.countDamaged() },
      jobs: {
        running: count(runningJobStates),
        waiting: count(['QUEUED', 'WAITING', 'PAUSED']),
        noSpace: state.jobs.countWaitingFor(NO_SPACE),
        outsideWindow: state.jobs.countWaitingFor(WINDOW),
        conflict: count(['CONFLICT']),
      },
      scrub: { state: context.scrub.state, next: nextText(context.scrub.nextAt) },
      diskFree: await freeBytes(context.layout.images),
    }
  })

  app.post('/v1/journal/renew', { schema: { body: RenewBody } }, async (request): Promise<ServerDocument> => {
    const { force = false } = request.body as RenewBody
    await audited('renew journal', context.selfName, () => renewJournal(context, force))
    return server()
  })
}

function nextText(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}
