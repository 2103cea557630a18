import type { TopicAttributes } from '../../domain/topics/attributes.ts'
import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'

/** Parameters of CreateTopic that change what a topic is, and that no topic here has. */
const UNSERVED = /^(?:Tags|DataProtectionPolicy)(?:\.|$)/

/**
 * SNS's form of a map: `Attributes.entry.N.key` and `.value`, in the order of N, which need not have all numbers (RGW
 * reads it so). What has another shape is passed over.
 */
export function readAttributes({ query }: RequestHead): TopicAttributes {
  const keys = new Map<number, string>()
  const values = new Map<number, string>()
  for (const { name, value = '' } of query.entries) {
    const [, number, part] = /^Attributes\.entry\.(\d{1,9})\.(key|value)$/.exec(name) ?? []
    if (number !== undefined) (part === 'key' ? keys : values).set(Number(number), value)
  }
  const numbers = [...keys.keys()].sort((one, other) => one - other)
  return Object.fromEntries(numbers.map((number) => [keys.get(number) ?? '', values.get(number) ?? '']))
}

/** @throws S3Error NotImplemented naming the parameter */
export function refuseUnservedParameters({ query }: RequestHead): void {
  const unserved = query.entries.find(({ name }) => UNSERVED.test(name))
  if (unserved === undefined) return
  throw s3Error('NotImplemented', {}, { message: `The parameter ${unserved.name} is not implemented` })
}
