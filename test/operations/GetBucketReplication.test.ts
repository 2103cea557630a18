import { GetBucketReplicationCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'
import { documentOf, testUnsetRead } from '../support/unset.ts'

describe('GetBucketReplication', () => {
  const server = useServer()
  // Recorded from RGW: bucket.get_sub.replication.
  const document = documentOf('ReplicationConfiguration', '<Role></Role>')
  testUnsetRead(server, { subresource: 'replication', verdict: '200', document })
})

describe.each(['aws', 'ibm-cos'] as const)('GetBucketReplication in the dialect %s', (dialect) => {
  const server = useServer({ config: { dialect } })
  testUnsetRead(server, { subresource: 'replication', verdict: '404 ReplicationConfigurationNotFoundError' })

  it('is the error that Terraform looks for', async () => {
    const Bucket = await createBucket(server())
    const read = server().s3().send(new GetBucketReplicationCommand({ Bucket }))
    await expect(read).rejects.toMatchObject({ name: 'ReplicationConfigurationNotFoundError' })
  })
})
