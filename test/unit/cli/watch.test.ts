import type { ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/core/clock.ts'
import { FakeDaemon, type Answer } from './fake-daemon.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const clock: Clock = { now: () => now, sleep: async () => {} }

describe('query audit', () => {
  const entry = {
    time: '2026-01-02T03:04:05.678Z',
    operation: 'import image',
    subject: 'ol9',
    outcome: 'done',
  }

  it('turns dates, times and durations back from now to milliseconds', async () => {
    await using daemon = await FakeDaemon.start({ 'GET /v1/audit': () => ({ audit: [entry] }) })
    const query = async (...options: string[]) => {
      const { code, stdout } = await daemon.cli(['query', 'audit', ...options], { clock })
      expect(code).toBe(0)
      return { stdout, line: daemon.received.at(-1)?.line }
    }
    expect(await query()).toEqual({
      line: 'GET /v1/audit',
      stdout:
        'TIME                  OPERATION     SUBJECT  OUTCOME\n2026-01-02 03:04:05Z  import image  ol9      done\n',
    })
    expect((await query('--from', '2h', '--to=2026-03-01T11:30+01:00')).line).toBe(
      `GET /v1/audit?from=${now - 7_200_000}&to=${Date.parse('2026-03-01T10:30:00Z')}`,
    )
    const options = ['--operation', 'import image', '--subject', 'ol9', '--failed', '--limit', '20']
    expect((await query(...options)).line).toBe(
      'GET /v1/audit?operation=import+image&subject=ol9&failed=true&limit=20',
    )
    expect(JSON.parse((await query('--json')).stdout)).toEqual({ audit: [entry] })
  })

  it.each(['yesterday', '2026-02-30', '2026-13-01', '2026-01-01T25:00', '1969-12-31', '999999d', ''])(
    'takes %j for no time, and asks nothing',
    async (text) => {
      await using daemon = await FakeDaemon.start({})
      const { code, stderr } = await daemon.cli(['query', 'audit', `--from=${text}`], { clock })
      expect(code).toBe(2)
      expect(stderr).toMatch(/is not a time\n {2}a time is 2026-01-31/)
      expect(daemon.received).toEqual([])
    },
  )
})

describe('doctor', () => {
  const ok = { check: 'disk', result: 'ok', message: '40 % free', advice: null }
  const bad = { check: 'clock', result: 'failure', message: '2 h off', advice: 'run a time service' }

  it('ends with 1 when a check fails, and says what to do', async () => {
    let checks = [ok, { ...bad, result: 'warning' }]
    await using daemon = await FakeDaemon.start({ 'GET /v1/doctor': () => ({ checks }) })
    expect(await daemon.cli(['doctor'])).toEqual({
      code: 0,
      stdout:
        'CHECK  RESULT   MESSAGE\ndisk   ok       40 % free\nclock  warning  2 h off\n\nclock: run a time service\n',
      stderr: '',
    })
    checks = [ok, bad]
    const failed = await daemon.cli(['doctor', '--json'])
    expect({ code: failed.code, document: JSON.parse(failed.stdout) }).toEqual({
      code: 1,
      document: { checks },
    })
    expect(JSON.parse(failed.stderr)).toEqual({
      error: { code: 'failed', message: '1 of 2 checks failed: clock', hint: 'run a time service' },
    })
  })
})

describe('watch events', () => {
  const event = {
    time: '2026-01-02T03:04:05.678Z',
    type: 'job',
    job: 3,
    image: 'hq/ol9',
    reason: 'not \u001b[1m now',
    error: null,
  }
  /** An event, and then nothing more for as long as the caller stays. */
  const endless: Answer = (_, response) => void response.write(`${JSON.stringify(event)}\n`)

  it('prints a line for people, or the JSON, until Ctrl-C ends it with 130', async () => {
    await using daemon = await FakeDaemon.start({ 'GET /v1/events': endless })
    for (const [option, expected] of [
      [[], '2026-01-02 03:04:05Z job job=3 image=hq/ol9 reason="not \\u001b[1m now"\n'],
      [['--json'], `${JSON.stringify(event)}\n`],
    ] as const) {
      const interruption = new AbortController()
      let stdout = ''
      const screen = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          stdout += chunk.toString()
          if (stdout.endsWith('\n')) interruption.abort()
          done()
        },
      })
      const { code, stderr } = await daemon.cli(['watch', 'events', ...option], {
        stdout: screen,
        signal: interruption.signal,
      })
      expect({ code, stdout }).toEqual({ code: 130, stdout: expected })
      expect(stderr).toContain('interrupted')
    }
  })

  it('ends when its reader has gone, and leaves the daemon', async () => {
    const gone = Promise.withResolvers<void>()
    await using daemon = await FakeDaemon.start({
      'GET /v1/events': (_, response) => {
        const talk = setInterval(() => response.write(`${JSON.stringify(event)}\n`), 5)
        response.on('close', () => {
          clearInterval(talk)
          gone.resolve()
        })
        return undefined
      },
    })
    const closed = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    })
    expect((await daemon.cli(['watch', 'events'], { stdout: closed })).code).toBe(0)
    await gone.promise
  })

  it('ends with 3 when the daemon ends, in order or not', async () => {
    let last: (response: ServerResponse) => void = (response) => response.end()
    await using daemon = await FakeDaemon.start({
      'GET /v1/events': (_, response) => {
        response.write(`${JSON.stringify(event)}\n`, () => last(response))
        return undefined
      },
    })
    for (const end of [last, (response: ServerResponse) => response.destroy()]) {
      last = end
      const { code, stderr } = await daemon.cli(['watch', 'events'])
      expect(code).toBe(3)
      expect(stderr).toContain('"ingot status" once it runs again')
    }
  })
})
