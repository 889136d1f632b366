import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { testBed } from '../support/daemon.ts'
import { printedSeed } from '../support/random.ts'

const RUNS = 200
const LIMIT_MS = 600_000
const script = fileURLToPath(new URL('../../scripts/check-chaining', import.meta.url))

test(
  'in any network and whatever is done in it, nothing about an image crosses a link that does not begin or end at its origin',
  async () => {
    const seed = printedSeed('no chaining')
    const bed = await testBed()
    const args = ['--runs', `${RUNS}`, '--seed', `${seed}`]
    const { code, stdout, stderr } = await bed.run(script, args, { timeoutMs: LIMIT_MS })
    expect(code, `${stdout}\n${stderr}`).toBe(0)
  },
  LIMIT_MS,
)
