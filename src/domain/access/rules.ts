import type { ObjectOwnership } from '../../storage/metadata/settings.ts'

/** In what the providers' access control contradicts each other. */
export interface AccessRules {
  /**
   * RGW gives an owner no more than READ_ACP and WRITE_ACP beside what the ACL grants; AWS's account owns everything
   * in its bucket and each of its objects whatever their ACLs say.
   */
  readonly ownersNeedGrants: boolean
  /**
   * Whether READ and WRITE of an object's ACL are also about its tags and locks, as in RGW (Ceph's op_to_perm). AWS's
   * ACLs say nothing of them: they are the bucket owner's and the object owner's.
   */
  readonly aclsCoverDetails: boolean
  /**
   * Whether WRITE of a bucket's ACL is also about removing versions for good, as in RGW. AWS gives that to the bucket's
   * owner alone (user guide, "Mapping of ACL permissions and access policy permissions").
   */
  readonly writersRemoveVersions: boolean
  /**
   * Whether s3:PutObject is all that a write asks of a policy, as in RGW, or each header that sets something with a
   * permission of its own asks for that too, as in AWS (API reference, "PutObject": s3:PutObjectAcl,
   * s3:PutObjectTagging).
   */
  readonly putCoversItsHeaders: boolean
  /**
   * Whether a policy may open objects that are not the bucket owner's, as in RGW; AWS leaves those to their ACLs (user
   * guide, "Bucket policies": they apply only to objects that the bucket's owner owns). It may always close them.
   */
  readonly policiesOpenForeignObjects: boolean
  /** Which Versions a policy may have. The ZOS manual names one that S3 never had. */
  readonly policyVersions: readonly string[]
  /** Whether a statement without Principal is refused. RGW takes it (recorded: policy.put.no_principal). */
  readonly policiesNeedPrincipal: boolean
  /** Whether a Principal that names nobody is refused. RGW takes it (recorded: policy.put.unknown_user). */
  readonly refusesUnknownPrincipals: boolean
  /** Whether a policy's Resources must be in the bucket it is put on. */
  readonly policiesNameOwnBucket: boolean
  /**
   * Whether a policy is refused for what can never come true: a condition key that does not exist, a value that its
   * operator cannot be asked with, an action that fits none of its statement's resources, a Sid used twice. AWS refuses
   * those ("Policy has an invalid condition key", "Action does not apply to any resource(s) in statement"); RGW takes
   * them, and they match nothing.
   */
  readonly strictPolicies: boolean
  /** What a new bucket has where the request says nothing. AWS: since April 2023. */
  readonly newBucketOwnership: ObjectOwnership
  /** Whether a new bucket blocks public access in all four ways. AWS: since April 2023. */
  readonly newBucketsBlockPublicAccess: boolean
}
