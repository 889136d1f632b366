import { IngotError } from '../core/errors.ts'

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `500ms`, `60s`, `5m`, `2h` or `7d` (whole numbers); undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  return match === null ? undefined : Number(match[1]) * milliseconds[match[2] as keyof typeof milliseconds]
}

/** Like {@link durationOf}; throws a usage error on anything else. */
export function parseDuration(text: string): number {
  const duration = durationOf(text)
  if (duration !== undefined) return duration
  throw new IngotError('usage', `${JSON.stringify(text)} is not a duration`, {
    hint: 'a duration is a whole number and a unit: 500ms, 60s, 5m, 2h, 7d',
  })
}
