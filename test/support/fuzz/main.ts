import { parseArgs } from 'node:util'
import { Bed } from '../daemon.ts'
import { genesisHash, signHead } from '../../../src/image/journal.ts'
import { testKey } from '../keys.ts'
import { testDigest } from '../manifests.ts'
import { askedProtocols, type AskedProtocol } from './asking.ts'
import { Choices } from './choices.ts'
import { decodedKinds, fuzzDecoders } from './decoders.ts'
import { mebibytes, runFuzz, type FuzzReport } from './run.ts'

// What scripts/fuzz runs; see there.

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    protocol: { type: 'string', multiple: true, default: [...askedProtocols] },
    decoders: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const messages = Number(values.messages)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const isProtocol = (name: string): name is AskedProtocol =>
  (askedProtocols as readonly string[]).includes(name)
const protocols = values.protocol.filter(isProtocol)
if (
  ![messages, seed].every(Number.isSafeInteger) ||
  messages < 1 ||
  protocols.length < values.protocol.length
) {
  console.error(
    `fuzz: --messages and --seed take whole numbers, --protocol one of ${askedProtocols.join(', ')} (see scripts/fuzz --help)`,
  )
  process.exit(2)
}

/** The decoders alone, in this process. */
async function decoders(): Promise<boolean> {
  const key = await testKey('decoders')
  const journalId = '00'.repeat(16)
  const head = signHead({ journalId, seq: 0, hash: genesisHash(journalId), time: 0 }, key.sign)
  const begin = performance.now()
  const each = Math.ceil(messages / decodedKinds.length)
  const counts = fuzzDecoders(new Choices(seed), { key, images: [testDigest('gold')], head }, each)
  const seconds = (performance.now() - begin) / 1000
  const total = each * decodedKinds.length
  if (values.json) console.log(JSON.stringify({ seed, messages: total, seconds, counts }))
  else {
    for (const [name, { read, taken }] of Object.entries(counts))
      console.log(`  ${name}: ${read} read, ${taken} of them valid`)
    console.log(
      `seed ${seed}: ${total} messages to ${decodedKinds.length} decoders in ${seconds.toFixed(0)} s, ${Math.round(total / seconds)}/s`,
    )
  }
  return true
}

function show(report: FuzzReport): void {
  const { watched } = report
  for (const [kind, count] of Object.entries(report.sent).toSorted(([, one], [, other]) => other - one))
    console.log(`  ${count} × ${kind}`)
  console.log(
    `  ${report.connections} connections, of which ${report.cuts} were cut for a message that breaks the protocol`,
  )
  const then =
    watched.mostBytes === 0
      ? 'not looked at after that: the run is too short'
      : `then at most ${mebibytes(watched.mostBytes)} MiB`
  console.log(`  memory of the server: ${mebibytes(watched.warmBytes)} MiB warm, ${then}`)
  console.log(
    `  slowest answer ${Math.round(watched.slowestAnswerMs)} ms (not let run: ${Math.round(watched.longestHeldMs)} ms at most); ${watched.transfers} images to and from an honest peer, slowest ${Math.round(watched.slowestTransferMs)} ms`,
  )
  for (const problem of report.problems) console.log(`PROBLEM: ${problem}`)
  const rate = Math.round(report.messages / report.seconds)
  console.log(
    `seed ${report.seed}: ${report.messages} messages in ${report.seconds.toFixed(0)} s, ${rate}/s, ${report.problems.length} problems`,
  )
}

async function server(): Promise<boolean> {
  const bed = await Bed.create()
  try {
    const report = await runFuzz(bed, {
      messages,
      seed,
      protocols,
      onProgress: (line) => console.error(line),
    })
    if (values.json) console.log(JSON.stringify(report))
    else show(report)
    return report.problems.length === 0
  } finally {
    await bed.end()
  }
}

console.error(`fuzz: --messages ${messages} --seed ${seed}`)
process.exitCode = (await (values.decoders ? decoders() : server())) ? 0 : 1
