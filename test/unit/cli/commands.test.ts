import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  FakeDaemon,
  imageDocument,
  peerDocument,
  refuse,
  subscriptionDocument,
  type Answer,
} from './fake-daemon.ts'

const ok: Answer = () => ({})

describe('servers', () => {
  const serverData: Answer = () => ({ serverData: 'INGOT\nx\n', fingerprint: 'ab:cd' })

  it('export to standard output keeps the fingerprint out of the file', async () => {
    await using daemon = await FakeDaemon.start({ 'GET /v1/server/data': serverData })
    const { code, stdout, stderr } = await daemon.cli(['export', 'server'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'INGOT\nx\n' })
    expect(stderr).toContain('fingerprint: ab:cd')
  })

  it('export to a file shows the fingerprint', async () => {
    await using daemon = await FakeDaemon.start({ 'GET /v1/server/data': serverData })
    const { code, stdout } = await daemon.cli(['export', 'server', '-serverdata', 'hq.txt'])
    const file = join(daemon.home, 'hq.txt')
    expect(code).toBe(0)
    expect(stdout).toContain('fingerprint: ab:cd')
    expect(await readFile(file, 'utf8')).toBe('INGOT\nx\n')
    expect((await stat(file)).mode & 0o133).toBe(0)
    const json = await daemon.cli(['export', 'server', '--serverdata', 'hq.txt', '--json'])
    expect(JSON.parse(json.stdout)).toEqual({ serverData: 'INGOT\nx\n', fingerprint: 'ab:cd', file })
    expect(json.stderr).toBe('')
  })

  it('register reads the file and tells of the other side', async () => {
    await using daemon = await FakeDaemon.start({ 'POST /v1/peers': () => peerDocument({ name: 'b7' }) })
    await writeFile(join(daemon.home, 'b7.txt'), 'DATA')
    const { code, stdout } = await daemon.cli([
      'register',
      'server',
      '--serverdata',
      'b7.txt',
      '--server',
      'b7',
    ])
    expect(code).toBe(0)
    expect(stdout).toContain('fingerprint: ab:cd')
    expect(stdout).toContain('b7 must register this server too')
    expect(daemon.received[0]?.body).toEqual({ serverData: 'DATA', server: 'b7' })
  })

  it('register reads standard input', async () => {
    await using daemon = await FakeDaemon.start({ 'POST /v1/peers': () => peerDocument() })
    const argv = ['register', 'server', '--serverdata', '-', '--fingerprint', 'ab:cd', '--quiet']
    expect(await daemon.cli(argv, { input: 'DATA' })).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(daemon.received[0]?.body).toEqual({ serverData: 'DATA', fingerprint: 'ab:cd' })
  })

  it.each([
    { what: 'absent', path: 'absent', input: '', code: 4, message: 'it does not exist' },
    { what: 'a directory', path: '.', input: '', code: 1, message: 'it is a directory' },
    { what: 'too large', path: '-', input: 'x'.repeat(65_537), code: 1, message: 'larger than 65536 bytes' },
    { what: 'empty', path: '-', input: ' \n', code: 1, message: 'is empty' },
  ])('register refuses a file that is $what, without asking the daemon', async (file) => {
    await using daemon = await FakeDaemon.start({ 'POST /v1/peers': ok })
    const result = await daemon.cli(['register', 'server', '--serverdata', file.path], { input: file.input })
    expect(result.code).toBe(file.code)
    expect(result.stderr).toContain(file.message)
    expect(daemon.received).toEqual([])
  })

  it('unregister', async () => {
    await using daemon = await FakeDaemon.start({ 'DELETE /v1/peers/b7': ok })
    const { code, stdout } = await daemon.cli(['unregister', 'server', '--server', 'b7', '--force', '--json'])
    expect({ code, document: JSON.parse(stdout) }).toEqual({
      code: 0,
      document: { server: 'b7', unregistered: true },
    })
    expect(daemon.received[0]?.line).toBe('DELETE /v1/peers/b7?force=true')
  })

  it('peers are listed without what a terminal could act on', async () => {
    const peers = [peerDocument({ link: 'down', reason: 'refused \u001b]0;owned\u0007' })]
    await using daemon = await FakeDaemon.start({ 'GET /v1/peers': () => ({ peers }) })
    const { stdout } = await daemon.cli(['query', 'peerserver'])
    expect(stdout).toContain('refused ]0;owned\n')
    const full = await daemon.cli(['query', 'peerserver', '--server', 'hq'])
    expect(full.stdout).toMatch(/fingerprint: +ab:cd/)
    expect(full.stdout).not.toContain('\u001b')
    const json = await daemon.cli(['query', 'peerserver', '--json'])
    expect(JSON.parse(json.stdout)).toEqual({ peers })
  })
})

describe('images', () => {
  it('import sends what was asked for, with --version and an absolute path', async () => {
    await using daemon = await FakeDaemon.start({
      'POST /v1/images': () => ({ type: 'done', image: imageDocument() }),
    })
    const argv =
      'import image -image ol9 -path a/b.img -imagetype OS -version 9 --label a=b -label c=d -state testable -private -in-place'
    const { code, stdout, stderr } = await daemon.cli([...argv.split(' '), '--description=-x'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('imported hq/ol9: 1.2 GiB')
    expect(daemon.received[0]?.body).toEqual({
      image: 'ol9',
      path: join(daemon.home, 'a/b.img'),
      imageType: 'OS',
      version: '9',
      description: '-x',
      labels: { a: 'b', c: 'd' },
      state: 'TESTABLE',
      private: true,
      inPlace: true,
    })
  })

  it('import prints the image alone with --json, and nothing with --quiet', async () => {
    const lines = [
      { type: 'progress', done: 1, total: 2 },
      { type: 'done', image: imageDocument() },
    ]
    await using daemon = await FakeDaemon.start({
      'POST /v1/images': (_, response) =>
        void response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
    })
    const argv = ['import', 'image', '--image', 'ol9', '--path', 'x']
    const { stdout } = await daemon.cli([...argv, '--json'])
    expect(JSON.parse(stdout)).toEqual(imageDocument())
    expect(await daemon.cli([...argv, '--quiet'])).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('import ends with 130 on an interrupt', async () => {
    const interruption = new AbortController()
    await using daemon = await FakeDaemon.start({
      'POST /v1/images': (_, response) => {
        response.write('{"type":"progress","done":1,"total":2}\n')
        setTimeout(() => interruption.abort(), 20)
      },
    })
    let armed = false
    const { code, stderr } = await daemon.cli(['import', 'image', '--image', 'ol9', '--path', 'x'], {
      signal: interruption.signal,
      armInterrupt: () => (armed = true),
    })
    expect({ code, armed, stderr }).toEqual({ code: 130, armed: true, stderr: 'ingot: interrupted\n' })
  })

  it('import ends with 3 when the daemon dies in the middle', async () => {
    await using daemon = await FakeDaemon.start({
      'POST /v1/images': (_, response) => {
        response.write('{"type":"progress","done":1,"total":2}\n', () => response.destroy())
      },
    })
    expect((await daemon.cli(['import', 'image', '--image', 'ol9', '--path', 'x'])).code).toBe(3)
  })

  it('query asks with the keys of the API and prints a table, one image in full, or JSON', async () => {
    const images = [imageDocument({ description: 'a\u001b[2Jb', labels: { k: '\u009bv' } })]
    await using daemon = await FakeDaemon.start({ 'GET /v1/images': () => ({ images }) })
    const table = await daemon.cli([
      'query',
      'image',
      '-server',
      'hq',
      '-imagetype',
      'DISK',
      '-state',
      'PUBLISHED',
    ])
    expect(daemon.received[0]?.line).toBe('GET /v1/images?server=hq&imageType=DISK&state=PUBLISHED')
    expect(table.stdout.split('\n')[0]).toBe('IMAGE   TYPE     SIZE  STATE      STATUS   VERSION')
    expect(table.stdout.split('\n')[1]).toBe('hq/ol9  DISK  1.2 GiB  PUBLISHED  enabled  9.4')
    const full = await daemon.cli(['query', 'image', '--image', 'hq/ol9'])
    expect(full.stdout).toContain('a[2Jb')
    expect(full.stdout).toContain('1288490189 bytes')
    expect(full.stdout).toContain('k=v')
    expect(JSON.parse((await daemon.cli(['query', 'image', '--json'])).stdout)).toEqual({ images })
  })

  it('query keeps standard output empty when there is nothing', async () => {
    await using daemon = await FakeDaemon.start({ 'GET /v1/images': () => ({ images: [] }) })
    expect(await daemon.cli(['query', 'image'])).toEqual({ code: 0, stdout: '', stderr: 'no images\n' })
  })

  it('wait sends its time-out and ends with 1 when it passed', async () => {
    await using daemon = await FakeDaemon.start({
      'GET /v1/images/wait': (_, response) =>
        refuse(response, 408, {
          code: 'timed-out-waiting',
          message: 'hq/x is not here',
          hint: 'wait longer',
        }),
    })
    const { code, stderr } = await daemon.cli(['wait', 'image', '--image', 'hq/x', '--timeout', '2m'])
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'ingot: hq/x is not here\n  wait longer\n' })
    expect(daemon.received[0]?.line).toBe('GET /v1/images/wait?image=hq%2Fx&timeoutMs=120000')
  })
})

describe('subscriptions', () => {
  const plan = (changes: object) => ({
    server: 'hq',
    selector: 'all',
    dryRun: false,
    images: [{ name: 'ol9', id: 'sha256:aa', size: 2048, here: false }],
    notTaken: [],
    bytesToMove: 2048,
    exact: false,
    bytesHere: 0,
    diskNeeded: 4096,
    ...changes,
  })

  it('a plan marks what is only an upper bound', async () => {
    let exact = false
    await using daemon = await FakeDaemon.start({ 'POST /v1/subscriptions': () => plan({ exact }) })
    const argv = ['instantiate', 'image', '--server', 'hq', '--all']
    expect((await daemon.cli(argv)).stdout).toMatch(/to move: +≤ 2\.0 KiB/)
    exact = true
    const { stdout } = await daemon.cli(argv)
    expect(stdout).toMatch(/to move: +2\.0 KiB/)
    expect(stdout).toMatch(/disk needed: +4\.0 KiB/)
    expect(daemon.received[0]?.body).toEqual({ server: 'hq', selector: { kind: 'all' } })
  })

  it('a dry run is asked for, and shown even with --quiet', async () => {
    await using daemon = await FakeDaemon.start({ 'POST /v1/subscriptions': () => plan({ dryRun: true }) })
    const { stdout } = await daemon.cli(
      'instantiate image --server hq --imagetype OS --dry-run --quiet'.split(' '),
    )
    expect(stdout).toContain('nothing was changed')
    expect(daemon.received[0]?.body).toEqual({
      server: 'hq',
      selector: { kind: 'imagetype', imageType: 'OS' },
      dryRun: true,
    })
  })

  it('uninstantiate tells what was cancelled and what remains', async () => {
    const remaining = [subscriptionDocument({ selector: 'image', value: 'x', imageId: 'sha256:aa' })]
    let answer: object = { cancelledJobs: 2, remainingJobs: 1, replicas: 3, remaining }
    await using daemon = await FakeDaemon.start({ 'DELETE /v1/subscriptions': () => answer })
    const argv = ['uninstantiate', 'image', '--server', 'hq', '--series', 'ol9']
    expect((await daemon.cli(argv)).stdout).toBe(
      'ended; 2 jobs were cancelled\n1 job goes on: another selector covers it\n3 replicas of images of hq stay here\nremaining on hq: image x\n',
    )
    expect(daemon.received[0]?.body).toEqual({ server: 'hq', selector: { kind: 'series', series: 'ol9' } })
    expect(JSON.parse((await daemon.cli([...argv, '--json'])).stdout)).toEqual(answer)
    answer = { cancelledJobs: 1, remainingJobs: 0, replicas: 0, remaining: [] }
    expect((await daemon.cli(argv)).stdout).toBe('ended; 1 job was cancelled\nno selector on hq remains\n')
  })
})

describe('errors of the daemon', () => {
  it.each([
    ['not-found', 4],
    ['conflict', 5],
    ['peer-unreachable', 6],
    ['unheard-of', 1],
  ])('%s ends with %d', async (code, expected) => {
    await using daemon = await FakeDaemon.start({
      'GET /v1/status': (_, response) =>
        refuse(response, 400, { code, message: 'no\u001b[1m way', hint: null }),
    })
    expect(await daemon.cli(['status'])).toEqual({ code: expected, stdout: '', stderr: 'ingot: no[1m way\n' })
    const { stderr } = await daemon.cli(['status', '--json'])
    expect(JSON.parse(stderr)).toEqual({ error: { code, message: 'no\u001b[1m way', hint: null } })
  })
})

describe('standard output', () => {
  const failing = (code: string) =>
    new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code })),
    })

  it('that nobody reads any more is no error; one that is full is', async () => {
    await using daemon = await FakeDaemon.start({ 'GET /v1/images': () => ({ images: [imageDocument()] }) })
    expect((await daemon.cli(['query', 'image'], { stdout: failing('EPIPE') })).code).toBe(0)
    const { code, stderr } = await daemon.cli(['query', 'image'], { stdout: failing('ENOSPC') })
    expect(code).toBe(1)
    expect(stderr).toContain('cannot write the output')
  })
})
