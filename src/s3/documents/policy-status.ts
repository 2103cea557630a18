import { buildDocument } from '../xml/build.ts'

/** The answer of GetBucketPolicyStatus (recorded: policy.status.public). */
export function policyStatusDocument(isPublic: boolean): string {
  return buildDocument('PolicyStatus', { IsPublic: isPublic })
}
