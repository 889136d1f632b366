import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ImageDocument } from '../../src/control/documents.ts'
import { LEAF_BYTES } from '../../src/image/leaves.ts'
import { testBed, waitLink } from '../support/daemon.ts'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { honestAnswer, rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { rotLeaves } from '../support/rot.ts'
import { waitFor } from '../support/wait-for.ts'

test.each([
  ['has wrong leaves', (path: string) => rotLeaves(path, 1, 20, 40)],
  ['is gone', (path: string) => rmSync(path)],
])(
  'a server that is killed while it repairs a file that %s goes on after the next start, and the image is identical',
  async (what, damage) => {
    const bed = await testBed()
    const site = await bed.start('site', { limits: { repairRetryMinMs: 50, repairRetryMaxMs: 200 } })
    const content = rawContent(randomBytes(3_000_000, 'content'))
    const raw = await RawPeer.start('raw')
    raw.serve().publish('gold', content)
    await writeFile(bed.file('raw.serverdata'), raw.serverData('raw'))
    await site.done('register', 'server', '--serverdata', bed.file('raw.serverdata'))
    await waitLink(site, 'raw', 'up')
    await site.done('instantiate', 'image', '--server', 'raw', '--all')
    const { path } = await site.json<ImageDocument>(
      'wait',
      'image',
      '--image',
      'raw/gold',
      '--timeout',
      '60s',
    )
    const isRight = (leaf: number) => {
      const part = (of: Buffer) => of.subarray(leaf * LEAF_BYTES, (leaf + 1) * LEAF_BYTES)
      return part(readFileSync(path as string)).equals(part(content.bytes))
    }
    damage(path as string)
    const { promise: hung, resolve: hang } = Promise.withResolvers<void>()
    raw.onContent = async (request) => {
      if (request.what !== 'leaves' || request.run.first < 20)
        return { code: 'ok', payload: honestAnswer(content, request) }
      hang()
      return await new Promise<never>(() => {})
    }
    const repair = site.ingot('verify', 'image', '--image', 'raw/gold', '--repair')
    await hung
    await site.kill()
    expect((await repair).code).not.toBe(0)
    if (what === 'is gone') expect(existsSync(path as string)).toBe(false)
    else {
      expect([1, 20, 40].map(isRight)).toEqual([true, false, false])
      expect(statSync(path as string).mode & 0o777).toBe(0o444)
    }

    raw.serve()
    await site.start()
    const image = async () =>
      (await site.json<{ images: ImageDocument[] }>('query', 'image', '--image', 'raw/gold')).images[0]
    await waitFor(async () => (await image())?.status === 'enabled', {
      what: 'the repair',
      timeoutMs: 60_000,
      dump: image,
    })
    expect(await sha256OfFile(path as string)).toBe(content.sha256)
    expect(readdirSync(join(site.images, 'staging'))).toEqual([])
  },
)
