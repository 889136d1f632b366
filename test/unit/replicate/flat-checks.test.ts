import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { EventBus } from '../../../src/core/events.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { FlatChecks } from '../../../src/replicate/flat-checks.ts'
import { ContentCollector } from '../../../src/store/collect.ts'
import { placeContent } from '../../../src/store/placement.ts'
import { WorkPool } from '../../../src/store/work/pool.ts'
import { emptyLayout, stageBytes, storedContent } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { testKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'
import { waitFor } from '../../support/wait-for.ts'

test('a replica with a false flat digest goes; an image of this server on the same content stays', async () => {
  const [self, peer] = [await testKey('self'), await testKey('peer')]
  const state = testState()
  const layout = await emptyLayout()
  const bytes = randomBytes(100_000, 'both')
  const { staging, digest: content } = await stageBytes(layout, 'both', bytes)
  await placeContent(layout, staging, content)
  const manifest = { content, size: bytes.length, sha256: testDigest('false') }
  const own = testImage(self, { ...manifest, name: 'own' })
  const replica = testImage(peer, { ...manifest, name: 'replica' })
  state.images.putContent({ ...storedContent(content, bytes.length), sha256: undefined })
  for (const sealed of [own, replica]) {
    const { name } = sealed.manifest
    state.images.insert({ name, sealed, state: 'PUBLISHED', private: false, enabledAt: 1 })
  }
  const background = new WorkPool({ threads: 1, niceness: 0 })
  onTestFinished(async () => await background.stop())
  const told: string[] = []
  const checks = new FlatChecks({
    selfId: self.peerId,
    state,
    layout,
    collector: new ContentCollector({ layout, isUsed: () => true, forget: () => {} }),
    events: new EventBus(),
    clock: systemClock,
    logger: silentLogger,
    background,
    onReceipt: (peerId) => told.push(peerId),
  })
  checks.start()
  await waitFor(() => told.length > 0, { what: 'the end of the check' })
  await checks.stop()
  expect(told).toEqual([peer.peerId])
  expect(state.images.list().map(({ name }) => name)).toEqual(['own'])
})
