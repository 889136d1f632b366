import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { comparable, replaceBlocks, stepsOf } from '../test/support/walk.ts'

/**
 * `scripts/walk --update`: runs the walk and puts what its commands say now into the code blocks of docs/operations.md. The prompts there
 * say which commands a block has; they have to be those of the walk, in its order. `--check` writes nothing: it ends with 1 where the document
 * says something else, but for ids, times, ports and the like.
 */
const check = process.argv.includes('--check')
const root = new URL('..', import.meta.url)
const docs = new URL('docs/operations.md', root)
const walk = spawnSync(fileURLToPath(new URL('scripts/walk', root)), [], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
})
if (walk.status !== 0) throw new Error(`the walk did not go through:\n${walk.stdout.slice(-2_000)}`)
const steps = stepsOf(walk.stdout)
let differing = 0
const updated = replaceBlocks(readFileSync(docs, 'utf8'), (block) =>
  stepsOf(block)
    .map((shown) => {
      const step = steps.shift()
      if (step === undefined || comparable(step).command !== comparable(shown).command)
        throw new Error(`docs/operations.md has\n${shown.command}\nwhere the walk has\n${step?.command}`)
      const text = `${step.command}\n${step.said === '' ? '' : `${step.said}\n`}`
      if (check && comparable(step).said !== comparable(shown).said) {
        differing++
        console.error(`docs/operations.md shows\n${shown.command}\n${shown.said}\nnow it says\n${text}`)
      }
      return text
    })
    .join('\n'),
)
if (steps.length > 0) throw new Error(`docs/operations.md does not show ${steps[0]?.command}`)
if (!check) writeFileSync(docs, updated)
console.error(check ? `${differing} steps differ` : 'docs/operations.md is written')
process.exitCode = differing > 0 ? 1 : 0
