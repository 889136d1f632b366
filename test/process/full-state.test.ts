import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ErrorDocument, ImageDocument } from '../../src/control/documents.ts'
import { isIngotError } from '../../src/core/errors.ts'
import { peer, testBed, type Bed, type Daemon } from '../support/daemon.ts'
import { sha256OfFile, writeRandomFile } from '../support/files.ts'
import { canMount, smallDisk } from '../support/tmpfs.ts'
import { waitFor } from '../support/wait-for.ts'

const MiB = 2 ** 20

async function importNew(daemon: Daemon, bed: Bed, image: string): Promise<ImageDocument> {
  const path = bed.file(image)
  await writeRandomFile(path, 300_000, image)
  return await daemon.json<ImageDocument>('import', 'image', '--image', image, '--path', path)
}

/** Adds clients until the database takes no more; resolves to those that were taken, and how the next was refused. */
async function addUntilFull(daemon: Daemon): Promise<{ added: string[]; error: unknown }> {
  const added: string[] = []
  for (let i = 1; i <= 5_000; i++) {
    const name = `client-${i}-${'x'.repeat(40)}`
    try {
      await daemon.client.addMember('clients', name)
    } catch (error) {
      return { added, error }
    }
    added.push(name)
  }
  throw new Error('the disk does not become full')
}

const clients = async (daemon: Daemon) =>
  ((await daemon.client.members('clients', {}))['clients'] ?? []).map(({ name }) => name).sort()

test.skipIf(!canMount)(
  'a daemon whose database is on a full disk says so, stays up, loses nothing, and goes on when there is space',
  async () => {
    const bed = await testBed()
    const site = await bed.start('site')
    const hq = bed.daemon('hq')
    const state = await smallDisk(bed, 8 * MiB, join(hq.home, 'state'))
    await hq.start()
    await peer(hq, site)
    await hq.done('instantiate', 'image', '--server', 'site', '--all')
    await importNew(hq, bed, 'before')
    const filler = join(state, 'filler')
    await writeRandomFile(filler, 16 * MiB, 'filler').catch(() => {}) // until the disk is full

    const { added, error } = await addUntilFull(hq)
    expect(isIngotError(error, 'no-space')).toBe(true)
    const { code, stderr } = await hq.ingot('add', 'client', '--client', 'one-more', '--json')
    expect(code).toBe(1)
    const document = JSON.parse(stderr) as ErrorDocument
    expect(document.error).toMatchObject({
      code: 'no-space',
      message: expect.stringContaining(join(state, 'ingot.db')) as string,
      hint: expect.stringContaining('free') as string,
    })
    await expect(importNew(hq, bed, 'too-much')).rejects.toThrow('no space is left')
    expect(await hq.done('query', 'image')).toMatch(/before/)
    expect((await hq.client.images({})).images.map(({ name }) => name)).toEqual(['before'])
    const gold = await importNew(site, bed, 'gold') // it cannot be taken in, and is not forgotten
    await waitFor(() => /no space is left/.test(hq.log), {
      what: 'the log telling why',
      timeoutMs: 20_000,
      dump: () => hq.log.slice(-3000),
    })
    expect(hq.child.running).toBe(true)

    await rm(filler)
    const arrived = await hq.json<ImageDocument>('wait', 'image', '--image', 'site/gold', '--timeout', '30s')
    expect(await sha256OfFile(arrived.path ?? '')).toBe(gold.sha256)
    expect(await clients(hq)).toEqual(added.sort())
    await hq.done('import', 'image', '--image', 'too-much', '--path', bed.file('too-much'))
  },
)

test.skipIf(!canMount)(
  'a daemon that is killed while the disk of its database is full has all that was acknowledged when there is space',
  async () => {
    const bed = await testBed()
    const hq = bed.daemon('hq')
    const state = await smallDisk(bed, 8 * MiB, join(hq.home, 'state'))
    await hq.start()
    await importNew(hq, bed, 'before')
    const filler = join(state, 'filler')
    await writeRandomFile(filler, 16 * MiB, 'filler').catch(() => {})
    const { added } = await addUntilFull(hq)
    await hq.kill()
    // It runs, or says what keeps it from running.
    const child = await hq.launch()
    await waitFor(() => !child.running || child.stdout.includes('\n'), {
      what: 'the daemon to be ready or to give up',
      timeoutMs: 30_000,
    })
    if (child.running) await hq.kill()
    else expect((await child.ended).stderr).toMatch(/no space is left/)
    await rm(filler)
    await hq.start()
    expect(await clients(hq)).toEqual(added.sort())
    expect((await hq.client.images({})).images.map(({ name }) => name)).toEqual(['before'])
  },
)
