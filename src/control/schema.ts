import { Type, type Static } from 'typebox'
import { namePattern } from '../core/names.ts'

const name = Type.String({ pattern: namePattern })
/** `name`, `peer/name`, `./name` or an image id. */
const imageRef = Type.String({ minLength: 1, maxLength: 300 })
const imageState = Type.Union([
  Type.Literal('TESTABLE'),
  Type.Literal('RESTRICTED'),
  Type.Literal('PUBLISHED'),
])
const strict = { additionalProperties: false }

export const RegisterBody = Type.Object(
  {
    serverData: Type.String({ maxLength: 65_536 }),
    server: Type.Optional(name),
    fingerprint: Type.Optional(Type.String({ maxLength: 128 })),
  },
  strict,
)
export type RegisterBody = Static<typeof RegisterBody>

export const PeerParams = Type.Object({ server: name }, strict)
export type PeerParams = Static<typeof PeerParams>

export const UnregisterQuery = Type.Object({ force: Type.Optional(Type.Boolean()) }, strict)
export type UnregisterQuery = Static<typeof UnregisterQuery>

export const PeersQuery = Type.Object({ server: Type.Optional(name) }, strict)
export type PeersQuery = Static<typeof PeersQuery>

export const ImportBody = Type.Object(
  {
    image: name,
    path: Type.String({ minLength: 1, maxLength: 4096 }),
    imageType: Type.Optional(name),
    version: Type.Optional(Type.String({ maxLength: 128 })),
    description: Type.Optional(Type.String({ maxLength: 4096 })),
    labels: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 1024 }))),
    state: Type.Optional(imageState),
    private: Type.Optional(Type.Boolean()),
    inPlace: Type.Optional(Type.Boolean()),
  },
  strict,
)
export type ImportBody = Static<typeof ImportBody>

export const ImagesQuery = Type.Object(
  {
    image: Type.Optional(imageRef),
    server: Type.Optional(name),
    imageType: Type.Optional(name),
    state: Type.Optional(imageState),
    holders: Type.Optional(Type.Boolean()),
  },
  strict,
)
export type ImagesQuery = Static<typeof ImagesQuery>

export const WaitQuery = Type.Object(
  {
    image: imageRef,
    server: Type.Optional(name),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  strict,
)
export type WaitQuery = Static<typeof WaitQuery>

export const SubscriptionBody = Type.Object(
  {
    server: name,
    selector: Type.Union([
      Type.Object({ kind: Type.Literal('all') }, strict),
      Type.Object({ kind: Type.Literal('image'), image: imageRef }, strict),
      Type.Object({ kind: Type.Literal('imagetype'), imageType: name }, strict),
    ]),
    dryRun: Type.Optional(Type.Boolean()),
  },
  strict,
)
export type SubscriptionBody = Static<typeof SubscriptionBody>

export const JobsQuery = Type.Object({ job: Type.Optional(Type.Integer({ minimum: 1 })) }, strict)
export type JobsQuery = Static<typeof JobsQuery>
