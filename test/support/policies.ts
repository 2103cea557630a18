import type { TestRequest, TestResponse, TestServer } from './server.ts'

/** A statement that lets everybody read the bucket's objects, but for what is given. */
export function statementOn(bucket: string, given: object = {}): object {
  return { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*`, ...given }
}

export function policyOf(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

/** PutBucketPolicy as it goes over the wire. */
export function putPolicy(
  server: TestServer,
  bucket: string,
  request: TestRequest & { readonly body: string },
): Promise<TestResponse> {
  return server.request('PUT', `/${bucket}`, { query: { policy: undefined }, ...request })
}

/** Puts a policy of these statements, which must be taken. */
export async function usePolicy(server: TestServer, bucket: string, ...statements: readonly object[]): Promise<void> {
  const { status, text } = await putPolicy(server, bucket, { body: policyOf(...statements) })
  if (status !== 204) throw new Error(`the policy was not taken: ${status} ${text}`)
}
