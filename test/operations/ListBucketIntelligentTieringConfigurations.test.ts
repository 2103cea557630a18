import { ListBucketIntelligentTieringConfigurationsCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'
import { documentOf, testUnsetRead } from '../support/unset.ts'

describe('ListBucketIntelligentTieringConfigurations', () => {
  const server = useServer()
  const document = documentOf('ListBucketIntelligentTieringConfigurationsOutput', '<IsTruncated>false</IsTruncated>')
  const query = { 'x-id': 'ListBucketIntelligentTieringConfigurations' }
  testUnsetRead(server, { subresource: 'intelligent-tiering', query, verdict: '200', document })

  it('is an empty list to the SDK, which hears its token again', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const answer = await s3.send(new ListBucketIntelligentTieringConfigurationsCommand({ Bucket }))
    expect(answer).toMatchObject({ IsTruncated: false })
    expect(answer.IntelligentTieringConfigurationList ?? []).toEqual([])
    const paged = await s3.send(
      new ListBucketIntelligentTieringConfigurationsCommand({ Bucket, ContinuationToken: 'a&b' }),
    )
    expect(paged).toMatchObject({ IsTruncated: false, ContinuationToken: 'a&b' })
  })
})
