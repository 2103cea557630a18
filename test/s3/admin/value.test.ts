import { describe, expect, it } from 'vitest'
import { adminAnswer, listOf } from '../../../src/s3/admin/value.ts'
import { headOf } from '../../support/head.ts'

const VALUE = {
  text: 'a<b',
  none: undefined,
  count: 1,
  flag: false,
  empty: listOf('item', []),
  list: listOf('item', ['x', { y: 'z' }]),
  nested: { deep: listOf('pair', [listOf('n', [1, 2])]) },
}

describe('adminAnswer', () => {
  it('is JSON unless XML is asked for', () => {
    const { headers, body } = adminAnswer(headOf('GET', '/'), 'root', VALUE)
    expect(headers).toEqual([['Content-Type', 'application/json']])
    expect(body).toBe(
      '{"text":"a<b","count":1,"flag":false,"empty":[],"list":["x",{"y":"z"}],"nested":{"deep":[[1,2]]}}',
    )
    expect(adminAnswer(headOf('GET', '/?format=json'), 'root', listOf('a', ['b'])).body).toBe('["b"]')
  })

  it('is XML with names for the items of lists', () => {
    const { headers, body } = adminAnswer(headOf('GET', '/?format=xml'), 'root', VALUE)
    expect(headers).toEqual([['Content-Type', 'application/xml']])
    expect(body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><root><text>a&lt;b</text><count>1</count><flag>false</flag><empty></empty>' +
        '<list><item>x</item><item><y>z</y></item></list>' +
        '<nested><deep><pair><n>1</n><n>2</n></pair></deep></nested></root>',
    )
  })
})
