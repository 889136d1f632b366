import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import { SEGMENT_BYTES, SEGMENT_LEAVES } from '../../../src/image/leaves.ts'
import type { Manifest, SealedManifest } from '../../../src/image/manifest.ts'
import { FileSeeds } from '../../../src/replicate/file-seeds.ts'
import { chooseSeeds, placeOf, type Seed } from '../../../src/replicate/seeds.ts'
import { Preseed } from '../../../src/store/preseed.ts'
import { StagedFile } from '../../../src/store/staging.ts'
import { WorkPool } from '../../../src/store/work/pool.ts'
import { digestsOf, emptyLayout, fillIndex, storedContent } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { testKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'
import { enqueueJob, testAnnounced, testState } from '../../support/state.ts'

const never = new AbortController().signal

async function testSeeds() {
  const key = await testKey('P')
  const layout = await emptyLayout()
  const state = testState()
  const directory = join(layout.images, 'preseed')
  await mkdir(directory)
  const work = new WorkPool({ threads: 1, niceness: 0 })
  onTestFinished(async () => await work.stop())
  const cache = join(layout.images, 'indexes')
  const preseed = new Preseed({ directory, cache, limits: defaultLimits, work })
  const components = { state, layout, limits: defaultLimits, preseed }
  const sealed = (name: string, changes: Partial<Manifest> = {}) =>
    testImage(key, { name, content: testDigest(`content of ${name}`), ancestors: [], ...changes })
  let enabledAt = 0
  /** An image that is here; its content is named like it. */
  const have = (name: string, changes: Partial<Manifest> = {}, isPrivate = false): SealedManifest => {
    const image = sealed(name, changes)
    const { content, size, kind, sha256 } = image.manifest
    state.images.putContent({ ...storedContent(content, size), kind, sha256 })
    state.images.insert({
      name,
      sealed: image,
      state: 'PUBLISHED',
      private: isPrivate,
      enabledAt: ++enabledAt,
    })
    return image
  }
  const chosen = async (image: SealedManifest, also?: string) => {
    const seeds = await chooseSeeds(components, { peerId: 'P', image, staging: 'mine', preseed: also })
    return seeds.map(nameOf)
  }
  return { components, work, directory, state, sealed, have, chosen }
}

function nameOf(seed: Seed): string {
  switch (seed.from) {
    case 'content':
      return seed.content.digest
    case 'staging':
    case 'directory':
      return seed.from
    case 'file':
      return seed.file.name
  }
}

test('ancestors come first, nearest first, then siblings, newest first, then the type by size', async () => {
  const { state, sealed, have, chosen } = await testSeeds()
  have('far-in-size', { size: 1_000_000 })
  have('near-in-size', { size: 1100 })
  const old = have('old-sibling')
  const young = have('young-sibling')
  const grandparent = have('grandparent')
  const parent = have('parent')
  const image = sealed('new', { ancestors: [parent.id, testDigest('not here'), grandparent.id] })
  state.announcedSeries.create('P', 'line')
  for (const [place, each] of [old, young, image].entries())
    state.announcedSeries.insert('P', { series: 'line', image: each.id, ordinal: place, place })
  const names = (list: string[]) => list.map((name) => testDigest(`content of ${name}`))
  expect(await chosen(image)).toEqual(names(['parent', 'grandparent', 'young-sibling', 'old-sibling']))
  expect(await chosen(sealed('unrelated', { size: 1_500_000 }))).toEqual(
    names(['far-in-size', 'near-in-size', 'parent', 'grandparent']),
  )
})

test('private images, other types and trees are no seeds of a file', async () => {
  const { sealed, have, chosen } = await testSeeds()
  have('private', {}, true)
  have('iso', { type: 'ISO', baseType: 'ISO' })
  have('tree', { kind: 'tree', entries: 1, sha256: undefined })
  have('of-the-same-base', { type: 'CUSTOM', baseType: 'DISK' })
  expect(await chosen(sealed('new'))).toEqual([testDigest('content of of-the-same-base')])
})

test('pre-seeded files that look like the image go before all, the others after', async () => {
  const { directory, sealed, have, chosen } = await testSeeds()
  have('relative')
  await writeFile(join(directory, 'new.raw'), 'named like it')
  await writeFile(join(directory, 'another'), Buffer.alloc(1000))
  await writeFile(join(directory, 'a stranger'), 'something')
  expect(await chosen(sealed('new'))).toEqual([
    'new.raw',
    'another',
    testDigest('content of relative'),
    'a stranger',
  ])
})

test('of an interrupted job the segments are taken that its record claims, and no others', async () => {
  const { components, work, state, sealed } = await testSeeds()
  const bytes = randomBytes(3 * SEGMENT_BYTES, 'interrupted')
  const { lists } = digestsOf(bytes)
  const half = sealed('half', { size: bytes.length })
  state.announced.put(testAnnounced(half))
  const job = enqueueJob(state.jobs, 'half', { image: half.id })
  state.jobs.update({ ...job, state: 'WAITING', bytesDone: SEGMENT_BYTES })
  const staged = await StagedFile.open(components.layout.staging(`job-${job.id}`), bytes.length)
  await fillIndex(staged.index, bytes)
  await staged.write(0, bytes.subarray(0, 2 * SEGMENT_BYTES))
  staged.markWhole(1)
  await staged.checkpoint()
  await staged.close()

  const arriving = { peerId: 'P', image: sealed('new'), staging: 'mine', preseed: undefined }
  const [seed] = await chooseSeeds(components, arriving)
  const place = await placeOf(components, seed as Seed, never)
  const seeds = await FileSeeds.open(place === undefined ? [] : [place], {
    limits: defaultLimits,
    work,
    signal: never,
  })
  const wanted = Array.from({ length: SEGMENT_LEAVES }, (_, i) => i)
  const bytesOf = lists.map((digests) => seeds?.count({ first: 0, size: bytes.length, digests, wanted }))
  expect(bytesOf).toEqual([0, SEGMENT_BYTES, 0])
  await seeds?.close()
})
