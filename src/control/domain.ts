import type { Clock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { checkName } from '../core/names.ts'
import type { Member } from '../state/members.ts'
import type { State } from '../state/state.ts'

/** Clients and targets of this server's own domain: their names. A peer's name never equals one of theirs. */
export class Domain {
  readonly #components: { state: State; clock: Clock; limits: Limits }

  constructor(components: { state: State; clock: Clock; limits: Limits }) {
    this.#components = components
  }

  /** Throws `conflict` when a peer, client or target has that name. */
  add(kind: Member['kind'], name: string): Member {
    const { state, clock, limits } = this.#components
    checkName(name, `${kind} name`)
    const peer = state.peers.byName(name)
    if (peer !== undefined) {
      const bound = peer.status === 'unregistered' ? ', of which replicas remain here' : ''
      throw new IngotError('conflict', `the name ${name} belongs to a peer${bound}`, {
        hint: `a ${kind} and a peer never share a name: choose another`,
      })
    }
    const held = state.members.get(name)
    if (held !== undefined) {
      throw new IngotError('conflict', `there is a ${held.kind} ${name} already`, {
        hint: 'clients and targets have one name each: choose another',
      })
    }
    const count = state.members.list('client').length + state.members.list('target').length
    if (count >= limits.members) {
      throw new IngotError('conflict', `${limits.members} clients and targets are known; no more are taken`, {
        hint: '"ingot delete client" and "ingot delete target" make room',
      })
    }
    const member = { name, kind, createdAt: clock.now() }
    state.db.durably(() => state.members.add(member))
    return member
  }

  /** Throws `not-found`. */
  require(kind: Member['kind'], name: string): Member {
    const member = this.#components.state.members.get(name)
    if (member?.kind === kind) return member
    throw new IngotError('not-found', `no ${kind} ${JSON.stringify(name)} is known here`, {
      hint: `"ingot query ${kind}" lists them`,
    })
  }

  delete(kind: Member['kind'], name: string): void {
    const { state } = this.#components
    this.require(kind, name)
    state.db.durably(() => state.members.delete(name))
  }
}
