/**
 * Schema changes in order; the index of the last applied one is `PRAGMA user_version`. A migration that was released
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
]
