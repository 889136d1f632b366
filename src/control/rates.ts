import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { RateChanges } from '../net/transfer-rates.ts'

/** Throws `usage` for a rate (bytes per second) at which nothing would come in time. */
export function requireRates(limits: Limits, ...rates: (number | null | undefined)[]): void {
  for (const rate of rates) {
    if (typeof rate !== 'number' || rate >= limits.rateLeast) continue
    throw new IngotError('usage', `${rate} bytes per second are too few; the least is ${limits.rateLeast}`, {
      hint: '"ingot pause job" and --window let transfers stand still',
    })
  }
}

/** What the audit log says of changed rates. */
export function ratesSubject({ rateIn, rateOut }: RateChanges): string[] {
  const text = (name: string, rate: number | null | undefined) =>
    rate === undefined ? [] : [`${name} ${rate ?? 'none'}`]
  return [...text('rate-in', rateIn), ...text('rate-out', rateOut)]
}
