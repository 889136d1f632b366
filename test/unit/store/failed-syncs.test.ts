import { clearDiskFaults, diskFaultHits, setDiskFaults } from '../../support/faults/disk-faults.ts'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { SEGMENT_BYTES, SEGMENT_LEAVES } from '../../../src/image/leaves.ts'
import { linkImage } from '../../../src/store/placement.ts'
import { StagedFile } from '../../../src/store/staging.ts'
import { TreeSync } from '../../../src/store/sync-tree.ts'
import { digestsOf, fillIndex } from '../../support/contents.ts'
import { startLedger, stopLedger, unsafePages } from '../../support/faults/ledger.ts'
import { randomBytes } from '../../support/files.ts'
import { tempDir } from '../../support/temp-dir.ts'

// After a sync that failed the system may have dropped what it could not write, still shows it, and says at the next sync that all is
// well: only what is written again counts.

const SIZE = 2 * SEGMENT_BYTES
const bytes = randomBytes(SIZE, 'syncs')
const { lists } = digestsOf(bytes)
/** All leaves of a segment verify. */
const all = Array.from({ length: SEGMENT_LEAVES }, () => true)

afterEach(clearDiskFaults)

describe.skipIf(process.platform !== 'linux')('after a sync that failed', () => {
  /** A staged file with one segment on record, and one that is written and whose sync failed. */
  async function failed(): Promise<{ directory: string; ledger: string }> {
    const root = await tempDir()
    const [directory, ledger] = [join(root, 'job-1'), join(root, 'ledger')]
    startLedger(ledger)
    onTestFinished(stopLedger)
    const staged = await StagedFile.open(directory, SIZE)
    await fillIndex(staged.index, bytes)
    await staged.write(0, bytes.subarray(0, SEGMENT_BYTES))
    staged.markWhole(0)
    await staged.checkpoint()
    await staged.write(SEGMENT_LEAVES, bytes.subarray(SEGMENT_BYTES))
    staged.markWhole(1)
    setDiskFaults([{ kind: 'sync-error', under: directory, after: 0, times: 1, path: '/image' }])
    await expect(staged.checkpoint()).rejects.toThrow('EIO')
    clearDiskFaults()
    await expect(staged.checkpoint(), 'a second sync would say that all is well').rejects.toThrow('EIO')
    await expect(staged.complete()).rejects.toThrow('EIO')
    await staged.close()
    return { directory, ledger }
  }

  test('the record claims nothing that it covered, and the file is not completed', async () => {
    const { directory } = await failed()
    const staged = await StagedFile.open(directory, SIZE)
    expect([0, 1].map((segment) => staged.isWhole(segment))).toEqual([true, false])
    await staged.close()
  })

  test('what is found of it is written again', async () => {
    const { directory, ledger } = await failed()
    expect(unsafePages(ledger, [join(directory, 'image')])).toMatchObject([{ lost: SEGMENT_BYTES / 4096 }])
    const staged = await StagedFile.open(directory, SIZE)
    const found = await staged.verifiedLeaves(1, lists[1] as Buffer)
    expect(found).toEqual(all)
    staged.markWhole(1)
    await staged.checkpoint()
    await staged.complete()
    expect(unsafePages(ledger, [join(directory, 'image')])).toEqual([])
  })

  test('a file that was completed is not written again', async () => {
    const directory = join(await tempDir(), 'job-1')
    const first = await StagedFile.open(directory, SIZE)
    await fillIndex(first.index, bytes)
    await first.write(0, bytes)
    for (const segment of [0, 1]) first.markWhole(segment)
    await first.checkpoint()
    await first.complete()
    const again = await StagedFile.open(directory, SIZE)
    setDiskFaults([{ kind: 'write-error', under: directory, after: 0, times: Infinity }])
    expect(await again.verifiedLeaves(0, lists[0] as Buffer)).toEqual(all)
    expect(diskFaultHits()).toBe(0)
    await again.close()
  })

  test('that of a tree fails again', async () => {
    const directory = await tempDir()
    const sync = await TreeSync.open(directory)
    setDiskFaults([{ kind: 'sync-error', under: directory, after: 0, times: 1 }])
    await expect(sync.sync()).rejects.toThrow('EIO')
    await expect(sync.sync()).rejects.toThrow('EIO')
    expect(diskFaultHits()).toBe(1)
    await sync.close()
    const other = await TreeSync.open(directory)
    await other.sync()
    await other.close()
  })
})

test.skipIf(process.platform !== 'linux')(
  'a link that is right is left alone, also on a full disk',
  async () => {
    const directory = await tempDir()
    const link = join(directory, 'own', 'image')
    await linkImage(link, '/first')
    setDiskFaults([{ kind: 'full', under: directory, after: 0, times: Infinity }])
    await linkImage(link, '/first')
    await expect(linkImage(link, '/second')).rejects.toThrow('ENOSPC')
  },
)
