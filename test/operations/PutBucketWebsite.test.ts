import { GetBucketWebsiteCommand, PutBucketWebsiteCommand, type WebsiteConfiguration } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const INDEX = '<IndexDocument><Suffix>i</Suffix></IndexDocument>'
const site = (inside: string): string => `<WebsiteConfiguration>${inside}</WebsiteConfiguration>`
const rule = '<RoutingRule><Redirect><ReplaceKeyWith>b</ReplaceKeyWith></Redirect></RoutingRule>'

async function put(server: TestServer, name: string, request: TestRequest): Promise<string> {
  return verdict(await server.request('PUT', `/${name}`, { query: { website: undefined }, ...request }))
}

describe('PutBucketWebsite', () => {
  const server = useServer()

  it('keeps all that the manual names, and survives a restart', async () => {
    const Bucket = await createBucket(server())
    const configuration: WebsiteConfiguration = {
      ErrorDocument: { Key: 'error.html' },
      IndexDocument: { Suffix: 'index.html' },
      RoutingRules: [
        { Condition: { KeyPrefixEquals: 'docs/' }, Redirect: { ReplaceKeyPrefixWith: 'documents/' } },
        {
          Condition: { HttpErrorCodeReturnedEquals: '404' },
          Redirect: { HostName: 'a.example', HttpRedirectCode: '302', Protocol: 'https', ReplaceKeyWith: 'nf.html' },
        },
      ],
    }
    await server()
      .s3()
      .send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: configuration }))
    await server().restart()
    const { $metadata: _, ...read } = await server().s3().send(new GetBucketWebsiteCommand({ Bucket }))
    expect(read).toEqual(configuration)
  })

  it('answers with a type and no body', async () => {
    const name = await createBucket(server())
    const answer = await server().request('PUT', `/${name}`, { query: { website: undefined }, body: site(INDEX) })
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/xml' } })
  })

  it.each([
    ['', '400 InvalidArgument'],
    [site(''), '400 InvalidArgument'],
    [site(`${INDEX}<RoutingRules>${rule.repeat(51)}</RoutingRules>`), '400 InvalidRequest'],
    [site(`${INDEX}<!--${' '.repeat(256 * 1024)}-->`), '400 MaxMessageLengthExceeded'],
  ])('refuses %j and changes nothing', async (body, expected) => {
    const name = await createBucket(server())
    expect(await put(server(), name, { body })).toBe(expected)
    expect(verdict(await server().request('GET', `/${name}`, { query: { website: undefined } }))).toBe(
      '404 NoSuchWebsiteConfiguration',
    )
    const good = site(`${INDEX}<RoutingRules>${rule.repeat(50)}</RoutingRules>`)
    expect(await put(server(), name, { body: good })).toBe('200')
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { acl: 'public-read-write' })
    expect(await put(server(), name, { body: site(INDEX), as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(server(), name, { body: site(INDEX), as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await put(server(), uniqueName('none'), { body: site(INDEX) })).toBe('404 NoSuchBucket')
    expect(await put(server(), name, { body: site(INDEX) })).toBe('200')
  })
})

describe('PutBucketWebsite in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s errors', async () => {
    const name = await createBucket(server())
    expect(await put(server(), name, { body: '<Website' })).toBe('400 MalformedXML')
    expect(await put(server(), name, { body: site(INDEX.replace('>i<', '>a/i<')) })).toBe('400 InvalidArgument')
    expect(await put(server(), name, { body: site(INDEX) })).toBe('200')
  })
})
