import * as fc from 'fast-check'

/** What is done in one step. The numbers choose among what there is when it is done. */
export interface Action {
  kind: ActionKind
  a: number
  b: number
  c: number
}

/** How often each kind comes. */
const weights = {
  import: 8,
  subscribe: 8,
  addDescendant: 4,
  adopt: 4,
  promote: 6,
  createSeries: 1,
  insert: 6,
  remove: 1,
  deleteSeries: 1,
  deleteImage: 3,
  unsubscribe: 2,
  register: 4,
  unregister: 2,
  cut: 1,
  restart: 1,
  stopOrStart: 1,
  relay: 2,
} as const
export type ActionKind = keyof typeof weights

/** A random network and what happens in it. */
export interface Plan {
  size: number
  /** For each server: which one before it is its peer, what it makes, who subscribes to whom at once. */
  joins: number[]
  actions: Action[]
}

const number = fc.noBias(fc.nat(1023))

const action: fc.Arbitrary<Action> = fc.oneof(
  ...Object.entries(weights).map(([kind, weight]) => ({
    weight,
    arbitrary: fc.record({ kind: fc.constant(kind as ActionKind), a: number, b: number, c: number }),
  })),
)

export const FEWEST_SERVERS = 3
export const MOST_SERVERS = 8

/** Small networks come more often: they find the same and take less time. */
const size = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(3, 3, 4) },
  { weight: 2, arbitrary: fc.constantFrom(5, 6) },
  { weight: 1, arbitrary: fc.constantFrom(7, MOST_SERVERS) },
)

export const plans: fc.Arbitrary<Plan> = fc.record({
  size,
  joins: fc.array(number, { minLength: MOST_SERVERS, maxLength: MOST_SERVERS }),
  actions: fc.array(action, { maxLength: 24, size: 'max' }),
})
