import { once } from 'node:events'
import { createZstdCompress } from 'node:zlib'
import { expect, test } from 'vitest'
import { unpack } from '../../../src/store/place-leaves.ts'

const MiB = 2 ** 20

/** One zstd frame of so many bytes of zeros, made without ever holding them. */
async function bomb(bytes: number): Promise<Buffer> {
  const packer = createZstdCompress()
  const packed: Buffer[] = []
  packer.on('data', (piece: Buffer) => void packed.push(piece))
  const piece = Buffer.alloc(MiB)
  for (let done = 0; done < bytes; done += MiB) {
    if (!packer.write(piece)) await once(packer, 'drain')
  }
  packer.end()
  await once(packer, 'end')
  return Buffer.concat(packed)
}

test('what would unpack to more than was asked for is given up, and takes no memory for it', async () => {
  const packed = await bomb(512 * MiB)
  expect(packed.length).toBeLessThan(MiB)
  const before = process.resourceUsage().maxRSS
  expect(unpack(packed, 4 * MiB) === undefined).toBe(true)
  expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(64)
})

test('what unpacks to as much as was asked for is taken', async () => {
  expect(unpack(await bomb(4 * MiB), 4 * MiB)).toHaveLength(4 * MiB)
})
