import type { Action } from '../permissions.ts'
import type { Condition } from './conditions.ts'
import type { Pattern } from './pattern.ts'
import type { Principal } from './principals.ts'

/** A bucket's policy as it is asked: everything in it has been read and found to make sense. */
export interface Policy {
  readonly version: string
  readonly statements: readonly Statement[]
  /** Whether something in it asks for s3:ExistingObjectTag: only then must an object's tags be looked up. */
  readonly asksForObjectTags: boolean
}

/** Of Principal and NotPrincipal, Action and NotAction, Resource and NotResource a statement has one each. */
export interface Statement {
  /** `statement "Sid"`, or by its place: `statement 2`. */
  readonly label: string
  readonly effect: 'Allow' | 'Deny'
  readonly principals: { readonly negated: boolean; readonly list: readonly Principal[] }
  readonly actions: { readonly negated: boolean; readonly list: ReadonlySet<Action> }
  /** Patterns of `bucket` or `bucket/key`: what stands in front of them in an ARN has been checked. */
  readonly resources: { readonly negated: boolean; readonly list: readonly Pattern[] }
  /** All of them must hold. */
  readonly conditions: readonly Condition[]
}
