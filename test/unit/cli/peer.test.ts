import { describe, expect, it } from 'vitest'
import { FakeDaemon, peerDocument, serverDocument } from './fake-daemon.ts'

describe('query peerserver', () => {
  const peers = [
    peerDocument({
      lag: 12,
      lastContact: '2026-01-02T03:04:05.678Z',
      subscriptions: ['all', 'series ol9', 'imagetype OS'],
      theirSubscriptions: ['image gold'],
    }),
    peerDocument({ name: 'branch', link: 'down', lag: null, reason: 'connection refused' }),
  ]

  it('shows what is missing, and who takes what', async () => {
    await using daemon = await FakeDaemon.start({ 'GET /v1/peers': () => ({ peers }) })
    expect(
      (await daemon.cli(['query', 'peerserver'])).stdout.split('\n').map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['PEER', 'LINK', 'LAG', 'LAST CONTACT', 'TAKEN HERE', 'TAKEN THERE', 'REASON'],
      ['hq', 'up', '12', '2026-01-02 03:04:05Z', 'all +2', 'image gold'],
      ['branch', 'down', '?', '-', '-', '-', 'connection refused'],
      [''],
    ])
    const { stdout } = await daemon.cli(['query', 'peerserver', '--server', 'hq'])
    expect(stdout).toMatch(/lag: +12 entries\n/)
    expect(stdout).toMatch(/taken here: +all, series ol9, imagetype OS\n/)
    expect(stdout).toMatch(/taken there: +image gold\n/)
  })
})

describe('changes of a peer relation', () => {
  it('modify sends every address', async () => {
    await using daemon = await FakeDaemon.start({
      'PATCH /v1/peers/hq': () => peerDocument({ addresses: ['/ip4/192.0.2.7/tcp/1', '/dns/hq/tcp/2'] }),
    })
    const argv = 'modify peerserver --server hq --address /ip4/192.0.2.7/tcp/1 -address=/dns/hq/tcp/2'
    const { code, stdout } = await daemon.cli(argv.split(' '))
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'hq is dialled at /ip4/192.0.2.7/tcp/1, /dns/hq/tcp/2\n',
    })
    expect(daemon.received[0]?.body).toEqual({ addresses: ['/ip4/192.0.2.7/tcp/1', '/dns/hq/tcp/2'] })
  })

  it('modify sends rates; none takes one away', async () => {
    const rates = { rateIn: 10_000_000, rateOut: null }
    await using daemon = await FakeDaemon.start({
      'PATCH /v1/peers/hq': () => peerDocument(rates),
      'PATCH /v1/server': () => serverDocument(rates),
      'GET /v1/peers': () => ({ peers: [peerDocument(rates)] }),
      'GET /v1/server': () => serverDocument(rates),
    })
    const text = 'in 9.5 MiB/s, out none'
    const options = ['--rate-in', '10MB/s', '--rate-out', 'none']
    const ofPeer = await daemon.cli(['modify', 'peerserver', '--server', 'hq', ...options])
    expect(ofPeer.stdout).toBe(`hq: ${text}\n`)
    expect((await daemon.cli(['modify', 'server', ...options])).stdout).toBe(`all peers together: ${text}\n`)
    expect(daemon.received.map(({ body }) => body)).toEqual([rates, rates])
    for (const query of ['query server', 'query peerserver --server hq'])
      expect((await daemon.cli(query.split(' '))).stdout).toMatch(/rates: +in 9\.5 MiB\/s, out none\n/)
  })

  it('accept goes on with the intake', async () => {
    await using daemon = await FakeDaemon.start({ 'POST /v1/peers/hq/accept': () => peerDocument() })
    expect((await daemon.cli(['accept', 'peerserver', '--server', 'hq'])).stdout).toBe(
      'intake from hq goes on\n',
    )
  })

  it('renew starts another journal, by force only when told', async () => {
    await using daemon = await FakeDaemon.start({ 'POST /v1/journal/renew': () => serverDocument() })
    expect((await daemon.cli(['renew', 'journal'])).stdout).toContain('the journal is 0a1b now')
    await daemon.cli(['renew', 'journal', '--force'])
    expect(daemon.received.map(({ body }) => body)).toEqual([{ force: false }, { force: true }])
  })
})
