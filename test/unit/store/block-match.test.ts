import { closeSync, openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { BLOCK_BYTES, blockKey, type BlockKey } from '../../../src/image/blocks.ts'
import { BlockMatch, scanBlocks } from '../../../src/store/block-match.ts'
import { randomBytes } from '../../support/files.ts'
import { tempDir } from '../../support/temp-dir.ts'

/** A block that is known by a number; 0 is the zero block. */
const block = (name: number) =>
  name === 0 ? Buffer.alloc(BLOCK_BYTES) : Buffer.alloc(BLOCK_BYTES, randomBytes(16, `block ${name}`))

function keyOf(name: number): BlockKey {
  const key = { high: 0, low: 0 }
  blockKey(block(name), key)
  return key
}

function matchOf(wanted: Record<number, number>): BlockMatch {
  const match = new BlockMatch(Object.keys(wanted).length)
  for (const [number, name] of Object.entries(wanted)) match.want(Number(number), keyOf(name))
  return match
}

function found(match: BlockMatch): Record<number, number> {
  const sources: Record<number, number> = {}
  match.each((number, source) => (sources[number] = source))
  return sources
}

const offer = (match: BlockMatch, names: readonly number[]) => {
  for (const [number, name] of names.entries()) match.offer(number, keyOf(name))
}

test('a block is taken from the same place, else from where the one before it was, else from anywhere', () => {
  const same = matchOf({ 1: 7, 3: 7 })
  offer(same, [7, 7, 5, 7])
  expect(found(same)).toEqual({ 1: 1, 3: 3 })

  const run = matchOf({ 10: 1, 11: 2, 12: 3 })
  offer(run, [2, 9, 3, 1, 2, 3])
  expect(found(run)).toEqual({ 10: 3, 11: 4, 12: 5 })

  const anywhere = matchOf({ 10: 1, 20: 1, 30: 2, 40: 3 })
  offer(anywhere, [4, 1, 5, 2])
  expect(found(anywhere)).toEqual({ 10: 1, 20: 1, 30: 3 })
})

test('what is found is always the wanted block, and nothing that is there is missed', () => {
  const names = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 40 })
  fc.assert(
    fc.property(names, names, (wanted, source) => {
      const match = matchOf(Object.fromEntries(wanted.entries()))
      offer(match, source)
      const sources = found(match)
      for (const [number, name] of wanted.entries()) {
        if (source[number] === name) expect(sources[number]).toBe(number)
        else if (source.includes(name)) expect(source[sources[number] as number]).toBe(name)
        else expect(sources[number]).toBeUndefined()
      }
    }),
  )
})

test('a second source fills what the first did not have; after clear nothing is wanted', () => {
  const match = matchOf({ 0: 1, 1: 2, 2: 3 })
  offer(match, [5, 5, 5, 1])
  for (const [at, name] of [3, 5].entries()) match.offer(100 + at, keyOf(name))
  expect(found(match)).toEqual({ 0: 3, 2: 100 })
  expect(match.isFull).toBe(true)
  match.clear()
  expect(match.offer(0, keyOf(1))).toBe(false)
  match.want(9, keyOf(3))
  offer(match, [1, 3])
  expect(found(match)).toEqual({ 9: 1 })
})

test('a file is scanned where its data lies, zero blocks are left out, the last block may be short', async () => {
  const path = join(await tempDir(), 'source')
  const tail = Buffer.alloc(100, 'tail')
  await writeFile(path, Buffer.concat([block(1), block(0), block(2), block(3), tail]))
  const fd = openSync(path, 'r')
  onTestFinished(() => closeSync(fd))
  const match = matchOf({ 20: 1, 21: 0, 22: 2, 23: 3 })
  const wantedTail = new BlockMatch(1)
  const key = { high: 0, low: 0 }
  blockKey(tail, key)
  wantedTail.want(5, key)

  const end = 4 * BLOCK_BYTES + tail.length
  const ranges = [
    { from: 0, to: 2 * BLOCK_BYTES },
    { from: 3 * BLOCK_BYTES, to: end },
  ]
  let read = 0
  scanBlocks(match, { fd, ranges, firstBlock: 160 }, (bytes) => (read += bytes))
  expect(found(match)).toEqual({ 20: 160, 23: 163 }) // block 2 lies outside of the ranges
  expect(read).toBe(3 * BLOCK_BYTES + tail.length)
  scanBlocks(wantedTail, { fd, ranges, firstBlock: 0 })
  expect(found(wantedTail)).toEqual({ 5: 4 })
  const beyond = [{ from: 0, to: end + 1 }]
  expect(() => scanBlocks(match, { fd, ranges: beyond, firstBlock: 0 })).toThrow(RangeError)
})

test('keys that a peer chose so that they would share slots cost no more than others', () => {
  const KEYS = 8000
  const probesOf = (high: (low: number) => number) => {
    const match = new BlockMatch(KEYS)
    const keys = Array.from({ length: KEYS }, (_, low) => ({ high: high(low), low }))
    for (const [number, key] of keys.entries()) match.want(number, key)
    expect(keys.filter((key, number) => match.offer(number, key))).toHaveLength(KEYS)
    return match.probes
  }
  const ordinary = probesOf((low) => randomBytes(4, `key ${low}`).readUInt32BE())
  for (const high of [
    (low: number) => Math.imul(low, 0x9e3779b1) >>> 0, // alike for a table that multiplies
    (low: number) => low,
    () => 0,
    (low: number) => (low << 20) >>> 0,
  ])
    expect(probesOf(high)).toBeLessThan(2 * ordinary)
})

test('keys that share one slot all the same are given up, and no other key is found in their place', async () => {
  vi.resetModules()
  vi.doMock('node:crypto', async (original) => ({
    ...(await original<object>()),
    randomFillSync: (words: Uint32Array) => words, // all zero: every key begins at the first slot
  }))
  onTestFinished(() => vi.doUnmock('node:crypto'))
  const { BlockMatch: OneSlot } = await import('../../../src/store/block-match.ts')
  const KEYS = 2000
  const match = new OneSlot(KEYS)
  for (let low = 0; low < KEYS; low++) match.want(low, { high: 1, low })
  for (let low = 0; low < KEYS; low++) match.offer(KEYS + low, { high: 1, low })
  expect(match.probes).toBeLessThan(2 * KEYS * 257)
  const sources = Object.entries(found(match))
  expect(sources.length).toBeGreaterThan(0)
  expect(sources.length).toBeLessThan(KEYS)
  for (const [number, source] of sources) expect(source).toBe(KEYS + Number(number))
})
