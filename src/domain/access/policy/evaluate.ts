import type { Caller } from '../../accounts.ts'
import type { RequestConditions } from '../conditions.ts'
import type { Action } from '../permissions.ts'
import { holds } from './conditions.ts'
import { type Glob, globMatches, literalOf } from './glob.ts'
import { patternGlob } from './pattern.ts'
import type { Policy, Statement } from './policy.ts'
import { isPrincipal } from './principals.ts'

export interface PolicyRequest {
  readonly caller: Caller
  readonly action: Action
  /** `arn:aws:s3:::bucket` or `arn:aws:s3:::bucket/key` */
  readonly resource: string
  readonly conditions: RequestConditions
}

export interface PolicyVerdict {
  readonly effect: 'allow' | 'deny' | 'none'
  /** `statement "Sid"` or `statement 2`, for the reason; empty for none. */
  readonly by: string
}

const ARN = 'arn:aws:s3:::'
const NONE: PolicyVerdict = Object.freeze({ effect: 'none', by: '' })

/** What a policy says of a request. A statement that denies wins over each that allows. */
export function evaluatePolicy(policy: Policy, request: PolicyRequest): PolicyVerdict {
  // What does not depend on the statement is made once, and only if some statement asks for it.
  let resource: Glob | undefined
  let allowedBy: string | undefined
  for (const statement of policy.statements) {
    const { actions, principals, effect, label } = statement
    if (effect === 'Allow' && allowedBy !== undefined) continue
    if (actions.list.has(request.action) === actions.negated) continue
    if (principals.list.some((one) => isPrincipal(one, request.caller)) === principals.negated) continue
    resource ??= literalOf(request.resource.slice(ARN.length))
    if (!isAbout(statement, resource, request.conditions)) continue
    if (!conditionsHold(statement, request.conditions)) continue
    if (effect === 'Deny') return { effect: 'deny', by: label }
    allowedBy = label
  }
  return allowedBy === undefined ? NONE : { effect: 'allow', by: allowedBy }
}

/** What is not known yet is read in the request's favour: see RequestConditions. */
function conditionsHold({ effect, conditions }: Statement, values: RequestConditions): boolean {
  return conditions.every((condition) => {
    const held = holds(condition, values)
    return held === 'pending' ? effect === 'Allow' : held
  })
}

/**
 * A Resource whose variable has no value matches nothing. A NotResource with one is read so that the statement can only
 * forbid: it must not open what its author meant to except.
 */
function isAbout({ effect, resources }: Statement, resource: Glob, values: RequestConditions): boolean {
  const unresolved = resources.negated && effect === 'Allow'
  const isNamed = resources.list.some((pattern) => {
    const glob = patternGlob(pattern, values)
    return glob === undefined ? unresolved : globMatches(glob, resource)
  })
  return isNamed !== resources.negated
}
