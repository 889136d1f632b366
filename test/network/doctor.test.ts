import { execFileSync } from 'node:child_process'
import { chmod, cp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CheckDocument } from '../../src/control/documents.ts'
import { systemClock } from '../../src/core/clock.ts'
import { randomBytes } from '../support/files.ts'
import { TestServer, createNetwork } from '../support/network.ts'
import { createPair } from '../support/pair.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { canMount } from '../support/tmpfs.ts'
import { TurnedClock } from '../support/turned-clock.ts'
import { waitFor } from '../support/wait-for.ts'

const HOUR_MS = 3_600_000

/** What the doctor says of one thing. */
async function check(server: TestServer, name: string): Promise<CheckDocument | undefined> {
  return (await server.client.doctor()).checks.find((each) => each.check === name)
}

function finding(result: string, says: string, advice: string): object {
  return {
    result,
    message: expect.stringContaining(says) as string,
    advice: expect.stringContaining(advice) as string,
  }
}

test('the doctor finds nothing wrong with two servers that are well', async () => {
  const { server } = await createPair()
  await server('a').importImage('gold')
  await server('b').subscribeAll('a')
  await server('b').waitImage('a/gold')
  for (const name of ['a', 'b']) {
    const { checks } = await server(name).client.doctor()
    expect(checks.map((each) => each.check)).toEqual(
      expect.arrayContaining([
        'home',
        'database',
        'disk',
        'file system',
        'clock',
        'ports',
        'journal',
        'jobs',
      ]),
    )
    expect(checks.filter(({ result, check: each }) => result !== 'ok' && each !== 'disk')).toEqual([])
    expect(checks.filter(({ advice }) => advice !== null && advice === '')).toEqual([])
  }
  expect((await check(server('a'), 'database'))?.message).toMatch(/^in order: version \d+, [\d.]+ MiB$/)
  expect((await check(server('a'), 'file system'))?.message).toMatch(/clones files: (yes|no); .*: (yes|no)$/)
  expect(await server('a').list('images', 'staging')).toEqual([])
})

describe('the home', () => {
  const cases: [string, (home: string) => Promise<void>, string, string][] = [
    [
      'writable by others',
      async (home) => await chmod(home, 0o775),
      'can be written by others',
      'chmod go-w',
    ],
    [
      'with a key that others can read',
      async (home) => await chmod(join(home, 'state', 'key'), 0o640),
      'mode 640',
      'chmod go=',
    ],
    [
      'with an open state',
      async (home) => await chmod(join(home, 'state'), 0o755),
      'can be read by others',
      'chmod go=',
    ],
    [
      'without its key',
      async (home) => await rename(join(home, 'state', 'key'), join(home, 'state', 'moved')),
      'key is gone',
      'backup',
    ],
    [
      'whose staging leads elsewhere',
      async (home) => {
        await rm(join(home, 'images', 'patches'), { recursive: true })
        execFileSync('ln', ['-s', '/tmp', join(home, 'images', 'patches')])
      },
      'is a symbolic link',
      'ingot',
    ],
  ]

  test.each(cases)('%s is a failure', async (_what, change, says, advice) => {
    const { server } = await createNetwork(['a'])
    await change(server('a').home)
    expect(await check(server('a'), 'home')).toMatchObject({ result: 'failure' })
    const found = await check(server('a'), 'home')
    expect(found?.message).toContain(says)
    expect(`${found?.message} ${found?.advice}`).toContain(advice)
    await chmod(join(server('a').home, 'state'), 0o700)
  })
})

describe('the clock', () => {
  test('that was set is told, forward and back', async () => {
    const clock = new TurnedClock(Date.now())
    const { server } = await createNetwork(['a'], {}, clock)
    expect(await check(server('a'), 'clock')).toMatchObject({ result: 'ok' })
    clock.turn(Date.now() + HOUR_MS, 'steps')
    expect(await check(server('a'), 'clock')).toMatchObject(
      finding('warning', 'set forward by 3600 s', 'NTP'),
    )
    clock.turn(Date.now() - HOUR_MS, 'steps')
    expect(await check(server('a'), 'clock')).toMatchObject(finding('warning', 'set back by 3600 s', 'NTP'))
  })

  test('that stands before this version was made is a failure', async () => {
    const { server } = await createNetwork(['a'], {}, new TurnedClock(Date.UTC(2020, 0, 1)))
    expect(await check(server('a'), 'clock')).toMatchObject(finding('failure', '2020-01-01', 'NTP'))
  })

  test('that stands before what was published is told', async () => {
    const clock = new TurnedClock(Date.now() + HOUR_MS)
    const { server } = await createNetwork(['a'], {}, clock)
    await server('a').importImage('gold')
    await server('a').stop()
    clock.turn(Date.now(), 'steps')
    await server('a').start()
    expect(await check(server('a'), 'clock')).toMatchObject(
      finding('warning', 'the newest entry of the journal', 'NTP'),
    )
  })

  test('of a peer that is ahead is told, with the peer', async () => {
    const { server } = await createNetwork(['a'])
    const raw = await RawPeer.start('ahead')
    const content = rawContent(randomBytes(1_000, 'gold'))
    raw.now = () => Date.now() + HOUR_MS
    raw.publish('gold', content)
    await raw.registerOn(server('a'), 'ahead')
    expect(await check(server('a'), 'clock')).toMatchObject(finding('warning', 'ahead', 'of that one'))
    expect((await check(server('a'), 'clock'))?.message).toContain('the newest entry of ahead')
  })
})

describe('the ports', () => {
  async function advertising(addresses: string[]): Promise<TestServer> {
    const { server } = await createNetwork(['a'])
    await server('a').stop()
    await writeFile(join(server('a').home, 'ingot.toml'), `advertise = ${JSON.stringify(addresses)}\n`)
    await server('a').start()
    return server('a')
  }

  test('an address at which nobody answers is told', async () => {
    const here = await advertising(['/ip4/127.0.0.1/tcp/1', '/dns4/localhost/tcp/2'])
    expect(await check(here, 'ports')).toMatchObject(
      finding(
        'warning',
        '/ip4/127.0.0.1/tcp/1 does not answer from here (ECONNREFUSED), nor do 1 more',
        'firewall',
      ),
    )
  })

  test('an address of this machine alone is told once a peer is elsewhere', async () => {
    const { server } = await createNetwork(['a'])
    expect(await check(server('a'), 'ports')).toMatchObject({ result: 'ok' })
    const raw = await RawPeer.start('elsewhere')
    await raw.registerOn(server('a'), 'elsewhere')
    expect(await check(server('a'), 'ports')).toMatchObject({ result: 'ok' })
    await server('a').client.modifyPeer('elsewhere', { addresses: ['/ip4/192.0.2.7/tcp/4160'] })
    expect(await check(server('a'), 'ports')).toMatchObject(
      finding('warning', 'which leads to this machine alone', '--advertise'),
    )
  })
})

describe('a peer', () => {
  test('that is away is told with when it was there', async () => {
    const { server } = await createPair()
    await server('a').stop()
    await server('b').waitLink('a', 'down')
    expect(await check(server('b'), 'peer a')).toMatchObject(
      finding('warning', 'the last one was up at 20', 'query peerserver'),
    )
  })

  test('whose home was copied, and both copies run, is told as such', async () => {
    const { server } = await createPair({ redialMaxMs: 200 })
    const [a, b] = [server('a'), server('b')]
    await a.stop()
    const copy = `${a.home}-copy`
    await cp(a.home, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    await a.start()
    const second = new TestServer('a', copy, { redialMinMs: 50, redialMaxMs: 200 }, systemClock)
    onTestFinished(async () => await second.stop())
    await second.start()
    expect(second.peerId).toBe(a.peerId)
    await waitFor(async () => (await check(b, 'peer a'))?.result === 'failure', {
      what: 'what shows that it runs twice',
      timeoutMs: 20_000,
      dump: async () => [await check(b, 'peer a'), b.log.slice(-10)],
    })
    expect(await check(b, 'peer a')).toMatchObject(
      finding('failure', 'two servers run with its key', 'has to be stopped for good'),
    )
    expect(
      b.log.filter(({ message }) => message === 'two servers run with the key of this peer'),
    ).toHaveLength(1)
  })
})

test.skipIf(!canMount)(
  'a staging directory on another file system than the contents is a failure',
  async () => {
    const { server } = await createNetwork(['a'])
    const here = server('a')
    const staging = join(here.home, 'images', 'staging')
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', staging])
    try {
      expect(await check(here, 'file system')).toMatchObject(
        finding('failure', 'are on different file systems', '--images'),
      )
    } finally {
      execFileSync('umount', [staging])
    }
    expect(await check(here, 'file system')).toMatchObject({ result: 'ok' })
  },
)
