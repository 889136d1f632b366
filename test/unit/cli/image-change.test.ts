import { describe, expect, it } from 'vitest'
import { FakeDaemon, imageDocument, jobDocument, refuse, type Answer } from './fake-daemon.ts'

/** An answer of two lines: progress, and the image. */
const longAnswer: Answer = (_, response) =>
  void response.end(
    `${JSON.stringify({ type: 'progress', done: 512, total: 2048 })}\n${JSON.stringify({ type: 'done', image: imageDocument() })}\n`,
  )

describe('changes of images', () => {
  it('add names the parent, series and all else that import takes', async () => {
    await using daemon = await FakeDaemon.start({ 'POST /v1/images': longAnswer })
    const argv =
      'add image --image ol9-db --parent hq/ol9 --path /srv/db --series ol9 --series db --owner --in-place'
    const { code, stdout } = await daemon.cli(argv.split(' '))
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'added hq/ol9: 1.2 GiB, PUBLISHED\nimage id: sha256:aa\n',
    })
    expect(daemon.received[0]?.body).toEqual({
      image: 'ol9-db',
      parent: 'hq/ol9',
      path: '/srv/db',
      series: ['ol9', 'db'],
      owner: true,
      inPlace: true,
    })
  })

  it('adopt sends a new name, state and privacy only when they are given', async () => {
    await using daemon = await FakeDaemon.start({
      'POST /v1/images/adopt': () => imageDocument({ ref: './mine', private: true }),
    })
    const { stdout } = await daemon.cli(['adopt', 'image', '--image', 'hq/ol9'])
    expect(stdout).toContain('adopted hq/ol9 as ./mine: private')
    await daemon.cli('adopt image --image hq/ol9 --as mine --state testable --private'.split(' '))
    expect(daemon.received.map(({ body }) => body)).toEqual([
      { image: 'hq/ol9' },
      { image: 'hq/ol9', as: 'mine', state: 'TESTABLE', private: true },
    ])
  })

  it('promote tells the state that the image has now', async () => {
    await using daemon = await FakeDaemon.start({
      'POST /v1/images/promote': () => imageDocument({ ref: './ol9', state: 'RESTRICTED' }),
    })
    const argv = ['promote', 'image', '--image', './ol9', '--state', 'restricted']
    expect((await daemon.cli(argv)).stdout).toBe('./ol9 is RESTRICTED now\n')
    expect(JSON.parse((await daemon.cli([...argv, '--json'])).stdout)).toMatchObject({ state: 'RESTRICTED' })
    expect((await daemon.cli([...argv, '--quiet'])).stdout).toBe('')
  })

  it('delete tells what it does not do', async () => {
    let image = imageDocument()
    await using daemon = await FakeDaemon.start({ 'DELETE /v1/images': () => image })
    const argv = ['delete', 'image', '--image', 'ol9']
    expect((await daemon.cli(argv)).stdout).toMatch(/^deleted hq\/ol9\nit comes again only when/)
    image = imageDocument({ local: true, ref: './ol9' })
    expect((await daemon.cli(argv)).stdout).toBe('deleted ./ol9\ncopies that peers have stay\n')
  })

  it('verify shows a bar on a terminal, and ends with 1 when the image is damaged', async () => {
    let answer: Answer = longAnswer
    await using daemon = await FakeDaemon.start({
      'POST /v1/images/verify': (request, response) => answer(request, response),
    })
    const argv = ['verify', 'image', '--image', 'hq/ol9']
    const whole = await daemon.cli(argv, { terminal: true })
    expect(whole).toMatchObject({ code: 0, stdout: 'hq/ol9 is whole: 1.2 GiB verified\n' })
    expect(whole.stderr).toContain('512 B of 2.0 KiB')
    expect((await daemon.cli(argv)).stderr).toBe('')
    answer = () => ({
      type: 'error',
      error: { code: 'wrong-content', message: 'leaf 7 of hq/ol9 is damaged', hint: 'take it again' },
    })
    expect(await daemon.cli(argv)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'ingot: leaf 7 of hq/ol9 is damaged\n  take it again\n',
    })
  })

  it('verify --repair says what was repaired; --path needs it, and becomes absolute', async () => {
    await using daemon = await FakeDaemon.start({
      'POST /v1/images/verify': () => ({
        type: 'done',
        image: imageDocument({ repaired: '2 leaves are wrong' }),
      }),
    })
    const argv = ['verify', 'image', '--image', 'hq/ol9']
    expect((await daemon.cli([...argv, '--repair'])).stdout).toBe('repaired hq/ol9: 2 leaves are wrong\n')
    await daemon.cli([...argv, '--repair', '--path', '/srv/../srv/ol9.img'])
    expect(daemon.received.map(({ body }) => body)).toEqual([
      { image: 'hq/ol9', repair: true },
      { image: 'hq/ol9', repair: true, path: '/srv/ol9.img' },
    ])
    expect(await daemon.cli([...argv, '--path', '/srv/ol9.img'])).toMatchObject({ code: 2, stdout: '' })
    expect(daemon.received).toHaveLength(2)
  })

  it('delete ends with 5 when the daemon says that something needs the image', async () => {
    await using daemon = await FakeDaemon.start({
      'DELETE /v1/images': (_, response) =>
        refuse(response, 409, { code: 'conflict', message: 'it is in the series ol9', hint: 'take it out' }),
    })
    expect((await daemon.cli(['delete', 'image', '--image', 'ol9'])).code).toBe(5)
  })
})

describe('query image', () => {
  it('shows what is damaged, and why it is not repaired', async () => {
    const damage = {
      since: '2026-11-22T10:00:00.000Z',
      foundBy: 'scrub',
      leaves: 2,
      ranges: [{ first: 7, count: 2 }],
      other: [],
      reason: 'no link to the origin of hq/ol9',
    }
    await using daemon = await FakeDaemon.start({
      'GET /v1/images': () => ({ images: [imageDocument({ status: 'damaged', damage })] }),
    })
    const { stdout } = await daemon.cli(['query', 'image', '--image', 'hq/ol9'])
    expect(stdout).toMatch(/^status: +damaged\ndamage: +2 leaves are wrong \(leaves 7-8\)\n/m)
    expect(stdout).toMatch(
      /^found: +2026-11-22 10:00:00Z by scrub\nnot repaired: +no link to the origin of hq\/ol9\n/m,
    )
  })

  it('tells when the origin took an image back, and names its family', async () => {
    const images = [
      imageDocument({
        atOrigin: 'withdrawn',
        series: ['ol9', 'base'],
        ancestors: [
          { id: 'sha256:01', ref: './root' },
          { id: 'sha256:02', ref: null },
        ],
        descendants: [{ id: 'sha256:03', ref: 'site/child' }],
      }),
    ]
    await using daemon = await FakeDaemon.start({ 'GET /v1/images': () => ({ images }) })
    const table = await daemon.cli(['query', 'image', '--series', 'ol9'])
    expect(table.stdout.split('\n')[1]).toBe('hq/ol9  DISK  1.2 GiB  PUBLISHED  enabled (withdrawn)  9.4')
    expect(daemon.received[0]?.line).toBe('GET /v1/images?series=ol9')
    const { stdout } = await daemon.cli(['query', 'image', '--image', 'hq/ol9'])
    expect(stdout).toMatch(/at origin: +withdrawn\n/)
    expect(stdout).toMatch(/series: +ol9, base\n/)
    expect(stdout).toMatch(/ancestors: +\.\/root, sha256:02\n/)
    expect(stdout).toMatch(/descendants: +site\/child\n/)
  })

  it('stays under 120 columns with names of twenty characters', async () => {
    const name = 'n'.repeat(20)
    const images = [
      imageDocument({
        ref: `${name}/${name}`,
        type: 'T'.repeat(12),
        size: 999 * 2 ** 30,
        state: 'PUBLISHED',
        status: 'enabled',
        atOrigin: 'withdrawn',
        version: '9.4-20260101',
      }),
    ]
    await using daemon = await FakeDaemon.start({ 'GET /v1/images': () => ({ images }) })
    for (const line of (await daemon.cli(['query', 'image'])).stdout.split('\n')) {
      expect(line.length).toBeLessThan(120)
    }
  })
})

describe('explain image', () => {
  const document = {
    server: 'hq',
    image: 'ol9',
    id: 'sha256:aa',
    atOrigin: 'announced',
    status: 'conflict',
    decision: 'wanted',
    rule: 'series ol9',
    decidedAt: '2026-01-02T03:04:05.678Z',
    selectors: [
      { selector: 'series ol9', matches: true, why: 'it is in the series' },
      { selector: 'imagetype OS', matches: false, why: 'its type is DISK' },
    ],
    declined: { why: 'deleted', since: '2026-01-02T03:04:05.678Z' },
    job: jobDocument({ state: 'CONFLICT' }),
    advice: ['"ingot resolve job --job 3 --replace" takes it'],
  }

  it('shows every selector with its reason, the decision, and what to do', async () => {
    await using daemon = await FakeDaemon.start({ 'GET /v1/images/explain': () => document })
    const argv = ['explain', 'image', '--server', 'hq', '--image', 'ol9']
    const { code, stdout } = await daemon.cli(argv)
    expect(code).toBe(0)
    expect(stdout).toMatch(/rule: +series ol9\n/)
    expect(stdout).toMatch(/declined: +deleted, since 2026-01-02 03:04:05Z\n/)
    expect(stdout).toMatch(/job: +CONFLICT \(job 3\)\n/)
    expect(stdout).toMatch(/series ol9 +yes +it is in the series\nimagetype OS +no +its type is DISK\n/)
    expect(stdout).toMatch(/- "ingot resolve job --job 3 --replace" takes it\n$/)
    expect(daemon.received[0]?.line).toBe('GET /v1/images/explain?server=hq&image=ol9')
    expect(JSON.parse((await daemon.cli([...argv, '--json'])).stdout)).toEqual(document)
  })
})
