import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCESS_KEY, client, GO_ENVIRONMENT, goDir, SECRET_KEY, type ServerProcess, startProcess } from './clients.ts'

const BUCKET = 'of-go-ceph'

let server: ServerProcess
beforeAll(async () => {
  // The admin port has the admin API in every dialect.
  server = await startProcess({ COZOS_DIALECT: 'aws' })
})
afterAll(() => server.stop())

test("go-ceph administers users and buckets through Ceph's admin API", async () => {
  const s3 = new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
  })
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'data' }))
  s3.destroy()
  const report = await client(server, ['go', '-C', goDir, 'test', '-count=1', '-v', './...'], {
    ...GO_ENVIRONMENT,
    COZOS_ADMIN_ENDPOINT: server.adminEndpoint,
    COZOS_BUCKET: BUCKET,
    COZOS_BUCKET_OWNER: 'cozos',
  })
  expect(report).toMatch(/^--- PASS: TestBuckets/m)
  expect(report).toMatch(/^ok\s/m)
  expect(report).not.toMatch(/--- (?:FAIL|SKIP)/)
})
