import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Row } from '../../scripts/benchmark/bench.ts'
import { cases } from '../../scripts/benchmark/cases/all.ts'
import type { Run } from '../../scripts/benchmark/measure.ts'
import { readOptions } from '../../scripts/benchmark/options.ts'
import { table } from '../../scripts/benchmark/report.ts'
import { compared, spread } from '../../scripts/benchmark/statistics.ts'

const run = (seconds: number): Run => ({
  seconds,
  syncedSeconds: seconds + 1,
  wireBytes: 1_000_000 * seconds,
  originCpuSeconds: 1,
  receiverCpuSeconds: 3,
  originPeakBytes: 4_000_000,
  receiverPeakBytes: 5_000_000,
  otherShare: 0,
})

const row = (name: string, ...seconds: number[]): Row => ({
  name,
  bytes: 1_000_000_000,
  dataBytes: 500_000_000,
  runs: seconds.map(run),
})

describe('scripts/bench', () => {
  test('the median of an even number of runs lies between two of them', () => {
    expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 })
    expect(spread([9, 1, 2])).toEqual({ median: 2, min: 1, max: 9 })
  })

  test('a ratio is taken of the best rival that was measured', () => {
    const rows = [row('ingot', 4, 5, 4), row('scp', 8, 8, 8), row('syncthing', 10, 2, 6)]
    const rivals = ['scp', 'syncthing', 'casync']
    expect(compared(rows, 'rate', { of: 'seconds', rivals, as: 'rate' })[0]?.value).toBe(6 / 4)
    expect(compared(rows, 'time', { of: 'seconds', rivals, as: 'cost' })[0]?.value).toBe(4 / 6)
    expect(compared(rows, 'time', { of: 'seconds', rivals: ['casync'], as: 'cost' })).toEqual([])
  })

  test('the table has rates of all bytes, and processor time per GB of data', () => {
    const text = table(
      [{ name: 'case', about: 'what', rows: [row('ingot', 2, 4, 3)], figures: [], notes: [], error: null }],
      [],
    )
    expect(text).toMatch(
      /^ingot +3\.00 \(2\.00-4\.00\) +4\.00 \(.*\) +333 +3\.0 \(.*\) +2\.00 \+ 6\.00 +4 \/ 5$/m,
    )
  })

  test('cases are chosen by their names', () => {
    expect(readOptions(['--case', 'patch', 'memory']).cases.map(({ name }) => name)).toEqual([
      'patch',
      'memory',
    ])
    expect(readOptions([]).cases).toEqual(cases)
    expect(readOptions(['--quick']).cases.length).toBeLessThan(cases.length)
    expect(() => readOptions(['--case', 'nothing'])).toThrow('no case nothing')
    expect(() => readOptions(['--runs', '0'])).toThrow('--runs')
  })

  test('docs/performance.md has every case', () => {
    const text = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8')
    const documented = [...text.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name)
    expect(documented.slice(0, cases.length)).toEqual(cases.map(({ name }) => name))
  })
})
