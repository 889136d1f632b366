import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import * as fc from 'fast-check'
import { useMemory } from '../memory.ts'
import { asWorker, inWorkers, shares } from '../workers.ts'
import { plans, type Plan } from './actions.ts'
import { runPlan } from './run.ts'

// What scripts/check-chaining runs; see there.

/** Bytes that the homes of a run in each worker never fill. */
const MEMORY_BYTES = 256 * 2 ** 20

/** Runs after which it says how far it is. */
const TELL_EVERY = 100

/** A failing plan is made smaller for so long, milliseconds. */
const SHRINK_MS = 60_000

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5000' },
    seed: { type: 'string' },
    path: { type: 'string' },
    workers: { type: 'string' },
    worker: { type: 'string' },
    story: { type: 'boolean', default: false },
  },
})
const runs = Number(values.runs)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const workers = values.path === undefined ? Number(values.workers ?? availableParallelism()) : 1
if (![runs, seed, workers].every(Number.isSafeInteger) || runs < 1 || workers < 1) {
  console.error(
    'check-chaining: --runs, --seed and --workers take whole numbers (see scripts/check-chaining --help)',
  )
  process.exit(2)
}

/** So many runs with one seed in this process; resolves to whether all were good. */
async function check(): Promise<boolean> {
  useMemory(MEMORY_BYTES) // nothing here is about durability
  const begin = performance.now()
  let failedAt: number | undefined
  let done = 0
  let steps = 0
  const property = fc.asyncProperty(plans, async (plan: Plan) => {
    fc.pre(failedAt === undefined || performance.now() - failedAt < SHRINK_MS)
    try {
      const story = await runPlan(plan)
      steps += story.length
      if (++done % TELL_EVERY === 0) console.log(`seed ${seed}: ${done} of ${runs} runs, no violation`)
      if (values.story) console.log(`${JSON.stringify(plan)}\n${story.join('\n')}\n`)
    } catch (error) {
      failedAt ??= performance.now()
      throw error
    }
  })
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    ...(values.path === undefined ? {} : { path: values.path }),
  })
  const seconds = (performance.now() - begin) / 1000
  if (!details.failed) {
    const rate = (details.numRuns / seconds).toFixed(2)
    console.log(
      `seed ${seed}: ${details.numRuns} runs, ${steps} steps, no violation, ${seconds.toFixed(0)} s, ${rate} runs/s`,
    )
    return true
  }
  const error = details.errorInstance
  console.log(`seed ${seed}: VIOLATION in run ${details.numRuns}, made smaller ${details.numShrinks} times`)
  console.log(error instanceof Error ? error.message : String(error))
  console.log(JSON.stringify(details.counterexample?.[0]))
  console.log(`again: scripts/check-chaining --seed ${seed} --path ${details.counterexamplePath}`)
  return false
}

/** The same in several processes, each with a seed of its own. */
async function checkInWorkers(): Promise<boolean> {
  console.log(`check-chaining: ${runs} runs, --seed ${seed}, --workers ${workers}`)
  const story = values.story ? ['--story'] : []
  return await inWorkers(
    shares(runs, workers).map(({ count }, index) => [
      '--worker',
      `${index}`,
      '--seed',
      `${seed + index}`,
      '--runs',
      `${count}`,
      ...story,
    ]),
  )
}

const alone = values.worker !== undefined || workers === 1
process.exitCode = (await asWorker(alone ? check : checkInWorkers)) ? 0 : 1
