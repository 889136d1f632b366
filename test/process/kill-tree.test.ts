import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ImageDocument } from '../../src/control/documents.ts'
import { peer, testBed, type Bed, type Daemon } from '../support/daemon.ts'
import { describeTree, makeSmallFiles, makeTree } from '../support/trees.ts'
import { waitFor } from '../support/wait-for.ts'

/** Two servers, and a tree of small files and of everything else that hq offers and the site does not have yet. */
async function pairWithTree(bed: Bed): Promise<{ hq: Daemon; site: Daemon; source: string }> {
  const hq = await bed.start('hq')
  const site = await bed.start('site', { limits: { progressMs: 50, progressBytes: 1_000_000 } })
  await peer(hq, site)
  const source = bed.file('tree')
  makeSmallFiles(source, 3000)
  await makeTree(join(source, 'all'))
  await hq.done('import', 'image', '--image', 'tree', '--path', source)
  return { hq, site, source }
}

/** The directory of the job that runs. */
function stagingOf(site: Daemon): string | undefined {
  const directory = join(site.images, 'staging')
  const [name] = readdirSync(directory)
  return name === undefined ? undefined : join(directory, name)
}

/** Files that lie in the staged tree so far. */
function stagedFiles(site: Daemon): number {
  const staging = stagingOf(site)
  if (staging === undefined || !existsSync(join(staging, 'image'))) return 0
  let files = 0
  for (const name of readdirSync(join(staging, 'image')))
    if (/^d\d\d$/.test(name)) files += readdirSync(join(staging, 'image', name)).length
  return files
}

async function expectArrived(site: Daemon, source: string): Promise<void> {
  const image = await site.json<ImageDocument>('wait', 'image', '--image', 'hq/tree', '--timeout', '60s')
  expect(describeTree(image.path ?? '')).toEqual(describeTree(source))
  expect(readdirSync(join(site.images, 'staging'))).toEqual([])
  expect(readdirSync(join(site.images, 'content'))).toHaveLength(1)
}

test('a receiver that is killed while a tree is fetched goes on after each start, and the tree is identical', async () => {
  const bed = await testBed()
  const { site, source } = await pairWithTree(bed)
  await site.done('instantiate', 'image', '--server', 'hq', '--all')
  for (const mark of [300, 1200, 2400]) {
    await waitFor(() => stagedFiles(site) >= mark, {
      what: `${mark} staged files`,
      timeoutMs: 60_000,
      dump: () => [stagedFiles(site), site.log.slice(-2000)],
    })
    await site.kill()
    expect(existsSync(join(site.images, 'hq', 'tree'))).toBe(false)
    await site.start()
  }
  await expectArrived(site, source)
})

/** What the disk of the receiver shows while a tree is assembled, and after it took its place. */
const moments: [string, (site: Daemon) => boolean][] = [
  [
    'its links are made',
    (site) => {
      const link = join(stagingOf(site) ?? '', 'image', 'all', 'bin', 'absolute')
      return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true
    },
  ],
  ['it takes its place', (site) => readdirSync(join(site.images, 'content')).length > 0],
]
test.each(moments)(
  'a receiver that is killed when %s completes the same tree after the next start',
  async (_what, shows) => {
    const bed = await testBed()
    const { site, source } = await pairWithTree(bed)
    await site.done('instantiate', 'image', '--server', 'hq', '--all')
    await waitFor(() => shows(site), {
      what: 'the moment',
      timeoutMs: 60_000,
      dump: () => site.log.slice(-2000),
    })
    await site.kill()
    await site.start()
    await expectArrived(site, source)
  },
)

test('an import of a tree whose daemon is killed leaves nothing', async () => {
  const bed = await testBed()
  const hq = await bed.start('hq')
  const source = bed.file('tree')
  makeSmallFiles(source, 3000)
  const importing = bed.ingot(['--home', hq.home, 'import', 'image', '--image', 'tree', '--path', source])
  await waitFor(() => stagedFiles(hq) > 500, { what: '500 staged files', timeoutMs: 60_000 })
  await hq.kill()
  expect((await importing).code).toBe(3)
  await hq.start()
  expect(await hq.stored()).toEqual([])
  await hq.done('import', 'image', '--image', 'tree', '--path', source)
  expect(describeTree(join(hq.images, 'own', 'tree') + '/')).toEqual(describeTree(source))
})
