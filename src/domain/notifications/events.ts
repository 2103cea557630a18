/**
 * What can happen to an object, and what the providers call it: in Ceph's words first, then in AWS's where those are
 * others. A notification hears of it under the name that it was configured with. Sources: Ceph's "S3 Bucket
 * Notifications Compatibility", and S3's user guide, "Supported event types for SQS, SNS, and Lambda".
 */
export const EVENT_NAMES = {
  'created:put': ['ObjectCreated:Put'],
  'created:post': ['ObjectCreated:Post'],
  'created:copy': ['ObjectCreated:Copy'],
  'created:complete': ['ObjectCreated:CompleteMultipartUpload'],
  /** A version, or a delete marker, is gone for good; or the key that was to be deleted was not there. */
  'removed:delete': ['ObjectRemoved:Delete'],
  'removed:marker': ['ObjectRemoved:DeleteMarkerCreated'],
  'expired:current': ['ObjectLifecycle:Expiration:Current', 'LifecycleExpiration:Delete'],
  'expired:marker-created': ['ObjectLifecycle:Expiration:Current', 'LifecycleExpiration:DeleteMarkerCreated'],
  'expired:noncurrent': ['ObjectLifecycle:Expiration:Noncurrent', 'LifecycleExpiration:Delete'],
  'expired:marker': ['ObjectLifecycle:Expiration:DeleteMarker', 'LifecycleExpiration:Delete'],
  /** An upload that was not completed in time. */
  'expired:upload': ['ObjectLifecycle:Expiration:AbortMPU'],
  'transitioned:current': ['ObjectLifecycle:Transition:Current', 'LifecycleTransition'],
  'transitioned:noncurrent': ['ObjectLifecycle:Transition:Noncurrent', 'LifecycleTransition'],
  'restore:started': ['ObjectRestore:Post'],
  'restore:completed': ['ObjectRestore:Completed'],
  /** The restored copy has expired. */
  'restore:ended': ['ObjectRestore:Delete'],
  'tagging:put': ['ObjectTagging:Put'],
  'tagging:delete': ['ObjectTagging:Delete'],
  'acl:put': ['ObjectAcl:Put'],
} as const satisfies Record<string, readonly [string, ...string[]]>

export type EventKind = keyof typeof EVENT_NAMES

/** Which names a provider knows beside those that all do. */
export type EventVocabulary = 'rgw' | 'aws'

/** What of Ceph's is AWS's too. */
const COMMON = [
  'ObjectCreated:*',
  'ObjectCreated:Put',
  'ObjectCreated:Post',
  'ObjectCreated:Copy',
  'ObjectCreated:CompleteMultipartUpload',
  'ObjectRemoved:*',
  'ObjectRemoved:Delete',
  'ObjectRemoved:DeleteMarkerCreated',
  'LifecycleExpiration:*',
  'LifecycleExpiration:Delete',
  'LifecycleExpiration:DeleteMarkerCreated',
  'LifecycleTransition',
  'ObjectRestore:*',
  'ObjectRestore:Post',
  'ObjectRestore:Completed',
  'ObjectRestore:Delete',
  'ObjectTagging:*',
  'ObjectTagging:Put',
  'ObjectTagging:Delete',
  'ObjectAcl:Put',
]

/**
 * The last lines of each are of what does not happen here: objects are neither synchronized between zones nor
 * replicated, none is lost, none is tiered by itself. Who waits for it waits as long as at a provider whose buckets
 * do nothing of the kind.
 */
const OWN: Readonly<Record<EventVocabulary, readonly string[]>> = {
  rgw: [
    'ObjectLifecycle:*',
    'ObjectLifecycle:Expiration:*',
    'ObjectLifecycle:Expiration:Current',
    'ObjectLifecycle:Expiration:Noncurrent',
    'ObjectLifecycle:Expiration:DeleteMarker',
    'ObjectLifecycle:Expiration:AbortMPU',
    'ObjectLifecycle:Transition:*',
    'ObjectLifecycle:Transition:Current',
    'ObjectLifecycle:Transition:Noncurrent',
    'ObjectSynced:*',
    'ObjectSynced:Create',
    'ObjectSynced:Delete',
    'ObjectSynced:DeletionMarkerCreated',
  ],
  aws: [
    'ReducedRedundancyLostObject',
    'Replication:*',
    'Replication:OperationFailedReplication',
    'Replication:OperationMissedThreshold',
    'Replication:OperationReplicatedAfterThreshold',
    'Replication:OperationNotTracked',
    'IntelligentTiering',
  ],
}

/** Other spellings that RGW reads, and answers in its own. */
const ALIASES: Readonly<Record<string, string>> = {
  OBJECT_CREATE: 's3:ObjectCreated:*',
  OBJECT_DELETE: 's3:ObjectRemoved:Delete',
  DELETE_MARKER_CREATE: 's3:ObjectRemoved:DeleteMarkerCreated',
  's3:ObjectLifecycle:Expiration:AbortMultipartUpload': 's3:ObjectLifecycle:Expiration:AbortMPU',
}

const PREFIX = 's3:'
const KNOWN: Readonly<Record<EventVocabulary, ReadonlySet<string>>> = {
  rgw: new Set([...COMMON, ...OWN.rgw].map((name) => PREFIX + name)),
  aws: new Set([...COMMON, ...OWN.aws].map((name) => PREFIX + name)),
}

/** What a configuration names, as it is answered: `s3:ObjectCreated:*`. Undefined for what is no event. */
export function readEvent(written: string, vocabulary: EventVocabulary): string | undefined {
  const name = vocabulary === 'rgw' ? (ALIASES[written] ?? written) : written
  return KNOWN[vocabulary].has(name) ? name : undefined
}

/** What RGW takes a configuration without events for: it leaves out what has to be named (recorded: no_event). */
export const DEFAULT_EVENTS: readonly string[] = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*']

/** The name under which one of these configured events hears of it; undefined if none does. */
export function heardAs(kind: EventKind, configured: readonly string[]): string | undefined {
  const names: readonly string[] = EVENT_NAMES[kind]
  return names.find((name) => configured.some((event) => covers(event, PREFIX + name)))
}

/** Whether two lists of configured events have an event in common. */
export function haveCommonEvent(one: readonly string[], other: readonly string[]): boolean {
  return one.some((left) => other.some((right) => covers(left, right) || covers(right, left)))
}

function covers(event: string, name: string): boolean {
  return event === name || (event.endsWith(':*') && name.startsWith(event.slice(0, -1)))
}
