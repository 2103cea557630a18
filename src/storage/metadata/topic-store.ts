// Topics and the outbox: their rows, and the part of the metadata port that keeps them.

/** A topic of a tenant. `attributes` are what its owner gave it; domain/topics/attributes.ts knows what they mean. */
export interface NewTopic {
  /** Empty for the default tenant. */
  readonly tenant: string
  readonly name: string
  readonly ownerId: string
  /** By their names, in the order they came. What is secret in a value is masked in it. */
  readonly attributes: Readonly<Record<string, string>>
  /** JSON of the attributes that have a secret in them, as the key ring has sealed it; undefined where none has. */
  readonly sealedAttributes: Buffer | undefined
  readonly createdMs: number
}

export interface TopicRow extends NewTopic {
  readonly id: number
  /** Another one after every change: what is kept about a topic is fresh as long as this is the same. */
  readonly revision: number
}

export interface TopicRef {
  readonly tenant: string
  readonly name: string
}

export interface TopicReader {
  find(ref: TopicRef): Promise<TopicRow | undefined>
  findById(id: number): Promise<TopicRow | undefined>
  /** Of one tenant, in the order of names, behind one. */
  list(range: { tenant: string; after: string | undefined; limit: number }): Promise<TopicRow[]>
  /** Those with sealed attributes, of all tenants, in the order of ids: what a rotation of keys walks. */
  listSealed(range: { afterId: number; limit: number }): Promise<TopicRow[]>
  count(tenant: string): Promise<number>
}

export interface TopicWriter {
  /** Inserts it, or replaces what the one of this name is, which keeps its id, its owner and its time. */
  put(topic: NewTopic): Promise<TopicRow>
  /** Also drops what waits for it. */
  remove(id: number): Promise<void>
}

/** An event on its way to one topic. */
export interface NewOutboxEvent {
  readonly topicId: number
  readonly bucketId: number
  /** With the bucket's id: whose order is kept. */
  readonly key: string
  /** JSON in one line, as it is sent. */
  readonly document: string
  readonly createdMs: number
  /** Nobody takes it before that time; it is due at once where it is left out. */
  readonly notBeforeMs?: number
}

export interface OutboxEvent extends NewOutboxEvent {
  /** In the order in which the changes were committed. */
  readonly id: number
  /** How often it has been tried in vain. */
  readonly tries: number
  readonly notBeforeMs: number
}

/** What waits for one topic. */
export interface OutboxTotal {
  readonly topicId: number
  readonly events: number
  /** Of their documents, in UTF-8. */
  readonly bytes: number
}

export interface OutboxReader {
  /** Topics that events wait for, in the order of ids. */
  totals(): Promise<OutboxTotal[]>
  /** Nothing twice where nothing waits. */
  total(topicId: number): Promise<OutboxTotal>
  /** The oldest events of one topic, due or not, behind an id. */
  list(range: { topicId: number; afterId: number; limit: number }): Promise<OutboxEvent[]>
}

export interface OutboxWriter {
  /**
   * A number that is larger than every one before, whatever the clock does, also after a restart: an event's sequencer.
   * The order of these numbers is the order in which the changes are committed.
   */
  nextSequence(): Promise<number>
  /** Returns their ids. */
  add(events: readonly NewOutboxEvent[]): Promise<number[]>
  /** Those that are not there any more are passed over. */
  remove(range: { topicId: number; ids: readonly number[] }): Promise<void>
  /** They have been tried once more, in vain, and are due at that time. */
  postpone(range: { topicId: number; ids: readonly number[]; notBeforeMs: number }): Promise<void>
  /** All that waits for this topic. */
  drop(topicId: number): Promise<void>
}
