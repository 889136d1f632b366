/** What the control API answers: the JSON that `--json` prints. Keys are stable. Times are ISO 8601 in UTC, sizes bytes. */

export interface ErrorDocument {
  error: { code: string; message: string; hint: string | null }
}

export interface ImageDocument {
  id: string
  name: string
  /** The peer's name as registered here, or this server's own. */
  origin: string
  /** Peer id. */
  originId: string
  /** `peer/name` or `./name`. */
  ref: string
  /** True for an image that was created here. */
  local: boolean
  type: string
  baseType: string
  version: string
  description: string
  labels: Record<string, string>
  series: string[]
  state: string
  private: boolean
  size: number
  kind: 'file' | 'tree'
  /** Image id. */
  manifest: string
  /** Root of the content index. */
  content: string
  /** Flat SHA-256 of the file. */
  sha256: string
  ancestors: { id: string; ref: string | null }[]
  /** `enabled`; `fetching`, `conflict` … while a job is not done; `announced` for a peer's image that is not here. */
  status: string
  /** Real path of the plain file; null while it is not here. */
  path: string | null
  /** Its name under the images directory. */
  link: string | null
  createdAt: string
  enabledAt: string | null
  /** With `--holders`, for own images. */
  holders?: HolderDocument[]
}

export interface HolderDocument {
  peer: string
  state: string
  reason: string | null
  since: string
}

export interface JobDocument {
  id: number
  /** `peer/name`. */
  image: string
  imageId: string
  origin: string
  state: string
  reason: string | null
  bytesTotal: number
  bytesDone: number
  bytesLocal: number
  bytesWire: number
  attempts: number
  error: string | null
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  retryAt: string | null
}

export interface PeerDocument {
  name: string
  peerId: string
  fingerprint: string
  addresses: string[]
  /** `registered` or `suspended` (the other side ended the relation). */
  status: string
  link: 'connecting' | 'up' | 'down' | 'suspended'
  /** Why the link is not up. */
  reason: string | null
  retryAt: string | null
  linkSince: string | null
  lastContact: string | null
  registeredAt: string
  /** Number of the newest journal entry that is held here. */
  journalSeq: number
  /** Leaves of this peer that did not verify. */
  wrongLeaves: number
  /** Why intake from this peer stands still. */
  fault: string | null
  /** This server's selectors on the peer's images. */
  subscriptions: string[]
}

export interface ServerDocument {
  name: string
  peerId: string
  fingerprint: string
  addresses: string[]
  version: string
  home: string
  images: string
  journalId: string
  journalSeq: number
  /** Why this server does not publish. */
  journalFault: string | null
}

export interface SubscriptionDocument {
  id: number
  server: string
  /** `all`, `image` or `imagetype`. */
  selector: string
  /** Name of the image or type; null for `all`. */
  value: string | null
  imageId: string | null
  createdAt: string
}

export interface PlanDocument {
  server: string
  selector: string
  dryRun: boolean
  images: { name: string; id: string; size: number; here: boolean }[]
  bytesToMove: number
  /** False: bytesToMove is an upper bound. */
  exact: boolean
  bytesHere: number
  diskNeeded: number
}

export interface StatusDocument {
  server: ServerDocument
  pid: number
  startedAt: string
  peers: { total: number; up: number }
  images: { own: number; replicas: number }
  jobs: { running: number; waiting: number; conflict: number }
  diskFree: number
}

/** Lines of the answer to an import: progress, then one result or error. */
export type ImportLine =
  | { type: 'progress'; done: number; total: number }
  | { type: 'done'; image: ImageDocument }
  | ({ type: 'error' } & ErrorDocument)
