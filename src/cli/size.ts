import { IngotError } from '../core/errors.ts'

const letters = ['K', 'M', 'G', 'T', 'P']
const units = new Map<string, number>([
  ['', 1],
  ['B', 1],
  ...letters.flatMap((letter, index): [string, number][] => [
    [letter, 1024 ** (index + 1)],
    [`${letter}IB`, 1024 ** (index + 1)],
    [`${letter}B`, 1000 ** (index + 1)],
  ]),
])

/**
 * Bytes of `500G`, `20GiB`, `1.5T`, `500GB` or `1048576`, as GNU tools read them: K and KiB are 1024 bytes, KB is 1000. At least
 * one byte; throws a usage error on anything else.
 */
export function parseSize(text: string): number {
  const match = /^(\d{1,16}(?:\.\d{1,3})?) ?([a-z]*)$/i.exec(text)
  const unit = units.get((match?.[2] ?? '').toUpperCase())
  const bytes = match === null || unit === undefined ? Number.NaN : Math.round(Number(match[1]) * unit)
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes
  throw new IngotError('usage', `${JSON.stringify(text)} is not a size`, {
    hint: 'a size is bytes or has a unit: 1048576, 20GiB, 500G (of 1024), 500GB (of 1000)',
  })
}
