import { GetBucketAclCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { ALL_USERS, getAcl, putAcl, shownAcl } from '../support/acl.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { uniqueName, useServer } from '../support/server.ts'

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

describe('GetBucketAcl', () => {
  const server = useServer()

  it('answers as ZOS does, groups before accounts', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read' })
    const answer = await getAcl(server(), `/${Bucket}`)
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/xml' } })
    const group = `<Grantee ${XSI} xsi:type="Group"><URI>${ALL_USERS}</URI></Grantee>`
    const account =
      `<Grantee ${XSI} xsi:type="CanonicalUser"><EmailAddress></EmailAddress><ID>cozos</ID>` +
      '<DisplayName>cozos</DisplayName></Grantee>'
    expect(answer.text).toBe(
      `${HEAD}<AccessControlPolicy ${NAMESPACE}><Owner><ID>cozos</ID><DisplayName>cozos</DisplayName></Owner>` +
        `<AccessControlList><Grant>${group}<Permission>READ</Permission></Grant>` +
        `<Grant>${account}<Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>`,
    )
  })

  it('needs READ_ACP, which the owner always has', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    expect(verdict(await getAcl(server(), `/${Bucket}`))).toBe('200')
    expect(verdict(await getAcl(server(), `/${Bucket}`, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await getAcl(server(), `/${Bucket}`, { as: 'anonymous' }))).toBe('403 AccessDenied')
    const headers = { 'x-amz-grant-read-acp': 'id=alt' }
    expect(verdict(await putAcl(server(), `/${Bucket}`, { headers }))).toBe('200')
    expect(verdict(await getAcl(server(), `/${Bucket}`, { as: 'alt' }))).toBe('200')
    expect(verdict(await getAcl(server(), `/${Bucket}`, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(await shownAcl(server(), `/${Bucket}`)).toBe('cozos: alt READ_ACP')
  })

  it('knows no other buckets', async () => {
    expect(verdict(await getAcl(server(), `/${uniqueName('none')}`))).toBe('404 NoSuchBucket')
  })
})

describe('GetBucketAcl in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has the owner alone where ACLs are switched off', async () => {
    const Bucket = await createBucket(server())
    const { Owner, Grants } = await server().s3().send(new GetBucketAclCommand({ Bucket }))
    expect(Owner?.ID).toBe('cozos')
    expect(Grants).toEqual([
      { Grantee: { Type: 'CanonicalUser', ID: 'cozos', DisplayName: 'cozos' }, Permission: 'FULL_CONTROL' },
    ])
  })
})
