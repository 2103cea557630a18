-- Rendered pictures that are kept until there is no room for them, or their picture goes.

INSERT INTO counters (name, value) VALUES ('renderings', 0), ('rendering_bytes', 0);

-- Clustered by the picture: a version that goes finds its renderings, or that it has none, with one search.
CREATE TABLE renderings (
  -- The id of the version that was rendered.
  source_id INTEGER NOT NULL,
  digest TEXT NOT NULL,
  manifest_id INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  etag TEXT NOT NULL,
  used_ms INTEGER NOT NULL CHECK (used_ms >= 0),
  PRIMARY KEY (source_id, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX renderings_by_use ON renderings (used_ms);
