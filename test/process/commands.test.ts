import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type {
  AuditDocument,
  CheckDocument,
  EventLine,
  ExplainDocument,
  ImageDocument,
  ImageTypeDocument,
  JobDocument,
  MemberDocument,
  PeerDocument,
  PlanDocument,
  SeriesDocument,
  ServerDocument,
  StatusDocument,
  SubscriptionDocument,
  UnsubscribedDocument,
} from '../../src/control/documents.ts'
import { visibleCommands } from '../../src/cli/grammar.ts'
import { Bed, checkoutPath, freePort, waitLink, type Daemon, type Ended } from '../support/daemon.ts'
import { sha256OfFile, writeRandomFile } from '../support/files.ts'
import { grammarProgram } from '../support/grammar.ts'
import { Proxy } from '../support/proxy.ts'
import { rotLeaves } from '../support/rot.ts'
import { waitFor } from '../support/wait-for.ts'

/** Every command of the grammar against real servers: `hq` offers, behind a proxy, and `site` takes. One test goes on where the one before it ended. */
describe('the command line', () => {
  const commands = [...visibleCommands(grammarProgram()).keys()]
  const driven = new Set<string>()
  let bed: Bed
  let hq: Daemon
  let site: Daemon
  let proxy: Proxy

  /** Runs one command line, whatever comes of it, and notes its command. */
  async function drive(server: Daemon, line: string): Promise<Ended> {
    const words = line.split(' ')
    const command = commands.find((each) => each === words[0] || each === words.slice(0, 2).join(' '))
    if (command === undefined) throw new Error(`the grammar does not have: ${line}`)
    driven.add(command)
    return await server.ingot(...words)
  }

  /** What a command that has to succeed prints for people. */
  async function says(server: Daemon, line: string): Promise<string> {
    const { code, stdout, stderr } = await drive(server, line)
    expect({ line, code }, stderr).toEqual({ line, code: 0 })
    return stdout
  }

  /** The document of a command that has to succeed. */
  async function document<T>(server: Daemon, line: string): Promise<T> {
    return JSON.parse(await says(server, `${line} --json`)) as T
  }

  /** A command that has to end with that code, and that says what and what to do. */
  async function ends(server: Daemon, line: string, expected: number): Promise<void> {
    const { code, stdout, stderr } = await drive(server, line)
    expect({ line, code, stdout }, stderr).toEqual({ line, code: expected, stdout: '' })
    expect(stderr, line).toMatch(/^ingot: .+\n {2}.+\n$/)
  }

  async function source(name: string, length = 300_000): Promise<string> {
    const path = bed.file(name)
    await writeRandomFile(path, length, name)
    return path
  }

  async function image(server: Daemon, line: string): Promise<ImageDocument | undefined> {
    return (await document<{ images: ImageDocument[] }>(server, line)).images[0]
  }

  beforeAll(async () => {
    bed = await Bed.create()
    const port = await freePort()
    proxy = await Proxy.start(bed, port)
    hq = bed.daemon('hq', { listen: `/ip4/127.0.0.1/tcp/${port}`, advertise: proxy.address })
    // Nobody can reach the site, so that every byte goes through the proxy.
    site = bed.daemon('site', { advertise: '/ip4/127.0.0.1/tcp/1' })
    await Promise.all([hq.start(), site.start()])
    driven.add('daemon')
  })
  afterAll(async () => await bed.end())

  test('servers become peers, and their addresses can be changed', async () => {
    const self = await document<ServerDocument>(hq, 'query server')
    expect(self).toMatchObject({ name: 'hq', journalFault: null })
    await says(hq, `export server --serverdata ${bed.file('hq.data')}`)
    await writeFile(bed.file('site.data'), await says(site, 'export server'))
    await says(hq, `register server --serverdata ${bed.file('site.data')}`)
    await says(site, `register server --serverdata ${bed.file('hq.data')} --fingerprint ${self.fingerprint}`)
    await waitLink(site, 'hq', 'up')
    await waitLink(hq, 'site', 'up')
    const changed = await document<PeerDocument>(
      site,
      `modify peerserver --server hq --address /ip4/127.0.0.1/tcp/1 --address ${proxy.address}`,
    )
    expect(changed.addresses).toEqual(['/ip4/127.0.0.1/tcp/1', proxy.address])
    await waitLink(site, 'hq', 'up')
    await ends(site, 'modify peerserver --server missing --address /ip4/127.0.0.1/tcp/1', 4)
    expect(
      await document<PeerDocument>(site, 'modify peerserver --server hq --rate-in 800Mbit --rate-out none'),
    ).toMatchObject({ rateIn: 100_000_000, rateOut: null, addresses: changed.addresses })
    expect(await document<ServerDocument>(hq, 'modify server --rate-out 200MB/s')).toMatchObject({
      rateIn: null,
      rateOut: 200_000_000,
    })
    await ends(hq, 'modify server --rate-in 1KiB', 2)
    expect(await says(site, 'query peerserver')).toMatch(/\nhq +up /)
  })

  test('image types are defined, used and deleted', async () => {
    expect(
      await document<ImageTypeDocument>(hq, 'add imagetype --imagetype ORAHOME --basetype SOFTWARE'),
    ).toEqual({ name: 'ORAHOME', baseType: 'SOFTWARE', builtIn: false, images: 0 })
    await says(hq, 'add imagetype --imagetype SPARE --basetype OS')
    await says(hq, 'delete imagetype --imagetype SPARE')
    await ends(hq, 'delete imagetype --imagetype DISK', 5)
    const { imageTypes } = await document<{ imageTypes: ImageTypeDocument[] }>(hq, 'query imagetype')
    expect(imageTypes.map(({ name }) => name)).toEqual(expect.arrayContaining(['DISK', 'ORAHOME']))
    expect(imageTypes.map(({ name }) => name)).not.toContain('SPARE')
  })

  test('images are made, put in order, verified and deleted', async () => {
    await says(hq, 'add series --series ol9')
    const gold = await document<ImageDocument>(
      hq,
      `import image --image gold --path ${await source('gold')} --imagetype ORAHOME --series ol9`,
    )
    expect(gold).toMatchObject({ ref: './gold', type: 'ORAHOME', baseType: 'SOFTWARE', series: ['ol9'] })
    const child = await document<ImageDocument>(
      hq,
      `add image --image child --parent gold --path ${await source('child')} --state TESTABLE`,
    )
    expect(child).toMatchObject({ state: 'TESTABLE', ancestors: [{ id: gold.id, ref: './gold' }] })
    const series = await document<SeriesDocument>(
      hq,
      'insertimage series --series ol9 --image child --before gold',
    )
    expect(series.images.map(({ name }) => name)).toEqual(['child', 'gold'])
    expect(await document(hq, 'query series --series ol9')).toMatchObject({
      series: [{ name: 'ol9', local: true }],
    })
    expect(await image(hq, 'query image --image gold')).toMatchObject({
      descendants: [{ id: child.id, ref: './child' }],
    })
    expect(await says(hq, 'verify image --image gold')).toContain('./gold is whole')
    rotLeaves(gold.path as string, 2)
    await ends(hq, 'verify image --image gold', 1)
    expect(await image(hq, 'query image --image gold')).toMatchObject({
      status: 'damaged',
      damage: { leaves: 1 },
    })
    const repair = `verify image --image gold --repair --path ${await source('gold')}`
    expect(await says(hq, repair)).toContain('repaired ./gold: 1 leaf is wrong')
    expect(await document(hq, 'promote image --image child --state PUBLISHED')).toMatchObject({
      state: 'PUBLISHED',
    })

    await says(hq, `import image --image spare --path ${await source('spare')} --private`)
    await says(hq, 'insertimage series --series ol9 --image spare')
    await ends(hq, 'delete image --image spare', 5)
    await says(hq, 'deleteimage series --series ol9 --image spare')
    await says(hq, 'delete image --image spare')
    await ends(hq, 'query image --image spare', 4)
    await ends(hq, 'delete series --series ol9', 5)
    await says(hq, 'add series --series empty')
    await says(hq, 'delete series --series empty')
  })

  test('a subscription is planned, made, changed, explained and ended', async () => {
    const line = 'instantiate image --server hq --series ol9 --keep 5 --max-bytes 1GiB --priority 7'
    const plan = await document<PlanDocument>(site, `${line} --dry-run --exact`)
    expect(plan.images.map(({ name }) => name).sort()).toEqual(['child', 'gold'])
    await says(site, line)
    expect(await document(site, 'wait image --image hq/gold --timeout 30s')).toMatchObject({
      status: 'enabled',
    })
    expect(await document(site, 'wait image --image hq/child --timeout 30s')).toMatchObject({
      status: 'enabled',
    })
    const list = async () =>
      (await document<{ subscriptions: SubscriptionDocument[] }>(site, 'query subscription')).subscriptions
    expect(await list()).toMatchObject([
      { value: 'ol9', keep: 5, maxBytes: 2 ** 30, priority: 7, newOnly: false },
    ])
    await says(site, 'modify subscription --server hq --series ol9 --keep none --land-as TESTABLE')
    await ends(site, 'modify subscription --server hq --series ol9 --window 22:00-06:00', 2)
    expect(
      await document<SubscriptionDocument>(
        site,
        'modify subscription --server hq --series ol9 --rate 100MB --window none',
      ),
    ).toMatchObject({ rate: 100_000_000, window: null })
    expect(await list()).toMatchObject([{ keep: null, maxBytes: 2 ** 30, landAs: 'TESTABLE' }])
    expect(await document<ExplainDocument>(site, 'explain image --server hq --image gold')).toMatchObject({
      atOrigin: 'announced',
      status: 'enabled',
      decision: 'wanted',
      selectors: [{ matches: true }],
    })
    expect(
      await document<UnsubscribedDocument>(site, 'uninstantiate image --server hq --series ol9'),
    ).toMatchObject({ cancelledJobs: 0, remainingJobs: 0, replicas: 2, remaining: [] })
    expect(await image(site, 'query image --series ol9')).toMatchObject({ origin: 'hq' })
  })

  test('a replica is adopted, and one that was deleted does not come back by itself', async () => {
    expect(await document(site, 'adopt image --image hq/gold --as mine --private')).toMatchObject({
      ref: './mine',
      private: true,
    })
    await says(site, 'delete image --image hq/gold')
    await says(site, 'instantiate image --server hq --imagetype ORAHOME')
    expect(
      (await document<ExplainDocument>(site, 'explain image --server hq --image gold')).declined,
    ).toMatchObject({
      why: 'deleted',
    })
    await says(site, 'uninstantiate image --server hq --imagetype ORAHOME')
  })

  test('a job is paused, resumed, cancelled and run again', async () => {
    await says(hq, `import image --image large --path ${await source('large', 20_000_000)}`)
    onTestFinished(() => proxy.release())
    proxy.holdAt(proxy.down + 2_000_000)
    await says(site, 'instantiate image --server hq --image large')
    const { id } = await site.waitJob('hq/large', ({ state }) => state === 'FETCHING')
    const state = async (line: string) => (await document<JobDocument>(site, `${line} --job ${id}`)).state
    expect(await state('pause job')).toBe('PAUSED')
    await ends(site, `retry job --job ${id}`, 5)
    expect(await state('resume job')).not.toBe('PAUSED')
    await ends(site, `resume job --job ${id}`, 5)
    expect(await state('cancel job')).toBe('CANCELLED')
    await ends(site, `cancel job --job ${id}`, 5)
    proxy.release()
    await says(site, `retry job --job ${id}`)
    expect(await says(site, 'wait image --image hq/large --timeout 60s')).toContain('is enabled')
    expect(await says(site, 'query job')).toMatch(/hq\/large +DONE/)
  })

  test.each([
    ['keep', '--keep', []],
    ['rename', '--rename second', ['hq/second']],
    ['replace', '--replace', []],
  ])('a conflict of names is resolved: %s', async (name, resolution, more) => {
    const publish = async (content: string) =>
      await document<ImageDocument>(
        hq,
        `import image --image ${name} --path ${await source(`${name}-${content}`)} --imagetype ISO`,
      )
    await says(site, 'instantiate image --server hq --imagetype ISO')
    const first = await publish('first')
    await says(site, `wait image --image hq/${name} --timeout 30s`)
    await says(hq, `delete image --image ${name}`)
    const second = await publish('second')
    const { id } = await site.waitJob(`hq/${name}`, ({ state }) => state === 'CONFLICT')
    await says(site, `resolve job --job ${id} ${resolution}`)
    const path = async (ref: string) => {
      const { link } = await document<ImageDocument>(site, `wait image --image ${ref} --timeout 30s`)
      return await sha256OfFile(link ?? '')
    }
    for (const ref of more) expect(await path(ref)).toBe(second.sha256)
    const expected = name === 'replace' ? second.sha256 : first.sha256
    await waitFor(async () => (await path(`hq/${name}`)) === expected, { what: 'the image of that name' })
    await says(site, 'uninstantiate image --server hq --imagetype ISO')
  })

  test.each(['client', 'target'])('a %s is added, listed and deleted', async (kind) => {
    await says(hq, `add ${kind} --${kind} edge4`)
    await ends(hq, `add ${kind} --${kind} site`, 5) // a peer has that name
    const members = async () =>
      (await document<Record<string, MemberDocument[]>>(hq, `query ${kind}`))[`${kind}s`]?.map(
        ({ name }) => name,
      )
    expect(await members()).toEqual(['edge4'])
    await says(hq, `delete ${kind} --${kind} edge4`)
    expect(await members()).toEqual([])
    await ends(hq, `delete ${kind} --${kind} edge4`, 4)
  })

  test('what happened and what happens is shown, and Ctrl-C ends the watch with 130', async () => {
    const watch = bed.spawn(checkoutPath('scripts/ingot'), ['--home', hq.home, 'watch', 'events', '--json'])
    driven.add('watch events')
    await waitFor(
      async () => {
        await says(hq, 'add client --client watched')
        await says(hq, 'delete client --client watched')
        return watch.stdout.includes('\n')
      },
      { what: 'an event', timeoutMs: 30_000, dump: () => watch.stderr },
    )
    const { code, stdout } = await watch.end('SIGINT')
    expect(code).toBe(130)
    const lines = stdout.trimEnd().split('\n')
    for (const line of lines) {
      expect(JSON.parse(line) as EventLine).toMatchObject({
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        type: expect.stringMatching(/^[a-z-]+$/) as string,
      })
    }
    const { audit } = await document<{ audit: AuditDocument[] }>(
      hq,
      'query audit --from 1h --subject gold --limit 50',
    )
    expect(audit.map(({ operation }) => operation)).toContain('import image')
    const failed = await document<{ audit: AuditDocument[] }>(hq, 'query audit --operation delete --failed')
    expect(failed.audit.length).toBeGreaterThan(0)
    expect(await document(hq, 'query audit --to 2020-01-01')).toEqual({ audit: [] })
  })

  test('a server says how it is', async () => {
    expect(await document<StatusDocument>(site, 'status')).toMatchObject({ peers: { total: 1, up: 1 } })
    const { checks } = await document<{ checks: CheckDocument[] }>(site, 'doctor')
    expect(checks.length).toBeGreaterThan(0)
    for (const check of checks) expect(check.result, check.message).not.toBe('failure')
    expect(await says(site, 'completion --shell bash')).toContain('complete -o default -F _ingot ingot')
    const candidates = await site.ingot('__complete', '--kind', 'peer')
    expect(candidates).toMatchObject({ code: 0, stdout: 'hq\n', stderr: '' })
  })

  test('a journal that was renewed stops the peer until its operator accepts it', async () => {
    const before = await document<ServerDocument>(hq, 'query server')
    await ends(hq, 'renew journal', 5)
    const after = await document<ServerDocument>(hq, 'renew journal --force')
    expect(after.journalId).not.toBe(before.journalId)
    const peer = async () =>
      (await document<{ peers: PeerDocument[] }>(site, 'query peerserver --server hq')).peers[0]
    await waitFor(async () => (await peer())?.fault != null, {
      what: 'the fault',
      timeoutMs: 30_000,
      dump: peer,
    })
    await says(site, 'accept peerserver --server hq')
    await waitFor(async () => (await peer())?.fault === null, {
      what: 'no fault',
      timeoutMs: 30_000,
      dump: peer,
    })
  })

  test('a relation ends', async () => {
    await says(site, 'unregister server --server hq')
    expect(await document(site, 'query peerserver')).toEqual({ peers: [] })
  })

  test('was driven with every command of the grammar', () => {
    expect([...driven].sort()).toEqual([...commands].sort())
  })
})
