import { mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomFillSync } from 'node:crypto'
import type { Bench, Case, CaseResult, Row } from '../bench.ts'
import { compare, sizeOf } from '../data.ts'
import { startPair, type Pair } from '../ingot.ts'
import { measure } from '../measure.ts'
import { until } from '../processes.ts'
import { spread } from '../statistics.ts'

/** Sizes of the case: bytes of the image, its data when it is sparse, small images. */
const sizes = {
  full: { bytes: 20_000_000_000, dataBytes: 2_000_000_000, images: 10_000 },
  quick: { bytes: 2_000_000_000, dataBytes: 200_000_000, images: 500 },
}

/** Bytes that lie together in the sparse image. */
const extentBytes = 10_000_000
/** Imports at a time; more would wait. */
const importsAtOnce = 4

/** A file of that size, with random data spread evenly over it. */
async function writeSpread(path: string, bytes: number, dataBytes: number): Promise<void> {
  const extents = Math.ceil(dataBytes / extentBytes)
  const file = await open(path, 'w')
  try {
    await file.truncate(bytes)
    const extent = Buffer.allocUnsafe(Math.min(extentBytes, Math.floor(bytes / extents)))
    for (let index = 0; index < extents; index++) {
      await file.write(randomFillSync(extent), 0, extent.length, Math.floor((bytes / extents) * index))
    }
  } finally {
    await file.close()
  }
}

/** One image of many gigabytes. */
async function largeImage(bench: Bench, pair: Pair): Promise<Row[]> {
  const { bytes, dataBytes } = bench.quick ? sizes.quick : sizes.full
  const path = join(bench.work, 'large')
  bench.say(`making a file of ${bytes / 1e9} GB`)
  await writeSpread(path, bytes, bench.full ? bytes : dataBytes)
  const size = await sizeOf(path)
  const imported = await measure(bench.work, pair.ends, async () => {
    await pair.origin.import({ image: 'large', path, inPlace: true })
  })
  await pair.quiet()
  const fetched = await measure(bench.work, pair.ends, async () => {
    await pair.receiver.fetch(pair.origin.name, 'large')
  })
  const [image] = (await pair.receiver.client.images({ image: `${pair.origin.name}/large` })).images
  await compare(bench, path, image?.path ?? '')
  await pair.receiver.unsubscribe(pair.origin.name, 'large')
  await pair.receiver.client.deleteImage(`${pair.origin.name}/large`)
  await pair.origin.client.deleteImage('large')
  await rm(path)
  return [
    { name: 'import --in-place of one large image', ...size, runs: [imported] },
    { name: 'its replication', ...size, runs: [fetched] },
  ]
}

/** Many small images: made, then published as fast as it goes while the receiver takes in the journal. */
async function manyImages(bench: Bench, pair: Pair, images: number): Promise<Row[]> {
  const directory = join(bench.work, 'small')
  await mkdir(directory)
  const names = Array.from({ length: images }, (_, index) => `small-${index}`)
  bench.say(`making ${images} small images`)
  for (const name of names) await writeFile(join(directory, name), `the content of ${name}\n`)
  const nothing = { bytes: 0, dataBytes: 0 }
  const imported = await measure(bench.work, pair.ends, async () => {
    await inParallel(names, async (image) => {
      await pair.origin.import({ image, path: join(directory, image), state: 'TESTABLE' })
    })
  })
  await pair.quiet()
  const announced = await measure(bench.work, pair.ends, async () => {
    await inParallel(names, async (image) => {
      await pair.origin.client.promoteImage({ image, state: 'PUBLISHED' })
    })
    const { journalSeq } = await pair.origin.client.server()
    const held = async () =>
      (await pair.receiver.client.peers({ server: pair.origin.name })).peers[0]?.journalSeq === journalSeq
    await until(held, { what: 'the journal at the receiver', signal: bench.signal, timeoutMs: 600_000 })
  })
  return [
    { name: `import of ${images} small images`, ...nothing, runs: [imported] },
    {
      name: 'their publication, until all are in the journal of the receiver',
      ...nothing,
      runs: [announced],
    },
  ]
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values() // shared: each worker takes the next
  const worker = async () => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: importsAtOnce }, worker))
}

export const memory: Case = {
  name: 'memory',
  about: 'resident memory with one very large image, and with many small ones in the journal; one run',
  quick: false,
  async run(bench: Bench): Promise<CaseResult> {
    const { images } = bench.quick ? sizes.quick : sizes.full
    const pair = await startPair(bench)
    const large = await largeImage(bench, pair)
    const many = await manyImages(bench, pair, images)
    const runs = [...large, ...many].flatMap((row) => row.runs)
    const perSecond = (row: Row | undefined) => images / (row?.runs[0]?.seconds ?? NaN)
    return {
      rows: [...large, ...many],
      figures: [
        {
          what: 'peak at the origin',
          value: spread(runs.map((run) => run.originPeakBytes)).max,
          unit: 'bytes',
        },
        {
          what: 'peak at the receiver',
          value: spread(runs.map((run) => run.receiverPeakBytes)).max,
          unit: 'bytes',
        },
        { what: 'small images imported', value: perSecond(many[0]), unit: 'per second' },
        { what: 'small images published and taken in', value: perSecond(many[1]), unit: 'per second' },
      ],
    }
  },
}
