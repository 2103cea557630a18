-- Sealed chunks, chunks in other folders, what restores and jobs keep.

-- The chunk's data key, wrapped; null for plain bytes. Of a sealed chunk `size_bytes` is that of the plain text.
ALTER TABLE chunks ADD COLUMN sealed_key BLOB;
-- The storage class whose folder the file lies in; empty for the default folder, and for inline bytes.
ALTER TABLE chunks ADD COLUMN store TEXT NOT NULL DEFAULT '';

-- A rotation of keys walks these, a start asks which folders are needed: neither reads the plain chunks at home.
CREATE INDEX chunks_sealed ON chunks (id) WHERE sealed_key IS NOT NULL;
CREATE INDEX chunks_elsewhere ON chunks (store) WHERE store <> '';

-- Jobs look for the buckets that have a setting.
CREATE INDEX bucket_settings_by_name ON bucket_settings (name, bucket_id);

-- When restored versions are archived again. Rows may outlive their version.
CREATE TABLE restored (
  until_ms INTEGER NOT NULL,
  bucket_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  version_id TEXT NOT NULL,
  PRIMARY KEY (until_ms, bucket_id, key, version_id)
) STRICT, WITHOUT ROWID;

-- What jobs keep beside the rows they work on, as JSON.
CREATE TABLE job_state (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
