import { describe, expect, it } from 'vitest'
import { basicDate, isoSeconds, parseBasicDate, parseSignedDate } from '../../../src/s3/signature/dates.ts'

const MS = Date.parse('2007-03-27T19:36:42Z')

describe('parseSignedDate', () => {
  it.each([
    '20070327T193642Z',
    '2007-03-27T19:36:42Z',
    '2007-03-27T19:36:42.000Z',
    'Tue, 27 Mar 2007 19:36:42 GMT',
    'Tue, 27 Mar 2007 19:36:42 UTC',
    'Tue, 27 Mar 2007 19:36:42 +0000',
    'Tue, 27 Mar 2007 21:06:42 +0130',
    'Tue, 27 Mar 2007 14:36:42 -0500',
    'Tuesday, 27-Mar-07 19:36:42 GMT',
    'Tue Mar 27 19:36:42 2007',
  ])('reads %s', (text) => expect(parseSignedDate(text)).toBe(MS))

  it.each([
    '',
    'yesterday',
    '1175024202',
    '2007-03-27',
    '20070327T193642',
    '20071327T193642Z',
    '20070231T193642Z',
    '20070327T243642Z',
    '20070327T196042Z',
    'Tue, 27 Foo 2007 19:36:42 GMT',
    'Tue, 27 Mar 2007 19:36:42',
    'Tue, 31 Feb 2007 19:36:42 GMT',
    ' 20070327T193642Z',
  ])('refuses "%s"', (text) => expect(parseSignedDate(text)).toBeUndefined())
})

describe('the basic form', () => {
  it('goes both ways and is strict', () => {
    expect(basicDate(MS)).toBe('20070327T193642Z')
    expect(parseBasicDate(basicDate(MS))).toBe(MS)
    expect(parseBasicDate('2007-03-27T19:36:42Z')).toBeUndefined()
    expect(parseBasicDate('20070230T193642Z')).toBeUndefined()
    expect(isoSeconds(MS)).toBe('2007-03-27T19:36:42Z')
  })
})
