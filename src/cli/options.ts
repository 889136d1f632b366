import { IngotError } from '../core/errors.ts'
import { checkName } from '../core/names.ts'
import { isDigest } from '../image/digest.ts'
import { imageStates, type ImageState } from '../image/states.ts'

/** Parser of an option that may be given again and again; the value is undefined while it was not given. */
export interface Collector<Value> {
  (value: string, previous: Value[] | undefined): Value[]
  readonly again: true
}

/** Parser of an option whose value is a name; `what` is as in "image name". */
export function nameOf(what: string): (value: string) => string {
  return (value) => checkName(value, what)
}

/** A collector of values that `parse` takes. */
export function collectOf<Value>(parse: (value: string) => Value): Collector<Value> {
  const collect = (value: string, previous: Value[] | undefined) => [...(previous ?? []), parse(value)]
  return Object.assign(collect, { again: true as const })
}

/** Collects values as they are. */
export const collect = collectOf((value) => value)

/** True when the option of that parser may be given again and again. */
export function isCollector(parse: unknown): boolean {
  return typeof parse === 'function' && 'again' in parse
}

/** How an image is called: `NAME`, `PEER/NAME`, `./NAME` or an image id. */
export function parseImage(value: string): string {
  if (isDigest(value)) return value
  const slash = value.indexOf('/')
  const owner = value.slice(0, Math.max(0, slash))
  if (slash !== -1 && owner !== '.') checkName(owner, 'server name')
  checkName(value.slice(slash + 1), 'image name')
  return value
}

/** A state, in upper or lower case. */
export function parseState(value: string): ImageState {
  return oneOf(imageStates, value, 'a state')
}

/** The number of a job. */
export function parseJob(value: string): number {
  const job = Number(value)
  if (/^\d{1,15}$/.test(value) && job > 0) return job
  throw new IngotError('usage', `${JSON.stringify(value)} is not a job`, {
    hint: '"ingot query job" lists the jobs',
  })
}

/** Parser of a whole number from `least` to `most`; `what` is as in "a priority". */
export function numberOf(what: string, least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (/^-?\d{1,15}$/.test(value) && number >= least && number <= most) return number
    throw new IngotError('usage', `${JSON.stringify(value)} is not ${what}`, {
      hint: `it is a whole number from ${least} to ${most}`,
    })
  }
}

/** A bound; `none` takes it away. */
export type Bound = number | 'none'

/** Parser of what `parse` takes, or `none`. */
export function orNone(parse: (value: string) => number): (value: string) => Bound {
  return (value) => (value.toLowerCase() === 'none' ? 'none' : parse(value))
}

/** The bound as the API knows it: null for none; undefined where it is not given. */
export function boundOf(bound: Bound | undefined): number | null | undefined {
  return bound === 'none' ? null : bound
}

export function parseYesNo(value: string): boolean {
  return oneOf(['yes', 'no'], value, 'yes or no') === 'yes'
}

/** `k=v` options as a record; throws a usage error where one has no key or no `=`, or a key comes twice. */
export function parseLabels(values: readonly string[]): Record<string, string> {
  const labels = new Map<string, string>()
  for (const value of values) {
    const at = value.indexOf('=')
    if (at < 1) {
      throw new IngotError('usage', `${JSON.stringify(value)} is not a label`, {
        hint: 'a label is --label KEY=VALUE',
      })
    }
    const key = value.slice(0, at)
    if (labels.has(key)) {
      throw new IngotError('usage', `the label ${JSON.stringify(key)} is given twice`, {
        hint: 'give each key once',
      })
    }
    labels.set(key, value.slice(at + 1))
  }
  return Object.fromEntries(labels)
}

/** The one of `known` that `value` is, whatever its case; `what` is as in "a state". */
export function oneOf<Known extends string>(known: readonly Known[], value: string, what: string): Known {
  const found = known.find((each) => each.toLowerCase() === value.toLowerCase())
  if (found !== undefined) return found
  throw new IngotError('usage', `${JSON.stringify(value)} is not ${what}`, {
    hint: `one of: ${known.join(', ')}`,
  })
}
