import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { alignedMemory, openDirect, writeData, type DataFile } from '../../../src/store/direct.ts'
import { addressOf, hasLibc } from '../../../src/store/libc.ts'
import { randomBytes } from '../../support/files.ts'
import { tempDir } from '../../support/temp-dir.ts'

const MiB = 1024 * 1024

/** Calls `work` with an empty file; returns what is in it then. */
async function written(work: (file: DataFile) => void): Promise<Buffer> {
  const path = join(await tempDir(), 'image')
  await using cached = await open(path, 'wx+')
  const direct = await openDirect(path, constants.O_WRONLY)
  try {
    work({ cached: cached.fd, direct: direct?.fd })
    await cached.sync()
    return readFileSync(path)
  } finally {
    await direct?.close()
  }
}

describe('aligned memory', () => {
  test('has the length that was asked for, is zero, and other threads see it', () => {
    const memory = alignedMemory(100_001)
    expect(memory.length).toBe(100_001)
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(memory.every((byte) => byte === 0)).toBe(true)
  })

  test.skipIf(!hasLibc)('begins at a page', () => {
    for (const length of [1, 4095, 4096, MiB, 4 * MiB])
      expect((addressOf(alignedMemory(length)) ?? 1n) % 4096n).toBe(0n)
  })
})

describe('writing data', () => {
  test.each([
    ['whole pages', 0, 2 * MiB],
    ['an end that is no page', 65_536, MiB + 17],
    ['less than a page', 65_536, 17],
    ['a position that is no page', 13, MiB],
    ['nothing', 0, 0],
  ])('%s: the file has exactly these bytes there', async (_, position, length) => {
    const bytes = randomBytes(length, 'direct')
    const aligned = alignedMemory(length)
    aligned.set(bytes)
    for (const source of [bytes, aligned, Buffer.concat([Buffer.alloc(1), bytes]).subarray(1)]) {
      const content = await written((file) => writeData(file, source, position))
      expect(content.length).toBe(length === 0 ? 0 : position + length)
      expect(content.subarray(position).equals(bytes)).toBe(true)
    }
  })

  test('pieces that were written in either way stand beside each other', async () => {
    const bytes = randomBytes(3 * MiB, 'beside')
    const content = await written((file) => {
      writeData(file, bytes.subarray(2 * MiB), 2 * MiB)
      writeData({ ...file, direct: undefined }, bytes.subarray(MiB, 2 * MiB), MiB)
      writeData(file, bytes.subarray(0, MiB), 0)
    })
    expect(content.equals(bytes)).toBe(true)
  })

  test.skipIf(!hasLibc)('what is large and aligned does not pass the page cache', async ({ skip }) => {
    const path = join(await tempDir(), 'image')
    const bytes = randomBytes(MiB, 'past')
    await (await open(path, 'wx')).close()
    await using direct = await openDirect(path, constants.O_WRONLY)
    if (direct === undefined) return skip('a file system without')
    writeData({ cached: -1, direct: direct.fd }, bytes, 0)
    expect(readFileSync(path).equals(bytes)).toBe(true)
    expect(() => writeData({ cached: -1, direct: direct.fd }, bytes, 13)).toThrow('fd')
  })

  test.skipIf(process.platform !== 'linux')('goes the usual way when the file system refuses', async () => {
    const bytes = randomBytes(MiB, 'refused')
    const refusing = openSync('/proc/self/oom_score_adj', constants.O_WRONLY) // EINVAL for what is no number
    try {
      const content = await written((file) => writeData({ ...file, direct: refusing }, bytes, 0))
      expect(content.equals(bytes)).toBe(true)
    } finally {
      closeSync(refusing)
    }
  })

  test('another error is told', async () => {
    const closed = openSync(process.execPath, constants.O_RDONLY) // not to be written
    try {
      const write = written((file) => writeData({ ...file, direct: closed }, randomBytes(MiB, 'told'), 0))
      await expect(write).rejects.toThrow('EBADF')
    } finally {
      closeSync(closed)
    }
  })
})
