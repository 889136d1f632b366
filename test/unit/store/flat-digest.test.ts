import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SEGMENT_BYTES, segmentCount } from '../../../src/image/leaves.ts'
import { flatDigestOf, flatDigestOfSmall, wholeFile } from '../../../src/store/flat-digest.ts'
import { SegmentRing } from '../../../src/store/follow-flat.ts'
import { StagedFile } from '../../../src/store/staging.ts'
import { WorkPool } from '../../../src/store/work/pool.ts'
import { fillIndex } from '../../support/contents.ts'
import { randomBytes, sha256OfFile, writeSparseFile } from '../../support/files.ts'
import { tempDir } from '../../support/temp-dir.ts'

const noZeros = new Uint8Array()
const sizes = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES + 5]

const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

describe('the flat digest', () => {
  test.each(sizes)('of %i bytes is that of sha256sum', async (size) => {
    const path = join(await tempDir(), 'x')
    await writeFile(path, randomBytes(size, 'flat'))
    expect(flatDigestOf({ path, size, zeros: noZeros })).toBe(await sha256OfFile(path))
  })

  test('is computed at once only of what fits into a segment', async () => {
    const path = join(await tempDir(), 'x')
    await writeFile(path, randomBytes(SEGMENT_BYTES + 1, 'flat'))
    expect(flatDigestOfSmall(path, SEGMENT_BYTES + 1)).toBeUndefined()
    await writeFile(path, randomBytes(SEGMENT_BYTES, 'flat'))
    expect(flatDigestOfSmall(path, SEGMENT_BYTES)).toBe(await sha256OfFile(path))
  })

  test('of a sparse file counts its holes, also the one at its end', async () => {
    const path = join(await tempDir(), 'x')
    const size = 3 * SEGMENT_BYTES
    await writeSparseFile(path, size, [{ at: SEGMENT_BYTES + 9, length: 10, seed: 's' }])
    expect(flatDigestOf({ path, size, zeros: noZeros })).toBe(await sha256OfFile(path))
    await writeFile(path, 'data')
    const bytes = Buffer.concat([Buffer.from('data'), Buffer.alloc(size - 4)])
    expect(flatDigestOf({ path, size, zeros: noZeros })).toBe(sha256(bytes))
  })

  test('does not read segments that are zeros', async () => {
    const size = 3 * SEGMENT_BYTES + 5
    const bytes = Buffer.alloc(size)
    randomBytes(SEGMENT_BYTES, 'data').copy(bytes, SEGMENT_BYTES)
    const staged = await StagedFile.open(join(await tempDir(), 'job-1'), size)
    await fillIndex(staged.index, bytes)
    await staged.write(64, bytes.subarray(SEGMENT_BYTES, 2 * SEGMENT_BYTES))
    for (let segment = 0; segment < 4; segment++) staged.markWhole(segment)
    const segments = await staged.index.readSegments()
    await staged.complete()
    const file = wholeFile(staged.path, size, segments)
    expect(flatDigestOf(file)).toBe(sha256(bytes))
    await writeFile(file.path, randomBytes(100, 'not read'), { flag: 'r+' })
    expect(flatDigestOf(file)).toBe(sha256(bytes))
  })
})

describe('a thread that follows with the flat digest', () => {
  function pool(): WorkPool {
    const made = new WorkPool({ threads: 1, niceness: 0 })
    onTestFinished(async () => await made.stop())
    return made
  }

  test.each(sizes.filter((size) => size > 0))('has that of %i bytes in the end', async (size) => {
    const bytes = randomBytes(size, 'followed')
    const ring = new SegmentRing(size, 2)
    const followed = pool().run('followFlat', ring.shared)
    for (let segment = 0; segment < segmentCount(size); segment++) {
      expect(await ring.free(segment)).toBe(true)
      const part = bytes.subarray(segment * SEGMENT_BYTES, (segment + 1) * SEGMENT_BYTES)
      expect(ring.bufferOf(segment).length).toBe(part.length)
      ring.bufferOf(segment).set(part)
      ring.filled(segment + 1)
    }
    expect(await followed).toBe(sha256(bytes))
  })

  test('a buffer is free again only when its segment was hashed', async () => {
    const ring = new SegmentRing(4 * SEGMENT_BYTES, 2)
    await ring.free(0)
    await ring.free(1)
    let isFree = false
    const free = ring.free(2).then(() => (isFree = true))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(isFree).toBe(false)
    const followed = pool().run('followFlat', ring.shared)
    ring.filled(1)
    await expect(free).resolves.toBe(true)
    ring.end()
    await expect(followed).rejects.toMatchObject({ code: 'aborted' })
    expect(await ring.free(3)).toBe(false)
  })
})
