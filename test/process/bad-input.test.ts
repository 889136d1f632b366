import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, chown, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ErrorDocument } from '../../src/control/documents.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import type { Limits } from '../../src/core/limits.ts'
import { writeServerData } from '../../src/wire/server-data.ts'
import { Bed, checkoutPath, freePort, peer, testBed, type Daemon } from '../support/daemon.ts'
import { sha256OfFile, writeRandomFile } from '../support/files.ts'
import { testKey } from '../support/keys.ts'
import { Proxy } from '../support/proxy.ts'
import { canMount, smallDisk } from '../support/tmpfs.ts'
import { waitFor } from '../support/wait-for.ts'

const MiB = 2 ** 20

/** How a refusal is told. */
interface Refusal {
  exit: number
  code: ErrorCode
  /** What stands in the message for people and in that of the document. */
  says: string
}

/** What a command may not change when it is refused. */
async function everything(daemon: Daemon): Promise<unknown> {
  const [images, peers] = [await daemon.client.images({}), await daemon.client.peers({})]
  const known = peers.peers.map(({ name, peerId, addresses }) => ({ name, peerId, addresses }))
  return { images, known, stored: await daemon.stored() }
}

/** The command is refused as it should be, for people and with `--json`, says what to do, and leaves nothing behind. */
async function expectRefusal(daemon: Daemon, args: string[], { exit, code, says }: Refusal): Promise<void> {
  const before = await everything(daemon)
  const people = await daemon.ingot(...args)
  const document = await daemon.ingot(...args, '--json')
  expect([people.code, document.code], people.stderr).toEqual([exit, exit])
  expect([people.stdout, document.stdout]).toEqual(['', ''])
  const { error } = JSON.parse(document.stderr) as ErrorDocument
  expect(error.code).toBe(code)
  expect(error.message).toContain(says)
  expect(error.hint, `what to do about: ${error.message}`).toMatch(/\w/)
  expect(people.stderr).toBe(`ingot: ${error.message}\n  ${error.hint}\n`)
  expect(await everything(daemon)).toEqual(before)
}

/** A bed and a server for all tests of a describe. */
function shared(): { bed: () => Bed; hq: () => Daemon } {
  let bed: Bed | undefined
  let hq: Daemon | undefined
  beforeAll(async () => {
    bed = await Bed.create()
    hq = await bed.start('hq')
  })
  afterAll(async () => await bed?.end())
  const there = <T>(value: T | undefined): T => value ?? expect.fail('it did not start')
  return { bed: () => there(bed), hq: () => there(hq) }
}

function importArgs(path: string, ...rest: string[]): string[] {
  return ['import', 'image', '--image', 'gold', '--path', path, ...rest]
}

describe('import image refuses', () => {
  const { bed, hq } = shared()

  test('a path that does not exist', async () => {
    const path = bed().file('missing')
    await expectRefusal(hq(), importArgs(path), {
      exit: 4,
      code: 'not-found',
      says: `${path}: it does not exist`,
    })
  })

  test('a link that leads nowhere', async () => {
    const path = bed().file('dangling')
    await symlink(bed().file('nowhere'), path)
    await expectRefusal(hq(), importArgs(path), { exit: 4, code: 'not-found', says: 'it does not exist' })
  })

  test('a directory in which its own images lie', async () => {
    const refusal = { exit: 2, code: 'usage', says: 'the images of this server lie in it' } as const
    await expectRefusal(hq(), importArgs(bed().path), refusal)
  })

  test('a device, also in place', async () => {
    const refusal = { exit: 2, code: 'usage', says: 'it is a device, not a regular file' } as const
    await expectRefusal(hq(), importArgs('/dev/zero'), refusal)
    await expectRefusal(hq(), importArgs('/dev/zero', '--in-place'), refusal)
  })

  test('a fifo, without waiting for a writer', async () => {
    const path = bed().file('fifo')
    execFileSync('mkfifo', [path])
    await expectRefusal(hq(), importArgs(path), { exit: 2, code: 'usage', says: 'it is a fifo' })
  })

  test('a unix socket', async () => {
    const path = bed().file('socket')
    const server = createServer().listen(path)
    await once(server, 'listening')
    await expectRefusal(hq(), importArgs(path), { exit: 2, code: 'usage', says: 'it is a socket' })
    server.close()
  })

  test('a name that is none', async () => {
    const path = bed().file('good')
    await writeFile(path, 'good')
    for (const name of ['../etc', 'a/b', '.hidden', '', 'ü', 'x'.repeat(129)]) {
      const args = ['import', 'image', `--image=${name}`, '--path', path]
      await expectRefusal(hq(), args, { exit: 2, code: 'usage', says: 'image name' })
    }
  })

  test('an image type, a state or a label that is none', async () => {
    const path = bed().file('good')
    await writeFile(path, 'good')
    await expectRefusal(hq(), importArgs(path, '--imagetype', 'FLOPPY'), {
      exit: 4,
      code: 'not-found',
      says: 'no image type "FLOPPY"',
    })
    await expectRefusal(hq(), importArgs(path, '--state', 'BROKEN'), {
      exit: 2,
      code: 'usage',
      says: 'BROKEN',
    })
    await expectRefusal(hq(), importArgs(path, '--label', 'novalue'), {
      exit: 2,
      code: 'usage',
      says: 'novalue',
    })
  })

  test('a name that is taken, and keeps the image that has it', async () => {
    const path = bed().file('first')
    await writeFile(path, 'first')
    await hq().done('import', 'image', '--image', 'taken', '--path', path)
    await writeFile(path, 'second')
    const args = ['import', 'image', '--image', 'taken', '--path', path]
    await expectRefusal(hq(), args, { exit: 5, code: 'conflict', says: './taken exists here already' })
    expect(await sha256OfFile(join(hq().images, 'own', 'taken'))).toBe(
      'sha256:a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e',
    )
  })
})

/** What happens to a file while it is imported. */
const changes = [
  { what: 'grows', change: async (path: string) => await appendFile(path, 'more') },
  { what: 'is cut short', change: async (path: string) => await truncate(path, 10 * MiB) },
  {
    what: 'is replaced',
    change: async (path: string) => {
      await rm(path)
      await writeRandomFile(path, 200 * MiB, 'another')
    },
  },
]

test.each(changes)('import image refuses a file that $what while it is imported', async ({ change }) => {
  const bed = await testBed()
  const hq = await bed.start('hq')
  const path = bed.file('source')
  await writeRandomFile(path, 200 * MiB, 'source')
  const importing = bed.spawn(checkoutPath('scripts/ingot'), [
    '--home',
    hq.home,
    ...importArgs(path),
    '--json',
  ])
  await waitFor(async () => (await hq.stored()).some((name) => /^staging\/import-.*\/image$/.test(name)), {
    what: 'the import to begin',
    timeoutMs: 30_000,
    dump: () => importing.stderr,
  })
  await change(path)
  const { code, stdout, stderr } = await importing.ended
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
  const { error } = JSON.parse(stderr) as ErrorDocument
  expect(error.code).toBe('changed-on-disk')
  expect(error.message).toContain(`${path} changed while it was imported`)
  expect(error.hint, 'what to do').toMatch(/\w/)
  expect(await hq.stored()).toEqual([])
  expect((await hq.client.images({})).images).toEqual([])
})

const NOBODY = 65_534
const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']

/** True when root can run the checkout as nobody. */
const canDropRights: boolean = (() => {
  if (process.getuid?.() !== 0) return false
  try {
    execFileSync(asNobody[0] as string, [...asNobody.slice(1), checkoutPath('scripts/ingot'), '--version'])
    return true
  } catch {
    return false // no setpriv here, or a checkout that nobody cannot read
  }
})()

test.skipIf(process.getuid?.() === 0 && !canDropRights)(
  'import image refuses a file that the daemon may not read',
  async () => {
    const bed = await testBed()
    await chmod(bed.path, 0o755)
    const home = bed.file('hq')
    await mkdir(home, { mode: 0o755 })
    if (canDropRights) await chown(home, NOBODY, NOBODY)
    const hq = await bed.start('hq', canDropRights ? { runner: asNobody } : {})
    const path = bed.file('secret')
    await writeFile(path, 'secret', { mode: canDropRights ? 0o600 : 0 })
    await expectRefusal(hq, importArgs(path), { exit: 1, code: 'failed', says: `${path}: permission denied` })
  },
)

describe.skipIf(!canMount)('a full disk', () => {
  test('import image refuses a file that does not fit, before it copies a byte', async () => {
    const bed = await testBed()
    const hq = await bed.start('hq', { images: await smallDisk(bed, 64 * MiB) })
    const path = bed.file('large')
    await writeRandomFile(path, 80 * MiB, 'large')
    await expectRefusal(hq, importArgs(path), { exit: 1, code: 'no-space', says: 'bytes are needed at' })
    await truncate(path, 30 * MiB)
    await hq.done(...importArgs(path)) // what fits is taken
  })

  test('import image that fills the disk on its way leaves nothing', async () => {
    const bed = await testBed()
    const hq = await bed.start('hq', { images: await smallDisk(bed, 64 * MiB) })
    const path = bed.file('large')
    await writeRandomFile(path, 60 * MiB, 'large')
    const importing = bed.spawn(checkoutPath('scripts/ingot'), [
      '--home',
      hq.home,
      ...importArgs(path),
      '--json',
    ])
    await waitFor(async () => (await hq.stored()).some((name) => name.endsWith('/image')), {
      what: 'the import to begin',
      timeoutMs: 30_000,
    })
    const filler = join(hq.images, 'filler')
    await writeRandomFile(filler, 64 * MiB, 'filler').catch(() => {}) // until the disk is full
    const { code, stdout, stderr } = await importing.ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const { error } = JSON.parse(stderr) as ErrorDocument
    expect(error.code).toBe('no-space')
    expect(error.hint, 'what to do').toMatch(/free space/)
    expect(await hq.stored()).toEqual(['filler'])
    expect((await hq.client.images({})).images).toEqual([])
    await rm(filler)
    await hq.done(...importArgs(path))
  })

  test('a job that does not fit waits with no-space, and goes on by itself when there is space', async () => {
    const bed = await testBed()
    const hq = await bed.start('hq')
    const images = await smallDisk(bed, 64 * MiB)
    const site = await bed.start('site', { images })
    await peer(hq, site)
    const path = bed.file('source')
    await writeRandomFile(path, 30 * MiB, 'source')
    await hq.done(...importArgs(path))
    await writeRandomFile(bed.file('small'), MiB, 'small')
    await hq.done('import', 'image', '--image', 'small', '--path', bed.file('small'))
    const filler = join(site.images, 'filler')
    await writeRandomFile(filler, 50 * MiB, 'filler')

    await site.done('instantiate', 'image', '--server', 'hq', '--all')
    const waiting = await site.waitJob('hq/gold', (job) => job.state === 'WAITING')
    expect(waiting.reason).toBe('no-space')
    expect(waiting.error).toMatch(/bytes are needed at .* are usable/)
    await site.done('wait', 'image', '--image', 'hq/small', '--timeout', '30s') // what fits does not wait behind it
    expect(await site.done('query', 'job')).toMatch(/hq\/gold +WAITING .*no-space/)
    expect(await site.done('status')).toMatch(/jobs: +0 running, 1 waiting \(1 for space\)/)
    const { code, stdout } = await site.ingot('doctor')
    expect({ code, stdout }).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('1 job waits for space') as string,
    })

    await rm(filler)
    await site.done('wait', 'image', '--image', 'hq/gold', '--timeout', '30s')
    // It was not tried again before it fitted.
    expect((await site.client.jobs({ job: waiting.id })).jobs).toMatchObject([{ state: 'DONE', attempts: 2 }])
    expect(await sha256OfFile(join(site.images, 'hq', 'gold'))).toBe(await sha256OfFile(path))
  })

  test('a job whose disk becomes full on the way waits with no-space, and goes on where it was', async () => {
    // One stream: little is under way when the disk is full.
    const limits = { fetchStreams: 1, fetchStreamsFar: 1 }
    const { site, path, goOn } = await halfFetched({ bytes: 50 * MiB, limits })
    const filler = join(site.images, 'filler')
    await writeRandomFile(filler, 64 * MiB, 'filler').catch(() => {}) // until the disk is full
    goOn()
    const waiting = await site.waitJob('hq/gold', (job) => job.state === 'WAITING')
    expect(waiting.reason).toBe('no-space')

    await rm(filler)
    await site.done('wait', 'image', '--image', 'hq/gold', '--timeout', '30s')
    const { bytesWire } = (await site.client.jobs({ job: waiting.id })).jobs[0] ?? expect.fail('no job')
    expect(bytesWire).toBeLessThan(65 * MiB) // not all of it once more
    expect(await sha256OfFile(join(site.images, 'hq', 'gold'))).toBe(await sha256OfFile(path))
    expect((await site.stored()).filter((stored) => stored.startsWith('staging/'))).toEqual([])
  })
})

describe.skipIf(!canMount)('a disk of which less is left than shall stay free', () => {
  test('stops what comes in, which goes on where it was when there is space', async () => {
    const { site, path, goOn } = await halfFetched({
      bytes: 40 * MiB,
      // One stream: what arrives before the line stands still is written, and not parts of many answers.
      limits: { freeSpaceFloor: 0.25, fetchStreams: 1, fetchStreamsFar: 1 },
    })
    const filler = join(site.images, 'filler')
    await writeRandomFile(filler, 30 * MiB, 'filler')
    const waiting = await site.waitJob('hq/gold', (job) => job.state === 'WAITING')
    expect(waiting).toMatchObject({
      reason: 'no-space',
      retryAt: null,
      error: expect.stringMatching(
        /\d+ bytes are needed at .*, 0 are usable \(25 % of the disk stay free\)/,
      ) as string,
    })
    expect(waiting.bytesDone).toBeGreaterThan(0)
    goOn()
    await rm(filler)
    await site.done('wait', 'image', '--image', 'hq/gold', '--timeout', '30s')
    const { bytesWire, attempts } =
      (await site.client.jobs({ job: waiting.id })).jobs[0] ?? expect.fail('no job')
    expect(attempts).toBe(2)
    expect(bytesWire).toBeLessThan(55 * MiB) // not all of it once more
    expect(await sha256OfFile(join(site.images, 'hq', 'gold'))).toBe(await sha256OfFile(path))
  })
})

/** A server with a disk of 64 MiB that fetches an image; after 20 MiB the line stands still until `goOn`. */
async function halfFetched({
  bytes,
  limits = {},
}: {
  bytes: number
  limits?: Partial<Limits>
}): Promise<{ site: Daemon; path: string; goOn: () => void }> {
  const bed = await testBed()
  const port = await freePort()
  const proxy = await Proxy.start(bed, port)
  const hq = await bed.start('hq', { listen: `/ip4/127.0.0.1/tcp/${port}`, advertise: proxy.address })
  const site = await bed.start('site', {
    advertise: '/ip4/127.0.0.1/tcp/1',
    images: await smallDisk(bed, 64 * MiB),
    limits,
  })
  await peer(hq, site)
  const path = bed.file('source')
  await writeRandomFile(path, bytes, 'source')
  await hq.done(...importArgs(path))
  const before = proxy.down
  proxy.holdAt(before + 20 * MiB)
  await site.done('instantiate', 'image', '--server', 'hq', '--all')
  await waitFor(() => proxy.down - before >= 20 * MiB, { what: 'the first 20 MiB', timeoutMs: 30_000 })
  return { site, path, goOn: () => proxy.release() }
}

/** Server data of a server that nobody runs. */
async function serverData(seed: string, data: { name?: string; addresses?: string[] } = {}): Promise<string> {
  const { peerId, sign } = await testKey(seed)
  const { name = 'site', addresses = ['/ip4/127.0.0.1/tcp/1'] } = data
  return writeServerData({ name, peerId, addresses, createdAt: Date.now() }, sign)
}

describe('register server refuses', () => {
  const { bed, hq } = shared()

  async function expectRefused(content: string | Uint8Array, refusal: Refusal, ...rest: string[]) {
    const path = bed().file('given.serverdata')
    await writeFile(path, content)
    await expectRefusal(hq(), ['register', 'server', '--serverdata', path, ...rest], refusal)
  }

  test('a file that is missing, a directory, empty, too large, no text, or something else', async () => {
    const register = ['register', 'server', '--serverdata']
    const missing = bed().file('missing')
    await expectRefusal(hq(), [...register, missing], { exit: 4, code: 'not-found', says: missing })
    await expectRefusal(hq(), [...register, bed().path], { exit: 1, code: 'failed', says: 'is a directory' })
    await expectRefused('', { exit: 1, code: 'invalid', says: 'is empty' })
    await expectRefused('x'.repeat(70_000), { exit: 1, code: 'too-large', says: 'larger than 65536 bytes' })
    await expectRefused(Buffer.from([0xff, 0xfe, 0x00]), { exit: 1, code: 'invalid', says: 'is not text' })
    await expectRefused('-----BEGIN CERTIFICATE-----\nabcd\n-----END CERTIFICATE-----\n', {
      exit: 1,
      code: 'invalid',
      says: 'not a server-data file',
    })
  })

  test('a file that was cut short', async () => {
    const text = await serverData('other')
    const lines = text.trimEnd().split('\n')
    await expectRefused(lines.slice(0, -1).join('\n'), {
      exit: 1,
      code: 'invalid',
      says: 'not a server-data file',
    })
    const inside = [...lines.slice(0, 2), lines.at(-1)].join('\n')
    await expectRefused(inside, { exit: 1, code: 'invalid', says: 'the server data is damaged' })
  })

  test('a file that was altered, wherever that was', async () => {
    const [begin = '', ...rest] = (await serverData('other')).trimEnd().split('\n')
    const end = rest.pop()
    const bytes = Buffer.from(rest.join(''), 'base64')
    for (const at of [3, 12, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] as number) ^ 1
      const text = [begin, altered.toString('base64'), end].join('\n')
      await expectRefused(text, { exit: 1, code: 'invalid', says: 'the server data is ' })
    }
  })

  test('the server itself', async () => {
    const own = await hq().done('export', 'server')
    await expectRefused(own, { exit: 5, code: 'conflict', says: 'of this server itself' })
  })

  test('a key whose fingerprint is another one', async () => {
    const refusal = { exit: 5, code: 'conflict', says: 'not the expected one' } as const
    await expectRefused(await serverData('other'), refusal, '--fingerprint', `sha256:${'0'.repeat(64)}`)
  })

  test('a name that is none, or that the image store needs', async () => {
    const text = await serverData('other')
    await expectRefused(text, { exit: 2, code: 'usage', says: 'server name' }, '--server', 'a/b')
    for (const name of ['own', 'content', 'Staging']) {
      const refusal = { exit: 5, code: 'conflict', says: 'taken by a directory' } as const
      await expectRefused(text, refusal, '--server', name)
      await expectRefused(await serverData('other', { name }), refusal)
    }
  })

  test('a known key under another name, and another key under a known name', async () => {
    const path = bed().file('site.serverdata')
    await writeFile(path, await serverData('site key'))
    await hq().done('register', 'server', '--serverdata', path)
    await expectRefused(await serverData('site key', { name: 'elsewhere' }), {
      exit: 5,
      code: 'conflict',
      says: 'this key is known here under the name site',
    })
    await expectRefused(await serverData('another key'), {
      exit: 5,
      code: 'conflict',
      says: 'the name site belongs to another key here',
    })
    // The same again is no conflict: it renews the addresses.
    await writeFile(path, await serverData('site key', { addresses: ['/ip4/127.0.0.1/tcp/2'] }))
    await hq().done('register', 'server', '--serverdata', path)
    expect((await hq().client.peers({})).peers.map(({ addresses }) => addresses[0])).toEqual([
      '/ip4/127.0.0.1/tcp/2',
    ])
  })
})
