import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bucketWithCors, corsOf, ORIGIN, ruleFor } from '../support/browser.ts'
import { createBucket, type TestBucketOptions, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestResponse, type TestServer, uniqueName, useServer } from '../support/server.ts'

const INDEX = '<IndexDocument><Suffix>index.html</Suffix></IndexDocument>'
const ERROR = '<ErrorDocument><Key>error.html</Key></ErrorDocument>'
const PUBLIC = { 'x-amz-acl': 'public-read' }

interface Site {
  readonly server: TestServer
  readonly name: string
  get(path: string, request?: TestRequest & { method?: string }): Promise<TestResponse>
}

/** A website whose bucket may be listed by everybody, so that what is missing is 404. */
async function createSite(
  server: TestServer,
  configuration = INDEX,
  options: TestBucketOptions = { acl: 'public-read' },
): Promise<Site> {
  const name = await createBucket(server, options)
  await configure(server, name, configuration)
  return siteOf(server, name)
}

async function configure(server: TestServer, name: string, configuration: string): Promise<void> {
  const body = `<WebsiteConfiguration>${configuration}</WebsiteConfiguration>`
  const answer = await server.request('PUT', `/${name}`, { query: { website: undefined }, body })
  if (answer.status !== 200) throw new Error(answer.text)
}

function siteOf(server: TestServer, name: string, host = `${name}.website.localhost:${server.port}`): Site {
  return {
    server,
    name,
    get: (path, { method = 'GET', headers = {}, ...request } = {}) =>
      server.request(method, path, { as: 'anonymous', headers: { host, ...headers }, ...request }),
  }
}

async function putPage({ server, name }: Site, key: string, request: TestRequest = {}): Promise<void> {
  const headers = { ...PUBLIC, 'content-type': 'text/html', ...request.headers }
  const answer = await server.request('PUT', `/${name}/${key}`, { body: `page ${key}`, ...request, headers })
  if (answer.status !== 200) throw new Error(answer.text)
}

/** Status, and body or Location. */
const shown = ({ status, text, headers }: TestResponse) => [status, headers.location ?? text]

describe('a website', () => {
  const server = useServer({ config: { logLevel: 'info' } })

  it('serves pages, and index documents for the root and for folders', async () => {
    const site = await createSite(server())
    for (const key of ['index.html', 'a/index.html', 'b', 'b/index.html']) await putPage(site, key)
    expect(shown(await site.get('/'))).toEqual([200, 'page index.html'])
    expect(shown(await site.get('/index.html'))).toEqual([200, 'page index.html'])
    expect(shown(await site.get('/a/'))).toEqual([200, 'page a/index.html'])
    // RGW serves a folder's index without its slash; an object of that name comes first.
    expect(shown(await site.get('/a'))).toEqual([200, 'page a/index.html'])
    expect(shown(await site.get('/b'))).toEqual([200, 'page b'])
    const answer = await site.get('/a/?versionId=x&response-content-type=text/evil&partNumber=9&acl')
    expect(shown(answer)).toEqual([200, 'page a/index.html'])
    expect(answer.headers['content-type']).toBe('text/html')
  })

  it('answers conditions, ranges and HEAD as GetObject does', async () => {
    const site = await createSite(server())
    await putPage(site, 'index.html', { body: '0123456789' })
    const whole = await site.get('/')
    const etag = String(whole.headers['etag'])
    expect(whole.headers).toMatchObject({ 'accept-ranges': 'bytes', 'content-length': '10' })
    expect((await site.get('/', { headers: { 'if-none-match': etag } })).status).toBe(304)
    expect((await site.get('/', { headers: { 'if-match': '"other"' } })).status).toBe(412)
    const part = await site.get('/', { headers: { range: 'bytes=2-4' } })
    expect([part.status, part.text, part.headers['content-range']]).toEqual([206, '234', 'bytes 2-4/10'])
    expect((await site.get('/', { headers: { range: 'bytes=10-' } })).status).toBe(416)
    const head = await site.get('/', { method: 'HEAD' })
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', '10'])
  })

  it('streams what is large', async () => {
    const site = await createSite(server())
    const body = randomBytes(3_000_000)
    await putPage(site, 'large', { body })
    expect((await site.get('/large')).body.equals(body)).toBe(true)
    const part = await site.get('/large', { headers: { range: 'bytes=1000000-1999999' } })
    expect([part.status, part.body.equals(body.subarray(1_000_000, 2_000_000))]).toEqual([206, true])
  })

  it('shows what everybody may read, and nothing else', async () => {
    const site = await createSite(server(), INDEX, {})
    await putPage(site, 'index.html')
    await server().request('PUT', `/${site.name}/secret`, { body: 'secret' })
    expect((await site.get('/')).status).toBe(200)
    // A signature changes nothing: pages are for everybody.
    for (const as of ['anonymous', 'root'] as const) expect((await site.get('/secret', { as })).status).toBe(403)
    // Whoever may not list the bucket does not learn what is missing.
    expect((await site.get('/missing')).status).toBe(403)
    await putPage(site, 'secret')
    expect((await site.get('/secret')).status).toBe(200)
  })

  it('is open to whom its policy names: no page of another site shows its pictures', async () => {
    const site = await createSite(server(), INDEX, {})
    await server().request('PUT', `/${site.name}/picture`, { body: 'picture' })
    const Resource = `arn:aws:s3:::${site.name}/*`
    const Condition = { StringLike: { 'aws:Referer': 'https://own.example/*' } }
    const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource, Condition }]
    const body = JSON.stringify({ Version: '2012-10-17', Statement })
    await server().request('PUT', `/${site.name}`, { query: { policy: undefined }, body })
    const from = async (referer: string) => (await site.get('/picture', { headers: { referer } })).status
    expect(await from('https://own.example/page')).toBe(200)
    expect(await from('https://other.example/page')).toBe(403)
    expect((await site.get('/picture')).status).toBe(403)
  })

  it('shows an error page where it has none of its own', async () => {
    const site = await createSite(server(), INDEX, {})
    const answer = await site.get('/missing')
    const id = String(answer.headers['x-amz-request-id'])
    expect(answer.headers['content-type']).toBe('text/html')
    expect(answer.text).toContain(
      '<html>\n <head><title>403 Forbidden</title></head>\n <body>\n  <h1>403 Forbidden</h1>\n',
    )
    for (const item of ['Code: AccessDenied', `BucketName: ${site.name}`, `RequestId: ${id}`]) {
      expect(answer.text).toContain(`   <li>${item}</li>\n`)
    }
    const head = await site.get('/missing', { method: 'HEAD' })
    expect([head.status, head.text, head.headers['content-type']]).toEqual([403, '', 'text/html'])
  })

  it('says so where there is no bucket and no configuration', async () => {
    const none = siteOf(server(), uniqueName('none'))
    const missing = await none.get('/')
    expect([missing.status, missing.headers['content-type']]).toEqual([404, 'text/html'])
    expect(missing.text).toContain('<li>Code: NoSuchBucket</li>')
    const plain = siteOf(server(), await createBucket(server(), { acl: 'public-read' }))
    const unset = await plain.get('/')
    expect(unset.status).toBe(404)
    expect(unset.text).toContain('<li>Code: NoSuchWebsiteConfiguration</li>')
  })

  it('knows GET and HEAD only', async () => {
    const site = await createSite(server())
    await putPage(site, 'index.html')
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH']) {
      const answer = await site.get('/index.html', { method, as: 'root' })
      expect([answer.status, answer.headers['allow'], answer.headers['content-type']]).toEqual([
        405,
        'GET, HEAD',
        'text/html',
      ])
    }
    expect((await site.get('/index.html')).status).toBe(200)
  })

  it('has an error document of its own, with the status of the error', async () => {
    const site = await createSite(server(), INDEX + ERROR)
    const before = await site.get('/missing')
    expect([before.status, before.text.startsWith('<html>')]).toEqual([404, true])
    await putPage(site, 'error.html', { body: '0123456789' })
    // A range and conditions were meant for another page.
    const headers = { range: 'bytes=1-2', 'if-match': '"x"' }
    const answer = await site.get('/missing', { headers })
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([404, '0123456789', 'text/html'])
    const head = await site.get('/missing', { method: 'HEAD' })
    expect([head.status, head.text, head.headers['content-length']]).toEqual([404, '', '10'])
    expect((await site.get('/error.html')).status).toBe(200)
    await putPage(site, 'index.html')
    expect(shown(await site.get('/', { headers: { 'if-match': '"x"' } }))).toEqual([412, '0123456789'])
  })

  it('redirects everything', async () => {
    const all = '<RedirectAllRequestsTo><HostName>a.example</HostName></RedirectAllRequestsTo>'
    const site = await createSite(server(), all)
    expect(shown(await site.get('/a/b%20c'))).toEqual([301, 'http://a.example/a/b%20c'])
    const secure = all.replace('</HostName>', '</HostName><Protocol>https</Protocol>')
    await configure(server(), site.name, secure)
    expect(shown(await site.get('/', { method: 'HEAD' }))).toEqual([301, 'https://a.example/'])
  })

  it('follows its routing rules, before the read and after it', async () => {
    const rules = [
      '<Condition><KeyPrefixEquals>docs/</KeyPrefixEquals></Condition>' +
        '<Redirect><ReplaceKeyPrefixWith>documents/</ReplaceKeyPrefixWith></Redirect>',
      '<Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition><Redirect>' +
        '<Protocol>https</Protocol><HostName>a.example</HostName><HttpRedirectCode>302</HttpRedirectCode>' +
        '<ReplaceKeyWith>nf.html</ReplaceKeyWith></Redirect>',
    ]
    const inside = rules.map((rule) => `<RoutingRule>${rule}</RoutingRule>`).join('')
    const site = await createSite(server(), `${INDEX}${ERROR}<RoutingRules>${inside}</RoutingRules>`)
    const here = `http://${site.name}.website.localhost:${server().port}`
    for (const key of ['index.html', 'error.html', 'docs/x.html']) await putPage(site, key)
    expect(shown(await site.get('/'))).toEqual([200, 'page index.html'])
    expect(shown(await site.get('/docs/x.html'))).toEqual([301, `${here}/documents/x.html`])
    expect(shown(await site.get('/missing'))).toEqual([302, 'https://a.example/nf.html'])
    await server().request('PUT', `/${site.name}/secret`, { body: 'secret' })
    expect(shown(await site.get('/secret'))).toEqual([403, 'page error.html'])
  })

  it('sends readers where an object says', async () => {
    const site = await createSite(server())
    const to = (location: string) => ({ headers: { 'x-amz-website-redirect-location': location } })
    await putPage(site, 'here', to('/index.html'))
    await putPage(site, 'there', to('https://a.example/ä b'))
    expect(shown(await site.get('/here'))).toEqual([301, '/index.html'])
    expect(shown(await site.get('/here', { method: 'HEAD' }))).toEqual([301, '/index.html'])
    expect(shown(await site.get('/there'))).toEqual([301, 'https://a.example/%C3%A4%20b'])
    // S3 itself only tells of it.
    const plain = await server().request('GET', `/${site.name}/here`)
    expect([plain.status, plain.headers['x-amz-website-redirect-location']]).toEqual([200, '/index.html'])
    const junk = { headers: { ...PUBLIC, 'x-amz-website-redirect-location': 'javascript:alert(1)' } }
    expect(verdict(await server().request('PUT', `/${site.name}/junk`, junk))).toBe('400 InvalidRedirectLocation')
  })

  it('lets no key and no host make its redirects mean another host', async () => {
    const rule =
      '<RoutingRule><Condition><KeyPrefixEquals>go</KeyPrefixEquals></Condition>' +
      '<Redirect><ReplaceKeyPrefixWith></ReplaceKeyPrefixWith></Redirect></RoutingRule>'
    const site = await createSite(server(), `${INDEX}<RoutingRules>${rule}</RoutingRules>`)
    const host = `${site.name}.website.localhost:${server().port}`
    expect(shown(await site.get('/go//evil.example'))).toEqual([301, `http://${host}///evil.example`])
    expect(shown(await site.get('/go%0d%0aX-Evil:%20y'))).toEqual([301, `http://${host}/%0D%0AX-Evil%3A%20y`])
    const forged = await site.get('/goa', { headers: { host: `${site.name}.website.localhost:80@evil.example` } })
    expect(shown(forged)).toEqual([301, `http://${site.name}/a`])
  })

  it('answers pages of other origins', async () => {
    const name = await bucketWithCors(server(), [ruleFor(['GET'])], { acl: 'public-read' })
    await configure(server(), name, INDEX)
    const site = siteOf(server(), name)
    await putPage(site, 'index.html')
    for (const path of ['/', '/missing']) {
      const answer = await site.get(path, { headers: { origin: ORIGIN } })
      expect(corsOf(answer)).toEqual({ 'allow-origin': ORIGIN, 'allow-methods': 'GET', vary: 'Origin' })
    }
    expect(corsOf(await site.get('/'))).toEqual({ vary: 'Origin' })
    const headers = { origin: ORIGIN, 'access-control-request-method': 'GET' }
    expect((await site.get('/', { method: 'OPTIONS', headers })).status).toBe(200)
  })

  it('is logged and counted as what it does', async () => {
    const site = await createSite(server(), INDEX + ERROR)
    await putPage(site, 'error.html')
    const line = ({ headers }: TestResponse) => {
      const found = server().logLines.find((text) => text.includes(String(headers['x-amz-request-id'])))
      const { operation, bucket, status, code, callerId } = JSON.parse(found ?? '{}')
      return { operation, bucket, status, code, callerId }
    }
    const expected = { bucket: site.name, callerId: 'anonymous' }
    const missing = await site.get('/missing')
    expect(line(missing)).toEqual({ ...expected, operation: 'GetObject', status: 404, code: 'NoSuchKey' })
    const page = await site.get('/error.html', { method: 'HEAD' })
    expect(line(page)).toEqual({ ...expected, operation: 'HeadObject', status: 200, code: undefined })
  })

  it('stands under the name of its bucket, too', async () => {
    const name = `www.${uniqueName('shop')}.example`
    await server().request('PUT', `/${name}`, { headers: PUBLIC })
    const site = siteOf(server(), name, `${name}:8080`)
    await putPage(site, 'index.html')
    // Without a configuration it is a host name like any other: the path names the bucket.
    expect((await site.get(`/${name}/index.html`)).text).toBe('page index.html')
    await configure(server(), name, INDEX)
    expect(shown(await site.get('/'))).toEqual([200, 'page index.html'])
    expect((await site.get('/', { method: 'HEAD' })).status).toBe(200)
    expect((await site.get(`/${name}/index.html`)).status).toBe(404)
    // What is signed is S3's, and so is what could change something.
    expect((await site.get(`/${name}/index.html`, { as: 'root' })).text).toBe('page index.html')
    expect(verdict(await site.get(`/${name}/k`, { method: 'PUT', body: 'x' }))).toBe('403 AccessDenied')
    expect((await site.get('/')).headers['content-type']).toBe('text/html')
  })
})

describe('a website in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  /** New buckets block public access there. */
  async function openSite(configuration: string): Promise<Site> {
    const site = await createSite(server(), configuration, {})
    const query = { publicAccessBlock: undefined }
    expect((await server().request('DELETE', `/${site.name}`, { query })).status).toBe(204)
    const resources = ['', '/*'].map((what) => `arn:aws:s3:::${site.name}${what}`)
    const statement = {
      Effect: 'Allow',
      Principal: '*',
      Action: ['s3:GetObject', 's3:ListBucket'],
      Resource: resources,
    }
    const body = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    const policy = await server().request('PUT', `/${site.name}`, { query: { policy: undefined }, body })
    expect(policy.status).toBe(204)
    return site
  }

  async function put(site: Site, key: string): Promise<void> {
    expect((await server().request('PUT', `/${site.name}/${key}`, { body: `page ${key}` })).status).toBe(200)
  }

  it('redirects from a folder to its slash, never elsewhere', async () => {
    const site = await openSite(INDEX)
    for (const key of ['a/index.html', '/evil.example/index.html']) await put(site, key)
    expect(shown(await site.get('/a'))).toEqual([302, '/a/'])
    expect(shown(await site.get('/a', { method: 'HEAD' }))).toEqual([302, '/a/'])
    expect(shown(await site.get('/a/'))).toEqual([200, 'page a/index.html'])
    expect(shown(await site.get('//evil.example'))).toEqual([302, '/%2Fevil.example/'])
    expect(shown(await site.get('/%2Fevil.example/'))).toEqual([200, 'page /evil.example/index.html'])
    expect((await site.get('/none')).status).toBe(404)
  })

  it('escapes what its error page shows', async () => {
    const site = await openSite(INDEX)
    const answer = await site.get('/%3Cscript%3E%22%C3%A4')
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    expect(answer.text).toContain('<li>Key: &lt;script&gt;&quot;ä</li>')
    expect(answer.text.endsWith('</html>\n')).toBe(true)
  })

  it('hides what is missing from those who may not list', async () => {
    const site = await createSite(server(), INDEX, {})
    expect((await site.get('/missing')).status).toBe(403)
    expect((await (await openSite(INDEX)).get('/missing')).status).toBe(404)
  })
})
