import { findTopic } from '../../../domain/topics/topics.ts'
import { topicDocument } from '../../../s3/documents/topics.ts'
import type { TopicRow } from '../../../storage/metadata/topic-store.ts'
import type { Operation } from '../../operation.ts'
import { answeringOf } from './answering.ts'

/** Ceph's own, which ZOS's SDK has (manual, 5.2). */
export const GetTopic: Operation<string | undefined, TopicRow> = {
  name: 'GetTopic',
  needs: () => [{ topicAction: 'sns:GetTopicAttributes' }],
  payload: 'action',
  read: ({ head }) => head.query.get('TopicArn'),
  run: ({ services, caller, dialect }, arn) =>
    findTopic(services, { arn, action: 'sns:GetTopicAttributes' }, { caller, rules: dialect.topics }),
  write: (topic, context) => ({ body: topicDocument(topic, answeringOf(context)) }),
}
