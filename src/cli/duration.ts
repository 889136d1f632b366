import { IngotError } from '../core/errors.ts'

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds of `500ms`, `60s`, `5m` or `2h` (whole numbers); throws a usage error on anything else. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text)
  if (match === null) {
    throw new IngotError('usage', `${JSON.stringify(text)} is not a duration`, {
      hint: 'a duration is a whole number and a unit: 500ms, 60s, 5m, 2h',
    })
  }
  return Number(match[1]) * milliseconds[match[2] as keyof typeof milliseconds]
}
