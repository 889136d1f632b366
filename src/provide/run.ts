import { IngotError } from '../core/errors.ts'
import type { Run } from '../wire/content.ts'

/** Returns the run. Throws `invalid` for one of what is not there, `too-large` for one of more than `most`. */
export function requireRun(run: Run, available: number, most: number): Run {
  const { first, count } = run
  if (count < 1 || first >= available || count > available - first) {
    throw new IngotError('invalid', 'a request for what the content does not have')
  }
  if (count > most) throw tooMuch()
  return run
}

export function tooMuch(): IngotError {
  return new IngotError('too-large', 'a request for more than one answer may carry')
}
