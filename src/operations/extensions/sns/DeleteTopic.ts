import { deleteTopic } from '../../../domain/topics/topics.ts'
import { doneDocument } from '../../../s3/documents/topics.ts'
import type { Operation } from '../../operation.ts'
import { answeringOf } from './answering.ts'

/** That there is no such topic is a success. */
export const DeleteTopic: Operation<string | undefined, undefined> = {
  name: 'DeleteTopic',
  needs: () => [{ topicAction: 'sns:DeleteTopic' }],
  payload: 'action',
  read: ({ head }) => head.query.get('TopicArn'),
  async run({ services, caller, dialect }, arn) {
    await deleteTopic(services, arn, { caller, rules: dialect.topics })
    return undefined
  },
  write: (_done, context) => ({ body: doneDocument('DeleteTopic', answeringOf(context)) }),
}
