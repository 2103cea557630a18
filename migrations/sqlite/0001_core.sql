-- Buckets, object versions, the bytes they are made of, multipart uploads and garbage.
--
-- Ids of every kind come from one sequence (counters.next_id), which the process reserves in blocks: no row needs
-- AUTOINCREMENT, and an id is never used twice, not even after its row is gone.

CREATE TABLE counters (
  name TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counters (name, value) VALUES ('next_id', 1), ('file_chunks', 0), ('file_chunk_bytes', 0);

CREATE TABLE buckets (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  versioning TEXT NOT NULL CHECK (versioning IN ('off', 'enabled', 'suspended')),
  object_lock INTEGER NOT NULL,
  location TEXT NOT NULL,
  storage_class TEXT NOT NULL,
  az_policy TEXT,
  acl TEXT NOT NULL,
  -- Versions that bear data, current or not, and their bytes.
  object_count INTEGER NOT NULL DEFAULT 0,
  byte_count INTEGER NOT NULL DEFAULT 0,
  UNIQUE (tenant, name)
) STRICT;

CREATE INDEX buckets_of_owner ON buckets (owner_id, name);

-- The versions of a key live in two tables. `objects` has at most one row a key: its latest version, if that is an
-- object. Everything else is in `history`: older versions, and delete markers also where they are the latest.
-- Both are clustered by key, so that a PUT into an unversioned bucket and a GET each touch one b-tree, a page of a
-- listing reads neighbouring rows, and current objects are listed without walking old versions or deleted keys.
CREATE TABLE objects (
  bucket_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  -- Grows with every insertion: of two versions of a key the one with the larger id is newer.
  id INTEGER NOT NULL,
  version_id TEXT NOT NULL,
  last_modified_ms INTEGER NOT NULL,
  owner_id TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  etag TEXT NOT NULL,
  storage_class TEXT NOT NULL,
  appends INTEGER NOT NULL,
  part_count INTEGER NOT NULL,
  manifest_id INTEGER,
  checksum_algorithm TEXT,
  checksum_value TEXT,
  checksum_type TEXT,
  -- JSON, last: what listings read stays in front of the overflow pages of a long one.
  attributes TEXT NOT NULL,
  PRIMARY KEY (bucket_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
  bucket_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  id INTEGER NOT NULL,
  version_id TEXT NOT NULL,
  is_delete_marker INTEGER NOT NULL,
  last_modified_ms INTEGER NOT NULL,
  owner_id TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  etag TEXT NOT NULL,
  storage_class TEXT NOT NULL,
  appends INTEGER NOT NULL,
  part_count INTEGER NOT NULL,
  manifest_id INTEGER,
  checksum_algorithm TEXT,
  checksum_value TEXT,
  checksum_type TEXT,
  attributes TEXT NOT NULL,
  PRIMARY KEY (bucket_id, key, id DESC)
) STRICT, WITHOUT ROWID;

-- Finds a version by its id, and the null version of a key among many others.
CREATE UNIQUE INDEX history_by_version ON history (bucket_id, key, version_id);

-- A manifest is an id and its segments; most are referred to once, and only the others have a row here.
CREATE TABLE manifest_shares (
  manifest_id INTEGER PRIMARY KEY,
  -- References beyond the first.
  extra_refs INTEGER NOT NULL CHECK (extra_refs > 0)
) STRICT;

CREATE TABLE segments (
  manifest_id INTEGER NOT NULL,
  start_bytes INTEGER NOT NULL,
  chunk_id INTEGER NOT NULL,
  chunk_offset_bytes INTEGER NOT NULL,
  length_bytes INTEGER NOT NULL CHECK (length_bytes > 0),
  PRIMARY KEY (manifest_id, start_bytes)
) STRICT, WITHOUT ROWID;

-- Either a file of the chunk store, or bytes with their CRC32C.
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY,
  -- Segments that refer to it. A file without any is doomed: its row waits for the file's removal.
  refs INTEGER NOT NULL CHECK (refs >= 0),
  size_bytes INTEGER NOT NULL,
  file TEXT,
  crc32c INTEGER,
  bytes BLOB,
  CHECK ((file IS NULL) = (bytes IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX chunks_by_file ON chunks (file) WHERE file IS NOT NULL;
CREATE INDEX chunks_doomed ON chunks (file) WHERE refs = 0;

-- The sizes of the parts of a completed multipart object.
CREATE TABLE object_parts (
  manifest_id INTEGER NOT NULL,
  part_number INTEGER NOT NULL,
  start_bytes INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  checksum TEXT,
  PRIMARY KEY (manifest_id, part_number)
) STRICT, WITHOUT ROWID;

-- Manifests that lost their last reference.
CREATE TABLE garbage (
  manifest_id INTEGER PRIMARY KEY,
  deletable_at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX garbage_by_time ON garbage (deletable_at_ms);

CREATE TABLE uploads (
  upload_id TEXT NOT NULL PRIMARY KEY,
  bucket_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  -- Completed and aborted rows stay for a while, so that a second complete can be told from an unknown id.
  state TEXT NOT NULL CHECK (state IN ('open', 'completed', 'aborted')),
  initiated_ms INTEGER NOT NULL,
  owner_id TEXT NOT NULL,
  storage_class TEXT NOT NULL,
  checksum_algorithm TEXT,
  checksum_type TEXT,
  -- JSON: what CompleteMultipartUpload answered.
  completed TEXT,
  attributes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX uploads_open ON uploads (bucket_id, key, initiated_ms, upload_id) WHERE state = 'open';
CREATE INDEX uploads_closed ON uploads (bucket_id) WHERE state <> 'open';
CREATE INDEX uploads_closed_by_age ON uploads (initiated_ms) WHERE state <> 'open';

CREATE TABLE parts (
  upload_id TEXT NOT NULL,
  part_number INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  etag TEXT NOT NULL,
  checksum_algorithm TEXT,
  checksum_value TEXT,
  checksum_type TEXT,
  last_modified_ms INTEGER NOT NULL,
  manifest_id INTEGER NOT NULL,
  PRIMARY KEY (upload_id, part_number)
) STRICT, WITHOUT ROWID;
