import { describe, expect, it } from 'vitest'
import { FakeDaemon, subscriptionDocument } from './fake-daemon.ts'

const plan = {
  server: 'hq',
  selector: 'series ol9',
  dryRun: false,
  images: [],
  notTaken: [{ name: 'big', id: 'sha256:aa', reason: 'beyond max-bytes' }],
  bytesToMove: 0,
  exact: true,
  bytesHere: 0,
  diskNeeded: 0,
}

describe('instantiate image', () => {
  it('sends every option, and tells what is not taken and why', async () => {
    await using daemon = await FakeDaemon.start({ 'POST /v1/subscriptions': () => plan })
    const line =
      'instantiate image --server hq --series ol9 --new-only --land-as testable --keep 3 --max-bytes 500G --priority=-5 --trust-privileged --preseed /srv/brought --exact --rate=80Mbit/s'
    const { code, stdout } = await daemon.cli([
      ...line.split(' '),
      '--window',
      'mon-fri 20:00-05:30;SAT europe/vienna',
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(/NOT TAKEN +WHY\nbig +beyond max-bytes\n/)
    expect(daemon.received[0]?.body).toEqual({
      server: 'hq',
      selector: { kind: 'series', series: 'ol9' },
      newOnly: true,
      landAs: 'TESTABLE',
      keep: 3,
      maxBytes: 500 * 2 ** 30,
      priority: -5,
      trustPrivileged: true,
      preseed: '/srv/brought',
      rate: 10_000_000,
      window: 'mon-fri 20:00-05:30; sat Europe/Vienna',
      exact: true,
    })
  })
})

describe('modify subscription', () => {
  it('sends the changes alone; none takes a bound away', async () => {
    await using daemon = await FakeDaemon.start({
      'PATCH /v1/subscriptions': () => subscriptionDocument({ selector: 'series', value: 'ol9' }),
    })
    const line =
      'modify subscription --server hq --series ol9 --keep none --max-bytes NONE --trust-privileged no --rate none --window None --preseed none'
    expect((await daemon.cli(line.split(' '))).stdout).toBe('changed series ol9 of hq: as by default\n')
    expect(daemon.received[0]?.body).toEqual({
      server: 'hq',
      selector: { kind: 'series', series: 'ol9' },
      keep: null,
      maxBytes: null,
      trustPrivileged: false,
      preseed: null,
      rate: null,
      window: null,
    })
  })

  it('without a change is a usage error that asks nothing', async () => {
    await using daemon = await FakeDaemon.start({})
    const { code, stderr } = await daemon.cli('modify subscription --server hq --all'.split(' '))
    expect(code).toBe(2)
    expect(stderr).toContain('no change is given')
    expect(daemon.received).toEqual([])
  })
})

describe('query subscription', () => {
  it('shows the options that are not as by default', async () => {
    const subscriptions = [
      subscriptionDocument({
        selector: 'series',
        value: 'ol9',
        newOnly: true,
        landAs: 'TESTABLE',
        keep: 3,
        maxBytes: 2 ** 30,
        priority: 5,
        trustPrivileged: true,
        rate: 10_000_000,
        window: 'sat,sun UTC',
      }),
      subscriptionDocument(),
    ]
    await using daemon = await FakeDaemon.start({ 'GET /v1/subscriptions': () => ({ subscriptions }) })
    const { stdout } = await daemon.cli(['query', 'subscription'])
    expect(stdout).toBe(
      'PEER  SELECTOR    SINCE                 OPTIONS\n' +
        'hq    series ol9  2026-01-02 03:04:05Z  new only, land as TESTABLE, keep 3, at most 1.0 GiB, priority 5, trust privileged, rate 9.5 MiB/s, window sat,sun UTC\n' +
        'hq    all         2026-01-02 03:04:05Z\n',
    )
  })
})
