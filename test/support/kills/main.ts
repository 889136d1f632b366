import { parseArgs } from 'node:util'
import { Bed } from '../daemon.ts'
import { runDay, type DayReport } from './day.ts'

// What scripts/check-kills runs; see there.

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
})
const kills = Number(values.kills)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
if (![kills, seed].every(Number.isSafeInteger) || kills < 1) {
  console.error('check-kills: --kills and --seed take whole numbers (see scripts/check-kills --help)')
  process.exit(2)
}

function tell({ points, actions, kills, rests, images, seconds }: DayReport): void {
  for (const [point, count] of [...points].sort(([one], [other]) => one.localeCompare(other)))
    console.log(`${String(count).padStart(5)} ${point}`)
  for (const [what, { done, not }] of [...actions].sort(([one], [other]) => one.localeCompare(other)))
    console.log(`${String(done).padStart(5)} ${what}${not === 0 ? '' : ` (${not} refused or lost)`}`)
  console.log(
    `seed ${seed}: ${kills} kills, ${images} images, compared ${rests} times, no violation, ${seconds.toFixed(0)} s`,
  )
}

const bed = await Bed.create()
const onSignal = () => {
  console.log(`seed ${seed}: ended by a signal`)
  // A server may just be starting: what cannot be removed then stays.
  void bed
    .end()
    .catch(() => {})
    .finally(() => process.exit(130))
}
process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
console.log(`check-kills: --kills ${kills} --seed ${seed}`)
try {
  tell(await runDay(bed, { kills, seed, ...(values.quiet ? {} : { onLine: (text) => console.log(text) }) }))
} catch (error) {
  console.log(`seed ${seed}: VIOLATION: ${error instanceof Error ? error.message : String(error)}`)
  console.log(`again, as far as time allows: scripts/check-kills --seed ${seed} --kills ${kills}`)
  process.exitCode = 1
} finally {
  await bed.end()
}
