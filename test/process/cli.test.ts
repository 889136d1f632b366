import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  ErrorDocument,
  ImageDocument,
  JobDocument,
  PeerDocument,
  PlanDocument,
  ServerDocument,
  StatusDocument,
  SubscriptionDocument,
} from '../../src/control/documents.ts'
import {
  Bed,
  checkoutPath,
  freePort,
  peer,
  testBed,
  waitLink,
  type Daemon,
  type Ended,
} from '../support/daemon.ts'
import { sha256OfFile, writeRandomFile } from '../support/files.ts'
import { Proxy } from '../support/proxy.ts'
import { waitFor } from '../support/wait-for.ts'

/** The stable keys of the command line, as its design fixes them. */
const imageKeys =
  'name origin originId ref local type baseType version series state private size kind manifest content sha256 ancestors status path link'
const jobKeys =
  'id image origin state reason bytesTotal bytesDone bytesLocal bytesWire startedAt finishedAt attempts error'

function expectKeys(document: object, keys: string): void {
  expect(Object.keys(document)).toEqual(expect.arrayContaining(keys.split(' ')))
}

async function source(bed: Bed, name: string, length: number): Promise<string> {
  const path = bed.file(name)
  await writeRandomFile(path, length, name)
  return path
}

test('two servers are made peers, and an image goes from one to the other, by the command line alone', async () => {
  const bed = await testBed()
  const [hq, site] = [bed.daemon('hq'), bed.daemon('site')]
  await Promise.all([hq.start(), site.start()])

  // The server data, by file and by standard output; the fingerprint apart from it.
  const file = bed.file('hq.serverdata')
  const server = await hq.json<ServerDocument>('query', 'server')
  expect(server).toMatchObject({ name: 'hq', peerId: hq.ready.peerId, home: hq.home, images: hq.images })
  expect(server.fingerprint).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(await hq.done('export', 'server', '--serverdata', file)).toContain(server.fingerprint)
  expect(await readFile(file, 'utf8')).toMatch(/^-----BEGIN INGOT SERVER DATA-----\n/)
  const exported = await site.ingot('export', 'server')
  expect(exported.stdout).toMatch(
    /^-----BEGIN INGOT SERVER DATA-----\n[^]*-----END INGOT SERVER DATA-----\n$/,
  )
  expect(exported.stderr).toContain('fingerprint: sha256:')

  // One side alone is not enough.
  const registered = await site.json<PeerDocument>(
    'register',
    'server',
    '--serverdata',
    file,
    '--fingerprint',
    server.fingerprint,
  )
  expect(registered).toMatchObject({ name: 'hq', peerId: server.peerId, status: 'registered' })
  await waitLink(site, 'hq', 'down')
  const refused = await site.ingot('instantiate', 'image', '--server', 'hq', '--all')
  expect(refused.code).toBe(6)
  const data = await bed.ingot(
    ['--home', hq.home, 'register', 'server', '--serverdata', '-', '--server', 'branch'],
    {
      input: exported.stdout,
    },
  )
  expect(data.stdout).toContain('registered branch')
  await waitLink(site, 'hq', 'up')
  const { peers } = await hq.json<{ peers: PeerDocument[] }>('query', 'peerserver', '--server', 'branch')
  expect(peers).toMatchObject([{ name: 'branch', peerId: site.ready.peerId, link: 'up', subscriptions: [] }])

  // Import, look, subscribe, wait.
  const path = await source(bed, 'gold.raw', 5_000_000)
  const sha256 = await sha256OfFile(path)
  const made = await hq.json<ImageDocument>(
    'import',
    'image',
    '--image',
    'gold',
    '--path',
    path,
    '--imagetype',
    'OS',
    '--version',
    '9.4',
    '--description',
    'base',
    '--label',
    'a=1',
    '--label',
    'b=2',
  )
  expectKeys(made, imageKeys)
  expect(made).toMatchObject({
    name: 'gold',
    ref: './gold',
    origin: 'hq',
    originId: hq.ready.peerId,
    local: true,
    type: 'OS',
    version: '9.4',
    description: 'base',
    labels: {
      a: '1',
      b: '2',
    },
    state: 'PUBLISHED',
    private: false,
    size: 5e6,
    kind: 'file',
    sha256,
    status: 'enabled',
    ancestors: [],
    series: [],
  })
  expect(made.path === null ? null : await sha256OfFile(made.path)).toBe(sha256)
  expect(made.link).toBe(join(hq.images, 'own', 'gold'))

  const offered = await site.json<{ images: ImageDocument[] }>('query', 'image', '--server', 'hq')
  expect(offered.images).toMatchObject([{ ref: 'hq/gold', status: 'announced', path: null, link: null }])
  const plan = await site.json<PlanDocument>('instantiate', 'image', '--server', 'hq', '--all', '--dry-run')
  expect(plan).toMatchObject({ dryRun: true, bytesToMove: 5_000_000, bytesHere: 0, diskNeeded: 5_000_000 })
  expect(plan.images).toMatchObject([{ name: 'gold', size: 5_000_000, here: false }])
  expect(await site.json('query', 'subscription')).toEqual({ subscriptions: [] })
  expect((await site.json<PlanDocument>('instantiate', 'image', '--server', 'hq', '--all')).dryRun).toBe(
    false,
  )

  const arrived = await site.json<ImageDocument>('wait', 'image', '--image', 'hq/gold', '--timeout', '30s')
  expectKeys(arrived, imageKeys)
  expect(arrived).toMatchObject({
    ref: 'hq/gold',
    local: false,
    sha256,
    status: 'enabled',
    manifest: made.manifest,
  })
  expect(arrived.link).toBe(join(site.images, 'hq', 'gold'))
  expect(await sha256OfFile(arrived.link ?? '')).toBe(sha256)

  const { jobs } = await site.json<{ jobs: JobDocument[] }>('query', 'job')
  const [job] = jobs
  expect(jobs).toHaveLength(1)
  expectKeys(job ?? {}, jobKeys)
  expect(job).toMatchObject({
    image: 'hq/gold',
    origin: 'hq',
    state: 'DONE',
    bytesTotal: 5_000_000,
    error: null,
  })
  expect(job?.bytesWire).toBeGreaterThan(5_000_000)
  const one = await site.json<{ jobs: JobDocument[] }>('query', 'job', '--job', String(job?.id))
  expect(one).toEqual({ jobs })

  const holders = await waitFor(
    async () => {
      const { images } = await hq.json<{ images: ImageDocument[] }>('query', 'image', '--holders')
      return images[0]?.holders?.[0]?.state === 'enabled' && images[0].holders
    },
    { what: 'the receipt of the site', timeoutMs: 20_000 },
  )
  expect(holders).toMatchObject([{ peer: 'branch', state: 'enabled', reason: null }])

  const status = await site.json<StatusDocument>('status')
  expect(status).toMatchObject({
    pid: site.ready.pid,
    peers: {
      total: 1,
      up: 1,
    },
    images: {
      own: 0,
      replicas: 1,
    },
    server: { name: 'site' },
    jobs: {
      running: 0,
      waiting: 0,
      conflict: 0,
    },
  })

  // The end of the relation: told to the other side; what arrived stays.
  expect(await site.done('unregister', 'server', '--server', 'hq')).toContain(
    'images that came from there stay',
  )
  await waitLink(hq, 'branch', 'suspended')
  expect(await site.json('query', 'peerserver')).toEqual({ peers: [] })
  expect(await sha256OfFile(arrived.link ?? '')).toBe(sha256)
})

test('subscriptions take what they select, add up, and end one by one', async () => {
  const bed = await testBed()
  const [hq, site] = [bed.daemon('hq'), bed.daemon('site')]
  await Promise.all([hq.start(), site.start()])
  await peer(hq, site)
  for (const [name, type] of [
    ['one', 'DISK'],
    ['two', 'ISO'],
    ['three', 'OS'],
  ] as const) {
    await hq.done(
      'import',
      'image',
      '--image',
      name,
      '--imagetype',
      type,
      '--path',
      await source(bed, name, 200_000),
    )
  }
  const here = async () =>
    (await site.json<{ images: ImageDocument[] }>('query', 'image')).images.map(({ ref }) => ref).sort()

  await site.done('instantiate', 'image', '--server', 'hq', '--imagetype', 'ISO')
  await site.done('wait', 'image', '--image', 'two', '--server', 'hq', '--timeout', '30s')
  await site.done('instantiate', 'image', '--server', 'hq', '--image', 'hq/one')
  await site.done('wait', 'image', '--image', 'hq/one', '--timeout', '30s')
  expect(await here()).toEqual(['hq/one', 'hq/two'])

  const list = async (...more: string[]) =>
    (await site.json<{ subscriptions: SubscriptionDocument[] }>('query', 'subscription', ...more))
      .subscriptions
  expect(await list('--server', 'hq')).toMatchObject([
    { server: 'hq', selector: 'imagetype', value: 'ISO' },
    {
      server: 'hq',
      selector: 'image',
      value: 'hq/one',
      imageId: expect.stringMatching(/^sha256:/) as string,
    },
  ])
  expect(await site.done('query', 'subscription')).toMatch(
    /PEER +SELECTOR +SINCE +OPTIONS\nhq +imagetype ISO/,
  )

  const ended = await site.json<{ remaining: unknown[] }>(
    'uninstantiate',
    'image',
    '--server',
    'hq',
    '--imagetype',
    'ISO',
  )
  expect(ended).toMatchObject({ cancelledJobs: 0, remaining: [{ selector: 'image' }] })
  const again = await site.ingot('uninstantiate', 'image', '--server', 'hq', '--imagetype', 'ISO')
  expect(again.code).toBe(4)
  expect(await here()).toEqual(['hq/one', 'hq/two']) // what arrived stays

  // What comes later counts too; what nothing selects does not come.
  await site.done('instantiate', 'image', '--server', 'hq', '--imagetype', 'OS')
  await site.done('wait', 'image', '--image', 'hq/three', '--timeout', '30s')
  await hq.done(
    'import',
    'image',
    '--image',
    'four',
    '--imagetype',
    'ISO',
    '--path',
    await source(bed, 'four', 200_000),
  )
  await hq.done(
    'import',
    'image',
    '--image',
    'five',
    '--imagetype',
    'OS',
    '--path',
    await source(bed, 'five', 200_000),
  )
  await site.done('wait', 'image', '--image', 'hq/five', '--timeout', '30s')
  expect(await here()).toEqual(['hq/five', 'hq/one', 'hq/three', 'hq/two'])
})

test('query job --follow tells every change until the end; wait image gives up with 1', async () => {
  const bed = await testBed()
  const port = await freePort()
  const proxy = await Proxy.start(bed, port)
  const hq = bed.daemon('hq', { listen: `/ip4/127.0.0.1/tcp/${port}`, advertise: proxy.address })
  const site = bed.daemon('site', { advertise: '/ip4/127.0.0.1/tcp/1' })
  await Promise.all([hq.start(), site.start()])
  await peer(hq, site)
  await hq.done('import', 'image', '--image', 'gold', '--path', await source(bed, 'gold', 20_000_000))
  proxy.holdAt(proxy.down + 5_000_000)
  await site.done('instantiate', 'image', '--server', 'hq', '--all')
  await waitFor(() => proxy.down > 5_000_000, { what: 'the first bytes' })

  const late = await site.ingot('wait', 'image', '--image', 'hq/gold', '--timeout', '200ms')
  expect(late.code).toBe(1)
  expect(late.stderr).toContain('hq/gold was not enabled in time')
  const unknown = await site.ingot('wait', 'image', '--image', 'hq/later', '--timeout', '1ms', '--json')
  expect(unknown.code).toBe(1)
  expect((JSON.parse(unknown.stderr) as ErrorDocument).error.code).toBe('timed-out-waiting')
  const { images } = await site.json<{ images: ImageDocument[] }>('query', 'image', '--image', 'hq/gold')
  expect(images).toMatchObject([{ status: 'fetching', path: null, link: null }])

  const follow = bed.spawn(checkoutPath('scripts/ingot'), [
    '--home',
    site.home,
    'query',
    'job',
    '--follow',
    '--json',
  ])
  await waitFor(() => follow.stdout.includes('\n'), { what: 'the first line', timeoutMs: 20_000 })
  proxy.release()
  const { code, stdout } = await follow.ended
  expect(code).toBe(0)
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JobDocument)
  for (const line of lines) expectKeys(line, jobKeys)
  expect(lines[0]).toMatchObject({ image: 'hq/gold', state: 'FETCHING' })
  expect(lines.at(-1)).toMatchObject({ state: 'DONE', bytesDone: 20_000_000 })
  const bytes = lines.map(({ bytesDone }) => bytesDone)
  expect(bytes).toEqual([...bytes].sort((a, b) => a - b))
  const nothing = await site.ingot('query', 'job', '--follow')
  expect(nothing).toMatchObject({ code: 0, stdout: '', stderr: 'no live jobs\n' })
})

test('a peer that is away: 6 for what needs it, and --force ends the relation all the same', async () => {
  const bed = await testBed()
  const [hq, site] = [bed.daemon('hq'), bed.daemon('site')]
  await Promise.all([hq.start(), site.start()])
  await peer(hq, site)
  await hq.terminate()
  await waitLink(site, 'hq', 'down')
  for (const args of [
    ['query', 'image', '--server', 'hq'],
    ['instantiate', 'image', '--server', 'hq', '--all'],
    ['instantiate', 'image', '--server', 'hq', '--all', '--dry-run'],
    ['unregister', 'server', '--server', 'hq'],
  ]) {
    const { code, stdout, stderr } = await site.ingot(...args, '--json')
    expect({ args, code, stdout }).toEqual({ args, code: 6, stdout: '' })
    expect((JSON.parse(stderr) as ErrorDocument).error.code).toBe('peer-unreachable')
  }
  expect(await site.json('query', 'subscription')).toEqual({ subscriptions: [] })
  await site.done('unregister', 'server', '--server', 'hq', '--force')
  expect(await site.json('query', 'peerserver')).toEqual({ peers: [] })
})

test('without a daemon every command but the daemon ends with 3, and says how to start one', async () => {
  const bed = await testBed()
  const nobody = bed.daemon('nobody')
  const data = bed.file('some.serverdata')
  await writeFile(data, 'something')
  for (const args of [
    ['status'],
    ['export', 'server'],
    ['register', 'server', '--serverdata', data],
    ['unregister', 'server', '--server', 'hq'],
    ['query', 'server'],
    ['query', 'peerserver'],
    ['import', 'image', '--image', 'gold', '--path', data],
    ['query', 'image'],
    ['wait', 'image', '--image', 'gold', '--timeout', '1s'],
    ['instantiate', 'image', '--server', 'hq', '--all'],
    ['uninstantiate', 'image', '--server', 'hq', '--all'],
    ['query', 'subscription'],
    ['query', 'job'],
    ['query', 'job', '--follow'],
  ]) {
    const { code, stdout, stderr } = await nobody.ingot(...args)
    expect({ args, code, stdout }).toEqual({ args, code: 3, stdout: '' })
    expect(stderr).toContain('start it with "ingot daemon"')
  }
})

describe('one server', () => {
  let bed: Bed
  let hq: Daemon
  beforeAll(async () => {
    bed = await Bed.create()
    hq = await bed.start('hq')
  })
  afterAll(async () => await bed.end())

  test('a command says and ends with the same in a process of its own as in this one, where most tests run it', async () => {
    for (const [args, input] of [
      [['query', 'server']],
      [['status', '--json', '--no-color']],
      [['query', 'image', '--image', 'missing', '--json']],
      [['query', 'image', '--colour', 'red']],
      [['register', 'server', '--serverdata', '-'], 'no server data'],
      [['wait', 'image', '--image', 'later', '--timeout', '1ms']],
    ] as const) {
      const options = input === undefined ? {} : { input }
      const line = ['--home', hq.home, ...args]
      const masked = async (ended: Promise<Ended>) => {
        const { code, stdout, stderr } = await ended
        return { code, stderr, stdout: stdout.replace(/"diskFree":\d+/, '') }
      }
      expect(await masked(bed.apart(line, options))).toEqual(await masked(bed.ingot(line, options)))
    }
  })

  test('what is not there is 4, with the kind of thing', async () => {
    for (const [args, says] of [
      [['query', 'image', '--image', 'missing'], 'missing'],
      [['query', 'image', '--server', 'missing'], 'missing'],
      [['query', 'peerserver', '--server', 'missing'], 'missing'],
      [['query', 'subscription', '--server', 'missing'], 'missing'],
      [['query', 'job', '--job', '4711'], '4711'],
      [['query', 'job', '--job', '4711', '--follow'], '4711'],
      [['instantiate', 'image', '--server', 'missing', '--all'], 'missing'],
      [['uninstantiate', 'image', '--server', 'missing', '--all'], 'missing'],
      [['unregister', 'server', '--server', 'missing'], 'missing'],
      [['wait', 'image', '--image', 'x', '--server', 'missing', '--timeout', '1s'], 'missing'],
    ] as const) {
      const { code, stdout, stderr } = await hq.ingot(...args, '--json')
      expect({ args, code, stdout }, stderr).toEqual({ args, code: 4, stdout: '' })
      const { error } = JSON.parse(stderr) as ErrorDocument
      expect(error.code).toBe('not-found')
      expect(error.message).toContain(says)
      expect(error.hint, error.message).toMatch(/\w/)
    }
  })

  test('what is not well formed is 2, and nothing is asked of the daemon', async () => {
    for (const args of [
      [],
      ['quary', 'image'],
      ['query'],
      ['query', 'images'],
      ['query', 'image', '--colour', 'red'],
      ['query', 'image', '--state', 'BROKEN'],
      ['query', 'job', '--job', 'x'],
      ['import', 'image', '--image', 'gold'],
      ['import', 'image', '--path', '/x'],
      ['wait', 'image', '--image', 'x', '--timeout', '60'],
      ['wait', 'image', '--timeout', '60s'],
      ['instantiate', 'image', '--server', 'hq'],
      ['instantiate', 'image', '--all'],
      ['instantiate', 'image', '--server', 'hq', '--all', '--imagetype', 'OS'],
      ['register', 'server'],
      ['unregister', 'server'],
      ['export', 'server', '--serverdata'],
      ['daemon', '--listen', 'localhost:4160'],
      ['daemon', '--name', 'a/b'],
    ]) {
      const { code, stdout, stderr } = await hq.ingot(...args)
      expect({ args, code, stdout }, stderr).toEqual({ args, code: 2, stdout: '' })
      expect(stderr, args.join(' ')).toMatch(/^ingot: .+\n {2}.+\n$/) // what, and what to do
    }
  })

  test('the single dash is taken like the double, in front of and behind the command', async () => {
    const path = await source(bed, 'dash', 1000)
    await hq.done('import', 'image', '-image', 'dash', '-path', path, '-imagetype=ISO', '-private')
    const { stdout, code } = await bed.ingot([
      '-home',
      hq.home,
      'query',
      'image',
      '-image',
      './dash',
      '-json',
    ])
    expect(code).toBe(0)
    expect((JSON.parse(stdout) as { images: unknown[] }).images).toMatchObject([
      { type: 'ISO', private: true },
    ])
  })

  test('--quiet says nothing of what was done, all of what was asked, and errors', async () => {
    const path = await source(bed, 'quiet', 1000)
    const args = ['import', 'image', '--image', 'quiet', '--path', path, '--quiet']
    expect(await hq.ingot(...args)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await hq.done('query', 'image', '--image', 'quiet', '--quiet')).toContain('./quiet')
    expect(await hq.ingot('wait', 'image', '--image', 'quiet', '--quiet')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    })
    const again = await hq.ingot(...args)
    expect(again.code).toBe(5)
    expect(again.stderr).toContain('./quiet exists here already')
    const file = bed.file('quiet.serverdata')
    expect(await hq.ingot('export', 'server', '--serverdata', file, '--quiet')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    })
    expect((await readFile(file, 'utf8')).length).toBeGreaterThan(100)
  })

  test('images are found by type and by state, and in place they stay where they are', async () => {
    const path = await source(bed, 'inplace', 70_000)
    const made = await hq.json<ImageDocument>(
      'import',
      'image',
      '--image',
      'placed',
      '--path',
      path,
      '--in-place',
      '--state',
      'testable',
      '--imagetype',
      'PATCH',
    )
    expect(made).toMatchObject({ path, state: 'TESTABLE', sha256: await sha256OfFile(path) })
    const names = async (...args: string[]) =>
      (await hq.json<{ images: ImageDocument[] }>('query', 'image', ...args)).images.map(({ name }) => name)
    expect(await names('--imagetype', 'PATCH')).toEqual(['placed'])
    expect(await names('--state', 'TESTABLE')).toEqual(['placed'])
    expect(await names('--imagetype', 'DATABASE')).toEqual([])
    expect(await names('--image', made.id)).toEqual(['placed'])
    expect(await hq.done('query', 'image', '--image', 'placed')).toContain(made.sha256)
  })

  test('the home comes from --home, else from the environment, and paths from where the caller is', async () => {
    const env = { INGOT_HOME: hq.home }
    await source(bed, 'relative', 1000)
    const args = ['import', 'image', '--image', 'relative', '--path', 'relative', '--json']
    const { code, stderr } = await bed.ingot(args, { env, cwd: bed.path })
    expect(code, stderr).toBe(0)
    const other = await bed.ingot(['status', '--home', 'nowhere'], { env, cwd: bed.path })
    expect(other.code).toBe(3)
    expect(other.stderr).toContain(bed.file('nowhere'))
  })

  test('--version and --help answer without a daemon; the daemon tells where it listens', async () => {
    const version = await bed.ingot(['--version'])
    expect(version).toMatchObject({ code: 0, stderr: '' })
    expect(version.stdout).toMatch(/^ingot \d+\.\d+\.\d+\n$/)
    for (const words of [[], ['query'], ['import', 'image'], ['daemon']]) {
      const { code, stdout } = await bed.ingot([...words, '--help'])
      expect(code).toBe(0)
      expect(stdout).toContain(['ingot', ...words].join(' '))
    }
    const other = bed.spawn(checkoutPath('scripts/ingot'), [
      '--home',
      bed.file('other'),
      'daemon',
      '--name',
      'other',
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
    ])
    await waitFor(() => other.stdout.includes('\n'), { what: 'the ready line', timeoutMs: 30_000 })
    expect(other.stdout).toMatch(
      /^ingot other ready: 12D3\w+ listening on \/ip4\/127\.0\.0\.1\/tcp\/\d+; control socket .*control\.sock\n$/,
    )
    expect((await other.end('SIGTERM')).code).toBe(0)
  })

  test('an import that is interrupted ends with 130 and leaves nothing', async () => {
    const path = await source(bed, 'interrupted', 300_000_000)
    const before = await hq.stored()
    const importing = bed.spawn(checkoutPath('scripts/ingot'), [
      '--home',
      hq.home,
      'import',
      'image',
      '--image',
      'interrupted',
      '--path',
      path,
    ])
    await waitFor(async () => (await hq.stored()).some((name) => /^staging\/.*\/image$/.test(name)), {
      what: 'the import to begin',
      timeoutMs: 30_000,
    })
    const { code, stdout, stderr } = await importing.end('SIGINT')
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: '', stderr: 'ingot: interrupted\n' })
    await waitFor(async () => (await hq.stored()).length === before.length, {
      what: 'what it left being gone',
    })
    expect((await hq.ingot('query', 'image', '--image', 'interrupted')).code).toBe(4)
  })
})
