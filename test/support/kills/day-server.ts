import { lstatSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Daemon } from '../daemon.ts'
import { faultEnvironment } from '../faults/disk-faults.ts'
import { Facts, Violation } from './facts.ts'
import type { ArmedPoint } from './points.ts'
import { seenAt, type Source } from './sources.ts'

/** What the whole day knows: what each server made, by the server's name and the image's. */
export type Made = Map<string, Source>

/** One server of the day: its daemon, what it must know, what it is killed at. */
export class DayServer {
  readonly daemon: Daemon
  readonly facts = new Facts()
  readonly #made: Made
  /** Images that were asked to be deleted here, `peer/name`: not wanted any more. */
  readonly declined = new Set<string>()
  /** Names that an action is about: no other may be. */
  readonly busy = new Set<string>()
  /** Where the process that runs now will be killed; undefined: nowhere. */
  armed: ArmedPoint | undefined
  /** What was seen of its journal. */
  #journal: { id: string; seq: number } | undefined
  /** Links whose content was read, and where it lay then. */
  readonly #verified = new Map<string, string>()

  constructor(daemon: Daemon, made: Made) {
    this.daemon = daemon
    this.#made = made
  }

  get name(): string {
    return this.daemon.name
  }

  get running(): boolean {
    return this.daemon.child.running
  }

  /** Starts it; it will be killed at `point`. Resolves to whether it became ready: it may be killed before. */
  async start(point?: ArmedPoint): Promise<boolean> {
    this.armed = point
    this.daemon.env = point === undefined ? {} : faultEnvironment([point.fault])
    try {
      await this.daemon.start()
      return true
    } catch (error) {
      const { child } = this.daemon
      const signal = child.running ? undefined : (await child.ended).signal
      if (signal === 'SIGKILL' && point !== undefined) return false
      throw new Violation(`${this.name} does not start: ${(error as Error).message}`)
    }
  }

  /** True when its process has ended, or does so at once. */
  async endedSoon(): Promise<boolean> {
    const { child } = this.daemon
    return await Promise.race([child.ended.then(() => true), pause(5_000, false, { ref: false })])
  }

  /** Compares all that it tells with what it must know. Nothing may be asked of it meanwhile. */
  async settle(): Promise<void> {
    this.facts.settle(await this.#snapshot(), this.name)
    const { journalId: id, journalSeq: seq, journalFault } = await this.daemon.client.server()
    const before = this.#journal
    if (journalFault !== null) throw new Violation(`${this.name} does not publish: ${journalFault}`)
    if (before !== undefined && (before.id !== id || before.seq > seq))
      throw new Violation(`the journal of ${this.name} went from ${before.id} ${before.seq} to ${id} ${seq}`)
    this.#journal = { id, seq }
  }

  async #snapshot(): Promise<Map<string, string>> {
    const { client } = this.daemon
    const found = new Map<string, string>()
    for (const { local, name, kind, sha256, state } of (await client.images({})).images)
      if (local) found.set(`image/${name}`, `${kind === 'file' ? sha256 : 'tree'} ${state}`)
    for (const { name, images } of (await client.series({})).series)
      found.set(`series/${name}`, images.map((image) => image.name).join())
    for (const { server, selector, value } of (await client.subscriptions({})).subscriptions)
      found.set(`subscription/${server}/${selector}/${value ?? ''}`, 'here')
    for (const { name } of (await client.members('clients', {})).clients ?? [])
      found.set(`client/${name}`, 'here')
    return found
  }

  /** Every link under images/ leads to the right bytes, all of them. What was read before and lies where it lay is not read again. */
  async look(): Promise<void> {
    const { images } = this.daemon
    for (const owner of readdirSync(images)) {
      if (['content', 'staging', 'patches', '.ingot-images'].includes(owner)) continue
      const origin = owner === 'own' ? this.name : owner
      for (const name of readdirSync(join(images, owner))) {
        if (!name.startsWith('.')) await this.#lookAt(`${origin}/${name}`, join(images, owner, name))
      }
    }
  }

  async #lookAt(image: string, link: string): Promise<void> {
    let place: string
    try {
      place = realpathSync(link)
    } catch {
      // Removed meanwhile, which is well; a link that leads nowhere is not.
      if (lstatSync(link, { throwIfNoEntry: false }) === undefined) return
      throw new Violation(`${link} leads nowhere`)
    }
    const { ino, ctimeMs } = lstatSync(place)
    const at = `${place} ${ino} ${ctimeMs}`
    if (this.#verified.get(link) === at) return
    const source = this.#made.get(image)
    if (source === undefined) throw new Violation(`${link}: nobody made ${image}`)
    const seen = await seenAt(source.kind, link).catch((error: Error) => error.message)
    if (seen === source.seen) this.#verified.set(link, at)
    else if (lstatSync(link, { throwIfNoEntry: false }) !== undefined)
      throw new Violation(`${link} leads to ${seen}; the source of ${image} has ${source.seen}`)
  }

  /** Forgets what was read, so that everything is read again. */
  forgetLooks(): void {
    this.#verified.clear()
  }

  /** Undefined when this server has nothing more to do; else what it waits for. */
  async unrest(): Promise<string | undefined> {
    const { client, images } = this.daemon
    for (const { name, link, lag, fault } of (await client.peers({})).peers) {
      if (fault !== null) throw new Violation(`${this.name} takes nothing from ${name}: ${fault}`)
      if (link !== 'up' || lag !== 0) return `${this.name}: link to ${name} ${link}, lag ${lag}`
    }
    const live = (await client.jobs({})).jobs.filter(
      ({ state }) => !['DONE', 'CANCELLED', 'FAILED'].includes(state),
    )
    if (live[0] !== undefined) return `${this.name}: job ${JSON.stringify(live[0])}`
    const staged = readdirSync(join(images, 'staging'))
    if (staged.length > 0) return `${this.name}: in staging ${staged.join()}`
    return undefined
  }

  /** How many contents lie here on which no image stands: of an import that was killed, until the next start but one. */
  async unusedContents(): Promise<number> {
    const { client, images } = this.daemon
    const { images: held } = await client.images({})
    const used = new Set(held.flatMap(({ content, path }) => (path === null ? [] : [content])))
    return readdirSync(join(images, 'content')).length - used.size
  }

  /** What it wants of a peer, by its own decisions, and does not have. */
  async missing(peer: string): Promise<string[]> {
    const { client } = this.daemon
    const missing: string[] = []
    for (const { name, status } of (await client.images({ server: peer })).images) {
      if (status === 'enabled') continue
      const { decision } = await client.explainImage({ server: peer, image: name })
      if (decision === 'wanted') missing.push(`${peer}/${name}`)
    }
    return missing
  }
}
