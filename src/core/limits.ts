/** Every bound of ingot in one place: name, unit and reason. Tests hand in smaller ones. */
export const defaultLimits = {
  // --- messages and streams between servers -----------------------------------------------------------
  /** Bytes of one protobuf message on any protocol. A manifest with 512 ancestors has about 20 KiB. */
  messageBytes: 256 * 1024,
  /** Bytes of one encoded manifest. */
  manifestBytes: 64 * 1024,
  /** Bytes of one server-data file. */
  serverDataBytes: 64 * 1024,
  /** Bytes of raw content in one answer: one segment, or one page of segment digests. */
  payloadBytes: 4 * 1024 * 1024,
  /** Streams of one protocol that a peer may have open to us on one connection. */
  streamsPerProtocol: 32,
  /** The same of all protocols, over all its connections: what each may hold unread is bounded, and so is the sum. */
  streamsPerPeer: 128,
  /**
   * Streams that a peer may have open on one connection, those included whose protocol is not agreed on yet: as many as it may have,
   * and as many that are about to end. Those beyond are reset.
   */
  streamsPerConnection: 256,
  /** Bytes that a peer may send on a stream before its protocol is agreed on: a hello, if it does not wait for the answer. */
  negotiationBytes: 16 * 1024,
  /** Bytes that wait on one connection to be sent; a peer that makes us answer and reads nothing is cut. Streams keep to 1 MiB each. */
  unsentBytes: 64 * 1024 * 1024,
  /**
   * Frames of the muxer per second from one peer, beside those that carry 16 KiB or answer as much; a ping counts as 100, a new
   * stream as 10. Who sends more is cut: they are read before anything can hold them back. An honest peer sends three for each
   * frame of messagesPerSecond.
   */
  framesPerSecond: 10_000,
  /** Requests of one peer that are answered at the same time, over all its content streams. */
  requestsPerPeer: 32,
  /** Bytes of content that answers to all peers hold in memory: 32 of the largest. A peer alone has a third of it. */
  answersBytes: 128 * 1024 * 1024,
  /** Answers that are read at the same time, in all: more would not make a disk faster. */
  answersPrepared: 8,
  /** Messages per second that are read from a peer on streams that it opened; the rest waits: a content request a MiB at 2 GB/s. */
  messagesPerSecond: 2_000,
  /** Connections of one registered peer: two while both sides dial at once, and those for content that either side dials. */
  connectionsPerPeer: 8,
  /** Connections over which the content streams of a far peer are spread, the link's own with them. */
  contentConnections: 4,

  // --- connections before registration is known -------------------------------------------------------
  /** Inbound connections whose handshake is not finished, in all. */
  pendingHandshakes: 32,
  /** The same of one remote address: a single host must not keep all others out. Many sites may share one address. */
  pendingHandshakesAddress: 16,
  /** Inbound connections of one registered key per minute: each costs a handshake. An honest one comes a few times. */
  connectionsPerMinute: 600,
  /** Inbound connections per remote address per minute that the gate refuses because their key is not registered. */
  refusedHandshakesPerMinute: 60,
  /** Connections in all. */
  connections: 512,

  // --- time ---------------------------------------------------------------------------------------------
  /** Milliseconds for one connection attempt, handshake included. */
  dialMs: 10_000,
  /** Milliseconds for a hello exchange, a receipt or a farewell. */
  exchangeMs: 15_000,
  /** Milliseconds for the first byte of an answer, once it is its turn on the stream. */
  answerMs: 60_000,
  /** Milliseconds in which 64 KiB of an answer must arrive (or be taken): slower than about 1 KiB/s is dead. */
  leafMs: 60_000,
  /** Milliseconds an idle content stream is kept by the side that serves it. */
  idleStreamMs: 120_000,
  /** Milliseconds between two liveness probes of a connection. */
  probeMs: 15_000,
  /** Milliseconds after which a probe that was not answered ends the connection. */
  probeAnswerMs: 30_000,
  /** First pause before dialling again, milliseconds; doubles up to redialMaxMs; each jittered by ±50 %. */
  redialMinMs: 500,
  redialMaxMs: 60_000,
  /** First pause before a failed job runs again, milliseconds; doubles up to jobRetryMaxMs; jittered. */
  jobRetryMinMs: 1_000,
  jobRetryMaxMs: 300_000,
  /** Milliseconds between two looks at the clock while a window matters: a clock that was set is noticed so late. */
  windowCheckMs: 60_000,
  /** Milliseconds between two looks at the free space while jobs run or wait for it. */
  spaceCheckMs: 10_000,
  /** Milliseconds for an ordered stop before the rest is cut. */
  stopMs: 10_000,

  // --- journal -----------------------------------------------------------------------------------------
  /** Entries sent ahead of the receiver's acknowledgement. */
  journalWindowEntries: 256,
  /** Entries of one peer's journal that are kept here: bounds what a hostile peer can make us store. */
  journalEntriesPeer: 1_000_000,
  /** Bytes of manifests of one peer's journal that are kept here. */
  journalBytesPeer: 1024 * 1024 * 1024,
  /** Entries of one peer's journal per minute whose refusal is noted: the log and the audit log are not the peer's to fill. */
  refusedEntriesPerMinute: 60,
  /** Events of one peer that this version does not know and that are kept for a later one. */
  unknownEventsPeer: 1_000,

  /** Series, and memberships in series, of one peer that are kept here. */
  seriesPeer: 10_000,
  seriesMembersPeer: 1_000_000,
  /** Selectors on one peer's images; and how many of a peer's on ours are kept. */
  subscriptionsPeer: 256,

  // --- transfers ---------------------------------------------------------------------------------------
  /** Content streams of one job. */
  fetchStreams: 4,
  /** Content streams of one job when the peer is far, and from which round trip on it is, milliseconds. */
  fetchStreamsFar: 8,
  farMs: 15,
  /** Requests in flight on one content stream. With fetchStreams and requestLeaves: 24 MiB in flight for one job. */
  requestsPerStream: 3,
  /** Leaves asked for in one request: 2 MiB. Each costs both sides some work whatever its size. */
  requestLeaves: 32,
  /** Milliseconds of a rate that may be caught up when they were not used. With one piece on top: under 3 % in 10 s. */
  rateBurstMs: 200,
  /** Least rate, bytes per second: below it a leaf on each of several streams would not come within leafMs. */
  rateLeast: 16 * 1024,
  /** Segments whose leaf lists are asked for at once: 64 × 2 KiB. */
  leafListSegments: 64,
  /** Leaves of a tree in one answer, each of another file at worst: bounds the files that one request opens. */
  answerLeaves: 4_096,
  /** Leaves of a tree asked for in one request, besides requestLeaves × 64 KiB in bytes: bounds what is planned ahead. */
  requestTreeLeaves: 1_024,
  /** Leaves of a file of which block keys are asked for in one request: 16 MiB, which the origin reads and hashes for 32 KiB. */
  blockKeyLeaves: 256,
  /** Leaves over which the blocks of one request may be spread: a bitmap of 2 KiB. */
  blockRunLeaves: 1_024,
  /** Files and trees on this disk from which one job takes parts of its content. */
  seedCandidates: 4,
  /** Bytes that have to be missing before seeds are opened: less is fetched sooner. */
  seedLeastBytes: 1024 * 1024,
  /** Leaves of all seeds of one job whose places are held in memory, 16 bytes each: 256 GiB. */
  seedLeaves: 4 * 2 ** 20,
  /** Leaves of one job for which single blocks are looked for in the seeds: 4 GiB, 64 MiB of memory. The rest is fetched whole. */
  seedBlockLeaves: 64 * 1024,
  /** Bytes that have to be missing before blocks are looked for: less is fetched sooner than the seeds are read. */
  seedBlockMissing: 16 * 1024 * 1024,
  /** Bytes of the seeds that one job reads to find blocks, and how many times what is missing at most. */
  seedScanBytes: 64 * 2 ** 30,
  seedScanRatio: 16,
  /** Leaves of one seed that are not what its index says before the job takes nothing more from it. */
  seedWrongLeaves: 8,
  /** Files and directories that are looked at in one directory of pre-seeded files. */
  preseedFiles: 1_000,
  /** Files of one tree that an import, an answer or a check works on at once, and that a job keeps open. */
  openFiles: 16,
  /** Jobs that run at the same time, in all and per peer. */
  jobsRunning: 4,
  jobsRunningPeer: 2,
  /** The same in all when a peer has none: its first job runs beside jobsRunning, so that slow peers keep no other waiting. */
  jobsRunningMost: 16,
  /** Bytes between two synced progress records of a job, and milliseconds if that comes first. */
  progressBytes: 64 * 1024 * 1024,
  progressMs: 2_000,
  /** Wrong leaves that one attempt of a job takes before it gives up and waits. */
  wrongLeavesPerAttempt: 8,
  /** Threads of this server that hash, compress and write beside the one that serves the network. */
  workThreads: 4,
  /** Level of zstd for leaves that are compressed while they are sent: a higher one gains little and costs much. */
  zstdLevel: 3,

  // --- damage of this disk -------------------------------------------------------------------------------
  /** Runs of wrong leaves, and other findings, that are kept of one damaged content; what is beyond is found when these are mended. */
  damageRanges: 1_024,
  damageNotes: 16,
  /** Leaves that are asked for at once to mend a content: 1 MiB. */
  repairLeaves: 16,
  /** First pause before a repair that failed is tried again, milliseconds; doubles up to repairRetryMaxMs; jittered. */
  repairRetryMinMs: 60_000,
  repairRetryMaxMs: 3_600_000,
  /** Milliseconds for which the scrub stands back when transfers run, and between two records of how far it is. */
  scrubYieldMs: 1_000,
  scrubRecordMs: 60_000,
  /** Milliseconds after which a content is read again because a receiver reports wrong leaves of it: a peer cannot keep the disk busy. */
  scrubReportMs: 3_600_000,

  // --- equal blocks --------------------------------------------------------------------------------------
  /** Blocks that are looked for in one reading of a source: 8 GiB of them; 36 bytes of memory each, and 8 for the table. */
  matchBlocks: 2 ** 21,
  /** Readings of a source; what is wanted beyond is not looked for: 64 GiB that differ. */
  matchScans: 8,

  // --- patches of own images -----------------------------------------------------------------------------
  /** Levels of zstd: against a base, where little is left to compress, and of a whole content. */
  patchLevel: 9,
  patchLevelWhole: 5,
  /** The level when no more than so many bytes are left: 6 % less than level 9 for twenty times the work, about 7 minutes a GiB. */
  patchLevelBest: 19,
  patchBestBytes: 512 * 2 ** 20,
  /** Bytes of patches that are kept; those that were not used the longest go. */
  patchCacheBytes: 32 * 2 ** 30,
  /** Bytes that a content must have: below, a patch saves nothing that anybody notices. */
  patchLeastBytes: 2 ** 20,
  /** Share of a content that its patch must stay under; and leaves of a sample that tells before one from nothing is made. */
  patchWorth: 0.8,
  patchSampleLeaves: 64,
  /** Patches that wait to be made, one at a time. */
  patchesWaiting: 64,
  /** Groups of 64 leaves that one request asks for, and bytes of their parts, if they are more than one. */
  patchGroups: 16,
  patchRunBytes: 2 ** 20,

  // --- what an image may be ----------------------------------------------------------------------------
  /** Bytes of content: 16 TiB. */
  imageBytes: 16 * 2 ** 40,
  /** Entries of a directory tree. */
  treeEntries: 2 ** 20,
  /** Pages of a tree's index; a tree of 2²⁰ entries has about 2000. Their table is held in memory, 60 bytes each. */
  treePages: 65_536,
  /** Bytes of one page. Holds the largest entry: its path, target and attributes. */
  treePageBytes: 256 * 1024,
  /** Bytes of all pages of one tree: 1 KiB per entry. */
  treeIndexBytes: 2 ** 30,
  /** Bytes of a path in a tree, and of a symlink's target: what Linux takes. */
  pathBytes: 4_096,
  /** Bytes of one part of a path. */
  nameBytes: 255,
  /** Bytes of the name of an extended attribute. */
  xattrNameBytes: 255,
  /** Bytes of all extended attributes of one entry, names and values. */
  xattrBytes: 64 * 1024,
  ancestors: 512,
  labels: 64,
  labelBytes: 1024,
  descriptionBytes: 4096,

  // --- this server ----------------------------------------------------------------------------------------
  /** Registered peers. */
  peers: 1024,
  /** Addresses kept for one peer. */
  addressesPerPeer: 16,
  /** Bytes of the configuration file. */
  configBytes: 256 * 1024,
  /** Bytes of one control request. */
  controlRequestBytes: 1024 * 1024,
  /** Share of the images file system that stays free. */
  freeSpaceFloor: 0.05,
  /** Imports at the same time. */
  imports: 4,
  /** Series of this server, and images in one of them. */
  series: 10_000,
  seriesMembers: 10_000,
  /** Image types that this server's operator defines. */
  imageTypes: 1_000,
  /** Clients and targets. */
  members: 10_000,
  /** Jobs that have ended and are kept to be looked at; the oldest go. */
  jobsKept: 20_000,
  /** Records of the audit log that are kept; the oldest go. */
  auditRecords: 1_000_000,
  /** Those who watch events at the same time, and bytes that may wait for one of them before it is cut. */
  eventWatchers: 32,
  eventBacklogBytes: 4 * 1024 * 1024,
}

/** The bounds in force in one server; see {@link defaultLimits} for units and reasons. */
export type Limits = Readonly<typeof defaultLimits>
