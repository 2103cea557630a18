import { describe, expect, it, test } from 'vitest'
import type { DialectName } from '../../../src/config/config.ts'
import { notificationsDocument, readNotifications } from '../../../src/s3/documents/notifications.ts'
import { codeOf } from '../../support/errors.ts'
import { dialectOf } from '../../support/head.ts'

const ARN = 'arn:aws:sns:default::t'
const topic = (inside: string) => `<TopicConfiguration>${inside}</TopicConfiguration>`
const ID = '<Id>i</Id>'
const TOPIC = `<Topic>${ARN}</Topic>`
const EVENT = '<Event>s3:ObjectCreated:*</Event>'
const whole = (filter: string) => topic(`${ID}${TOPIC}${EVENT}<Filter>${filter}</Filter>`)
const rule = (name: string, value: string) => `<FilterRule><Name>${name}</Name><Value>${value}</Value></FilterRule>`

const read = (inside: string, dialect: DialectName = 'rgw') =>
  codeOf(() =>
    readNotifications(
      Buffer.from(`<NotificationConfiguration>${inside}</NotificationConfiguration>`),
      dialectOf(dialect).notifications,
    ),
  )

describe('what can be read', () => {
  it('has an id, an ARN, events and a filter', () => {
    const filter =
      `<S3Key>${rule('regex', '[a-z]+')}${rule('prefix', ' logs/')}</S3Key>` +
      `<S3Metadata>${rule('x-amz-meta-color', 'blue')}</S3Metadata><S3Tags>${rule('env', '')}</S3Tags>`
    expect(read(whole(filter))).toEqual([
      {
        id: 'i',
        arn: ARN,
        element: 'TopicConfiguration',
        events: ['s3:ObjectCreated:*'],
        filter: {
          regex: '[a-z]+',
          prefix: ' logs/',
          metadata: [{ key: 'x-amz-meta-color', value: 'blue' }],
          tags: [{ key: 'env', value: '' }],
        },
      },
    ])
  })

  it('may leave out its events in rgw, its id in aws, and its filter everywhere', () => {
    expect(read(topic(ID + TOPIC))).toMatchObject([{ events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] }])
    expect(read(topic(ID + TOPIC), 'aws')).toBe('MalformedXML')
    expect(read(topic(TOPIC + EVENT))).toBe('MalformedXML')
    expect(read(topic(TOPIC + EVENT), 'aws')).toEqual([
      { id: '', arn: ARN, element: 'TopicConfiguration', events: ['s3:ObjectCreated:*'] },
    ])
    expect(read(whole('<S3Key></S3Key>'))).toEqual(read(topic(ID + TOPIC + EVENT)))
  })

  it('may be a queue in aws, and is refused by name elsewhere', () => {
    const queue = `<QueueConfiguration>${ID}<Queue>arn:aws:sqs:r:123456789012:t</Queue>${EVENT}</QueueConfiguration>`
    expect(read(queue, 'aws')).toMatchObject([{ element: 'QueueConfiguration' }])
    expect(read(queue)).toBe('NotImplemented')
    expect(read('<EventBridgeConfiguration/>', 'aws')).toBe('NotImplemented')
    const lambda = `<CloudFunctionConfiguration>${ID}<CloudFunction>a</CloudFunction></CloudFunctionConfiguration>`
    expect(read(lambda, 'aws')).toBe('NotImplemented')
  })

  it('may be empty where that removes all', () => {
    expect(read('')).toBe('MalformedXML')
    expect(read('', 'zos')).toEqual([])
    expect(read('', 'aws')).toEqual([])
    expect(codeOf(() => readNotifications(Buffer.alloc(0), dialectOf('rgw').notifications))).toBe('InvalidArgument')
    expect(codeOf(() => readNotifications(Buffer.alloc(0), dialectOf('aws').notifications))).toBe('MalformedXML')
    expect(codeOf(() => readNotifications(Buffer.from('<Notif'), dialectOf('rgw').notifications))).toBe('MalformedXML')
  })
})

describe('what is refused', () => {
  test.each([
    ['no topic', topic(ID + EVENT), 'MalformedXML'],
    ['two topics', topic(ID + TOPIC + TOPIC + EVENT), 'MalformedXML'],
    ['two filters', topic(`${ID}${TOPIC}${EVENT}<Filter/><Filter/>`), 'MalformedXML'],
    ['an unknown element', topic(`${ID}${TOPIC}${EVENT}<Frob/>`), 'MalformedXML'],
    ['an unknown configuration', '<FrobConfiguration/>', 'MalformedXML'],
    ['an unknown event', topic(`${ID}${TOPIC}<Event>s3:Frobnicate</Event>`), 'InvalidArgument'],
    ['a long id', topic(`<Id>${'i'.repeat(256)}</Id>${TOPIC}${EVENT}`), 'InvalidArgument'],
    ['an unknown filter', whole('<S3Size/>'), 'MalformedXML'],
    ['two of one filter', whole('<S3Key/><S3Key/>'), 'MalformedXML'],
    ['no rule', whole('<S3Key><Frob/></S3Key>'), 'MalformedXML'],
    ['a rule without a name', whole('<S3Key><FilterRule><Value>a</Value></FilterRule></S3Key>'), 'MalformedXML'],
    ['an unknown rule', whole(`<S3Key>${rule('infix', 'a')}</S3Key>`), 'MalformedXML'],
    ['a rule in capitals', whole(`<S3Key>${rule('Prefix', 'a')}</S3Key>`), 'MalformedXML'],
    ['a rule twice', whole(`<S3Key>${rule('prefix', 'a')}${rule('prefix', 'b')}</S3Key>`), 'MalformedXML'],
    ['a long prefix', whole(`<S3Key>${rule('prefix', 'ü'.repeat(513))}</S3Key>`), 'InvalidArgument'],
    ['a regex that looks ahead', whole(`<S3Key>${rule('regex', '(?=a)')}</S3Key>`), 'InvalidArgument'],
    ['no user metadata', whole(`<S3Metadata>${rule('content-type', 'a')}</S3Metadata>`), 'InvalidArgument'],
    ['many tags', whole(`<S3Tags>${rule('a', 'b').repeat(21)}</S3Tags>`), 'InvalidArgument'],
  ])('%s', (_what, document, code) => {
    expect(read(document)).toBe(code)
  })

  it('and its neighbours are not', () => {
    expect(read(topic(`<Id>${'i'.repeat(255)}</Id>${TOPIC}${EVENT}`))).toHaveLength(1)
    expect(read(whole(`<S3Key>${rule('prefix', 'ü'.repeat(512))}</S3Key>`))).toHaveLength(1)
    expect(read(whole(`<S3Tags>${rule('a', 'b').repeat(20)}</S3Tags>`))).toHaveLength(1)
    expect(read(whole(`<S3Key>${rule('Prefix', 'a')}${rule('SUFFIX', 'b')}</S3Key>`), 'aws')).toMatchObject([
      { filter: { prefix: 'a', suffix: 'b' } },
    ])
    expect(read(whole(`<S3Key>${rule('infix', 'a')}</S3Key>`), 'aws')).toBe('InvalidArgument')
  })
})

describe('what is printed', () => {
  it('is RGW’s bare document, or S3’s', () => {
    const [one] = read(whole(`<S3Key>${rule('suffix', '&amp;')}</S3Key>`)) as ReturnType<typeof readNotifications>
    const notifications = [{ ...one!, topic: { tenant: '', name: 't' } }]
    const inside =
      `<TopicConfiguration><Id>i</Id><Topic>${ARN}</Topic><Filter><S3Key>${rule('suffix', '&amp;')}</S3Key></Filter>` +
      '<Event>s3:ObjectCreated:*</Event></TopicConfiguration></NotificationConfiguration>'
    expect(notificationsDocument(notifications, { isBare: true })).toBe(`<NotificationConfiguration>${inside}`)
    expect(notificationsDocument(notifications, { isBare: false })).toBe(
      `<?xml version="1.0" encoding="UTF-8"?><NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}`,
    )
    expect(notificationsDocument([], { isBare: true })).toBe('<NotificationConfiguration></NotificationConfiguration>')
  })
})
