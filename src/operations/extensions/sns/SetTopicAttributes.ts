import { setTopicAttribute } from '../../../domain/topics/topics.ts'
import { s3Error } from '../../../errors.ts'
import { doneDocument } from '../../../s3/documents/topics.ts'
import type { Operation } from '../../operation.ts'
import { answeringOf } from './answering.ts'

interface Input {
  readonly arn: string | undefined
  readonly name: string
  readonly value: string
}

/** Changes one attribute of a topic, and leaves the others. */
export const SetTopicAttributes: Operation<Input, undefined> = {
  name: 'SetTopicAttributes',
  needs: () => [{ topicAction: 'sns:SetTopicAttributes' }],
  payload: 'action',
  read({ head, dialect }) {
    const name = head.query.get('AttributeName') ?? ''
    if (name === '') throw s3Error(dialect.topics.invalid, {}, { message: 'Missing required element AttributeName' })
    return { arn: head.query.get('TopicArn'), name, value: head.query.get('AttributeValue') ?? '' }
  },
  async run({ services, caller, head, dialect }, change) {
    const isSecure = head.protocol === 'https'
    await setTopicAttribute(services, change, { caller, rules: dialect.topics, isSecure })
    return undefined
  },
  write: (_done, context) => ({ body: doneDocument('SetTopicAttributes', answeringOf(context)) }),
}
