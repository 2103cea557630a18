import { describe, expect, it } from 'vitest'
import { legalHoldDocument, readLegalHold } from '../../../src/s3/documents/legal-hold.ts'
import { objectLockDocument, readObjectLock } from '../../../src/s3/documents/object-lock.ts'
import { readRetention, retentionDocument } from '../../../src/s3/documents/retention.ts'
import { codeOf } from '../../support/errors.ts'
import { dialectOf } from '../../support/head.ts'
import { holdXml, lockXml, retentionXml } from '../../support/locks.ts'

const rgw = dialectOf('rgw')
const aws = dialectOf('aws')

describe('ObjectLockConfiguration', () => {
  it.each([{ mode: 'GOVERNANCE', days: 1 }, { mode: 'COMPLIANCE', years: 100 }, undefined] as const)(
    'is read as it was printed: %j',
    (retention) => {
      for (const { locks } of [rgw, aws]) {
        expect(readObjectLock(Buffer.from(objectLockDocument(retention, locks)), locks)).toEqual(retention)
      }
    },
  )

  it('has a code of each provider’s own for a period that cannot be', () => {
    const read = (period: string, { locks } = rgw) => codeOf(() => readObjectLock(Buffer.from(lockXml(period)), locks))
    expect(read('<Days>0</Days>')).toBe('InvalidRetentionPeriod')
    expect(read('<Days>0</Days>', aws)).toBe('InvalidArgument')
    expect(read('<Years>101</Years>', aws)).toBe('InvalidArgument')
    expect(read('<Years>+100</Years>', aws)).toEqual({ mode: 'GOVERNANCE', years: 100 })
    expect(read('<Days>99999999999</Days>')).toBe('MalformedXML')
  })
})

describe('Retention', () => {
  it('is read with a date in any of ISO’s forms that SDKs send', () => {
    const expected = { mode: 'COMPLIANCE', retainUntilMs: Date.UTC(2031, 0, 2, 3, 4, 5) }
    for (const date of ['2031-01-02T03:04:05Z', '2031-01-02T03:04:05.000000000Z', ' 2031-01-02T03:04:05+00:00 ']) {
      expect(readRetention(Buffer.from(retentionXml('COMPLIANCE', date)))).toEqual(expected)
    }
    expect(readRetention(Buffer.from('<Retention/>'))).toBeUndefined()
    expect(readRetention(Buffer.from('<Retention>\n</Retention>'))).toBeUndefined()
  })

  it('is printed as each provider does', () => {
    const retention = { mode: 'GOVERNANCE', retainUntilMs: Date.UTC(2031, 0, 2, 3, 4, 5, 678) } as const
    const mode = '<Mode>GOVERNANCE</Mode>'
    expect(retentionDocument(retention, rgw)).toContain(
      `<Retention>${mode}<RetainUntilDate>2031-01-02T03:04:05.678000000Z</RetainUntilDate></Retention>`,
    )
    expect(retentionDocument(retention, aws)).toContain(
      `<Retention xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${mode}` +
        '<RetainUntilDate>2031-01-02T03:04:05.678Z</RetainUntilDate></Retention>',
    )
  })
})

describe('LegalHold', () => {
  it('is ON or OFF', () => {
    expect([readLegalHold(Buffer.from(holdXml('ON'))), readLegalHold(Buffer.from(holdXml('OFF')))]).toEqual([
      true,
      false,
    ])
    expect(codeOf(() => readLegalHold(Buffer.from(holdXml('On'))))).toBe('MalformedXML')
    expect(legalHoldDocument(true, rgw.locks)).toContain('<LegalHold><Status>ON</Status></LegalHold>')
  })
})
