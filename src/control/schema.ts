import { Type, type Static } from 'typebox'
import { namePattern } from '../core/names.ts'

const name = Type.String({ pattern: namePattern })
/** `name`, `peer/name`, `./name` or an image id. */
const imageRef = Type.String({ minLength: 1, maxLength: 300 })
/** Of a file or directory; absolute, as the command line makes it. */
const path = Type.String({ minLength: 1, maxLength: 4096, pattern: '^[^\\u0000]*$' })
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
    path,
    imageType: Type.Optional(name),
    version: Type.Optional(Type.String({ maxLength: 128 })),
    description: Type.Optional(Type.String({ maxLength: 4096 })),
    labels: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 1024 }))),
    state: Type.Optional(imageState),
    private: Type.Optional(Type.Boolean()),
    inPlace: Type.Optional(Type.Boolean()),
    /** Of a tree: record user and group of each entry. */
    owner: Type.Optional(Type.Boolean()),
    /** The image of which it is a descendant: own or replica. */
    parent: Type.Optional(imageRef),
    /** Own series in which it is put, at the end. */
    series: Type.Optional(Type.Array(name, { maxItems: 64 })),
  },
  strict,
)
export type ImportBody = Static<typeof ImportBody>

export const AdoptBody = Type.Object(
  {
    image: imageRef,
    as: Type.Optional(name),
    state: Type.Optional(imageState),
    private: Type.Optional(Type.Boolean()),
  },
  strict,
)
export type AdoptBody = Static<typeof AdoptBody>

export const PromoteBody = Type.Object({ image: imageRef, state: imageState }, strict)
export type PromoteBody = Static<typeof PromoteBody>

export const ImageBody = Type.Object({ image: imageRef }, strict)
export type ImageBody = Static<typeof ImageBody>

export const VerifyBody = Type.Object(
  {
    image: imageRef,
    repair: Type.Optional(Type.Boolean()),
    /** Absolute path of a file or directory from which damaged leaves are taken. */
    path: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
  },
  strict,
)
export type VerifyBody = Static<typeof VerifyBody>

export const ExplainQuery = Type.Object({ server: name, image: imageRef }, strict)
export type ExplainQuery = Static<typeof ExplainQuery>

export const SeriesBody = Type.Object({ series: name, force: Type.Optional(Type.Boolean()) }, strict)
export type SeriesBody = Static<typeof SeriesBody>

export const SeriesQuery = Type.Object({ series: Type.Optional(name), server: Type.Optional(name) }, strict)
export type SeriesQuery = Static<typeof SeriesQuery>

export const SeriesMemberBody = Type.Object(
  { series: name, image: imageRef, before: Type.Optional(imageRef) },
  strict,
)
export type SeriesMemberBody = Static<typeof SeriesMemberBody>

export const ImageTypeBody = Type.Object({ imageType: name, baseType: Type.Optional(name) }, strict)
export type ImageTypeBody = Static<typeof ImageTypeBody>

export const MemberBody = Type.Object({ name }, strict)
export type MemberBody = Static<typeof MemberBody>

export const MemberQuery = Type.Object({ name: Type.Optional(name) }, strict)
export type MemberQuery = Static<typeof MemberQuery>

export const ImagesQuery = Type.Object(
  {
    image: Type.Optional(imageRef),
    server: Type.Optional(name),
    imageType: Type.Optional(name),
    series: Type.Optional(name),
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

const selector = Type.Union([
  Type.Object({ kind: Type.Literal('all') }, strict),
  Type.Object({ kind: Type.Literal('image'), image: imageRef }, strict),
  Type.Object({ kind: Type.Literal('series'), series: name }, strict),
  Type.Object({ kind: Type.Literal('imagetype'), imageType: name }, strict),
])

/** Bytes per second; null takes the bound away. */
const rate = Type.Optional(
  Type.Union([Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()]),
)
const linkRates = { rateIn: rate, rateOut: rate }

/** Null takes a bound away. */
const subscriptionOptions = {
  landAs: Type.Optional(imageState),
  keep: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Null()])),
  maxBytes: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()]),
  ),
  priority: Type.Optional(Type.Integer({ minimum: -1000, maximum: 1000 })),
  trustPrivileged: Type.Optional(Type.Boolean()),
  preseed: Type.Optional(Type.Union([Type.Null(), path])),
  rate,
  window: Type.Optional(Type.Union([Type.Null(), Type.String({ maxLength: 1024 })])), // null first: it would be made a text
}

export const SubscriptionBody = Type.Object({ server: name, selector }, strict)
export type SubscriptionBody = Static<typeof SubscriptionBody>

export const SubscribeBody = Type.Object(
  {
    server: name,
    selector,
    newOnly: Type.Optional(Type.Boolean()),
    ...subscriptionOptions,
    dryRun: Type.Optional(Type.Boolean()),
    exact: Type.Optional(Type.Boolean()),
  },
  strict,
)
export type SubscribeBody = Static<typeof SubscribeBody>

export const ModifySubscriptionBody = Type.Object({ server: name, selector, ...subscriptionOptions }, strict)
export type ModifySubscriptionBody = Static<typeof ModifySubscriptionBody>

export const JobsQuery = Type.Object({ job: Type.Optional(Type.Integer({ minimum: 1 })) }, strict)
export type JobsQuery = Static<typeof JobsQuery>

export const jobActions = ['pause', 'resume', 'cancel', 'retry'] as const
export const JobActionParams = Type.Object(
  { job: Type.Integer({ minimum: 1 }), action: Type.Union(jobActions.map((action) => Type.Literal(action))) },
  strict,
)
export type JobActionParams = { job: number; action: (typeof jobActions)[number] }

export const JobParams = Type.Object({ job: Type.Integer({ minimum: 1 }) }, strict)
export type JobParams = Static<typeof JobParams>

export const ResolveBody = Type.Union([
  Type.Object({ resolution: Type.Literal('keep') }, strict),
  Type.Object({ resolution: Type.Literal('replace') }, strict),
  Type.Object({ resolution: Type.Literal('rename'), name }, strict),
])
export type ResolveBody = Static<typeof ResolveBody>

export const ModifyPeerBody = Type.Object(
  {
    addresses: Type.Optional(Type.Array(Type.String({ maxLength: 512 }), { minItems: 1, maxItems: 16 })),
    ...linkRates,
  },
  { ...strict, minProperties: 1 },
)
export type ModifyPeerBody = Static<typeof ModifyPeerBody>

export const ModifyServerBody = Type.Object(linkRates, { ...strict, minProperties: 1 })
export type ModifyServerBody = Static<typeof ModifyServerBody>

export const RenewBody = Type.Object({ force: Type.Optional(Type.Boolean()) }, strict)
export type RenewBody = Static<typeof RenewBody>

/** Times are milliseconds since 1970; `from` is included, `to` is not. */
export const AuditQuery = Type.Object(
  {
    from: Type.Optional(Type.Integer({ minimum: 0 })),
    to: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Verb and noun, or the verb alone. */
    operation: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    /** A part of the subject. */
    subject: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    /** Only what did not succeed. */
    failed: Type.Optional(Type.Boolean()),
    /** At most so many, the newest. */
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  },
  strict,
)
export type AuditQuery = Static<typeof AuditQuery>
