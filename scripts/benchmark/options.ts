import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Case } from './bench.ts'
import { cases } from './cases/all.ts'

export interface Options {
  runs: number
  quick: boolean
  full: boolean
  json: boolean
  list: boolean
  /** Where to work. */
  directory: string
  /** Directory with rand.bin, v1.raw and v2.raw. */
  data: string | undefined
  cases: readonly Case[]
}

/** Reads the options; throws with what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      dir: { type: 'string', default: tmpdir() },
      data: { type: 'string' },
      case: { type: 'string', multiple: true, default: [] },
    },
  })
  const runs = Number(values.runs ?? (values.quick ? 1 : 3))
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a number from 1, not ${values.runs}`)
  if (values.case.length === 0 && positionals.length > 0) throw new Error(`unknown word ${positionals[0]}`)
  const names = [...values.case, ...positionals]
  const unknown = names.find((name) => cases.every((each) => each.name !== name))
  if (unknown !== undefined) throw new Error(`no case ${unknown}; scripts/bench --list names them`)
  return {
    runs,
    quick: values.quick,
    full: values.full,
    json: values.json,
    list: values.list,
    directory: resolve(values.dir),
    data: values.data === undefined ? undefined : resolve(values.data),
    cases:
      names.length > 0
        ? cases.filter(({ name }) => names.includes(name))
        : cases.filter(({ quick }) => quick || !values.quick),
  }
}
