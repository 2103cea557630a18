import { GetBucketAccelerateConfigurationCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'
import { documentOf, testUnsetRead } from '../support/unset.ts'

describe('GetBucketAccelerateConfiguration', () => {
  const server = useServer()
  const document = documentOf('AccelerateConfiguration', '')
  testUnsetRead(server, { subresource: 'accelerate', verdict: '200', document })

  it('has no Status', async () => {
    const Bucket = await createBucket(server())
    const answer = await server().s3().send(new GetBucketAccelerateConfigurationCommand({ Bucket }))
    expect(answer.Status).toBeUndefined()
  })
})
