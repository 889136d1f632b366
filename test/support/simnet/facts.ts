/** What a server acknowledged and did not take back: after any restart it has to be there. */
export class Facts {
  /** Own images by name, with their state; undefined while a change of it is in doubt. */
  readonly images = new Map<string, string | undefined>()
  /** Own series, and the names of the images in them. */
  readonly series = new Map<string, Set<string>>()
  /** Subscriptions, as {@link subscriptionKey} writes them. */
  readonly subscriptions = new Set<string>()
  readonly peers = new Set<string>()
  /** Names of replicas that were seen enabled. */
  readonly replicas = new Set<string>()

  /** The same at another moment: for a home that was copied now. */
  copy(): Facts {
    const copy = new Facts()
    for (const [name, state] of this.images) copy.images.set(name, state)
    for (const [name, members] of this.series) copy.series.set(name, new Set(members))
    for (const key of this.subscriptions) copy.subscriptions.add(key)
    for (const name of this.peers) copy.peers.add(name)
    for (const name of this.replicas) copy.replicas.add(name)
    return copy
  }
}

/** A subscription in one line: the peer, and its selector by its value as the server lists it. */
export function subscriptionKey(peer: string, kind: string, value: string | null): string {
  return `${peer} ${kind} ${value ?? ''}`
}
