import { expect, test } from 'vitest'
import { BLOCK_KEY_BYTES } from '../../../src/image/blocks.ts'
import { findBlocks } from '../../../src/store/seed-blocks.ts'
import { randomBytes } from '../../support/files.ts'

test('keys are not even put into the table once nobody wants the blocks any more', () => {
  const numbers = Float64Array.from({ length: 16 }, (_, i) => i)
  const keys = randomBytes(16 * BLOCK_KEY_BYTES, 'keys')
  const task = { files: [], useless: [], numbers, keys, mostBytes: 0 }
  expect([...findBlocks({ ...task, stop: Uint8Array.of(0) })]).toEqual(Array(16).fill(-1))
  expect(() => findBlocks({ ...task, stop: Uint8Array.of(1) })).toThrow(
    expect.objectContaining({ code: 'aborted' }) as Error,
  )
})
