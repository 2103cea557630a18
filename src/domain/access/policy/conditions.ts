import type { RequestConditions } from '../conditions.ts'
import { isKnownKey } from './condition-keys.ts'
import { isList, isObject, type Json, scalarText } from './json.ts'
import { OPERATORS, type Operator, type ValueTest } from './operators.ts'
import { conditionKey } from './pattern.ts'
import { malformed } from './refusal.ts'

/** One key under one operator of a statement's Condition. */
export interface Condition {
  /** Null asks whether the key is there at all. */
  readonly operator: Operator | 'Null'
  /** ForAllValues and ForAnyValue. */
  readonly quantifier: 'all' | 'any' | undefined
  readonly ifExists: boolean
  readonly key: string
  readonly written: readonly string[]
  /** Undefined where a value contradicts the operator: then the condition never holds, as in RGW. Empty for Null. */
  readonly tests: readonly ValueTest[] | undefined
}

export interface ConditionRules {
  /** AccessRules.strictPolicies. */
  readonly strict: boolean
  readonly withVariables: boolean
}

const NULL = 'Null'
const IF_EXISTS = 'IfExists'
const QUANTIFIERS = { ForAllValues: 'all', ForAnyValue: 'any' } as const

/**
 * A statement's Condition.
 * @throws S3Error MalformedPolicy
 */
export function readConditions(value: Json | undefined, rules: ConditionRules, where: string): Condition[] {
  if (value === undefined) return []
  if (!isObject(value)) throw malformed(where, 'Condition must be an object')
  const conditions: Condition[] = []
  for (const [name, keys] of value) {
    if (!isObject(keys)) throw malformed(where, `Condition ${name} must be an object of keys and their values`)
    const operator = readOperator(name, where)
    for (const [key, written] of keys) {
      const at = `${where}: Condition ${name} ${key}`
      if (rules.strict && !isKnownKey(conditionKey(key))) throw malformed(at, 'Policy has an invalid condition key')
      conditions.push({ ...operator, key: conditionKey(key), ...readValues(operator.operator, written, { rules, at }) })
    }
  }
  return conditions
}

function readOperator(name: string, where: string): Pick<Condition, 'operator' | 'quantifier' | 'ifExists'> {
  const colon = name.indexOf(':')
  const prefix = name.slice(0, Math.max(colon, 0))
  const quantifier = prefix === 'ForAllValues' || prefix === 'ForAnyValue' ? QUANTIFIERS[prefix] : undefined
  const rest = name.slice(colon + 1)
  const ifExists = rest.endsWith(IF_EXISTS)
  const base = ifExists ? rest.slice(0, -IF_EXISTS.length) : rest
  const operator = base === NULL && !ifExists ? NULL : OPERATORS.get(base)
  if (operator === undefined || (colon >= 0 && quantifier === undefined)) {
    throw malformed(where, `Condition has no operator ${name}`)
  }
  return { operator, quantifier, ifExists }
}

function readValues(
  operator: Condition['operator'],
  value: Json,
  { rules, at }: { rules: ConditionRules; at: string },
): Pick<Condition, 'written' | 'tests'> {
  const list = isList(value) ? value : [value]
  if (list.length === 0) throw malformed(at, 'at least one value is needed')
  const written = list.map((item) => {
    const text = scalarText(item)
    if (text === undefined) throw malformed(at, 'a value must be a text, a number or a boolean')
    return text
  })
  if (operator === NULL) {
    if (written.length > 1 || !/^(?:true|false)$/i.test(written[0] ?? '')) throw malformed(at, 'must be true or false')
    return { written, tests: [] }
  }
  const tests: ValueTest[] = []
  for (const text of written) {
    const test = operator.readValue(text, rules.withVariables)
    if (test !== undefined) tests.push(test)
    else if (rules.strict) throw malformed(at, `"${text}" is no value for this operator`)
  }
  return { written, tests: tests.length === written.length ? tests : undefined }
}

/**
 * Whether a condition holds for a request. IAM user guide, "Multivalued context keys" and "…IfExists": where the key is
 * missing, an operator fails, its opposite holds, ForAllValues holds and ForAnyValue fails.
 */
export function holds(condition: Condition, values: RequestConditions): boolean | 'pending' {
  if (values.isPending?.(condition.key) === true) return 'pending'
  const { operator, quantifier, ifExists, tests, written } = condition
  const found = values.get(condition.key)
  const isMissing = found === undefined || found.length === 0
  // A quantifier changes nothing in whether a key is there.
  if (operator === NULL) return isMissing === (written[0]?.toLowerCase() === 'true')
  if (isMissing && ifExists) return true
  if (tests === undefined) return false
  if (isMissing) return quantifier === undefined ? operator.negated : quantifier === 'all'
  const meets = (actual: string): boolean => tests.some((test) => test(actual, values)) !== operator.negated
  if (quantifier === 'all') return found.every(meets)
  if (quantifier === 'any') return found.some(meets)
  // Of several values without a quantifier, one is enough to allow what is named and to forbid what is excluded.
  return operator.negated ? found.every(meets) : found.some(meets)
}
