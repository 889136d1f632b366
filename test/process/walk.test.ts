import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checkoutPath, testBed } from '../support/daemon.ts'
import { blocksOf, masked, stepsOf, type WalkStep } from '../support/walk.ts'

/** The walk makes about a hundred calls one after another; a loaded machine takes its time. */
const MOST_MS = 600_000

/** Images of several servers come in the order of the peer ids, which are random: their lines are put in one order. */
function ordered({ command, said }: WalkStep): WalkStep {
  if (!/ ingot query image(?!.* --image )/.test(command)) return { command, said }
  return { command, said: said.split('\n').sort().join('\n') }
}

test(
  'docs/operations.md shows what the commands of the walk say; "scripts/walk --update" writes it anew',
  { timeout: MOST_MS },
  async () => {
    const bed = await testBed()
    const { code, stdout, stderr } = await bed.run(checkoutPath('scripts/walk'), [], {
      env: { TMPDIR: bed.path },
      timeoutMs: MOST_MS,
    })
    expect(code, `${stdout.slice(-2_000)}\n${stderr}`).toBe(0)
    const docs = await readFile(checkoutPath('docs/operations.md'), 'utf8')
    const shown = blocksOf(docs).flatMap((block) => stepsOf(masked(block)).map(ordered))
    expect(shown).toEqual(stepsOf(masked(stdout)).map(ordered))
    expect(shown.length).toBeGreaterThan(50)
  },
)
