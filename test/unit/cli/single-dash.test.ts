import { describe, expect, it } from 'vitest'
import { FakeDaemon, imageDocument, peerDocument, serverDocument, type Answer } from './fake-daemon.ts'

/** What the commands need to go on; what they print is no matter here. */
const answers: Record<string, Answer> = {
  'GET /v1/server': () => serverDocument(),
  'GET /v1/server/data': () => ({ serverData: 'x', fingerprint: 'ab:cd' }),
  'POST /v1/peers': () => peerDocument(),
  'GET /v1/peers': () => ({ peers: [] }),
  'DELETE /v1/peers/hq': () => ({}),
  'POST /v1/images': () => ({ type: 'done', image: imageDocument() }),
  'GET /v1/images': () => ({ images: [] }),
  'DELETE /v1/images': () => imageDocument(),
  'POST /v1/images/promote': () => imageDocument(),
  'POST /v1/subscriptions': () => ({ images: [], notTaken: [], bytesToMove: 0, bytesHere: 0, diskNeeded: 0 }),
  'DELETE /v1/subscriptions': () => ({ cancelledJobs: 0, remainingJobs: 0, replicas: 0, remaining: [] }),
  'POST /v1/series': () => ({ name: 's', images: [] }),
  'GET /v1/series': () => ({ series: [] }),
  'DELETE /v1/series': () => ({}),
  'POST /v1/series/members': () => ({ name: 's', images: [] }),
  'DELETE /v1/series/members': () => ({ name: 's', images: [] }),
  'POST /v1/imagetypes': () => ({ name: 'T', baseType: 'OS' }),
  'GET /v1/imagetypes': () => ({ imageTypes: [] }),
  'DELETE /v1/imagetypes': () => ({}),
  'POST /v1/clients': () => ({ name: 'c' }),
  'GET /v1/clients': () => ({ clients: [] }),
  'DELETE /v1/clients': () => ({}),
}

/** Command lines as operators of gold-image servers type them, and what the daemon is asked then. */
const lines: [string, string, unknown?][] = [
  ['query server', 'GET /v1/server'],
  ['export server -serverdata out', 'GET /v1/server/data'],
  ['register server -serverdata - -server hq', 'POST /v1/peers', { serverData: 'DATA', server: 'hq' }],
  ['unregister server -server hq -force', 'DELETE /v1/peers/hq?force=true'],
  ['query peerserver -server hq', 'GET /v1/peers?server=hq'],
  [
    'import image -image i -path /p -imagetype OS -state TESTABLE -series s',
    'POST /v1/images',
    { image: 'i', path: '/p', imageType: 'OS', state: 'TESTABLE', series: ['s'] },
  ],
  [
    'add image -image j -parent i -path /p -imagetype OS',
    'POST /v1/images',
    { image: 'j', parent: 'i', path: '/p', imageType: 'OS' },
  ],
  [
    'query image -image i -server hq -imagetype OS -series s -state PUBLISHED',
    'GET /v1/images?image=i&server=hq&imageType=OS&series=s&state=PUBLISHED',
  ],
  [
    'promote image -image i -state RESTRICTED',
    'POST /v1/images/promote',
    { image: 'i', state: 'RESTRICTED' },
  ],
  ['delete image -image i', 'DELETE /v1/images', { image: 'i' }],
  [
    'instantiate image -server hq -all',
    'POST /v1/subscriptions',
    { server: 'hq', selector: { kind: 'all' } },
  ],
  [
    'instantiate image -server hq -image i',
    'POST /v1/subscriptions',
    { server: 'hq', selector: { kind: 'image', image: 'i' } },
  ],
  [
    'instantiate image -server hq -series s',
    'POST /v1/subscriptions',
    { server: 'hq', selector: { kind: 'series', series: 's' } },
  ],
  [
    'instantiate image -server hq -imagetype OS',
    'POST /v1/subscriptions',
    { server: 'hq', selector: { kind: 'imagetype', imageType: 'OS' } },
  ],
  [
    'uninstantiate image -server hq -all',
    'DELETE /v1/subscriptions',
    { server: 'hq', selector: { kind: 'all' } },
  ],
  [
    'uninstantiate image -server hq -imagetype OS',
    'DELETE /v1/subscriptions',
    { server: 'hq', selector: { kind: 'imagetype', imageType: 'OS' } },
  ],
  ['add series -series s', 'POST /v1/series', { series: 's' }],
  [
    'insertimage series -series s -image i -before j',
    'POST /v1/series/members',
    { series: 's', image: 'i', before: 'j' },
  ],
  ['insertimage series -series s -image i', 'POST /v1/series/members', { series: 's', image: 'i' }],
  ['deleteimage series -series s -image i', 'DELETE /v1/series/members', { series: 's', image: 'i' }],
  ['delete series -series s -force', 'DELETE /v1/series', { series: 's', force: true }],
  ['delete series -series s', 'DELETE /v1/series', { series: 's', force: false }],
  ['query series -series s -server hq', 'GET /v1/series?series=s&server=hq'],
  ['add imagetype -imagetype T -basetype OS', 'POST /v1/imagetypes', { imageType: 'T', baseType: 'OS' }],
  ['delete imagetype -imagetype T', 'DELETE /v1/imagetypes', { imageType: 'T' }],
  ['query imagetype', 'GET /v1/imagetypes'],
  ['add client -client c', 'POST /v1/clients', { name: 'c' }],
  ['query client -client c', 'GET /v1/clients?name=c'],
  ['delete client -client c', 'DELETE /v1/clients', { name: 'c' }],
]

/** The same line in the long form. */
const long = (line: string) => line.replace(/ -(?=[a-z])/g, ' --')

describe('a command of both programs asks the same with -option and with --option', () => {
  it.each(lines)('%s', async (line, request, body) => {
    await using daemon = await FakeDaemon.start(answers)
    for (const form of [line, long(line)]) {
      const { code, stderr } = await daemon.cli([...form.split(' '), '--quiet'], { input: 'DATA' })
      expect({ form, code, stderr }).toEqual({ form, code: 0, stderr: '' })
    }
    expect(daemon.received).toEqual([
      { line: request, body },
      { line: request, body },
    ])
  })
})
