import { S3Error } from '../../../errors.ts'
import type { BucketRow } from '../../../storage/metadata/rows.ts'
import type { BucketSettings } from '../../../storage/metadata/settings.ts'
import { type PolicyRules, parsePolicy } from './parse.ts'
import type { Policy } from './policy.ts'

/**
 * A stored policy has been held against the rules of its day. It is read with the mildest ones, so that it stays in
 * force under another dialect.
 */
const STORED_RULES: PolicyRules = {
  policyVersions: ['2012-10-17', '2008-10-17', '2006-03-01'],
  policiesNeedPrincipal: false,
  refusesUnknownPrincipals: false,
  policiesNameOwnBucket: false,
  strictPolicies: false,
}

/** In the place of a policy that cannot be read any more: nobody knows what it forbade. The owner may replace it. */
const UNREADABLE: Policy = {
  version: '2012-10-17',
  statements: [
    {
      label: 'a policy that cannot be read',
      effect: 'Deny',
      principals: { negated: false, list: [{ kind: 'everyone' }] },
      actions: { negated: true, list: new Set() },
      resources: { negated: true, list: [] },
      conditions: [],
    },
  ],
  asksForObjectTags: false,
}

/** Policies as they are asked. A bucket's settings are one object as long as its row stays cached, and so is this. */
export class PolicyCache {
  readonly #policies = new WeakMap<BucketSettings, Policy>()

  /** Undefined for a bucket without a policy. */
  of({ name, settings }: Pick<BucketRow, 'name' | 'settings'>): Policy | undefined {
    if (settings.policy === undefined) return undefined
    const known = this.#policies.get(settings)
    if (known !== undefined) return known
    const policy = readStored(settings.policy, name)
    this.#policies.set(settings, policy)
    return policy
  }
}

function readStored(text: string, bucket: string): Policy {
  try {
    return parsePolicy(text, { rules: STORED_RULES, bucket })
  } catch (cause) {
    if (cause instanceof S3Error) return UNREADABLE
    throw cause
  }
}
