import type { TopicAnswering } from '../../../s3/documents/topics.ts'
import type { Context } from '../../operation.ts'

/** What the answers of topics are made with. */
export function answeringOf({ services, dialect, requestId }: Context): TopicAnswering {
  return { answers: dialect.topics, region: services.region, requestId: dialect.events.requestId(requestId) }
}
