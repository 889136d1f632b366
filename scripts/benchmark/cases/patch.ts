import { inTurn, type Bench, type Case, type CaseResult, type Figure } from '../bench.ts'
import { casyncCopies } from '../casync-copies.ts'
import { sizeOf } from '../data.ts'
import { ingotCopies, startPair, type Pair } from '../ingot.ts'
import { sshCopies } from '../ssh-copies.ts'
import { compared, spread } from '../statistics.ts'

/** A parent that the receiver has, of which an image descends. */
export const patch: Case = {
  name: 'patch',
  about: 'a disk after an upgrade; the receiver has the replica from before it, as parent',
  quick: true,
  async run(bench: Bench): Promise<CaseResult> {
    const { v1, v2 } = await bench.data.disks()
    const pair = await startPair(bench)
    await haveParent(bench, pair, v1)
    bench.say('importing the new version at the origin')
    await pair.origin.import({ image: 'v2', path: v2, parent: 'v1' })
    const copy = { source: v2, basis: v1 }
    const ingot = ingotCopies(bench, pair, { image: 'v2', source: v2 })
    const casync = bench.quick ? undefined : await casyncCopies(bench, copy) // it is slow
    const contenders = [
      ingot,
      await sshCopies(bench, 'rsync -S', copy),
      await sshCopies(bench, 'rsync -S -z --zc=zstd', copy),
      casync,
    ].filter((each) => each !== undefined)
    const rows = await inTurn(bench, contenders, await sizeOf(v2))
    const figures: Figure[] = [
      ...compared(rows, 'time / the fastest rsync', { of: 'seconds', rivals: rsyncs, as: 'cost' }),
      ...compared(rows, 'wire bytes / the leanest rsync', { of: 'wireBytes', rivals: rsyncs, as: 'cost' }),
      ...compared(rows, 'time / casync', { of: 'seconds', rivals: ['casync'], as: 'cost' }),
      ...compared(rows, 'wire bytes / casync', { of: 'wireBytes', rivals: ['casync'], as: 'cost' }),
      ...contentFigures(ingot.jobs),
    ]
    if (casync !== undefined) {
      const what = 'casync: chunks made at the origin before, and not counted above'
      figures.push({ what, value: casync.indexSeconds, unit: 'seconds' })
    }
    return { rows, figures }
  },
}

const rsyncs = ['rsync -S', 'rsync -S -z --zc=zstd']

/** The receiver gets v1 as a replica, and takes no descendants of it. */
async function haveParent(bench: Bench, pair: Pair, v1: string): Promise<void> {
  bench.say('importing and fetching the version before')
  await pair.origin.import({ image: 'v1', path: v1 })
  await pair.receiver.fetch(pair.origin.name, 'v1')
  await pair.receiver.unsubscribe(pair.origin.name, 'v1')
}

/** What the receiver's jobs say of the bytes of the content. */
export function contentFigures(jobs: readonly { bytesWire: number; bytesLocal: number }[]): Figure[] {
  return [
    {
      what: 'ingot: content bytes on the wire',
      value: spread(jobs.map((job) => job.bytesWire)).median,
      unit: 'bytes',
    },
    {
      what: 'ingot: bytes taken at the receiver',
      value: spread(jobs.map((job) => job.bytesLocal)).median,
      unit: 'bytes',
    },
  ]
}

/** No lineage says that the receiver has something alike. */
export const patchUnrelated: Case = {
  name: 'patch-unrelated',
  about:
    'a disk without a parent; the receiver has an image of its own, of the same type, that is much alike',
  quick: false,
  async run(bench: Bench): Promise<CaseResult> {
    const { v1, v2 } = await bench.data.disks()
    const pair = await startPair(bench)
    bench.say('importing at both')
    await pair.receiver.import({ image: 'own', path: v1, imageType: 'DISK' })
    await pair.origin.import({ image: 'unrelated', path: v2, imageType: 'DISK' })
    const ingot = ingotCopies(bench, pair, { image: 'unrelated', source: v2 })
    const size = await sizeOf(v2)
    const rsync = await sshCopies(bench, 'rsync -S -z --zc=zstd', { source: v2, basis: v1 })
    const contenders = [ingot, rsync].filter((each) => each !== undefined)
    const rows = await inTurn(bench, contenders, size)
    const figures = contentFigures(ingot.jobs)
    const wire = figures[0]?.value ?? 0
    return {
      rows,
      figures: [
        ...compared(rows, 'wire bytes / wire bytes of rsync', {
          of: 'wireBytes',
          rivals: rsyncs,
          as: 'cost',
        }),
        ...figures,
        { what: 'content bytes on the wire / data in it', value: wire / size.dataBytes, unit: '' },
      ],
    }
  },
}
