import { IngotError } from '../core/errors.ts'
import { orNone, type Bound } from './options.ts'
import { parseSize } from './size.ts'
import { formatBytes } from './text.ts'

const bits = new Map([
  ['', 1],
  ['K', 1e3],
  ['M', 1e6],
  ['G', 1e9],
])

/**
 * Bytes per second of `10MB`, `500KiB`, `1.5M` or `80Mbit`, each also with `/s` behind it: sizes as {@link parseSize} reads them,
 * bits in units of 1000. Throws a usage error on anything else.
 */
export function parseRate(text: string): number {
  const amount = text.replace(/\/s$/i, '')
  const match = /^(\d{1,12}(?:\.\d{1,3})?) ?([kmg]?)bit$/i.exec(amount)
  const rate =
    match === null
      ? sizeOf(amount)
      : Math.round((Number(match[1]) * (bits.get((match[2] ?? '').toUpperCase()) ?? 0)) / 8)
  if (rate !== undefined && rate > 0) return rate
  throw new IngotError('usage', `${JSON.stringify(text)} is not a rate`, {
    hint: 'a rate is bytes or bits per second: 10MB (of 1000), 500KiB (of 1024), 80Mbit, 10MB/s',
  })
}

function sizeOf(text: string): number | undefined {
  try {
    return parseSize(text)
  } catch {
    return undefined // the caller says what a rate is
  }
}

/** Parser of a rate, or `none`. */
export const parseRateOrNone: (value: string) => Bound = orNone(parseRate)

/** `9.5 MiB/s`; `none` for no bound. */
export function rateText(rate: number | null): string {
  return rate === null ? 'none' : `${formatBytes(rate)}/s`
}

interface Rates {
  rateIn: number | null
  rateOut: number | null
}

/** Both rates of a peer, or of all peers together. */
export function ratesText({ rateIn, rateOut }: Rates): string {
  return `in ${rateText(rateIn)}, out ${rateText(rateOut)}`
}

/** The same as a field, where there is a bound. */
export function ratesFields(rates: Rates): [string, string][] {
  return rates.rateIn === null && rates.rateOut === null ? [] : [['rates', ratesText(rates)]]
}
