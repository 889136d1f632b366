import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench, Contender } from './bench.ts'
import { compare } from './data.ts'
import { measure, quiet } from './measure.ts'
import { freePorts, until, type Service } from './processes.ts'
import { Services } from './usage.ts'

/** One event of syncthing, as far as it is read here. */
interface Event {
  id: number
  type: string
  time: string
  data: { folder?: string; from?: string; to?: string }
}

const folder = 'bench'
const apiKey = 'bench'

/** One syncthing with a home of its own, on loopback only: no discovery, relays, port mapping, reports or upgrades. */
class Device {
  readonly home: string
  readonly files: string
  readonly port: number
  id = ''
  readonly #bench: Bench
  readonly #apiPort: number
  #service: Service | undefined

  constructor(bench: Bench, name: string, ports: { port: number; apiPort: number }) {
    this.#bench = bench
    this.home = join(bench.work, `syncthing-${name}`)
    this.files = join(bench.work, `syncthing-${name}-files`)
    this.port = ports.port
    this.#apiPort = ports.apiPort
  }

  get pid(): number {
    if (this.#service === undefined) throw new Error('syncthing does not run')
    return this.#service.pid
  }

  /** Makes its key; `id` is known then. */
  async create(): Promise<void> {
    await this.#bench.processes.run('syncthing', [
      'generate',
      `--home=${this.home}`,
      '--no-default-folder',
      '--skip-port-probing',
    ])
    const config = await readFile(join(this.home, 'config.xml'), 'utf8')
    this.id = /<device id="([^"]+)"/.exec(config)?.[1] ?? ''
  }

  /** Runs it with an empty database, and waits until it answers. */
  async start(peer: Device, options: { type: string; paused: boolean }): Promise<void> {
    await mkdir(this.files, { recursive: true })
    await writeFile(join(this.home, 'config.xml'), this.#config(peer, options))
    const service = this.#bench.processes.start(
      'syncthing',
      ['serve', `--home=${this.home}`, '--no-browser', '--no-restart', '--no-upgrade'],
      { log: join(this.home, 'log') },
    )
    this.#service = service
    await until(
      async () => {
        if (!service.running()) throw new Error(`syncthing ended: ${service.stdout().slice(-2_000)}`)
        return await this.ask('GET', '/rest/system/ping').then(
          () => true,
          () => false, // it does not listen yet
        )
      },
      { what: 'syncthing', signal: this.#bench.signal },
    )
  }

  async stop(): Promise<void> {
    await this.#service?.stop()
  }

  /** Whether it is connected to a device. */
  async connected(peer: Device): Promise<boolean> {
    const answer = (await this.ask('GET', '/rest/system/connections')) as {
      connections: Record<string, { connected: boolean }>
    }
    return answer.connections[peer.id]?.connected === true
  }

  /** Whether it has looked through its folder, and has the file. */
  async scanned(): Promise<boolean> {
    const status = (await this.ask('GET', `/rest/db/status?folder=${folder}`)) as {
      state: string
      localFiles: number
    }
    return status.state === 'idle' && status.localFiles > 0
  }

  /** Lets a folder that was started paused begin. */
  async resume(): Promise<void> {
    await this.ask('PATCH', `/rest/config/folders/${folder}`, { paused: false })
  }

  /** Waits until the folder has been filled; resolves to the seconds for which it was. */
  async filled(): Promise<number> {
    let since = 0
    let began: number | undefined
    for (;;) {
      const query = `since=${since}&timeout=60&events=StateChanged`
      const events = (await this.ask('GET', `/rest/events?${query}`)) as Event[]
      for (const { id, time, data } of events) {
        since = id
        if (data.folder !== folder) continue
        const at = Date.parse(time)
        if (data.to === 'sync-preparing' || data.to === 'syncing') began ??= at
        else if (data.to === 'error') throw new Error('syncthing: the folder has an error')
        else if (data.to === 'idle' && began !== undefined) {
          if (await this.scanned()) return (at - began) / 1000
          began = undefined // it had nothing to fetch yet
        }
      }
    }
  }

  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.#apiPort}${path}`, {
      method,
      headers: { 'X-API-Key': apiKey },
      signal: this.#bench.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`syncthing: ${path}: ${answer.status} ${await answer.text()}`)
    const text = await answer.text()
    return text === '' ? undefined : JSON.parse(text)
  }

  #config(peer: Device, { type, paused }: { type: string; paused: boolean }): string {
    const device = ({ id, port }: Device, own: boolean) =>
      `<device id="${id}" name="${own ? 'own' : 'peer'}" compression="metadata">` +
      `<address>tcp4://127.0.0.1:${port}</address></device>`
    const off = [
      'globalAnnounceEnabled',
      'localAnnounceEnabled',
      'relaysEnabled',
      'natEnabled',
      'startBrowser',
      'crashReportingEnabled',
      'restartOnWakeup',
      'setLowPriority',
    ]
    return `<configuration version="36">
  <folder id="${folder}" path="${this.files}" type="${type}" rescanIntervalS="0" fsWatcherEnabled="false" ignorePerms="true">
    <device id="${this.id}"/><device id="${peer.id}"/><paused>${paused}</paused>
  </folder>
  ${device(this, true)}
  ${device(peer, false)}
  <gui enabled="true" tls="false"><address>127.0.0.1:${this.#apiPort}</address><apikey>${apiKey}</apikey></gui>
  <options>
    <listenAddress>tcp4://127.0.0.1:${this.port}</listenAddress>
    <reconnectionIntervalS>1</reconnectionIntervalS>
    <urAccepted>-1</urAccepted>
    <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
    ${off.map((name) => `<${name}>false</${name}>`).join('')}
  </options>
</configuration>
`
  }
}

/** Syncthing; undefined, with a note, where it is not there. The origin has hashed the file before the first run. */
export async function syncthingCopies(bench: Bench, source: string): Promise<Contender | undefined> {
  if (!bench.has('syncthing')) return undefined
  const [port = 0, apiPort = 0, ...others] = await freePorts(4)
  const origin = new Device(bench, 'origin', { port, apiPort })
  const receiver = new Device(bench, 'receiver', { port: others[0] ?? 0, apiPort: others[1] ?? 0 })
  await origin.create()
  await receiver.create()
  await mkdir(origin.files)
  // Syncthing does not follow symbolic links.
  await bench.processes.run('cp', ['--sparse=always', source, join(origin.files, 'image')])
  await origin.start(receiver, { type: 'sendonly', paused: false })
  await until(async () => await origin.scanned(), {
    what: 'the scan of syncthing',
    signal: bench.signal,
    timeoutMs: 600_000,
  })
  const ends = { origin: new Services(() => [origin.pid]), receiver: new Services(() => [receiver.pid]) }
  const run = async () => {
    await receiver.start(origin, { type: 'receiveonly', paused: true })
    await until(async () => await receiver.connected(origin), {
      what: 'syncthing to connect',
      signal: bench.signal,
    })
    await quiet([origin.pid, receiver.pid], bench.signal)
    const taken = await measure(bench.work, ends, async () => {
      await receiver.resume()
      return await receiver.filled()
    })
    await compare(bench, source, join(receiver.files, 'image'))
    await receiver.stop()
    await rm(receiver.files, { recursive: true })
    for (const name of ['index-v0.14.0.db', 'index-v2'])
      await rm(join(receiver.home, name), { recursive: true, force: true })
    return taken
  }
  return { name: 'syncthing', run }
}
