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
  /** Series of its origin in which it is, as far as they are known here. */
  series: string[]
  state: string
  private: boolean
  /** What its origin says of it now: `announced`, `withdrawn` or `deleted`; null for own images. */
  atOrigin: string | null
  size: number
  kind: 'file' | 'tree'
  /** Image id. */
  manifest: string
  /** Root of the content index. */
  content: string
  /** Flat SHA-256 of the file; null for a tree. */
  /** As its origin signed it. */
  sha256: string | null
  /** The bytes that are here were found to have it; null for a tree. */
  sha256Checked: boolean | null
  /** Nearest first; `ref` where it is or was known here. */
  ancestors: { id: string; ref: string | null }[]
  /** Images known here that list it as an ancestor; with a query for one image. */
  descendants?: { id: string; ref: string }[]
  /**
   * `enabled`, `damaged`; `fetching`, `conflict` … while a job is not done; `announced` for a peer's image that is not here.
   */
  status: string
  /** What of it is not as its digests say; null while nothing is known to be damaged. */
  damage: DamageDocument | null
  /** When all of it was last read and found whole; null when that was not done since it came. */
  verifiedAt: string | null
  /** With `verify image --repair`: what was wrong and was mended. */
  repaired?: string
  /** Real path of the plain file or tree; null while it is not here. */
  path: string | null
  /** Its name under the images directory. */
  link: string | null
  createdAt: string
  enabledAt: string | null
  /** With `--holders`, for own images. */
  holders?: HolderDocument[]
}

export interface DamageDocument {
  since: string
  /** `verify`, `scrub` or `repair`. */
  foundBy: string
  /** Wrong leaves. */
  leaves: number
  /** Where they are, numbered through the file or tree; not all when there are too many. */
  ranges: { first: number; count: number }[]
  /** What else is wrong. */
  other: string[]
  /** Why it is not repaired yet. */
  reason: string | null
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
  /** Jobs of a higher number go first. */
  priority: number
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
  /** Entries that the peer was last known to have and that are not held here; null when nothing is known of its journal. */
  lag: number | null
  /** Leaves of this peer that did not verify. */
  wrongLeaves: number
  /** Bytes per second that are received from it, and sent to it, at most; null: no bound. */
  rateIn: number | null
  rateOut: number | null
  /** Why intake from this peer stands still. */
  fault: string | null
  /** This server's selectors on the peer's images. */
  subscriptions: string[]
  /** The peer's selectors on this server's images, as it last told. */
  theirSubscriptions: string[]
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
  /** Bytes per second that are received from, and sent to, all peers together; null: no bound. */
  rateIn: number | null
  rateOut: number | null
}

export interface SubscriptionDocument {
  id: number
  server: string
  /** `all`, `image`, `series` or `imagetype`. */
  selector: string
  /** Name of the image, series or type; null for `all`. */
  value: string | null
  imageId: string | null
  /** True: only what was published or inserted after the subscription was made. */
  newOnly: boolean
  /** State in which its images arrive here. */
  landAs: string
  /** How many of the line or series stay here; null: all. */
  keep: number | null
  /** Bytes that images of this peer may take here; null: no bound. */
  maxBytes: number | null
  priority: number
  trustPrivileged: boolean
  /** File or directory from which its jobs take what they can; null: none. */
  preseed: string | null
  /** Bytes per second that its jobs receive together; null: no bound. */
  rate: number | null
  /** When its jobs run; null: always. */
  window: string | null
  createdAt: string
}

export interface PlanDocument {
  server: string
  selector: string
  dryRun: boolean
  images: { name: string; id: string; size: number; here: boolean }[]
  /** Images that match and would still not be taken, and why. */
  notTaken: { name: string; id: string; reason: string }[]
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
  images: { own: number; replicas: number; damaged: number }
  /** Of those that wait, `noSpace` do for space and `outsideWindow` for their window. */
  jobs: { running: number; waiting: number; noSpace: number; outsideWindow: number; conflict: number }
  /**
   * `state`: `off`, `idle`, `reading` or `window` (it waits for its window). `next`: when the content is due that nobody has read
   * for the longest.
   */
  scrub: { state: string; next: string | null }
  diskFree: number
}

/** Lines of the answer to what takes long: progress, then one result or error. */
export type ProgressLine =
  | { type: 'progress'; done: number; total: number }
  | { type: 'done'; image: ImageDocument }
  | ({ type: 'error' } & ErrorDocument)

/** Answer to an end of a subscription. */
export interface UnsubscribedDocument {
  cancelledJobs: number
  /** Jobs that another selector still covers. */
  remainingJobs: number
  /** Replicas of that peer that stay here. */
  replicas: number
  /** This server's selectors on that peer that are left. */
  remaining: SubscriptionDocument[]
}

export interface SeriesDocument {
  name: string
  /** The peer's name as registered here, or this server's own. */
  origin: string
  local: boolean
  /** In their order. */
  images: { name: string; id: string; ref: string; state: string; status: string }[]
}

export interface ImageTypeDocument {
  name: string
  baseType: string
  builtIn: boolean
  /** Own images of that type. */
  images: number
}

/** A client or target of this server's own domain. */
export interface MemberDocument {
  name: string
  createdAt: string
}

/** Why an image of a peer is or is not taken. */
export interface ExplainDocument {
  server: string
  image: string
  id: string
  /** What the origin says of it now: `announced`, `withdrawn` or `deleted`. */
  atOrigin: string
  /** `enabled`, `fetching`, `conflict` … as in an image's `status`. */
  status: string
  /** As recorded: `wanted`, `not-wanted` or `refused`, by which rule, when. */
  decision: string
  rule: string
  decidedAt: string
  /** Every selector on that peer, evaluated now. */
  selectors: { selector: string; matches: boolean; why: string }[]
  /** The operator's own word against it: `deleted`, `cancelled` or `kept` (the other image of that name). */
  declined: { why: string; since: string } | null
  job: JobDocument | null
  /** What would change it. */
  advice: string[]
}

export interface AuditDocument {
  time: string
  operation: string
  subject: string
  outcome: string
}

export interface CheckDocument {
  check: string
  result: 'ok' | 'warning' | 'failure'
  message: string
  /** What to do; null where nothing is. */
  advice: string | null
}

/** Lines of the stream of events. Each has a type and its own keys; see docs/operations. */
export type EventLine = { time: string; type: string } & Record<string, unknown>
