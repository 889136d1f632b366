import type { FastifyInstance } from 'fastify'
import type { Member } from '../state/members.ts'
import type { RouteContext } from './context.ts'
import type { MemberDocument } from './documents.ts'
import { MemberBody, MemberQuery } from './schema.ts'

/** Clients and targets of this server's own domain. */
export function memberRoutes(app: FastifyInstance, context: RouteContext): void {
  for (const kind of ['client', 'target'] as const) routesOf(app, context, kind)
}

function routesOf(
  app: FastifyInstance,
  { state, domain, audited }: RouteContext,
  kind: Member['kind'],
): void {
  const path = `/v1/${kind}s`
  const document = ({ name, createdAt }: Member): MemberDocument => ({
    name,
    createdAt: new Date(createdAt).toISOString(),
  })

  app.get(path, { schema: { querystring: MemberQuery } }, (request) => {
    const { name } = request.query as MemberQuery
    const members = name === undefined ? state.members.list(kind) : [domain.require(kind, name)]
    return { [`${kind}s`]: members.map(document) }
  })

  app.post(path, { schema: { body: MemberBody } }, async (request) => {
    const { name } = request.body as MemberBody
    return document(await audited(`add ${kind}`, name, () => domain.add(kind, name)))
  })

  app.delete(path, { schema: { body: MemberBody } }, async (request) => {
    const { name } = request.body as MemberBody
    await audited(`delete ${kind}`, name, () => domain.delete(kind, name))
    return {}
  })
}
