-- Topics, and the events that wait for their delivery to them.

CREATE TABLE topics (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  -- JSON: attributes by their names, what is secret in them masked.
  attributes TEXT NOT NULL,
  -- The attributes that have a secret in them, sealed by the key ring; null where none has.
  sealed_attributes BLOB,
  created_ms INTEGER NOT NULL,
  -- Grows with every change.
  revision INTEGER NOT NULL,
  UNIQUE (tenant, name)
) STRICT;

-- Clustered by the topic, in the order in which the events happened.
CREATE TABLE outbox (
  topic_id INTEGER NOT NULL,
  id INTEGER NOT NULL,
  bucket_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  -- JSON, as it is sent.
  document TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  not_before_ms INTEGER NOT NULL,
  PRIMARY KEY (topic_id, id)
) STRICT, WITHOUT ROWID;

-- A row for each topic that has events waiting: nobody has to read those to know how many they are.
CREATE TABLE outbox_totals (
  topic_id INTEGER PRIMARY KEY,
  event_count INTEGER NOT NULL,
  byte_count INTEGER NOT NULL
) STRICT;
