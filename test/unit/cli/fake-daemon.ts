import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { systemClock, type Clock } from '../../../src/core/clock.ts'
import type {
  ImageDocument,
  JobDocument,
  PeerDocument,
  ServerDocument,
  SubscriptionDocument,
} from '../../../src/control/documents.ts'
import { cli as runCli, type Around, type CliResult } from '../../support/cli.ts'

/** One request as the daemon got it: `GET /v1/jobs?job=3`, and its body. */
export interface Received {
  line: string
  body: unknown
}

/** Answers one request; a returned value becomes the JSON body, undefined means that the response was written already. */
export type Answer = (request: Received, response: ServerResponse) => unknown

/** A home with a control socket on which canned answers are given. Keys of `answers` are `METHOD /path`. */
export class FakeDaemon implements AsyncDisposable {
  readonly home: string
  readonly received: Received[] = []
  readonly #answers: Record<string, Answer>
  readonly #server = createServer((request, response) => {
    void this.#serve(request, response)
  })

  private constructor(home: string, answers: Record<string, Answer>) {
    this.home = home
    this.#answers = answers
  }

  static async start(answers: Record<string, Answer>): Promise<FakeDaemon> {
    const daemon = new FakeDaemon(await mkdtemp(join(tmpdir(), 'ingot-cli-')), answers)
    await mkdir(join(daemon.home, 'run'))
    await new Promise<void>((resolve) => {
      daemon.#server.listen(join(daemon.home, 'run', 'control.sock'), resolve)
    })
    return daemon
  }

  /** Runs a command line against this daemon; `--home` goes before the verb. */
  async cli(argv: string[], around: Around = {}): Promise<CliResult> {
    return await cli(['--home', this.home, ...argv], { cwd: this.home, ...around })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await rm(this.home, { recursive: true })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const received = {
      line: `${request.method} ${request.url}`,
      body: body === '' ? undefined : JSON.parse(body),
    }
    this.received.push(received)
    const answer = this.#answers[received.line.split('?', 1)[0] ?? '']
    if (answer === undefined) {
      refuse(response, 500, {
        code: 'failed',
        message: `the fake has no answer to ${received.line}`,
        hint: null,
      })
      return
    }
    const document = answer(received, response)
    if (document !== undefined) response.end(JSON.stringify(document))
  }
}

/** Answers with an error, as the control API does. */
export function refuse(
  response: ServerResponse,
  status: number,
  error: { code: string; message: string; hint: string | null },
): undefined {
  response.writeHead(status).end(JSON.stringify({ error }))
}

/** A clock on which pauses are a hundredth as long. */
const fastClock: Clock = {
  now: () => systemClock.now(),
  sleep: async (ms, signal) => await systemClock.sleep(ms / 100, signal),
}

/** Runs a command line in this process, by a clock that hurries. */
export async function cli(argv: string[], around: Around = {}): Promise<CliResult> {
  return await runCli(argv, { clock: fastClock, ...around })
}

export function imageDocument(changes: Partial<ImageDocument> = {}): ImageDocument {
  return {
    id: 'sha256:aa',
    sha256Checked: true,
    name: 'ol9',
    origin: 'hq',
    originId: '12D3KooWhq',
    ref: 'hq/ol9',
    local: false,
    type: 'DISK',
    baseType: 'DISK',
    version: '9.4',
    description: '',
    labels: {},
    series: [],
    state: 'PUBLISHED',
    private: false,
    atOrigin: 'announced',
    size: 1_288_490_189,
    kind: 'file',
    manifest: 'sha256:aa',
    content: 'sha256:bb',
    sha256: 'sha256:cc',
    ancestors: [],
    status: 'enabled',
    damage: null,
    verifiedAt: null,
    path: '/srv/images/content/bb/image',
    link: '/srv/images/hq/ol9',
    createdAt: '2026-01-02T03:04:05.678Z',
    enabledAt: null,
    ...changes,
  }
}

export function jobDocument(changes: Partial<JobDocument> = {}): JobDocument {
  return {
    id: 3,
    image: 'hq/ol9',
    imageId: 'sha256:aa',
    origin: 'hq',
    state: 'FETCHING',
    reason: null,
    bytesTotal: 4096,
    bytesDone: 1024,
    bytesLocal: 0,
    bytesWire: 1024,
    attempts: 1,
    priority: 0,
    error: null,
    createdAt: '2026-01-02T03:04:05.678Z',
    startedAt: null,
    finishedAt: null,
    retryAt: null,
    ...changes,
  }
}

export function peerDocument(changes: Partial<PeerDocument> = {}): PeerDocument {
  return {
    name: 'hq',
    peerId: '12D3KooWhq',
    fingerprint: 'ab:cd',
    addresses: ['/ip4/192.0.2.1/tcp/4160'],
    status: 'registered',
    link: 'up',
    reason: null,
    retryAt: null,
    linkSince: null,
    lastContact: null,
    registeredAt: '2026-01-02T03:04:05.678Z',
    journalSeq: 7,
    lag: 0,
    wrongLeaves: 0,
    rateIn: null,
    rateOut: null,
    fault: null,
    subscriptions: [],
    theirSubscriptions: [],
    ...changes,
  }
}

export function subscriptionDocument(changes: Partial<SubscriptionDocument> = {}): SubscriptionDocument {
  return {
    id: 1,
    server: 'hq',
    selector: 'all',
    value: null,
    imageId: null,
    newOnly: false,
    landAs: 'PUBLISHED',
    keep: null,
    maxBytes: null,
    priority: 0,
    trustPrivileged: false,
    preseed: null,
    rate: null,
    window: null,
    createdAt: '2026-01-02T03:04:05.678Z',
    ...changes,
  }
}

export function serverDocument(changes: Partial<ServerDocument> = {}): ServerDocument {
  return {
    name: 'site',
    peerId: '12D3KooWsite',
    fingerprint: 'ab:cd',
    addresses: ['/ip4/192.0.2.2/tcp/4160'],
    version: '0.1.0',
    home: '/var/lib/ingot',
    images: '/var/lib/ingot/images',
    journalId: '0a1b',
    journalSeq: 4,
    journalFault: null,
    rateIn: null,
    rateOut: null,
    ...changes,
  }
}
