import { GetBucketLoggingCommand, PutBucketLoggingCommand, PutBucketOwnershipControlsCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import {
  flushLog,
  keysIn,
  LOGGING_OFF,
  loggingTo,
  logLines,
  NAMESPACE,
  putLogging,
  summaryOf,
} from '../support/access-log.ts'
import { createBucket } from '../support/buckets.ts'
import { type TestServer, uniqueName, useServer } from '../support/server.ts'

const INSTANCE = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
const status = (inside: string): string => `<BucketLoggingStatus xmlns="${NAMESPACE}">${inside}</BucketLoggingStatus>`
const grants = (...inside: string[]): string => `<TargetGrants>${inside.join('')}</TargetGrants>`
const grant = (type: string, who: string, permission = 'READ'): string =>
  `<Grant><Grantee ${INSTANCE} xsi:type="${type}">${who}</Grantee><Permission>${permission}</Permission></Grant>`
const ALT = grant('CanonicalUser', '<ID>alt</ID>')

async function targetOf(server: TestServer, Bucket: string): Promise<string | undefined> {
  return (await server.s3().send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled?.TargetBucket
}

describe('PutBucketLogging', () => {
  const server = useServer({
    users: [{ id: 'mail', email: 'Mail@Example.com', keys: [{ accessKey: 'MAIL', secretKey: 'mail-secret' }] }],
  })

  it('takes what the manual shows, and survives a restart', async () => {
    const [Bucket, target] = [await createBucket(server()), await createBucket(server())]
    const BucketLoggingStatus = {
      LoggingEnabled: {
        TargetBucket: target,
        TargetGrants: [
          { Grantee: { DisplayName: 'Second User', ID: 'alt', Type: 'CanonicalUser' }, Permission: 'READ' },
          { Grantee: { EmailAddress: 'mail@example.COM', Type: 'AmazonCustomerByEmail' }, Permission: 'FULL_CONTROL' },
          {
            Grantee: { URI: 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers', Type: 'Group' },
            Permission: 'WRITE',
          },
        ],
        TargetPrefix: 'log/',
      },
    } as const
    const command = { Bucket, BucketLoggingStatus: structuredClone(BucketLoggingStatus) as never }
    await server().s3().send(new PutBucketLoggingCommand(command))
    await server().restart()
    const read = await server().s3().send(new GetBucketLoggingCommand({ Bucket }))
    const found = read.LoggingEnabled?.TargetGrants?.map(({ Grantee, Permission }) => [
      Grantee?.ID ?? Grantee?.URI,
      Permission,
    ])
    expect(new Set(found?.map(String))).toEqual(
      new Set(['alt,READ', 'mail,FULL_CONTROL', 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers,WRITE']),
    )
    expect(read.LoggingEnabled).toMatchObject({ TargetBucket: target, TargetPrefix: 'log/' })
  })

  it.each([
    ['', '400 InvalidArgument'],
    ['<Bucket', '400 InvalidArgument'],
    ['<Other/>', '400 InvalidArgument'],
    [status('<Other/>'), '400 InvalidArgument'],
    [status('<LoggingEnabled/>'), '400 InvalidArgument'],
    [status('<LoggingEnabled/><LoggingEnabled/>'), '400 InvalidArgument'],
    [status('<LoggingEnabled><TargetBucket>TARGET</TargetBucket></LoggingEnabled>'), '400 InvalidArgument'],
    [loggingTo('', { prefix: 'p' }), '400 InvalidArgument'],
    [loggingTo('TARGET', { more: '<TargetPrefix>twice</TargetPrefix>' }), '400 InvalidArgument'],
    [loggingTo('TARGET', { more: '<Unknown/>' }), '400 InvalidArgument'],
    [loggingTo('TARGET', { more: '<ObjectRollTime>60</ObjectRollTime>' }), '501 NotImplemented'],
    [loggingTo('TARGET', { more: '<LoggingType>Journal</LoggingType>' }), '501 NotImplemented'],
    [
      loggingTo('TARGET', { more: '<TargetObjectKeyFormat><PartitionedPrefix/></TargetObjectKeyFormat>' }),
      '501 NotImplemented',
    ],
    [loggingTo('TARGET', { more: '<TargetObjectKeyFormat/>' }), '400 InvalidArgument'],
    [loggingTo('TARGET', { more: grants(grant('CanonicalUser', '<ID>alt</ID>', 'READ_ACP')) }), '400 InvalidArgument'],
    [loggingTo('TARGET', { more: grants(grant('CanonicalUser', '<ID>nobody</ID>')) }), '400 InvalidArgument'],
    [
      loggingTo('TARGET', { more: grants(grant('AmazonCustomerByEmail', '<EmailAddress>a@b.c</EmailAddress>')) }),
      '400 UnresolvableGrantByEmailAddress',
    ],
    [loggingTo('TARGET', { prefix: 'p'.repeat(1000) }), '400 InvalidObjectName'],
    [loggingTo('none-of-this-name'), '400 InvalidTargetBucketForLogging'],
  ])('refuses %j and changes nothing', async (body, expected) => {
    const [name, target] = [await createBucket(server()), await createBucket(server())]
    expect(await putLogging(server(), name, { body: body.replace('TARGET', target) })).toBe(expected)
    expect(await targetOf(server(), name)).toBeUndefined()
    const good = loggingTo(target, {
      more: `${grants(ALT)}<TargetObjectKeyFormat><SimplePrefix/></TargetObjectKeyFormat>`,
    })
    expect(await putLogging(server(), name, { body: good })).toBe('200')
    expect(await targetOf(server(), name)).toBe(target)
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { acl: 'public-read-write' })
    const body = loggingTo(name)
    expect(await putLogging(server(), name, { body, as: 'alt' })).toBe('403 AccessDenied')
    expect(await putLogging(server(), name, { body, as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await putLogging(server(), uniqueName('none'), { body })).toBe('404 NoSuchBucket')
    expect(await targetOf(server(), name)).toBeUndefined()
    expect(await putLogging(server(), name, { body })).toBe('200')
  })

  it('sends a log only where the caller may write', async () => {
    const name = await createBucket(server(), { user: 'alt' })
    const closed = await createBucket(server())
    const open = await createBucket(server(), { acl: 'public-read-write' })
    const refused = await putLogging(server(), name, { body: loggingTo(closed), as: 'alt' })
    expect(refused).toBe('400 InvalidTargetBucketForLogging')
    expect(await putLogging(server(), name, { body: loggingTo(open), as: 'alt' })).toBe('200')
  })

  it('delivers to the old target what was recorded under it', async () => {
    const [name, first, second] = [
      await createBucket(server()),
      await createBucket(server()),
      await createBucket(server()),
    ]
    await putLogging(server(), name, { body: loggingTo(first) })
    await server().request('PUT', `/${name}/one`, { body: '1' })
    expect(await putLogging(server(), name, { body: loggingTo(second) })).toBe('200')
    expect(summaryOf(await logLines(server(), first))).toEqual(['cozos REST.PUT.OBJECT one 200 -'])
    await server().request('PUT', `/${name}/two`, { body: '2' })
    expect(await putLogging(server(), name, { body: LOGGING_OFF })).toBe('200')
    expect(summaryOf(await logLines(server(), second))).toContain('cozos REST.PUT.OBJECT two 200 -')
    expect(await keysIn(server(), first)).toHaveLength(1)
    expect(await flushLog(server(), name)).toBe('404 NoSuchConfiguration')
  })
})

describe('PutBucketLogging in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s errors, and gives no grants in a bucket without ACLs', async () => {
    const [name, target] = [await createBucket(server()), await createBucket(server())]
    expect(await putLogging(server(), name, { body: '<Other/>' })).toBe('400 MalformedXML')
    expect(await putLogging(server(), name, { body: status('<LoggingEnabled/>') })).toBe('400 MalformedXML')
    const body = loggingTo(target, { more: grants(ALT) })
    expect(await putLogging(server(), name, { body })).toBe('400 AccessControlListNotSupported')
    expect(await putLogging(server(), name, { body: loggingTo(target) })).toBe('200')
    const OwnershipControls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] }
    await server()
      .s3()
      .send(new PutBucketOwnershipControlsCommand({ Bucket: target, OwnershipControls }))
    expect(await putLogging(server(), name, { body })).toBe('200')
  })
})
