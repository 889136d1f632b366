import { IngotError } from '../core/errors.ts'
import { checkName } from '../core/names.ts'
import { imageStates, type ImageState } from '../image/states.ts'

/** Parser of an option whose value is a name; `what` is as in "image name". */
export function nameOf(what: string): (value: string) => string {
  return (value) => checkName(value, what)
}

/** Parser of an option that may be given again and again; undefined while it was not given. */
export function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

/** A state, in upper or lower case. */
export function parseState(value: string): ImageState {
  const state = imageStates.find((each) => each === value.toUpperCase())
  if (state !== undefined) return state
  throw new IngotError('usage', `${JSON.stringify(value)} is not a state`, {
    hint: `states are ${imageStates.join(', ')}`,
  })
}

/** The number of a job. */
export function parseJob(value: string): number {
  const job = Number(value)
  if (/^\d{1,15}$/.test(value) && job > 0) return job
  throw new IngotError('usage', `${JSON.stringify(value)} is not a job`, {
    hint: '"ingot query job" lists the jobs',
  })
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
    if (labels.has(key)) throw new IngotError('usage', `the label ${JSON.stringify(key)} is given twice`)
    labels.set(key, value.slice(at + 1))
  }
  return Object.fromEntries(labels)
}
