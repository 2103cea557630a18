import { GetBucketIntelligentTieringConfigurationCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'
import { testUnsetRead } from '../support/unset.ts'

describe.each(['zos', 'aws'] as const)('GetBucketIntelligentTieringConfiguration in the dialect %s', (dialect) => {
  const server = useServer({ config: { dialect } })
  testUnsetRead(server, {
    subresource: 'intelligent-tiering',
    query: { id: 'any' },
    verdict: '404 NoSuchConfiguration',
  })

  it('is an error that the SDK knows by its name', async () => {
    const Bucket = await createBucket(server())
    const read = server()
      .s3()
      .send(new GetBucketIntelligentTieringConfigurationCommand({ Bucket, Id: 'any' }))
    await expect(read).rejects.toMatchObject({ name: 'NoSuchConfiguration' })
  })
})
