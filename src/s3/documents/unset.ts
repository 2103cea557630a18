import { buildDocument } from '../xml/build.ts'

// What S3 answers where a bucket has none of a configuration that is not served here. Terraform's AWS provider reads
// them all, so a bucket without them must be told from one that cannot be asked. RGW 16.2 does not know these
// subresources and lists the bucket (recorded: bucket.get_sub.analytics and its neighbours): that is not copied.

/** The roots of the listings, as AWS's API reference prints them. */
const LISTS = {
  analytics: 'ListBucketAnalyticsConfigurationResult',
  'intelligent-tiering': 'ListBucketIntelligentTieringConfigurationsOutput',
  inventory: 'ListInventoryConfigurationsResult',
  metrics: 'ListMetricsConfigurationsResult',
} as const

export type ListedConfiguration = keyof typeof LISTS

/** A listing of no configurations. The token that the client sent is repeated, as S3 documents. */
export function emptyConfigurationList(kind: ListedConfiguration, continuationToken: string | undefined): string {
  return buildDocument(LISTS[kind], { ContinuationToken: continuationToken, IsTruncated: false })
}

/** Transfer acceleration that was never enabled has no Status. */
export function unsetAcceleration(): string {
  return buildDocument('AccelerateConfiguration', {})
}

/** RGW's answer where no replication is set (recorded: bucket.get_sub.replication). */
export function unsetReplication(): string {
  return buildDocument('ReplicationConfiguration', { Role: '' })
}
