import { actionWeights, type ActionKind } from './actions.ts'
import type { Numbers } from './choices.ts'
import { faultKinds, type FaultKind } from './faults.ts'

/** What is done next. A fault ends after so many more steps. */
export type Step =
  | ({ type: 'act'; kind: ActionKind } & Numbers)
  | ({ type: 'fault'; kind: FaultKind; lasts: number } & Numbers)

export interface PlanOptions {
  random: () => number
  /** Kinds of faults that may come; none for none. */
  faults: readonly FaultKind[]
}

const NUMBERS = 1024
/** Steps that a fault lasts, at least and how many more at most. */
const LASTS = { least: 1, more: 6 } as const

/** A whole number below `end`. */
export function below(random: () => number, end: number): number {
  return Math.floor(random() * end)
}

function numbers(random: () => number): Numbers {
  return { a: below(random, NUMBERS), b: below(random, NUMBERS), c: below(random, NUMBERS) }
}

const actionsTotal = Object.values(actionWeights).reduce((sum, weight) => sum + weight, 0)

/** An action, of each kind as often as its weight says. */
export function nextAction({ random }: PlanOptions): Step {
  let left = below(random, actionsTotal)
  for (const [kind, weight] of Object.entries(actionWeights)) {
    left -= weight
    if (left < 0) return { type: 'act', kind: kind as ActionKind, ...numbers(random) }
  }
  throw new Error('the weights do not add up')
}

/** A fault, of each kind as often as the others. */
export function nextFault({ random, faults }: PlanOptions): Step {
  const kind = faults[below(random, faults.length)] as FaultKind
  return { type: 'fault', kind, lasts: LASTS.least + below(random, LASTS.more), ...numbers(random) }
}

/** The kinds that a text names, or all. Throws a RangeError for a name that is none. */
export function faultsNamed(names: readonly string[]): FaultKind[] {
  for (const name of names)
    if (!faultKinds.includes(name as FaultKind))
      throw new RangeError(`no kind of fault: ${name}; there are ${faultKinds.join(', ')}`)
  return names.length === 0 ? [...faultKinds] : (names as FaultKind[])
}
