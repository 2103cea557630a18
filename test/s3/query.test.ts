import { describe, expect, it } from 'vitest'
import { parseQuery } from '../../src/s3/query.ts'
import { codeOf } from '../support/wire-head.ts'

describe('parseQuery', () => {
  it('keeps the order, repeated names, and the difference between ?a and ?a=', () => {
    const query = parseQuery('b=1&a&c=&b=2')
    expect(query.entries).toEqual([
      { name: 'b', value: '1' },
      { name: 'a', value: undefined },
      { name: 'c', value: '' },
      { name: 'b', value: '2' },
    ])
    expect(query.get('b')).toBe('1')
    expect(query.get('a')).toBe('')
    expect(query.get('c')).toBe('')
    expect(query.has('a')).toBe(true)
    expect(query.get('A')).toBeUndefined()
    expect(query.has('A')).toBe(false)
  })

  it('decodes names and values; + is a space, %2B a plus, = belongs to the value', () => {
    const query = parseQuery('pre%66ix=a+b%2Bc%2F%E4%B8%AD&token=a=b==')
    expect(query.get('prefix')).toBe('a b+c/中')
    expect(query.get('token')).toBe('a=b==')
  })

  it('takes no notice of empty pieces', () => {
    expect(parseQuery('').entries).toEqual([])
    expect(parseQuery('&&a=1&').entries).toEqual([{ name: 'a', value: '1' }])
  })

  it('refuses broken percent-encoding and bytes that are no UTF-8', () => {
    for (const raw of ['a=%', 'a=%zz', '%f=1', 'a=%ff']) expect(codeOf(() => parseQuery(raw))).toBe('InvalidURI')
    expect(parseQuery('a=%25').get('a')).toBe('%')
  })
})
