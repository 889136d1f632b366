import type { SubscribeBody } from '../../../src/control/schema.ts'
import { isIngotError } from '../../../src/core/errors.ts'
import type { DayServer, Made } from './day-server.ts'
import { Violation, type Change } from './facts.ts'
import type { Sources } from './sources.ts'

/** What operators do in a day. */

/** Own images of one server beyond which more are deleted than made. */
const MANY_IMAGES = 12
const states = ['PUBLISHED', 'TESTABLE', 'RESTRICTED'] as const

export interface ActionComponents {
  servers: readonly DayServer[]
  sources: Sources
  made: Made
  random: () => number
}

/** Something that is asked of a server, and what changes with it. */
interface Action {
  what: string
  changes: readonly Change[]
  /** Names that no other action may be about meanwhile. */
  about: readonly string[]
  call: () => Promise<unknown>
}

/** Chooses actions and does them. */
export class Actions {
  readonly #components: ActionComponents
  #names = 0
  /** How often which action was done, and refused or lost. */
  readonly counts = new Map<string, { done: number; not: number }>()

  constructor(components: ActionComponents) {
    this.#components = components
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#components.random() * list.length)]
  }

  #chance(part: number): boolean {
    return this.#components.random() < part
  }

  #newName(kind: string): string {
    return `${kind}-${++this.#names}`
  }

  /** Does something at a server, unless what was chosen cannot be now. Throws {@link Violation} for an answer that must not be. */
  async one(server: DayServer): Promise<void> {
    const action = await this.#choose(server)
    if (action === undefined || action.about.some((name) => server.busy.has(name))) return
    for (const name of action.about) server.busy.add(name)
    server.facts.ask(action.changes)
    const count = this.counts.get(action.what) ?? { done: 0, not: 0 }
    this.counts.set(action.what, count)
    try {
      await action.call()
      server.facts.acknowledge(action.changes)
      count.done++
    } catch (error) {
      count.not++
      await this.#failed(server, action, error as Error)
    } finally {
      for (const name of action.about) server.busy.delete(name)
    }
  }

  async #failed(server: DayServer, { what, changes }: Action, error: Error): Promise<void> {
    if (isIngotError(error, 'conflict', 'not-found', 'peer-unreachable', 'busy')) {
      server.facts.refuse(changes)
      return
    }
    // The end of a process is known a moment after that of its connections.
    const lost = !isIngotError(error) || isIngotError(error, 'daemon-unreachable')
    if (lost && (await server.endedSoon())) return
    throw new Violation(`${server.name}: ${what} failed: ${error.message}`)
  }

  async #choose(server: DayServer): Promise<Action | undefined> {
    const own = server.facts.keys('image/')
    if (own.length > MANY_IMAGES && this.#chance(0.6)) return this.#deleteOwn(server, own)
    const ways: [number, () => Promise<Action | undefined> | Action | undefined][] = [
      [5, async () => await this.#import(server, undefined)],
      [5, async () => await this.#import(server, this.#pick(own))],
      [3, () => this.#promote(server, this.#pick(own))],
      [2, () => this.#addSeries(server)],
      [3, () => this.#moveInSeries(server, own)],
      [2, async () => await this.#subscribe(server)],
      [1, () => this.#unsubscribe(server)],
      [2, async () => await this.#adopt(server)],
      [1, () => this.#deleteOwn(server, own)],
      [1, async () => await this.#deleteReplica(server)],
      [1, () => this.#addClient(server)],
    ]
    let at = this.#components.random() * ways.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, choose] of ways) {
      at -= weight
      if (at < 0) return await choose()
    }
    return undefined
  }

  async #import(server: DayServer, parent: string | undefined): Promise<Action | undefined> {
    const { sources, made } = this.#components
    const before = parent === undefined ? undefined : made.get(`${server.name}/${parent}`)
    if (parent !== undefined && before === undefined) return undefined
    const source =
      before === undefined
        ? this.#chance(0.3)
          ? await sources.tree()
          : await sources.file()
        : await sources.nextOf(before)
    const name = this.#newName(source.kind)
    made.set(`${server.name}/${name}`, source)
    const state = this.#chance(0.8) ? 'PUBLISHED' : 'TESTABLE'
    const body = {
      image: name,
      path: source.path,
      state,
      ...(parent === undefined ? {} : { parent: `./${parent}` }),
    } as const
    const options = { signal: new AbortController().signal, onProgress: () => {} }
    return {
      what: parent === undefined ? `import a ${source.kind}` : `add a ${source.kind}`,
      changes: [[`image/${name}`, `${source.kind === 'file' ? source.seen : 'tree'} ${state}`]],
      about: parent === undefined ? [] : [`image/${parent}`],
      call: async () => await server.daemon.client.importImage(body, options),
    }
  }

  #promote(server: DayServer, image: string | undefined): Action | undefined {
    const state = this.#pick(states) as (typeof states)[number]
    const before = image === undefined ? undefined : server.facts.get(`image/${image}`)
    if (image === undefined || before === undefined) return undefined
    return {
      what: 'promote',
      changes: [[`image/${image}`, `${before.split(' ')[0]} ${state}`]],
      about: [`image/${image}`],
      call: async () => await server.daemon.client.promoteImage({ image: `./${image}`, state }),
    }
  }

  #addSeries(server: DayServer): Action | undefined {
    if (server.facts.keys('series/').length >= 4) return undefined
    const series = this.#newName('series')
    return {
      what: 'add series',
      changes: [[`series/${series}`, '']],
      about: [],
      call: async () => await server.daemon.client.addSeries(series),
    }
  }

  /** Puts an image at the end of a series, or takes it out. */
  #moveInSeries(server: DayServer, own: readonly string[]): Action | undefined {
    const [series, image] = [this.#pick(server.facts.keys('series/')), this.#pick(own)]
    const members = server.facts.get(`series/${series}`)
    if (series === undefined || image === undefined || members === undefined) return undefined
    const others = members.split(',').filter((each) => each !== '' && each !== image)
    const isIn = members.split(',').includes(image)
    const after = isIn ? others : [...others, image]
    const body = { series, image: `./${image}` }
    const { client } = server.daemon
    return {
      what: isIn ? 'take out of a series' : 'put into a series',
      changes: [[`series/${series}`, after.join()]],
      about: [`series/${series}`, `image/${image}`],
      call: async () => (isIn ? await client.removeImage(body) : await client.insertImage(body)),
    }
  }

  async #subscribe(server: DayServer): Promise<Action | undefined> {
    const peer = this.#pick(this.#components.servers.filter((each) => each !== server))
    if (peer === undefined) return undefined
    const series = this.#pick(peer.facts.keys('series/'))
    const image = this.#pick(peer.facts.keys('image/'))
    const selectors: { selector: SubscribeBody['selector']; value: string }[] = [
      { selector: { kind: 'all' }, value: '' },
      { selector: { kind: 'imagetype', imageType: 'DISK' }, value: 'DISK' },
    ]
    if (series !== undefined) selectors.push({ selector: { kind: 'series', series }, value: series })
    if (image !== undefined) selectors.push({ selector: { kind: 'image', image }, value: image })
    const { selector, value } = this.#pick(selectors) as (typeof selectors)[number]
    const key = `subscription/${peer.name}/${selector.kind}/${value}`
    return {
      what: 'subscribe',
      changes: [[key, 'here']],
      about: [key],
      call: async () => await server.daemon.client.subscribe({ server: peer.name, selector }),
    }
  }

  #unsubscribe(server: DayServer): Action | undefined {
    const key = this.#pick(server.facts.keys('subscription/'))
    const [peer = '', kind, value = ''] = key?.split('/') ?? []
    const selectors: Record<string, SubscribeBody['selector']> = {
      all: { kind: 'all' },
      imagetype: { kind: 'imagetype', imageType: value },
      series: { kind: 'series', series: value },
      image: { kind: 'image', image: value },
    }
    const selector = kind === undefined ? undefined : selectors[kind]
    if (selector === undefined) return undefined
    return {
      what: 'unsubscribe',
      changes: [[`subscription/${key}`, undefined]],
      about: [`subscription/${key}`],
      call: async () => await server.daemon.client.unsubscribe({ server: peer, selector }),
    }
  }

  async #replica(server: DayServer): Promise<{ ref: string; origin: string; kind: string } | undefined> {
    // A server that is being killed has none to show.
    const { images } = await server.daemon.client.images({}).catch(() => ({ images: [] }))
    return this.#pick(images.filter(({ local, status }) => !local && status === 'enabled'))
  }

  async #adopt(server: DayServer): Promise<Action | undefined> {
    const { made } = this.#components
    const replica = await this.#replica(server)
    const source = replica && made.get(replica.ref)
    if (replica === undefined || source === undefined) return undefined
    const name = this.#newName('adopted')
    made.set(`${server.name}/${name}`, source)
    return {
      what: 'adopt',
      changes: [[`image/${name}`, `${source.kind === 'file' ? source.seen : 'tree'} PUBLISHED`]],
      about: [replica.ref],
      call: async () => await server.daemon.client.adoptImage({ image: replica.ref, as: name }),
    }
  }

  #deleteOwn(server: DayServer, own: readonly string[]): Action | undefined {
    const image = this.#pick(own)
    if (image === undefined) return undefined
    return {
      what: 'delete an own image',
      changes: [[`image/${image}`, undefined]],
      about: [`image/${image}`],
      call: async () => await server.daemon.client.deleteImage(`./${image}`),
    }
  }

  async #deleteReplica(server: DayServer): Promise<Action | undefined> {
    const replica = await this.#replica(server)
    if (replica === undefined) return undefined
    server.declined.add(replica.ref)
    return {
      what: 'delete a replica',
      changes: [],
      about: [replica.ref],
      call: async () => await server.daemon.client.deleteImage(replica.ref),
    }
  }

  #addClient(server: DayServer): Action {
    const client = this.#newName('client')
    return {
      what: 'add client',
      changes: [[`client/${client}`, 'here']],
      about: [],
      call: async () => await server.daemon.client.addMember('clients', client),
    }
  }
}
