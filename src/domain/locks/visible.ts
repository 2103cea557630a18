import type { BucketRef, VersionRow } from '../../storage/metadata/rows.ts'
import type { Decision } from '../access/facts.ts'
import type { Permission } from '../access/permissions.ts'

export interface VersionView {
  readonly bucket: BucketRef
  readonly version: VersionRow
  /** The version that the request names, if it names one. */
  readonly versionId: string | undefined
}

/**
 * A version as its reader may see it: S3 shows retention and legal hold in the headers of a read only to those who may
 * ask for them (API reference, "HeadObject"), and Ceph does the same (rgw_op.cc). Costs nothing where there is no lock.
 */
export async function withVisibleLocks(
  decide: (permissions: readonly Permission[]) => Promise<readonly Decision[]>,
  { bucket: { tenant, name: bucket }, version, versionId }: VersionView,
): Promise<VersionRow> {
  const { retention, legalHold, ...others } = version.attributes
  if (retention === undefined && legalHold === undefined) return version
  const on = { tenant, bucket, key: version.key, ...(versionId === undefined ? {} : { versionId }) }
  const [seesRetention, seesLegalHold] = await decide([
    { action: 's3:GetObjectRetention', ...on },
    { action: 's3:GetObjectLegalHold', ...on },
  ])
  return {
    ...version,
    attributes: {
      ...others,
      ...(retention !== undefined && seesRetention?.verdict === 'allow' ? { retention } : {}),
      ...(legalHold !== undefined && seesLegalHold?.verdict === 'allow' ? { legalHold } : {}),
    },
  }
}
