import { putLifecycle } from '../domain/lifecycle/put.ts'
import { LIFECYCLE_BYTES_MAX, readLifecycle } from '../s3/documents/lifecycle.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import { readTransitionMinimum, TRANSITION_MINIMUM } from '../s3/headers/lifecycle.ts'
import type { LifecycleConfiguration } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

type Input = Omit<LifecycleConfiguration, 'putMs'>

export const PutBucketLifecycleConfiguration: Operation<Input, Input> = {
  name: 'PutBucketLifecycleConfiguration',
  needs: (head) => [onBucket(head, 's3:PutLifecycleConfiguration')],
  payload: { document: { maxBytes: LIFECYCLE_BYTES_MAX } },
  read: ({ head, document, dialect }) => ({
    rules: readLifecycle(document, dialect.lifecycle),
    transitionMinimum: readTransitionMinimum(head, dialect),
  }),
  async run(context, { rules, transitionMinimum }) {
    const { services, dialect } = context
    const named = rules.map((rule) =>
      rule.id === '' ? { ...rule, id: dialect.lifecycle.newRuleId(services.ids) } : rule,
    )
    await putLifecycle(services, context.bucket(), { rules: named, transitionMinimum })
    return { rules: named, transitionMinimum }
  },
  // RGW names a type although there is no body (recorded: lifecycle.put.full).
  write: ({ transitionMinimum }, { dialect }) => ({
    headers: [
      [TRANSITION_MINIMUM, transitionMinimum],
      ['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined],
    ],
  }),
}
