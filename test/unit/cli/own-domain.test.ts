import { describe, expect, it } from 'vitest'
import { FakeDaemon, type Answer } from './fake-daemon.ts'

const member = (name: string) => ({
  name,
  id: 'sha256:aa',
  ref: `./${name}`,
  state: 'PUBLISHED',
  status: 'enabled',
})
const series = (...names: string[]) => ({
  name: 'ol9',
  origin: 'site',
  local: true,
  images: names.map(member),
})

describe('series', () => {
  it('are shown with their order after each change', async () => {
    await using daemon = await FakeDaemon.start({
      'POST /v1/series/members': () => series('b', 'a'),
      'DELETE /v1/series/members': () => series(),
      'POST /v1/series': () => series(),
      'DELETE /v1/series': () => ({}),
    })
    const run = async (line: string) => (await daemon.cli(line.split(' '))).stdout
    expect(await run('add series --series ol9')).toBe('added the series ol9\n')
    expect(await run('insertimage series --series ol9 --image b --before a')).toBe(
      'the series ol9 has: b, a\n',
    )
    expect(await run('deleteimage series --series ol9 --image b')).toBe('the series ol9 has: -\n')
    expect(await run('delete series --series ol9')).toBe('deleted the series ol9; its images stay\n')
    expect(JSON.parse(await run('delete series --series ol9 --json'))).toEqual({
      series: 'ol9',
      deleted: true,
    })
  })

  it('query lists all, or the members of one in their order', async () => {
    let list = [series('b', 'a')]
    await using daemon = await FakeDaemon.start({ 'GET /v1/series': () => ({ series: list }) })
    expect((await daemon.cli(['query', 'series'])).stdout).toBe(
      'SERIES  ORIGIN  IMAGES  LAST\nol9     site         2  a\n',
    )
    const one = await daemon.cli(['query', 'series', '--series', 'ol9', '--server', 'hq'])
    expect(one.stdout).toBe(
      'NO  IMAGE  STATE      STATUS\n 1  ./b    PUBLISHED  enabled\n 2  ./a    PUBLISHED  enabled\n',
    )
    list = [series()]
    expect((await daemon.cli(['query', 'series', '--series', 'ol9'])).stderr).toBe(
      'the series ol9 is empty\n',
    )
    list = []
    expect(await daemon.cli(['query', 'series'])).toEqual({ code: 0, stdout: '', stderr: 'no series\n' })
  })
})

describe('image types', () => {
  const type = { name: 'ORAHOME', baseType: 'SOFTWARE', builtIn: false, images: 3 }

  it('are added on a built-in one, in upper or lower case, listed and deleted', async () => {
    await using daemon = await FakeDaemon.start({
      'POST /v1/imagetypes': () => type,
      'DELETE /v1/imagetypes': () => ({}),
      'GET /v1/imagetypes': () => ({ imageTypes: [type] }),
    })
    const run = async (line: string) => (await daemon.cli(line.split(' '))).stdout
    expect(await run('add imagetype --imagetype ORAHOME --basetype software')).toBe(
      'added the image type ORAHOME, a kind of SOFTWARE\n',
    )
    expect(daemon.received[0]?.body).toEqual({ imageType: 'ORAHOME', baseType: 'SOFTWARE' })
    expect(await run('query imagetype')).toBe(
      'TYPE     BASE TYPE  BUILT IN  OWN IMAGES\nORAHOME  SOFTWARE   no                 3\n',
    )
    expect(JSON.parse(await run('delete imagetype --imagetype ORAHOME --json'))).toEqual({
      imageType: 'ORAHOME',
      deleted: true,
    })
  })
})

describe.each(['client', 'target'] as const)('%ss', (kind) => {
  it('are added, listed and deleted', async () => {
    const entry = { name: 'edge4', createdAt: '2026-01-02T03:04:05.678Z' }
    let list = [entry]
    const answers: Record<string, Answer> = {
      [`POST /v1/${kind}s`]: () => entry,
      [`GET /v1/${kind}s`]: () => ({ [`${kind}s`]: list }),
      [`DELETE /v1/${kind}s`]: () => ({}),
    }
    await using daemon = await FakeDaemon.start(answers)
    const run = async (line: string) => await daemon.cli(line.split(' '))
    expect((await run(`add ${kind} --${kind} edge4`)).stdout).toBe(`added the ${kind} edge4\n`)
    expect(daemon.received[0]?.body).toEqual({ name: 'edge4' })
    expect((await run(`query ${kind}`)).stdout).toMatch(
      new RegExp(`^${kind.toUpperCase()} +SINCE\nedge4 +2026-01-02 03:04:05Z\n$`),
    )
    expect(JSON.parse((await run(`query ${kind} --json`)).stdout)).toEqual({ [`${kind}s`]: list })
    expect(JSON.parse((await run(`delete ${kind} --${kind} edge4 --json`)).stdout)).toEqual({
      [kind]: 'edge4',
      deleted: true,
    })
    list = []
    expect((await run(`query ${kind}`)).stderr).toBe(`no ${kind}s; "ingot add ${kind}" adds one\n`)
  })
})
