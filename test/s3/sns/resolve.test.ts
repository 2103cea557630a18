import { describe, expect, it, test } from 'vitest'
import { SNS_BINDINGS } from '../../../src/s3/sns/bindings.ts'
import { readAttributes, refuseUnservedParameters } from '../../../src/s3/sns/parameters.ts'
import { isActionRequest, resolveAction, withParameters } from '../../../src/s3/sns/resolve.ts'
import { codeOf } from '../../support/errors.ts'
import { headOf } from '../../support/head.ts'

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' }
const posted = (form: string, target = '/') => withParameters(headOf('POST', target, FORM), Buffer.from(form))

describe('which requests are actions', () => {
  test.each([
    ['POST', '/', FORM, true],
    ['POST', '/', { 'Content-Type': 'APPLICATION/x-www-form-urlencoded' }, true],
    ['POST', '/?Action=ListTopics', {}, true],
    ['POST', '/', {}, false],
    ['POST', '/', { 'Content-Type': 'multipart/form-data; boundary=x' }, false],
    ['POST', '/b', FORM, false],
    ['POST', '/b?Action=ListTopics', {}, false],
    ['GET', '/?Action=ListTopics', {}, false],
    ['PUT', '/', FORM, false],
  ])('%s %s %j: %s', (method, target, headers, isAction) => {
    expect(isActionRequest(headOf(method, target, headers))).toBe(isAction)
  })
})

describe('the action', () => {
  it('has a row for each name, which is its own', () => {
    for (const [name, { action }] of Object.entries(SNS_BINDINGS)) {
      expect(name).toBe(action)
      expect(resolveAction(posted(`Action=${action}`))).toBe(name)
    }
  })

  test.each(['', 'Action=', 'Action=Frobnicate', 'Action=createtopic', 'Action=constructor', 'Version=1'])(
    '%s is none',
    (form) => {
      expect(codeOf(() => resolveAction(posted(form)))).toBe('MethodNotAllowed')
    },
  )

  it('and its parameters may stand in the query, the body, or both', () => {
    const head = posted('Name=a%26b+c&x=%E4%B8%AD', '/?Action=CreateTopic&Name=first')
    expect(resolveAction(head)).toBe('CreateTopic')
    expect(head.query.entries.map(({ name, value }) => `${name}=${value}`)).toEqual([
      'Action=CreateTopic',
      'Name=first',
      'Name=a&b c',
      'x=中',
    ])
    const bare = headOf('POST', '/?Action=ListTopics')
    expect(withParameters(bare, Buffer.from('Action=Publish'))).toBe(bare)
    expect(codeOf(() => posted('Name=%zz'))).toBe('InvalidURI')
  })
})

describe('attributes', () => {
  it('are paired by their numbers, in whatever order they come', () => {
    const form =
      'Attributes.entry.10.key=late&Attributes.entry.2.value=v2&Attributes.entry.10.value=v10' +
      '&Attributes.entry.2.key=k2&Attributes.entry.7.value=lost&Attributes.entry.3.key=empty' +
      '&Attributes.entry.x.key=no&Attributes.entries.1.key=no&Attribute=no'
    expect(Object.entries(readAttributes(posted(form)))).toEqual([
      ['k2', 'v2'],
      ['empty', ''],
      ['late', 'v10'],
    ])
    expect(readAttributes(posted(''))).toEqual({})
  })

  it('are all that a topic can have', () => {
    expect(codeOf(() => refuseUnservedParameters(posted('Name=a&Tags.member.1.Key=k')))).toBe('NotImplemented')
    expect(codeOf(() => refuseUnservedParameters(posted('DataProtectionPolicy=x')))).toBe('NotImplemented')
    expect(codeOf(() => refuseUnservedParameters(posted('Name=Tags&Attributes.entry.1.key=Tags')))).toBeUndefined()
  })
})
