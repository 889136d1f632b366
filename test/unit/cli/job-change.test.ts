import { describe, expect, it } from 'vitest'
import { FakeDaemon, jobDocument, type Answer } from './fake-daemon.ts'

describe('a job', () => {
  it.each(['pause', 'resume', 'cancel', 'retry'])('%s tells how it stands then', async (action) => {
    await using daemon = await FakeDaemon.start({
      [`POST /v1/jobs/3/${action}`]: () => jobDocument({ state: 'WAITING', reason: 'as told' }),
    })
    const argv = [action, 'job', '--job', '3']
    expect(await daemon.cli(argv)).toEqual({ code: 0, stdout: 'job 3: WAITING (as told)\n', stderr: '' })
    expect(JSON.parse((await daemon.cli([...argv, '--json'])).stdout)).toMatchObject({ id: 3 })
  })

  const answer: Answer = () => jobDocument({ state: 'QUEUED' })

  it.each([
    [['--keep'], { resolution: 'keep' }],
    [['-replace'], { resolution: 'replace' }],
    [['--rename', 'old'], { resolution: 'rename', name: 'old' }],
  ])('in conflict is resolved with %j', async (option, body) => {
    await using daemon = await FakeDaemon.start({ 'POST /v1/jobs/3/resolve': answer })
    expect((await daemon.cli(['resolve', 'job', '--job', '3', ...option])).stdout).toBe('job 3: QUEUED\n')
    expect(daemon.received[0]?.body).toEqual(body)
  })

  it('shows its priority', async () => {
    const jobs = [jobDocument({ priority: -7 })]
    await using daemon = await FakeDaemon.start({ 'GET /v1/jobs': () => ({ jobs }) })
    expect((await daemon.cli(['query', 'job', '--job', '3'])).stdout).toMatch(/priority: +-7\n/)
  })
})
