import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { masked, replaceBlocks, stepsOf } from '../test/support/walk.ts'

/**
 * `scripts/walk --update`: runs the walk and puts what its commands say now into the code blocks of docs/operations.md. The prompts there
 * say which commands a block has; they have to be those of the walk, in its order.
 */
const root = new URL('..', import.meta.url)
const docs = new URL('docs/operations.md', root)
const walk = spawnSync(fileURLToPath(new URL('scripts/walk', root)), [], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
})
if (walk.status !== 0) throw new Error(`the walk did not go through:\n${walk.stdout.slice(-2_000)}`)
const steps = stepsOf(walk.stdout)
const updated = replaceBlocks(readFileSync(docs, 'utf8'), (block) =>
  stepsOf(block)
    .map(({ command: shown }) => {
      const step = steps.shift()
      if (step === undefined || masked(step.command) !== masked(shown))
        throw new Error(`docs/operations.md has\n${shown}\nwhere the walk has\n${step?.command}`)
      return `${step.command}\n${step.said === '' ? '' : `${step.said}\n`}`
    })
    .join('\n'),
)
if (steps.length > 0) throw new Error(`docs/operations.md does not show ${steps[0]?.command}`)
writeFileSync(docs, updated)
