import type { TopicAttributes } from '../../../domain/topics/attributes.ts'
import { createTopic } from '../../../domain/topics/topics.ts'
import { s3Error } from '../../../errors.ts'
import { createTopicDocument } from '../../../s3/documents/topics.ts'
import { readAttributes, refuseUnservedParameters } from '../../../s3/sns/parameters.ts'
import type { TopicRow } from '../../../storage/metadata/topic-store.ts'
import type { Operation } from '../../operation.ts'
import { answeringOf } from './answering.ts'

interface Input {
  readonly name: string
  readonly attributes: TopicAttributes
}

/** Makes a topic, or makes one of this name what it is now to be. */
export const CreateTopic: Operation<Input, TopicRow> = {
  name: 'CreateTopic',
  needs: () => [{ topicAction: 'sns:CreateTopic' }],
  payload: 'action',
  read({ head, dialect }) {
    refuseUnservedParameters(head)
    const name = head.query.get('Name') ?? ''
    if (name === '') throw s3Error(dialect.topics.invalid, {}, { message: 'Missing required element Name' })
    return { name, attributes: readAttributes(head) }
  },
  run: ({ services, caller, head, dialect }, topic) =>
    createTopic(services, topic, { caller, rules: dialect.topics, isSecure: head.protocol === 'https' }),
  write: (topic, context) => ({ body: createTopicDocument(topic, answeringOf(context)) }),
}
