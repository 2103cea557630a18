import { expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { uniqueName, useServer } from '../support/server.ts'

const query = { lifecycle: undefined }
const server = useServer()

const get = async (name: string, as: 'root' | 'alt' | 'anonymous' = 'root') =>
  verdict(await server().request('GET', `/${name}`, { query, as }))

it('answers the rules, to the owner alone, or that there are none', async () => {
  const name = await createBucket(server(), { acl: 'public-read' })
  expect(await get(name)).toBe('404 NoSuchLifecycleConfiguration')
  const body =
    '<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix>p</Prefix></Filter><Status>Disabled</Status>' +
    '<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>' +
    '</Rule></LifecycleConfiguration>'
  await server().request('PUT', `/${name}`, { query, body })
  const answer = await server().request('GET', `/${name}`, { query })
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/xml' } })
  expect(answer.text).toContain(body.slice('<LifecycleConfiguration>'.length))
  expect(await get(name, 'alt')).toBe('403 AccessDenied')
  expect(await get(name, 'anonymous')).toBe('403 AccessDenied')
  expect(await get(uniqueName('none'))).toBe('404 NoSuchBucket')
})

it('is allowed by a policy', async () => {
  const name = await createBucket(server())
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: ['arn:aws:iam:::user/alt'] },
    Action: 's3:GetLifecycleConfiguration',
    Resource: `arn:aws:s3:::${name}`,
  }
  const body = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  expect(await get(name, 'alt')).toBe('403 AccessDenied')
  await server().request('PUT', `/${name}`, { query: { policy: undefined }, body })
  expect(await get(name, 'alt')).toBe('404 NoSuchLifecycleConfiguration')
})
