import { describe, expect, it } from 'vitest'
import { corsDocument, readCors } from '../../../src/s3/documents/cors.ts'
import { codeOf } from '../../support/errors.ts'
import { dialectOf } from '../../support/head.ts'

const rgw = dialectOf('rgw').corsDocuments
const aws = dialectOf('aws').corsDocuments

const document = (inside: string) => Buffer.from(`<CORSConfiguration>${inside}</CORSConfiguration>`)
const ruleOf = (inside: string) =>
  `<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>${inside}</CORSRule>`

describe('readCors', () => {
  it('reads every element', () => {
    const read = readCors(
      document(
        '<CORSRule><ID> a </ID><AllowedOrigin>http://a.example</AllowedOrigin><AllowedOrigin>https://*.b</AllowedOrigin>' +
          '<AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader>' +
          '<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>0</MaxAgeSeconds></CORSRule>',
      ),
      aws,
    )
    expect(read).toEqual([
      {
        id: 'a',
        allowedOrigins: ['http://a.example', 'https://*.b'],
        allowedMethods: ['PUT', 'GET'],
        allowedHeaders: ['*'],
        exposeHeaders: ['ETag'],
        maxAgeSeconds: 0,
      },
    ])
  })

  it.each([
    // [what, a rule that is fine, one that is not, the code in RGW, the code on AWS]
    ['a method', '<AllowedMethod>HEAD</AllowedMethod>', '<AllowedMethod>PATCH</AllowedMethod>', 'M', 'R'],
    ['its case', '<AllowedMethod>PUT</AllowedMethod>', '<AllowedMethod>put</AllowedMethod>', 'M', 'R'],
    ['an origin', '<AllowedOrigin>a*b</AllowedOrigin>', '<AllowedOrigin>*a*</AllowedOrigin>', 'M', 'R'],
    ['a header', '<AllowedHeader>x-*</AllowedHeader>', '<AllowedHeader>*-*</AllowedHeader>', 'M', 'R'],
    ['a name', '<AllowedHeader>x</AllowedHeader>', '<AllowedHeader>x y</AllowedHeader>', 'M', 'R'],
    ['no name', '<ExposeHeader>x</ExposeHeader>', '<ExposeHeader>x&#x0d;&#x0a;y</ExposeHeader>', 'M', 'R'],
    ['an age', '<MaxAgeSeconds>30</MaxAgeSeconds>', '<MaxAgeSeconds>abc</MaxAgeSeconds>', 'M', 'M'],
    ['a negative age', '<MaxAgeSeconds>0</MaxAgeSeconds>', '<MaxAgeSeconds>-1</MaxAgeSeconds>', 'M', 'M'],
    [
      'an endless age',
      '<MaxAgeSeconds>4294967295</MaxAgeSeconds>',
      '<MaxAgeSeconds>4294967296</MaxAgeSeconds>',
      'M',
      'M',
    ],
    [
      'two ages',
      '<MaxAgeSeconds>1</MaxAgeSeconds>',
      '<MaxAgeSeconds>1</MaxAgeSeconds><MaxAgeSeconds>1</MaxAgeSeconds>',
      'M',
      'M',
    ],
    ['an id', `<ID>${'x'.repeat(255)}</ID>`, `<ID>${'x'.repeat(256)}</ID>`, 'M', 'R'],
    ['another element', '<ID>x</ID>', '<Id>x</Id>', 'M', 'M'],
  ])('refuses %s', (_name, good, bad, inRgw, onAws) => {
    const codes = { M: 'MalformedXML', R: 'InvalidRequest' } as Readonly<Record<string, string>>
    for (const dialect of [rgw, aws]) expect(readCors(document(ruleOf(good)), dialect)).toHaveLength(1)
    expect(codeOf(() => readCors(document(ruleOf(bad)), rgw))).toBe(codes[inRgw])
    expect(codeOf(() => readCors(document(ruleOf(bad)), aws))).toBe(codes[onAws])
  })

  it.each([
    ['no document', ''],
    ['half a document', '<CORSConf'],
    ['another root', '<Other/>'],
    ['no rule', '<CORSConfiguration/>'],
    ['something else than rules', `<CORSConfiguration>${ruleOf('')}<Rule/></CORSConfiguration>`],
    ['no origin', '<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>'],
  ])('refuses %s', (_name, text) => {
    expect(codeOf(() => readCors(Buffer.from(text), rgw))).toBe('MalformedXML')
    expect(codeOf(() => readCors(Buffer.from(text), aws))).toBe('MalformedXML')
  })

  it('takes a hundred rules', () => {
    expect(readCors(document(ruleOf('').repeat(100)), rgw)).toHaveLength(100)
    expect(codeOf(() => readCors(document(ruleOf('').repeat(101)), rgw))).toBe('InvalidRequest')
  })

  it('is as strict as AWS where the dialect is', () => {
    const noMethod = document('<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>')
    const sameIds = document(ruleOf('<ID>a</ID>').repeat(2))
    const exposeAll = document(ruleOf('<ExposeHeader>x-amz-meta-*</ExposeHeader>'))
    for (const lax of [noMethod, sameIds, exposeAll]) expect(() => readCors(lax, rgw)).not.toThrow()
    expect(codeOf(() => readCors(noMethod, aws))).toBe('MalformedXML')
    expect(codeOf(() => readCors(sameIds, aws))).toBe('InvalidRequest')
    expect(codeOf(() => readCors(exposeAll, aws))).toBe('InvalidRequest')
    expect(readCors(document(ruleOf('<ID>a</ID>') + ruleOf('<ID>b</ID>') + ruleOf('').repeat(2)), aws)).toHaveLength(4)
  })
})

describe('corsDocument', () => {
  const rules = readCors(
    document(
      '<CORSRule><ID>r</ID><AllowedMethod>POST</AllowedMethod><AllowedMethod>GET</AllowedMethod>' +
        '<AllowedOrigin>http://b</AllowedOrigin><AllowedOrigin>http://a</AllowedOrigin>' +
        '<AllowedHeader>y</AllowedHeader><AllowedHeader>x</AllowedHeader>' +
        '<ExposeHeader>b</ExposeHeader><ExposeHeader>a</ExposeHeader><MaxAgeSeconds>5</MaxAgeSeconds></CORSRule>' +
        ruleOf(''),
    ),
    aws,
  )
  const root = '<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
  const second = '<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>'

  it('is in the order in which it was put', () => {
    expect(corsDocument(rules, aws)).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>${root}<CORSRule><ID>r</ID><AllowedMethod>POST</AllowedMethod>` +
        '<AllowedMethod>GET</AllowedMethod><AllowedOrigin>http://b</AllowedOrigin><AllowedOrigin>http://a</AllowedOrigin>' +
        '<AllowedHeader>y</AllowedHeader><AllowedHeader>x</AllowedHeader><MaxAgeSeconds>5</MaxAgeSeconds>' +
        `<ExposeHeader>b</ExposeHeader><ExposeHeader>a</ExposeHeader></CORSRule>${second}</CORSConfiguration>`,
    )
  })

  it('is in RGW’s order of sets, without a declaration', () => {
    expect(corsDocument(rules, rgw)).toBe(
      `${root}<CORSRule><ID>r</ID><AllowedMethod>GET</AllowedMethod><AllowedMethod>POST</AllowedMethod>` +
        '<AllowedOrigin>http://a</AllowedOrigin><AllowedOrigin>http://b</AllowedOrigin>' +
        '<AllowedHeader>x</AllowedHeader><AllowedHeader>y</AllowedHeader><MaxAgeSeconds>5</MaxAgeSeconds>' +
        `<ExposeHeader>b</ExposeHeader><ExposeHeader>a</ExposeHeader></CORSRule>${second}</CORSConfiguration>`,
    )
  })
})
