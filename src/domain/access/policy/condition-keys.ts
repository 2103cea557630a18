// The condition keys that AWS knows, in lower case. Service authorization reference, "Condition keys for Amazon S3",
// and IAM user guide, "AWS global condition context keys". A policy may name each of them; which of them a request has
// is s3/policy-conditions.ts.

const GLOBAL: ReadonlySet<string> = new Set(
  [
    'AssumedRoot CalledVia CalledViaFirst CalledViaLast ChatbotSourceArn CurrentTime Ec2InstanceSourceVpc',
    'Ec2InstanceSourcePrivateIPv4 EpochTime FederatedProvider MultiFactorAuthAge MultiFactorAuthPresent',
    'PrincipalAccount PrincipalArn PrincipalIsAWSService PrincipalOrgID PrincipalOrgPaths PrincipalServiceName',
    'PrincipalServiceNamesList PrincipalType Referer RequestedRegion ResourceAccount ResourceOrgID ResourceOrgPaths',
    'SecureTransport SourceAccount SourceArn SourceIdentity SourceIp SourceOrgID SourceOrgPaths SourceOwner SourceVpc',
    'SourceVpcArn SourceVpce TagKeys TokenIssueTime UserAgent userid username ViaAWSService VpceAccount VpceOrgID',
    'VpceOrgPaths VpcSourceIp',
  ].flatMap((line) => line.split(' ').map((name) => `aws:${name.toLowerCase()}`)),
)

const S3: ReadonlySet<string> = new Set(
  [
    'AccessGrantsInstanceArn AccessPointNetworkOrigin authType DataAccessPointAccount DataAccessPointArn',
    'delimiter if-match if-none-match InventoryAccessibleOptionalFields JobSuspendedCause locationconstraint max-keys',
    'object-lock-legal-hold object-lock-mode object-lock-remaining-retention-days object-lock-retain-until-date',
    'ObjectCreationOperation prefix RequestObjectTagKeys ResourceAccount signatureAge signatureversion TlsVersion',
    'versionid x-amz-acl x-amz-content-sha256 x-amz-copy-source x-amz-grant-full-control x-amz-grant-read',
    'x-amz-grant-read-acp x-amz-grant-write x-amz-grant-write-acp x-amz-metadata-directive x-amz-object-ownership',
    'x-amz-server-side-encryption x-amz-server-side-encryption-aws-kms-key-id',
    'x-amz-server-side-encryption-customer-algorithm x-amz-storage-class x-amz-website-redirect-location',
  ].flatMap((line) => line.split(' ').map((name) => `s3:${name.toLowerCase()}`)),
)

/** Families whose keys end in the key of a tag. */
const FAMILIES: ReadonlySet<string> = new Set([
  'aws:principaltag',
  'aws:requesttag',
  'aws:resourcetag',
  's3:accesspointtag',
  's3:buckettag',
  's3:existingobjecttag',
  's3:requestobjecttag',
])

/** @param key as conditionKey makes it */
export function isKnownKey(key: string): boolean {
  const slash = key.indexOf('/')
  if (slash >= 0) return slash < key.length - 1 && FAMILIES.has(key.slice(0, slash))
  return GLOBAL.has(key) || S3.has(key)
}
