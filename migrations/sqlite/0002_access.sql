-- What buckets have set about them, users and their keys, usage, and access logs.

-- A bucket's settings, each by itself, as JSON.
CREATE TABLE bucket_settings (
  bucket_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (bucket_id, name)
) STRICT, WITHOUT ROWID;

-- The counters of all buckets of one owner, summed, in step with those of `buckets`. No row is as good as zeros.
CREATE TABLE owner_usage (
  owner_id TEXT NOT NULL PRIMARY KEY,
  object_count INTEGER NOT NULL,
  byte_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO owner_usage (owner_id, object_count, byte_count)
SELECT owner_id, sum(object_count), sum(byte_count) FROM buckets GROUP BY owner_id;

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL,
  uid TEXT NOT NULL,
  display_name TEXT NOT NULL,
  email TEXT,
  -- The same in lower case: SQLite's NOCASE knows the letters of ASCII only.
  email_folded TEXT UNIQUE,
  suspended INTEGER NOT NULL,
  max_buckets INTEGER NOT NULL,
  caps TEXT NOT NULL,
  -- JSON.
  quota TEXT,
  bucket_quota TEXT,
  is_configured INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE access_keys (
  access_key TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  sealed_secret BLOB NOT NULL,
  is_configured INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX access_keys_of_user ON access_keys (user_id, access_key);

-- What requests have cost, by the hour. This is not what is stored: that is counted in `buckets` and `owner_usage`.
CREATE TABLE usage (
  owner_id TEXT NOT NULL,
  bucket TEXT NOT NULL,
  hour_ms INTEGER NOT NULL,
  category TEXT NOT NULL,
  bytes_sent INTEGER NOT NULL,
  bytes_received INTEGER NOT NULL,
  operations INTEGER NOT NULL,
  successful_operations INTEGER NOT NULL,
  PRIMARY KEY (owner_id, bucket, hour_ms, category)
) STRICT, WITHOUT ROWID;

-- Old hours of all owners are trimmed together.
CREATE INDEX usage_by_hour ON usage (hour_ms);

-- Lines of access logs that wait for their delivery, clustered by the bucket that was asked.
CREATE TABLE log_records (
  bucket_id INTEGER NOT NULL,
  id INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (bucket_id, id)
) STRICT, WITHOUT ROWID;

-- A row for each bucket that has lines waiting, so that nobody has to read them to learn whether they are due.
CREATE TABLE log_pending (
  bucket_id INTEGER PRIMARY KEY,
  oldest_ms INTEGER NOT NULL,
  byte_count INTEGER NOT NULL
) STRICT;
