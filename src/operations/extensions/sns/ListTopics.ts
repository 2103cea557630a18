import { listTopics, type TopicPage } from '../../../domain/topics/topics.ts'
import { s3Error } from '../../../errors.ts'
import { readTopicToken, topicsDocument } from '../../../s3/documents/topics.ts'
import type { Operation } from '../../operation.ts'
import { answeringOf } from './answering.ts'

/** The topics of the caller's tenant. */
export const ListTopics: Operation<string | undefined, TopicPage> = {
  name: 'ListTopics',
  needs: () => [{ topicAction: 'sns:ListTopics' }],
  payload: 'action',
  read({ head, dialect }) {
    const token = head.query.get('NextToken') ?? ''
    if (token === '') return undefined
    const after = readTopicToken(token)
    if (after === undefined) throw s3Error(dialect.topics.invalid, {}, { message: 'Invalid value for NextToken' })
    return after
  },
  run: ({ services, caller, dialect }, after) =>
    listTopics(services, caller, { after, limit: dialect.topics.pageSize }),
  write: (page, context) => ({ body: topicsDocument(page, answeringOf(context)) }),
}
