import { describe, expect, it } from 'vitest'
import type { JobDocument } from '../../../src/control/documents.ts'
import { FakeDaemon, jobDocument, refuse } from './fake-daemon.ts'

/** A daemon whose list of jobs is the next of `lists` at each look; the last one stays. */
async function daemonWith(...lists: JobDocument[][]): Promise<FakeDaemon> {
  let look = 0
  return await FakeDaemon.start({
    'GET /v1/jobs': () => ({ jobs: lists[Math.min(look++, lists.length - 1)] }),
  })
}

const follow = ['query', 'job', '--follow']
const done = jobDocument({ state: 'DONE', bytesDone: 4096 })

describe('query job --follow', () => {
  it('prints a JSON line for each change and ends when the job does', async () => {
    const running = jobDocument()
    await using daemon = await daemonWith([running], [running], [done])
    const { code, stdout } = await daemon.cli([...follow, '--job', '3', '--json'])
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect({ code, lines }).toEqual({ code: 0, lines: [running, done] })
    expect(daemon.received[0]?.line).toBe('GET /v1/jobs?job=3')
  })

  it('prints states for people', async () => {
    await using daemon = await daemonWith([jobDocument()], [jobDocument({ bytesDone: 2000 })], [done])
    const { stdout } = await daemon.cli(follow)
    expect(stdout).toBe('job 3 hq/ol9: FETCHING\njob 3 hq/ol9: DONE\n')
  })

  it('shows a bar on a terminal', async () => {
    await using daemon = await daemonWith([jobDocument()], [done])
    const { code, stdout, stderr } = await daemon.cli(follow, { terminal: true })
    expect(code).toBe(0)
    expect(stderr).toContain('of 4.0 KiB')
    expect(stdout).toMatch(/3 +hq\/ol9 +DONE/)
  })

  it.each(['--json', '--quiet'])('shows no bar with %s', async (option) => {
    await using daemon = await daemonWith([jobDocument()], [done])
    expect(await daemon.cli([...follow, option], { terminal: true })).toMatchObject({ code: 0, stderr: '' })
  })

  it('leaves out jobs that had ended before', async () => {
    await using daemon = await daemonWith([jobDocument({ id: 1, state: 'FAILED' }), done])
    expect(await daemon.cli(follow)).toEqual({ code: 0, stdout: '', stderr: 'no live jobs\n' })
  })

  it.each([
    [1, [jobDocument({ state: 'FAILED', reason: 'wrong-manifest' })], 'is FAILED (wrong-manifest)'],
    [1, [jobDocument({ state: 'CANCELLED', reason: 'withdrawn' })], 'is CANCELLED (withdrawn)'],
    [5, [jobDocument({ state: 'CONFLICT' })], 'is CONFLICT'],
    [
      1,
      [jobDocument({ id: 2, state: 'CONFLICT' }), jobDocument({ state: 'FAILED' })],
      'job 3 (hq/ol9) is FAILED',
    ],
    [1, [], 'is gone'],
  ])('ends with %d', async (expected, last, message) => {
    await using daemon = await daemonWith([jobDocument()], last)
    const { code, stderr } = await daemon.cli(follow)
    expect(code).toBe(expected)
    expect(stderr).toContain(message)
  })

  it('judges a job that is named even if it had ended', async () => {
    await using daemon = await daemonWith([jobDocument({ state: 'FAILED' })])
    expect((await daemon.cli([...follow, '--job', '3'])).code).toBe(1)
  })

  it('ends with 4 for a job that is not there', async () => {
    await using daemon = await FakeDaemon.start({
      'GET /v1/jobs': (_, response) =>
        refuse(response, 404, { code: 'not-found', message: 'no job 3', hint: null }),
    })
    expect((await daemon.cli([...follow, '--job', '3'])).code).toBe(4)
  })

  it('ends with 130 on an interrupt', async () => {
    const interruption = new AbortController()
    await using daemon = await daemonWith([jobDocument({ state: 'WAITING', reason: 'peer-unreachable' })])
    setTimeout(() => interruption.abort(), 50)
    const { code, stdout } = await daemon.cli(follow, { signal: interruption.signal })
    expect(code).toBe(130)
    expect(stdout).toBe('job 3 hq/ol9: WAITING (peer-unreachable)\n')
  })
})

describe('query job', () => {
  it('lists jobs, or shows one in full', async () => {
    const jobs = [jobDocument({ reason: 'a\u001b[2Jb' })]
    await using daemon = await daemonWith(jobs)
    expect((await daemon.cli(['query', 'job'])).stdout).toBe(
      'JOB  IMAGE   STATE        DONE     SIZE  PRIORITY  REASON\n  3  hq/ol9  FETCHING  1.0 KiB  4.0 KiB         0  a[2Jb\n',
    )
    expect((await daemon.cli(['query', 'job', '--job', '3'])).stdout).toMatch(/attempts: +1\n/)
    expect(JSON.parse((await daemon.cli(['query', 'job', '--json'])).stdout)).toEqual({ jobs })
  })
})
