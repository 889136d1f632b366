import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { lstat, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ErrorDocument } from '../../src/control/documents.ts'
import { defaultLimits } from '../../src/core/limits.ts'
import type { Links } from '../../src/net/links.ts'
import { sendReceipts } from '../../src/net/receipt.ts'
import { encodeHelloAnswer } from '../../src/wire/hello.ts'
import { cli } from '../support/cli.ts'
import { checkoutPath, testBed, waitLink, type Daemon } from '../support/daemon.ts'
import { randomBytes, writeRandomFile } from '../support/files.ts'
import type { TestServer } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { makeSmallFiles } from '../support/trees.ts'
import { waitFor } from '../support/wait-for.ts'

// What somebody on the same machine may try, and what a terminal shows of what peers say. Homes that were tampered with:
// test/unit/daemon/home.test.ts; what images are made of, and sockets: test/network/local.test.ts.

async function modeOf(path: string): Promise<string> {
  return ((await lstat(path)).mode & 0o7777).toString(8)
}

test.each(['000', '077'])('modes are what they should be when the mask of the shell is %s', async (mask) => {
  const bed = await testBed()
  const hq = await bed.start('hq', { runner: ['sh', '-c', `umask ${mask}; exec "$@"`, 'sh'] })
  await writeRandomFile(bed.file('source'), 100_000, 'source')
  await hq.done('import', 'image', '--image', 'gold', '--path', bed.file('source'))
  makeSmallFiles(bed.file('tree'), 3)
  await hq.done('import', 'image', '--image', 'tree', '--path', bed.file('tree'))
  const at = (...parts: string[]) => join(hq.home, ...parts)
  const modes = Object.fromEntries(
    await Promise.all(
      [
        ['run'],
        ['run', 'control.sock'],
        ['run', 'holder.json'],
        ['state'],
        ['state', 'key'],
        ['state', 'ingot.db'],
        ['state', 'ingot.db-wal'],
        ['preseed'],
        ['images'],
        ['images', 'own'],
        ['images', 'content'],
        ['images', 'staging'],
        ['images', 'patches'],
      ].map(async (parts) => [parts.join('/'), await modeOf(at(...parts))] as const),
    ),
  )
  expect(modes).toEqual({
    run: '700',
    'run/control.sock': '600',
    'run/holder.json': '600',
    state: '700',
    'state/key': '600',
    'state/ingot.db': '600',
    'state/ingot.db-wal': '600',
    preseed: '700',
    images: '750',
    'images/own': '755',
    'images/content': '755',
    'images/staging': '700',
    'images/patches': '700',
  })
  for (const name of await readdir(hq.home, { recursive: true })) {
    const found = await lstat(at(name))
    if (!found.isSymbolicLink()) expect(found.mode & 0o022, name).toBe(0)
  }
  expect(((await stat(at('images', 'own', 'gold'))).mode & 0o777).toString(8)).toBe('444')
})

/** A group that this process may give files to, by name; undefined where there is none. */
const group = (() => {
  const ids = process.getuid?.() === 0 ? undefined : process.getgroups?.()
  for (const line of readFileSync('/etc/group', 'utf8').split('\n')) {
    const [name = '', , id] = line.split(':')
    if (name !== '' && Number(id) > 0 && (ids === undefined || ids.includes(Number(id))))
      return { name, id: Number(id) }
  }
  return undefined
})()

test.skipIf(group === undefined)(
  'a group may use the socket when the configuration says so, and nothing else',
  async () => {
    const bed = await testBed()
    const hq = bed.daemon('hq')
    await hq.configure(`socketGroup = "${group?.name}"\n`)
    await hq.start()
    const at = (...parts: string[]) => join(hq.home, ...parts)
    expect([await modeOf(at('run')), await modeOf(at('run', 'control.sock'))]).toEqual(['710', '660'])
    expect([(await stat(at('run'))).gid, (await stat(at('run', 'control.sock'))).gid]).toEqual([
      group?.id,
      group?.id,
    ])
    expect([
      await modeOf(at('state')),
      await modeOf(at('run', 'lock')),
      await modeOf(at('run', 'holder.json')),
    ]).toEqual([
      '700',
      '644', // in a directory that the group may pass and not list
      '600',
    ])
  },
)

test('a home that others can write to keeps the daemon from starting, and the command says what to do', async () => {
  const bed = await testBed()
  const hq = bed.daemon('hq')
  await hq.configure('')
  execFileSync('chmod', ['777', hq.home])
  const child = await hq.launch()
  const { code, stdout, stderr } = await child.ended
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
  const { error } = JSON.parse(stderr) as ErrorDocument
  expect(error).toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining(`chmod go-w ${hq.home}`) as string,
  })
  expect(await readdir(hq.home)).toEqual(['ingot.toml'])
})

describe('--serverdata', () => {
  test('is not read from what is no file of that kind, and a fifo will do', async () => {
    const bed = await testBed()
    const hq = await bed.start('hq')
    const register = async (path: string) =>
      await hq.ingot('register', 'server', '--serverdata', path, '--json')
    for (const [path, code] of [
      ['/dev/zero', 'too-large'],
      ['/dev/null', 'invalid'],
      ['/proc/self/environ', 'invalid'],
      [bed.path, 'failed'],
      [join(hq.home, 'run', 'control.sock'), 'failed'],
      [join(hq.home, 'state', 'ingot.db'), 'invalid'],
      [bed.file('missing'), 'not-found'],
    ] as const) {
      const { stderr } = await register(path)
      expect({ path, error: (JSON.parse(stderr) as ErrorDocument).error.code }).toEqual({ path, error: code })
    }
    const raw = await RawPeer.start('site')
    execFileSync('mkfifo', [bed.file('fifo')])
    const registered = register(bed.file('fifo'))
    const writer = createWriteStream(bed.file('fifo'))
    writer.end(raw.serverData('site'))
    await once(writer, 'close')
    expect((await registered).code).toBe(0)
  })

  test('is not written to what cannot take it', async () => {
    const bed = await testBed()
    const hq = await bed.start('hq')
    for (const path of [
      bed.path,
      '/dev/full',
      bed.file('no/such/directory'),
      join(hq.home, 'run', 'control.sock'),
    ]) {
      const { code, stderr } = await hq.ingot('export', 'server', '--serverdata', path)
      expect({ path, failed: code !== 0 }).toEqual({ path, failed: true })
      expect(stderr).toMatch(/^ingot: cannot write .+\n {2}.+\n$/)
    }
  })
})

describe('$INGOT_HOME', () => {
  test.each([
    ['a file', '/etc/passwd'],
    ['a device', '/dev/null'],
    ['of two lines with an escape', '/tmp/a\n\u001b[2Jb'],
    ['longer than a socket may be', `/tmp/${'x'.repeat(5_000)}`],
  ])('%s: no daemon is there, and that is told in one line', async (_what, home) => {
    const { code, stdout, stderr } = await cli(['status'], { env: { INGOT_HOME: home } })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    // oxlint-disable-next-line no-control-regex -- that is what must not be there
    expect(stderr).toMatch(/^ingot: [^\u0000-\u001f]+\n( {2}[^\u0000-\u001f]+\n)?$/)
  })
})

/** What terminals act on, and what makes another line of one. */
const evil = '\u001b]0;owned\u0007\u009b2J\u202egnp.\u2028x\r\n{"level":60,"msg":"forged"}\n\u001b[31m'
// oxlint-disable-next-line no-control-regex -- these are what has to go
const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

/** Everything that the command line prints about peers. */
const commands = [
  'query peerserver',
  'query peerserver --server raw',
  'query peerserver --server rude',
  'query image',
  'query image --server raw',
  'query image --image raw/gold',
  'query image --holders',
  'query image --image ./mine --holders',
  'query series --server raw',
  'query job',
  'query job --job 1',
  'query job --follow',
  'query subscription',
  'query audit',
  'explain image --server raw --image gold',
  'instantiate image --server raw --all --dry-run',
  'instantiate image --server rude --all',
  'wait image --image rude/x --timeout 1ms',
  'verify image --image raw/gold',
  'unregister server --server rude',
  'status',
  'doctor',
  '__complete --kind image',
  '__complete --kind image --server raw',
  '__complete --kind peer',
]

async function expectHarmless(daemon: Daemon, line: string): Promise<string> {
  const people = await daemon.ingot(...line.split(' '))
  const document = await daemon.ingot(...line.split(' '), '--json')
  for (const [stream, text] of Object.entries({
    ...people,
    json: document.stdout,
    jsonError: document.stderr,
  }))
    if (typeof text === 'string')
      expect(acting.test(text), `${line} (${stream}): ${JSON.stringify(text)}`).toBe(false)
  for (const text of [document.stdout, document.stderr])
    for (const each of text.split('\n').filter((part) => part.startsWith('{')))
      expect(() => JSON.parse(each) as unknown, line).not.toThrow()
  expect(people.stdout, line).not.toMatch(/^\{"level":60/m)
  return people.stdout + people.stderr
}

test('nothing that peers say of themselves and their images acts on a terminal, or makes a line of its own', async () => {
  const bed = await testBed()
  const hq = await bed.start('hq')
  await writeFile(bed.file('mine'), 'mine')
  await hq.done('import', 'image', '--image', 'mine', '--path', bed.file('mine'))

  const raw = (await RawPeer.start('raw')).serve()
  raw.onHello = (hello) => ({
    ...hello,
    software: evil,
    name: evil,
    features: [evil.slice(0, 60)],
    addresses: [evil, ...hello.addresses],
  })
  const text = '\u202egnp.exe\u2066 \u200f'
  raw.publish('gold', rawContent(randomBytes(1_000, 'gold')), {
    version: text,
    description: `${text}\n{"level":60,"msg":"forged"}`,
    labels: { os: text },
  })
  const rude = await RawPeer.start('rude', {
    '/ingot/hello/1': async (channel) => {
      const step = { timeoutMs: 5_000, signal: AbortSignal.timeout(5_000) }
      await channel.requireFrame(defaultLimits.messageBytes, step)
      await channel.writeFrame(encodeHelloAnswer({ refusal: 'invalid', detail: evil }), step)
    },
  })
  await hq.client.register({ serverData: raw.serverData('raw') })
  await hq.client.register({ serverData: rude.serverData('rude') })
  await waitLink(hq, 'raw', 'up')
  await waitLink(hq, 'rude', 'down')
  const watch = bed.spawn(checkoutPath('scripts/ingot'), ['--home', hq.home, 'watch', 'events'])
  await waitFor(
    async () => {
      await hq.client.deleteImageType('marker').catch(() => {})
      return watch.stdout.includes('marker')
    },
    { what: 'the events', timeoutMs: 30_000 },
  )
  await hq.client.subscribe({ server: 'raw', selector: { kind: 'all' } })
  await hq.waitJob('raw/gold', ({ state }) => state === 'DONE')

  // A receipt with a reason of its own about our image, over the connection that it dials.
  const to = { client: hq.client, peerId: hq.ready.peerId } as TestServer
  const connection = await raw.connect(to)
  const open = async (_peerId: string, protocol: string, signal: AbortSignal) =>
    await raw.host.openChannel(connection, protocol, signal)
  const { images } = await hq.client.images({ image: './mine' })
  const receipt = {
    image: images[0]?.id as `sha256:${string}`,
    state: 'refused',
    reason: evil,
    time: Date.now(),
  } as const
  const options = { limits: defaultLimits, signal: AbortSignal.timeout(10_000), onAcknowledged: () => {} }
  await sendReceipts({ open } as unknown as Links, to.peerId, [receipt], options)
  await waitLink(hq, 'rude', 'down')

  const said: string[] = []
  for (const line of commands) said.push(await expectHarmless(hq, line))
  // It was said, in words: as a reason of a link, of a holder, as a description.
  expect(said.join('')).toContain('the peer refused the hello (invalid): ]0;owned2Jgnp. x {"level":60')
  expect(said.filter((each) => each.includes('{"level":60,"msg":"forged"}')).length).toBeGreaterThan(3)
  expect(acting.test(watch.stdout), JSON.stringify(watch.stdout)).toBe(false)
  await hq.terminate()
  expect(acting.test(hq.log), 'the log').toBe(false)
  const lines = hq.log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: number; reason?: string })
  expect(lines.filter(({ level }) => level >= 60)).toEqual([])
  expect(lines.some(({ reason }) => reason?.includes(evil))).toBe(true) // the data is what it was
  expect(await readFile(bed.file('mine'), 'utf8')).toBe('mine')
})
