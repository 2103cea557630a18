import { s3Error } from '../../errors.ts'
import type { TopicRow } from '../../storage/metadata/topic-store.ts'
import type { Caller } from '../accounts.ts'
import { evaluateTopicPolicy, parseTopicPolicy, type TopicAction } from './policy.ts'

/** What access to a topic depends on. */
type OwnedTopic = Pick<TopicRow, 'tenant' | 'name' | 'ownerId' | 'attributes'>

/**
 * A topic is its tenant's: every account of the tenant may see, change and use it, as in RGW since Octopus (recorded:
 * topic.GetTopicAttributes.by_alt). The topic's Policy may open it to others, and close it to all but its owner and
 * the root account.
 * @throws S3Error AccessDenied
 */
export function assertTopicAccess(
  topic: OwnedTopic,
  { caller, action }: { caller: Caller; action: TopicAction },
): void {
  if (caller.kind === 'anonymous') throw denied('the caller is anonymous')
  const { account } = caller
  if (account.isRoot || account.id === topic.ownerId) return
  const { Policy: policy = '' } = topic.attributes
  const verdict = policy === '' ? 'none' : evaluateTopicPolicy(parseTopicPolicy(policy), { caller, action, topic })
  if (verdict === 'deny') throw denied("the topic's policy denies")
  if (verdict === 'none' && account.tenant !== topic.tenant) throw denied("the topic is another tenant's")
}

function denied(reason: string): Error {
  return s3Error('AccessDenied', {}, { reason })
}
