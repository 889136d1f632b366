import { IngotError } from '../core/errors.ts'
import type { Run } from '../wire/content.ts'

/** Throws `invalid` for a run of what is not there, `too-large` for one of more than `most`. */
export function requireRun({ first, count }: Run, available: number, most: number): void {
  if (count < 1 || first >= available || count > available - first) {
    throw new IngotError('invalid', 'a request for what the content does not have')
  }
  if (count > most) throw tooMuch()
}

export function tooMuch(): IngotError {
  return new IngotError('too-large', 'a request for more than one answer may carry')
}
