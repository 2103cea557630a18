import { describe, expect, it } from 'vitest'
import { GetObject } from '../../src/operations/GetObject.ts'
import { byName, SERVED } from '../../src/operations/served.ts'
import { isOperationName } from '../../src/s3/bindings.ts'

describe('the served operations', () => {
  it('are found by their S3 names, which the table of bindings knows', () => {
    expect(SERVED.get('GetObject')).toBe(GetObject)
    for (const [name, operation] of SERVED) {
      expect(operation.name).toBe(name)
      expect(isOperationName(name), name).toBe(true)
    }
  })

  it('cannot be exported under another name', () => {
    expect(byName([['GetObject', GetObject]]).get('GetObject')).toBe(GetObject)
    expect(() => byName([['FetchObject', GetObject]])).toThrow('under its own S3 name')
  })
})
