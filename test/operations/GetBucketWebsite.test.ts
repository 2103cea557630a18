import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type UserName, uniqueName, useServer } from '../support/server.ts'

const server = useServer()
const query = { website: undefined }
const INSIDE = '<IndexDocument><Suffix>i</Suffix></IndexDocument><ErrorDocument><Key>e&lt;</Key></ErrorDocument>'

async function get(name: string, as: UserName = 'root') {
  return server().request('GET', `/${name}`, { query, as })
}

describe('GetBucketWebsite', () => {
  it('prints what was put', async () => {
    const name = await createBucket(server())
    expect(verdict(await get(name))).toBe('404 NoSuchWebsiteConfiguration')
    const body = `<WebsiteConfiguration>${INSIDE}</WebsiteConfiguration>`
    expect((await server().request('PUT', `/${name}`, { query, body })).status).toBe(200)
    const answer = await get(name)
    expect(answer.headers['content-type']).toBe('application/xml')
    expect(answer.text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><WebsiteConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        `${INSIDE}</WebsiteConfiguration>`,
    )
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { acl: 'public-read' })
    expect(verdict(await get(name, 'alt'))).toBe('403 AccessDenied')
    expect(verdict(await get(name, 'anonymous'))).toBe('403 AccessDenied')
    expect(verdict(await get(uniqueName('none')))).toBe('404 NoSuchBucket')
    expect(verdict(await get(name))).toBe('404 NoSuchWebsiteConfiguration')
  })
})
