import { inTurn, type Bench, type Case, type CaseResult, type Contender, type Row } from '../bench.ts'
import { sizeOf } from '../data.ts'
import { ingotCopies, startPair } from '../ingot.ts'
import { sshCopies } from '../ssh-copies.ts'
import { compared } from '../statistics.ts'
import { syncthingCopies } from '../syncthing.ts'

/** A whole copy of something of which the receiver has nothing. */
async function full(
  bench: Bench,
  source: string,
  others: readonly (Contender | undefined)[],
): Promise<Row[]> {
  const pair = await startPair(bench)
  bench.say('importing at the origin')
  await pair.origin.import({ image: 'image', path: source })
  const contenders = [ingotCopies(bench, pair, { image: 'image', source }), ...others]
  return await inTurn(
    bench,
    contenders.filter((each) => each !== undefined),
    await sizeOf(source),
  )
}

export const fullRandom: Case = {
  name: 'full-random',
  about: 'random bytes, of which the receiver has nothing',
  quick: true,
  async run(bench: Bench): Promise<CaseResult> {
    const source = await bench.data.random()
    const rows = await full(bench, source, [
      await sshCopies(bench, 'scp', { source }),
      await sshCopies(bench, 'rsync', { source }),
      await syncthingCopies(bench, source),
    ])
    const rivals = ['scp', 'syncthing']
    return {
      rows,
      figures: [
        ...compared(rows, 'rate / the faster of scp and syncthing', { of: 'seconds', rivals, as: 'rate' }),
        ...compared(rows, 'the same, all synced', { of: 'syncedSeconds', rivals, as: 'rate' }),
      ],
    }
  },
}

export const fullDisk: Case = {
  name: 'full-disk',
  about: 'a sparse disk, of which the receiver has nothing',
  quick: true,
  async run(bench: Bench): Promise<CaseResult> {
    const { v1: source } = await bench.data.disks()
    const rival = 'rsync -S -z --zc=zstd'
    const rows = await full(bench, source, [await sshCopies(bench, rival, { source })])
    const rivals = [rival]
    return {
      rows,
      figures: [
        ...compared(rows, 'time / time of rsync', { of: 'seconds', rivals, as: 'cost' }),
        ...compared(rows, 'the same, both synced', { of: 'syncedSeconds', rivals, as: 'cost' }),
        ...compared(rows, 'wire bytes / wire bytes of rsync', { of: 'wireBytes', rivals, as: 'cost' }),
      ],
    }
  },
}
