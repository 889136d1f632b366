/**
 * Schema changes in order; the number of those that were applied is `PRAGMA user_version`. A migration that was released
 * never changes. Times are milliseconds since 1970, digests and peer ids are text.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Servers that were registered here. An unregistered one stays while replicas of it remain, to keep its name bound.
  CREATE TABLE peer (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    addresses TEXT NOT NULL, -- JSON list of multiaddrs
    status TEXT NOT NULL CHECK (status IN ('registered', 'suspended', 'unregistered')),
    registered_at INTEGER NOT NULL,
    last_contact INTEGER,
    wrong_leaves INTEGER NOT NULL DEFAULT 0,
    fault TEXT -- why intake from this peer stands still
  ) STRICT, WITHOUT ROWID;

  -- Newest verified head per peer; outlives the peer's row.
  CREATE TABLE cursor (
    peer TEXT PRIMARY KEY,
    journal_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    time INTEGER NOT NULL,
    signature BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- This server's own journal.
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    previous TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    hash TEXT NOT NULL,
    body BLOB, -- NULL once it was taken back
    signature BLOB NOT NULL,
    image TEXT
  ) STRICT;
  CREATE INDEX journal_image ON journal (image);

  -- Bytes that are whole and verified on this disk.
  CREATE TABLE content (
    digest TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('file', 'tree')),
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL, -- flat digest of the bytes, computed here
    in_place_path TEXT, -- registered where it lay, not copied
    in_place_stat TEXT, -- JSON: inode, size, mtime, ctime when it was registered
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Images that are here: own and replicas.
  CREATE TABLE image (
    id TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    content TEXT NOT NULL REFERENCES content (digest),
    manifest BLOB NOT NULL,
    signature BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('TESTABLE', 'RESTRICTED', 'PUBLISHED')),
    private INTEGER NOT NULL DEFAULT 0,
    enabled_at INTEGER NOT NULL,
    UNIQUE (origin, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX image_content ON image (content);

  -- Mirror of each peer's announced images, with the latest decision about each.
  CREATE TABLE announced (
    peer TEXT NOT NULL,
    image TEXT NOT NULL,
    seq INTEGER NOT NULL,
    name TEXT NOT NULL,
    manifest BLOB NOT NULL,
    signature BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('announced', 'withdrawn', 'deleted')),
    decision TEXT NOT NULL CHECK (decision IN ('wanted', 'not-wanted', 'refused')),
    rule TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    PRIMARY KEY (peer, image)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX announced_name ON announced (name, peer);
  CREATE INDEX announced_image ON announced (image);

  -- Journal events that this version does not know, kept for one that does.
  CREATE TABLE unknown_event (
    peer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (peer, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE subscription (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    peer TEXT NOT NULL,
    selector TEXT NOT NULL,
    name TEXT NOT NULL, -- what the operator called the image, for image selectors
    head_seq INTEGER NOT NULL, -- the peer's head when it was made
    created_at INTEGER NOT NULL,
    UNIQUE (peer, selector)
  ) STRICT;

  CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    peer TEXT NOT NULL,
    image TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    error TEXT,
    bytes_total INTEGER NOT NULL,
    bytes_done INTEGER NOT NULL DEFAULT 0,
    bytes_local INTEGER NOT NULL DEFAULT 0,
    bytes_wire INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX job_live ON job (peer, image) WHERE state NOT IN ('DONE', 'FAILED', 'CANCELLED');
  CREATE INDEX job_image ON job (image);

  -- Receipts to origins, sent again until acknowledged; and receipts of receivers about our own images.
  CREATE TABLE receipt_out (
    peer TEXT NOT NULL,
    image TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    time INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (peer, image)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE receipt_in (
    peer TEXT NOT NULL,
    image TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (peer, image)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    operation TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- Every entry ever taken of a peer has an ordinal here, also across its journals: what came later has a higher one.
  ALTER TABLE cursor ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;
  UPDATE cursor SET taken = seq;
  ALTER TABLE announced ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
  UPDATE announced SET ordinal = seq;
  -- 1: of a journal that was given up, and not announced anew yet.
  ALTER TABLE announced ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX announced_ordinal ON announced (peer, status, ordinal);

  -- The entry at which intake stopped, when it is that entry alone; and the one that the operator passes over.
  ALTER TABLE peer ADD COLUMN fault_seq INTEGER;
  ALTER TABLE peer ADD COLUMN passed_seq INTEGER;

  ALTER TABLE subscription ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
  UPDATE subscription SET ordinal = head_seq;
  ALTER TABLE subscription ADD COLUMN new_only INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE subscription ADD COLUMN land_as TEXT NOT NULL DEFAULT 'PUBLISHED';
  ALTER TABLE subscription ADD COLUMN keep INTEGER;
  ALTER TABLE subscription ADD COLUMN max_bytes INTEGER;
  ALTER TABLE subscription ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE subscription ADD COLUMN trust_privileged INTEGER NOT NULL DEFAULT 0;

  -- Selectors of peers on our images, as they last told.
  CREATE TABLE peer_subscription (
    peer TEXT NOT NULL,
    selector TEXT NOT NULL,
    PRIMARY KEY (peer, selector)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE job ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE job ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE job ADD COLUMN land_as TEXT NOT NULL DEFAULT 'PUBLISHED';
  ALTER TABLE job ADD COLUMN trust_privileged INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE job ADD COLUMN replaces INTEGER NOT NULL DEFAULT 0; -- 1: takes the place of the image that has its name here
  CREATE INDEX job_next ON job (peer, priority DESC, ordinal, id) WHERE state IN ('QUEUED', 'WAITING');
  CREATE INDEX job_retry ON job (retry_at) WHERE state = 'WAITING';
  CREATE INDEX receipt_out_pending ON receipt_out (peer, time) WHERE acknowledged = 0;

  -- Images of peers that this server's operator does not want here until he asks for them by name.
  CREATE TABLE declined (
    peer TEXT NOT NULL,
    image TEXT NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('deleted', 'cancelled', 'kept')),
    time INTEGER NOT NULL,
    PRIMARY KEY (peer, image)
  ) STRICT, WITHOUT ROWID;

  -- Names of own images that were deleted: they may be ancestors of others.
  CREATE TABLE deleted_image (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    deleted_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE image_type (
    name TEXT PRIMARY KEY,
    base_type TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- This server's own series. What is announced of a member has its own order: it tells nothing of what is not announced.
  CREATE TABLE series (
    name TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE series_member (
    series TEXT NOT NULL REFERENCES series (name),
    image TEXT NOT NULL REFERENCES image (id),
    position INTEGER NOT NULL,
    announced_order INTEGER,
    PRIMARY KEY (series, image)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX series_member_image ON series_member (image);

  -- Mirror of the series that peers announce.
  CREATE TABLE announced_series (
    peer TEXT NOT NULL,
    series TEXT NOT NULL,
    stale INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (peer, series)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE announced_member (
    peer TEXT NOT NULL,
    series TEXT NOT NULL,
    image TEXT NOT NULL,
    place INTEGER NOT NULL, -- the order that its origin gave it
    ordinal INTEGER NOT NULL, -- when it was inserted
    stale INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (peer, series, image)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX announced_member_image ON announced_member (peer, image);

  -- Clients and targets of this server's own domain.
  CREATE TABLE member (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('client', 'target')),
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX audit_time ON audit (time);

  -- How a tree stands to the set-id bits, privileged attributes and owners that its index records.
  ALTER TABLE content ADD COLUMN privileged TEXT NOT NULL DEFAULT 'none'
    CHECK (privileged IN ('none', 'dropped', 'applied'));
  `,
  `
  -- Bytes per second over all content streams with that peer; NULL: no bound.
  ALTER TABLE peer ADD COLUMN rate_in INTEGER;
  ALTER TABLE peer ADD COLUMN rate_out INTEGER;

  -- What the jobs of a selector take together, bytes per second; and when they run, as core/window writes it.
  ALTER TABLE subscription ADD COLUMN rate INTEGER;
  ALTER TABLE subscription ADD COLUMN time_window TEXT;

  -- The subscription that decides about its job: the most specific one that wants its image.
  ALTER TABLE job ADD COLUMN subscription INTEGER;
  CREATE INDEX job_subscription ON job (subscription) WHERE state IN ('QUEUED', 'WAITING');
  `,
  `
  -- File or directory from which the operator lets its jobs take what they can.
  ALTER TABLE subscription ADD COLUMN preseed TEXT;
  `,
  `
  -- Contents that are not as their digest says: nothing of them is served until they are whole again.
  CREATE TABLE damage (
    content TEXT PRIMARY KEY REFERENCES content (digest) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    found_by TEXT NOT NULL CHECK (found_by IN ('verify', 'scrub', 'repair')),
    leaves INTEGER NOT NULL, -- wrong leaves
    ranges TEXT NOT NULL, -- JSON: where they are
    wrong_index INTEGER NOT NULL, -- 1: the content index is wrong too
    other TEXT NOT NULL, -- JSON: what else is wrong, for people
    reason TEXT -- why it is not repaired yet
  ) STRICT, WITHOUT ROWID;

  -- When all of a content was last read and found whole; NULL: not since it came.
  ALTER TABLE content ADD COLUMN verified_at INTEGER;
  CREATE INDEX content_verified ON content (coalesce(verified_at, created_at));

  -- 1: a replica all of whose bytes came from its origin, or from images that are pure and of the same origin.
  ALTER TABLE image ADD COLUMN pure INTEGER NOT NULL DEFAULT 0;
  -- 1: a job that may have taken bytes from anything else. Of jobs that were under way nobody knows.
  ALTER TABLE job ADD COLUMN foreign_bytes INTEGER NOT NULL DEFAULT 1;
  `,
]
