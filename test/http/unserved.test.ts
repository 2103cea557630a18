import { expect, it } from 'vitest'
import { SERVED } from '../../src/operations/served.ts'
import { ANY, BINDINGS, type Binding } from '../../src/s3/bindings.ts'
import { type TestRequest, uniqueName, useServer } from '../support/server.ts'

const server = useServer()

const UNSERVED = Object.entries<Binding>(BINDINGS).filter(([name]) => !SERVED.has(name as keyof typeof BINDINGS))

/** What the row asks for, and nothing more. */
function requestOf({ method, subresource, query = {}, headers = [] }: Binding): TestRequest {
  const values = Object.entries(query).map(([name, value]) => [name, value === ANY ? '1' : value])
  return {
    query: { ...(subresource === undefined ? {} : { [subresource]: undefined }), ...Object.fromEntries(values) },
    headers: Object.fromEntries(headers.map((name) => [name, 'x'])),
    body: method === 'PUT' || method === 'POST' ? '<x/>' : undefined,
  }
}

it('every operation that is not served is refused by its name, and does nothing', async () => {
  const bucket = `/${uniqueName('unserved')}`
  expect((await server().request('PUT', bucket)).status).toBe(200)
  expect((await server().request('PUT', `${bucket}/k`, { body: 'hello' })).status).toBe(200)
  for (const [name, binding] of UNSERVED) {
    const there = { service: '/', bucket, object: `${bucket}/k` }[binding.level]
    const answer = await server().request(binding.method, there, requestOf(binding))
    expect(answer.status, name).toBe(501)
    if (binding.method !== 'HEAD') expect(answer.text).toContain(`${name} is not implemented`)
    expect((await server().request('GET', `${bucket}/k`)).text, name).toBe('hello')
    if (binding.level === 'service') continue
    const missing = { bucket: `${bucket}-new`, object: `${bucket}/new` }[binding.level]
    expect((await server().request(binding.method, missing, requestOf(binding))).status, name).toBe(501)
    expect((await server().request('HEAD', missing)).status, name).toBe(404)
  }
})
