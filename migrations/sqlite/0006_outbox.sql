-- Events clustered by their ids. A row of a table without rowids has room for a quarter of a page, and most documents
-- take a little more: each event had a page of its own besides.

ALTER TABLE outbox RENAME TO outbox_before;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  topic_id INTEGER NOT NULL,
  bucket_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  -- JSON, as it is sent.
  document TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  not_before_ms INTEGER NOT NULL
) STRICT;

INSERT INTO outbox (id, topic_id, bucket_id, key, document, created_ms, tries, not_before_ms)
  SELECT id, topic_id, bucket_id, key, document, created_ms, tries, not_before_ms FROM outbox_before ORDER BY id;

DROP TABLE outbox_before;

-- In the order in which the events of a topic happened: the rowid is a part of it.
CREATE INDEX outbox_by_topic ON outbox (topic_id);
