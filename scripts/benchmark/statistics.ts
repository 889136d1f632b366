import type { Figure, Row } from './bench.ts'
import type { Run } from './measure.ts'

/** Median of several runs, with the least and the most. */
export interface Spread {
  median: number
  min: number
  max: number
}

/** Of at least one value. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (index: number) => sorted[index] ?? NaN
  const half = (sorted.length - 1) / 2
  return { median: (at(Math.floor(half)) + at(Math.ceil(half))) / 2, min: at(0), max: at(sorted.length - 1) }
}

/** Median of one key over the runs of a row. */
export function medianOf(row: Row, key: keyof Run): number {
  return spread(row.runs.map((run) => run[key])).median
}

export interface Comparison {
  of: 'seconds' | 'syncedSeconds' | 'wireBytes'
  /** Names of rows; the best of those that were measured counts. */
  rivals: readonly string[]
  /** `rate`: more than 1 is good for ingot. `cost`: less than 1 is. */
  as: 'rate' | 'cost'
  /** Row of ingot; default `ingot`. */
  row?: string
}

/** Ingot beside the best of its rivals, as a list of one figure; of none where no rival was measured. */
export function compared(rows: readonly Row[], what: string, comparison: Comparison): Figure[] {
  const own = rows.find(({ name }) => name === (comparison.row ?? 'ingot'))
  const rivals = rows.filter(({ name }) => comparison.rivals.includes(name))
  if (own === undefined || rivals.length === 0) return []
  const mine = medianOf(own, comparison.of)
  const best = Math.min(...rivals.map((row) => medianOf(row, comparison.of)))
  return [{ what, value: comparison.as === 'rate' ? best / mine : mine / best, unit: '' }]
}
