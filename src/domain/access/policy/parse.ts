import type { Action } from '../permissions.ts'
import type { AccessRules } from '../rules.ts'
import { type ActionLevel, readAction } from './actions.ts'
import { readConditions } from './conditions.ts'
import { isList, isObject, type Json, type JsonObject, readJson } from './json.ts'
import type { Pattern } from './pattern.ts'
import type { Policy, Statement } from './policy.ts'
import { nameOf, type Principal, readPrincipals } from './principals.ts'
import { malformed } from './refusal.ts'
import { levelsOf, type ResourceRules, readResource } from './resources.ts'

/** AWS's limit for a bucket's policy, as UTF-8. It bounds statements, values and patterns as well. */
export const POLICY_BYTES_MAX = 20 * 1024

/** What a policy without a Version is read as. */
const OLDEST_VERSION = '2008-10-17'
/** Since when policies have variables. */
const VARIABLES_SINCE = '2012-10-17'
const TAGS_OF_OBJECT = 's3:existingobjecttag'

/** What of the rules is about policies. */
export type PolicyRules = Pick<
  AccessRules,
  'policyVersions' | 'policiesNeedPrincipal' | 'refusesUnknownPrincipals' | 'policiesNameOwnBucket' | 'strictPolicies'
>

export interface ParseOptions {
  readonly rules: PolicyRules
  readonly bucket: string
  /** The bucket's; undefined where a stored policy is read again. */
  readonly tenant?: string | undefined
  /** Asked only by rules that refuse unknown principals. */
  readonly isKnownPrincipal?: ((principal: Principal) => boolean) | undefined
}

/**
 * Reads a policy and holds it against the rules.
 * @throws S3Error MalformedPolicy whose message tells what is wrong, and in which statement
 */
export function parsePolicy(text: string, options: ParseOptions): Policy {
  if (Buffer.byteLength(text) > POLICY_BYTES_MAX) {
    throw malformed('', `The policy is larger than ${POLICY_BYTES_MAX} bytes`)
  }
  const root = readJson(text)
  if (!isObject(root)) throw malformed('', 'The policy must be a JSON object')
  refuseUnknown(root, ['Version', 'Id', 'Statement'], '')
  textOf(root, 'Id', '')
  const { policyVersions, strictPolicies } = options.rules
  const version = textOf(root, 'Version', '') ?? OLDEST_VERSION
  if (!policyVersions.includes(version)) {
    throw malformed('', `Version must be one of ${policyVersions.join(', ')}; it is "${version}"`)
  }
  const value = root.get('Statement')
  if (value === undefined) throw malformed('', 'The policy has no Statement')
  const list = isList(value) ? value : [value]
  if (list.length === 0) throw malformed('', 'Statement must not be empty')
  const withVariables = version === VARIABLES_SINCE
  const sids = new Set<string>()
  const statements = list.map((item, index) => {
    const where = `Statement ${index + 1}`
    if (!isObject(item)) throw malformed(where, 'it must be an object')
    const sid = textOf(item, 'Sid', where)
    if (strictPolicies && sid !== undefined && sids.has(sid)) throw malformed(where, `Sid "${sid}" is used twice`)
    if (sid !== undefined) sids.add(sid)
    const label = sid === undefined || sid === '' ? `statement ${index + 1}` : `statement "${sid}"`
    return readStatement(item, { ...options, withVariables, where, label })
  })
  return { version, statements, asksForObjectTags: statements.some(asksForObjectTags) }
}

interface StatementOptions extends ParseOptions {
  readonly withVariables: boolean
  readonly where: string
  readonly label: string
}

const ELEMENTS: readonly string[] = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]

function readStatement(statement: JsonObject, options: StatementOptions): Statement {
  const { where, label, rules, withVariables } = options
  refuseUnknown(statement, ELEMENTS, where)
  const effect = statement.get('Effect')
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(where, 'Effect must be Allow or Deny')
  const principals = readWhom(statement, options)
  const actions = readActions(statement, where)
  const resources = readResources(statement, options)
  if (rules.strictPolicies && !actions.negated && !resources.negated) {
    assertFitting(actions.groups, resources.list, where)
  }
  const conditions = readConditions(statement.get('Condition'), { strict: rules.strictPolicies, withVariables }, where)
  const { negated, list } = actions
  return { label, effect, principals, actions: { negated, list }, resources, conditions }
}

function readWhom(
  statement: JsonObject,
  { rules, isKnownPrincipal, where }: StatementOptions,
): Statement['principals'] {
  const chosen = oneOf(statement, 'Principal', where)
  if (chosen === undefined) {
    if (rules.policiesNeedPrincipal) throw malformed(where, 'Principal or NotPrincipal is missing')
    // RGW takes it: the statement is about nobody.
    return { negated: false, list: [] }
  }
  const list = readPrincipals(chosen.value, where)
  if (rules.refusesUnknownPrincipals && isKnownPrincipal !== undefined) {
    const unknown = list.find((principal) => !isKnownPrincipal(principal))
    if (unknown !== undefined) throw malformed(where, `Invalid principal in policy: ${nameOf(unknown)}`)
  }
  return { negated: chosen.negated, list }
}

interface ActionGroup {
  readonly written: string
  readonly levels: readonly ActionLevel[]
}

function readActions(
  statement: JsonObject,
  where: string,
): Statement['actions'] & { readonly groups: readonly ActionGroup[] } {
  const { name, negated, value } = required(statement, 'Action', where)
  const list = new Set<Action>()
  const groups: ActionGroup[] = []
  for (const written of texts(value, name, where)) {
    const known = readAction(written)
    // Recorded: policy.put.unknown_action.
    if (known.length === 0) throw malformed(where, `Policy has invalid action: there is no action "${written}"`)
    for (const { action } of known) if (action !== undefined) list.add(action)
    groups.push({ written, levels: known.map(({ level }) => level) })
  }
  return { negated, list, groups }
}

function readResources(statement: JsonObject, options: StatementOptions): Statement['resources'] {
  const { where, bucket, tenant, withVariables, rules } = options
  const { name, negated, value } = required(statement, 'Resource', where)
  const resourceRules: ResourceRules = { bucket, tenant, withVariables, ownBucketOnly: rules.policiesNameOwnBucket }
  const read = texts(value, name, where).map((written) => readResource(written, resourceRules, where))
  return { negated, list: read.filter((pattern) => pattern !== undefined) }
}

/** AWS: each action must be possible on some resource of its statement. */
function assertFitting(groups: readonly ActionGroup[], resources: readonly Pattern[], where: string): void {
  const possible = new Set(resources.flatMap(levelsOf))
  const misfit = groups.find(({ levels }) => !levels.some((level) => possible.has(level)))
  if (misfit === undefined) return
  throw malformed(where, `Action does not apply to any resource(s) in statement: "${misfit.written}"`)
}

type Choice = 'Principal' | 'Action' | 'Resource'

/** The element or its negation. @throws S3Error MalformedPolicy for both */
function oneOf(
  statement: JsonObject,
  name: Choice,
  where: string,
): { name: string; negated: boolean; value: Json } | undefined {
  const [plain, negation] = [statement.get(name), statement.get(`Not${name}`)]
  if (plain !== undefined && negation !== undefined) throw malformed(where, `it has both ${name} and Not${name}`)
  if (plain !== undefined) return { name, negated: false, value: plain }
  return negation === undefined ? undefined : { name: `Not${name}`, negated: true, value: negation }
}

function required(statement: JsonObject, name: Choice, where: string): { name: string; negated: boolean; value: Json } {
  const chosen = oneOf(statement, name, where)
  if (chosen === undefined) throw malformed(where, `${name} or Not${name} is missing`)
  return chosen
}

function refuseUnknown(object: JsonObject, known: readonly string[], where: string): void {
  for (const name of object.keys()) if (!known.includes(name)) throw malformed(where, `Unknown element "${name}"`)
}

function textOf(object: JsonObject, name: string, where: string): string | undefined {
  const value = object.get(name)
  if (value === undefined || typeof value === 'string') return value
  throw malformed(where, `${name} must be a text`)
}

function texts(value: Json, name: string, where: string): readonly string[] {
  const list = isList(value) ? value : [value]
  if (list.length === 0) throw malformed(where, `${name} must not be empty`)
  return list.map((item) => {
    if (typeof item !== 'string') throw malformed(where, `${name} must be a text or a list of texts`)
    return item
  })
}

/** As a condition's key, or as a variable in a value or a resource. */
function asksForObjectTags({ conditions, resources }: Statement): boolean {
  const isAsked = (written: string): boolean => written.toLowerCase().includes(TAGS_OF_OBJECT)
  return (
    conditions.some(({ key, written }) => isAsked(key) || written.some(isAsked)) ||
    resources.list.some(({ written }) => isAsked(written))
  )
}
