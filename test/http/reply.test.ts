import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createBucket } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'

const server = useServer({ config: { logLevel: 'info' } })

/** The header's value as the text that its bytes are in UTF-8; Node hands them out as Latin-1. */
function asUtf8(value: string | string[] | undefined): string {
  return Buffer.from(String(value), 'latin1').toString('utf8')
}

it('sends header text beyond ASCII as UTF-8, whichever header it is', async () => {
  const bucket = await createBucket(server())
  const headers = { 'x-amz-meta-name': '键', 'x-amz-meta-plain': 'plain' }
  const put = await server().request('PUT', `/${bucket}/k`, { body: 'hello', headers })
  expect(put.status).toBe(200)
  const disposition = 'attachment; filename="ü键.txt"'
  for (const method of ['GET', 'HEAD']) {
    const query = { 'response-content-disposition': disposition }
    const answer = await server().request(method, `/${bucket}/k`, { query })
    const expected = { ...headers, 'content-disposition': disposition }
    for (const [name, value] of Object.entries(expected)) expect(asUtf8(answer.headers[name])).toBe(value)
  }
})

it('logs the bytes of a body, whether it was sent whole or streamed', async () => {
  const bucket = await createBucket(server())
  for (const size of [10, 300_000]) {
    const key = `of-${size}`
    await server().request('PUT', `/${bucket}/${key}`, { body: randomBytes(size) })
    const answer = await server().request('GET', `/${bucket}/${key}`)
    expect(answer.body.length).toBe(size)
    const line = server().logLines.find((text) => text.includes(String(answer.headers['x-amz-request-id'])))
    expect(JSON.parse(line ?? '{}')).toMatchObject({ operation: 'GetObject', bytesOut: size })
  }
})
