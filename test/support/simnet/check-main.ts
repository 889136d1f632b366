import '../faults/disk-faults.ts' // before anything of src/
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { useMemory } from '../memory.ts'
import { asWorker, inWorkers, shares } from '../workers.ts'
import type { FaultKind } from './faults.ts'
import { faultsNamed } from './plan.ts'
import { faultCounts } from './report.ts'
import { runScenario } from './scenario.ts'

// What scripts/check-faults runs; see there.

/** Bytes that the homes of a scenario in each worker never fill. */
const MEMORY_BYTES = 512 * 2 ** 20
/** Bytes by which a worker may grow from its first scenarios to its last, and how many of them warm it up: half of a few. */
const GROWTH_BYTES = 400 * 2 ** 20
const WARM_UP = 20
/** Scenarios after which a worker says how far it is. */
const TOLD_EVERY = 25

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    workers: { type: 'string' },
    fault: { type: 'string', multiple: true, default: [] },
    worker: { type: 'boolean', default: false },
    story: { type: 'boolean', default: false },
  },
})
const runs = Number(values.runs)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const workers = Number(values.workers ?? availableParallelism())
if (![runs, seed, workers].every(Number.isSafeInteger) || runs < 1 || workers < 1) {
  console.error(
    'check-faults: --runs, --seed and --workers take whole numbers (see scripts/check-faults --help)',
  )
  process.exit(2)
}
let faults: FaultKind[]
try {
  faults = faultsNamed(values.fault)
} catch (error) {
  console.error(`check-faults: ${(error as Error).message}`)
  process.exit(2)
}

/** What nobody caught: a daemon would have ended. It counts against the scenario that runs. */
let uncaught: Error | undefined
process.on('uncaughtException', (error) => (uncaught ??= error))

/** So many scenarios in this process, the first one of the seed `from`; resolves to whether all were good. */
async function check(): Promise<boolean> {
  useMemory(MEMORY_BYTES)
  const begin = performance.now()
  const came = new Map<FaultKind, number>()
  let failures = 0
  let looks = 0
  let slowest = 0
  let warm = 0
  const warmUp = Math.min(WARM_UP, Math.ceil(runs / 2))
  for (let index = 0; index < runs; index++) {
    const at = seed + index
    try {
      const told = await runScenario({ seed: at, faults })
      if (uncaught !== undefined) throw uncaught
      if (values.story) console.log(`seed ${at}\n  ${told.story.join('\n  ')}`)
      for (const [kind, count] of told.came) came.set(kind, (came.get(kind) ?? 0) + count)
      looks += told.looks
      slowest = Math.max(slowest, told.convergedMs)
    } catch (error) {
      failures++
      console.log(`seed ${at}: VIOLATION\n${error instanceof Error ? error.message : String(error)}`)
      if (uncaught !== undefined) console.log(`nobody caught: ${uncaught.stack}`)
      console.log(`again: scripts/check-faults --seed ${at} --runs 1`)
      uncaught = undefined
    }
    if (index + 1 === warmUp) warm = process.memoryUsage.rss()
    if ((index + 1) % TOLD_EVERY === 0)
      console.log(`seeds ${seed} to ${at}: done, ${failures} with a violation`)
  }
  const grown = process.memoryUsage.rss() - warm
  if (grown > GROWTH_BYTES) {
    failures++
    console.log(
      `VIOLATION: this process grew by ${(grown / 2 ** 20).toFixed(0)} MiB after ${warmUp} scenarios`,
    )
  }
  const seconds = (performance.now() - begin) / 1000
  const kinds = Object.entries(faultCounts(came)).map(([kind, count]) => `${kind} ${count}`)
  console.log(
    `seeds ${seed} to ${seed + runs - 1}: ${runs} scenarios, ${failures} with a violation, ${seconds.toFixed(0)} s, ` +
      `${looks} looks, slowest convergence ${(slowest / 1000).toFixed(1)} s, grown by ${(grown / 2 ** 20).toFixed(0)} MiB`,
  )
  console.log(`faults: ${kinds.join(', ')}`)
  return failures === 0
}

/** The same in several processes. A scenario has the same seed whoever runs it. */
async function checkInWorkers(): Promise<boolean> {
  console.log(`check-faults: ${runs} scenarios, --seed ${seed}, --workers ${workers}`)
  const more = [...values.fault.flatMap((kind) => ['--fault', kind]), ...(values.story ? ['--story'] : [])]
  return await inWorkers(
    shares(runs, workers).map(({ first, count }) => [
      '--worker',
      '--seed',
      `${seed + first}`,
      '--runs',
      `${count}`,
      ...more,
    ]),
  )
}

const alone = values.worker || workers === 1 || runs === 1
process.exitCode = (await asWorker(alone ? check : checkInWorkers)) ? 0 : 1
