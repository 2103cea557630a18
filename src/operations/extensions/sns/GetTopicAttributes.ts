import { findTopic } from '../../../domain/topics/topics.ts'
import { topicAttributesDocument } from '../../../s3/documents/topics.ts'
import type { TopicRow } from '../../../storage/metadata/topic-store.ts'
import type { Operation } from '../../operation.ts'
import { answeringOf } from './answering.ts'

export const GetTopicAttributes: Operation<string | undefined, TopicRow> = {
  name: 'GetTopicAttributes',
  needs: () => [{ topicAction: 'sns:GetTopicAttributes' }],
  payload: 'action',
  read: ({ head }) => head.query.get('TopicArn'),
  run: ({ services, caller, dialect }, arn) =>
    findTopic(services, { arn, action: 'sns:GetTopicAttributes' }, { caller, rules: dialect.topics }),
  write: (topic, context) => ({ body: topicAttributesDocument(topic, answeringOf(context)) }),
}
