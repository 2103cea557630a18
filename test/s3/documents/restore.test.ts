import { describe, expect, it } from 'vitest'
import { AWS_RESTORE, readRestoreRequest, restoreStatusElement } from '../../../src/s3/documents/restore.ts'
import { restoreValue } from '../../../src/s3/headers/restore.ts'
import { restoreRequest, tier } from '../../support/archive.ts'

const ZOS = { daysMax: 31, tiers: ['Standard'] } as const
const read = (text: string, restore = AWS_RESTORE) => readRestoreRequest(Buffer.from(text), { restore })

/** The code, and the detail that names what is wrong. */
function refusal(text: string, restore = AWS_RESTORE): unknown {
  try {
    return read(text, restore)
  } catch (cause) {
    const { code, details } = cause as { code: string; details: Record<string, unknown> }
    return [code, details.ArgumentName ?? details.Element].filter((part) => part !== undefined).join(' ')
  }
}

describe('a RestoreRequest', () => {
  it.each([
    [restoreRequest(1), 1, 'Standard'],
    [restoreRequest('\n 7 '), 7, 'Standard'],
    [restoreRequest(36_500, tier('Bulk')), 36_500, 'Bulk'],
    [restoreRequest(2, '<Tier>Expedited</Tier>'), 2, 'Expedited'],
    [restoreRequest(2, `<Description>why</Description>${tier('Expedited')}<Tier>Bulk</Tier>`), 2, 'Expedited'],
  ])('%s', (text, days, name) => expect(read(text)).toEqual({ days, tier: name }))

  it.each([
    ['', 'MalformedXML'],
    ['<Other><Days>1</Days></Other>', 'MalformedXML'],
    ['<RestoreRequest/>', 'MalformedXML'],
    [restoreRequest(''), 'MalformedXML'],
    [restoreRequest('1.5'), 'MalformedXML'],
    [restoreRequest('1e1'), 'MalformedXML'],
    [restoreRequest(1, '<Days>2</Days>'), 'MalformedXML'],
    [restoreRequest(1, '<GlacierJobParameters/>'), 'MalformedXML'],
    [restoreRequest(1, tier('standard')), 'MalformedXML'],
    [restoreRequest(0), 'InvalidArgument Days'],
    [restoreRequest('99999999999999999999'), 'InvalidArgument Days'],
    [restoreRequest(36_501), 'InvalidArgument Days'],
    [restoreRequest(1, '<Type>SELECT</Type>'), 'NotImplemented Type'],
    [restoreRequest(1, '<SelectParameters/>'), 'NotImplemented SelectParameters'],
    ['<RestoreRequest><OutputLocation/></RestoreRequest>', 'NotImplemented OutputLocation'],
  ])('%s is refused', (text, expected) => expect(refusal(text)).toBe(expected))

  it('in ZOS has a month and one tier', () => {
    expect(read(restoreRequest(31, tier('Standard')), ZOS)).toEqual({ days: 31, tier: 'Standard' })
    expect(refusal(restoreRequest(32), ZOS)).toBe('InvalidArgument Days')
    expect(refusal(restoreRequest(1, tier('Bulk')), ZOS)).toBe('InvalidArgument Tier')
  })
})

describe('how far a restore is', () => {
  const untilMs = Date.UTC(2012, 11, 21)

  it('in a header, in S3\u2019s form', () => {
    expect(restoreValue(undefined)).toBeUndefined()
    expect(restoreValue({ isOngoing: true })).toBe('ongoing-request="true"')
    expect(restoreValue({ isOngoing: false, untilMs })).toBe(
      'ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"',
    )
  })

  it('in a listing', () => {
    expect(restoreStatusElement(undefined)).toBeUndefined()
    expect(restoreStatusElement({ isOngoing: true })).toEqual({ IsRestoreInProgress: true })
    expect(restoreStatusElement({ isOngoing: false, untilMs })).toEqual({
      IsRestoreInProgress: false,
      RestoreExpiryDate: '2012-12-21T00:00:00.000Z',
    })
  })
})
