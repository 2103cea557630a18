import { compareKeys } from '../../domain/listing/order.ts'
import { s3Error } from '../../errors.ts'
import type { IdSource } from '../../lib/ids.ts'
import type { LifecycleConfiguration, LifecycleRule, TransitionMinimum } from '../../storage/metadata/settings.ts'
import { buildDocument } from '../xml/build.ts'
import { parseDocument } from '../xml/parse.ts'
import { checkRules } from './lifecycle-checks.ts'
import type { FaultCodes } from './lifecycle-elements.ts'
import { readRule, ruleContent } from './lifecycle-rule.ts'

/** How a dialect reads and prints LifecycleConfiguration. */
export interface LifecycleDocuments {
  /**
   * Whether actions are held against each other, ages have a least value, and a Filter has one form. RGW stores rules
   * that cannot do what they say (recorded: lifecycle.put.transition_after_expiration).
   */
  readonly strict: boolean
  readonly codes: FaultCodes
  /** Where rules may move objects to. */
  readonly classes: readonly string[]
  /** RGW answers rules in the order of their ids (recorded: lifecycle.get.full). */
  readonly sortsRules: boolean
  /** RGW 16.2 forgets the And of a filter (recorded: lifecycle.get.and_tags). */
  readonly flattensFilters: boolean
  /** RGW answers an empty Prefix in place of an empty Filter (recorded: lifecycle.get.generated_id). */
  readonly prefixForNoFilter: boolean
  /** What stays where it is unless the request says otherwise: AWS's rule, which RGW does not have. */
  readonly transitionMinimum: TransitionMinimum | undefined
  /** Whether uploads tell when they will be aborted: x-amz-abort-date, which RGW does not have. */
  readonly tellsAborts: boolean
  /** The id of a rule that came without one. */
  newRuleId(ids: IdSource): string
}

/** RGW's rgw_max_put_param_size; 1,000 rules of a kilobyte each. */
export const LIFECYCLE_BYTES_MAX = 1024 * 1024
/** S3's documented limit, and RGW's rgw_lc_max_rules. */
export const LIFECYCLE_RULES_MAX = 1000

/**
 * LifecycleConfiguration: its rules in their order, with empty ids where they have none.
 * @throws S3Error MalformedXML, also in RGW (recorded: lifecycle.put.empty_rules), and for more than 1,000 rules; those
 *   of readRule; InvalidArgument and InvalidRequest for rules that contradict themselves or each other
 */
export function readLifecycle(document: Buffer, documents: LifecycleDocuments): readonly LifecycleRule[] {
  const elements = parseDocument(document, 'LifecycleConfiguration').children()
  if (elements.length === 0 || elements.length > LIFECYCLE_RULES_MAX) throw s3Error('MalformedXML')
  if (elements.some(({ name }) => name !== 'Rule')) throw s3Error('MalformedXML')
  const rules = elements.map((element) => readRule(element, documents))
  checkRules(rules, documents)
  return rules
}

/** The answer of GetBucketLifecycleConfiguration. */
export function lifecycleDocument({ rules }: LifecycleConfiguration, documents: LifecycleDocuments): string {
  const inOrder = documents.sortsRules ? rules.toSorted((a, b) => compareKeys(a.id, b.id)) : rules
  return buildDocument('LifecycleConfiguration', { Rule: inOrder.map((rule) => ruleContent(rule, documents)) })
}
