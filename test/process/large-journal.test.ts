import { expect, test } from 'vitest'
import { testBed, waitLink } from '../support/daemon.ts'
import { randomBytes } from '../support/files.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { waitFor } from '../support/wait-for.ts'

const IMAGES = 10_000

/** Megabytes of heap: V8 ends a daemon that would need more. */
const HEAP = 48

test('10,000 images come in one go, and the memory that takes is bounded', async () => {
  const bed = await testBed()
  const raw = (await RawPeer.start('raw')).serve()
  const content = rawContent(randomBytes(1_000, 'content'))
  for (let i = 0; i < IMAGES; i++)
    raw.publish(`image-${i}`, content, { type: i % 2_000 === 0 ? 'RARE' : 'DISK' })
  const here = await bed.start('here', { runner: ['env', `NODE_OPTIONS=--max-old-space-size=${HEAP}`] })
  await here.client.register({ serverData: raw.serverData('raw') })
  await waitLink(here, 'raw', 'up')
  await waitFor(async () => (await here.client.peers({ server: 'raw' })).peers[0]?.journalSeq === IMAGES, {
    what: 'all of the journal',
    timeoutMs: 120_000,
    dump: async () => ({ peer: await here.client.peers({ server: 'raw' }), log: here.log.slice(-2_000) }),
  })
  // Sorted out of them all, and more of them at once than ever run.
  const plan = await here.client.subscribe({
    server: 'raw',
    selector: { kind: 'imagetype', imageType: 'RARE' },
  })
  expect(plan.images).toHaveLength(5)
  await here.waitJob('raw/image-8000', ({ state }) => state === 'DONE')
  expect((await here.client.jobs({})).jobs).toHaveLength(5)
})
