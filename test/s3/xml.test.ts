import { describe, expect, test } from 'vitest'
import { buildDocument, escapeXml } from '../../src/s3/xml/build.ts'
import { DEPTH_MAX, DOCUMENT_BYTES_MAX, ELEMENTS_MAX, parseDocument, RUN_BYTES_MAX } from '../../src/s3/xml/parse.ts'
import { codeOf } from '../support/errors.ts'

const parse = (text: string, root = 'A') => parseDocument(Buffer.from(text), root)
const outcome = (text: string | Buffer) => codeOf(() => parseDocument(Buffer.from(text), 'A').name)

describe('parseDocument', () => {
  test('elements, text and attributes', () => {
    const root = parse('<A><B>1</B><C x="&quot;1">two<!-- no --> three</C><B/><B>  4 </B></A>')
    expect(root.name).toBe('A')
    expect(root.children().map((child) => child.name)).toEqual(['B', 'C', 'B', 'B'])
    expect(root.children('B').map((child) => child.text)).toEqual(['1', '', '  4 '])
    expect(root.child('B')?.text).toBe('1')
    expect(root.child('C')?.text).toBe('two three')
    expect(root.child('C')?.attribute('x')).toBe('"1')
    expect(root.child('C')?.attribute('y')).toBeUndefined()
    expect(root.child('D')).toBeUndefined()
    expect(root.child('C')?.children()).toEqual([])
  })

  test('namespaces and prefixes are dropped', () => {
    const root = parse(
      '<?xml version="1.0"?>\r\n<p:A xmlns:p="http://s3.amazonaws.com/doc/2006-03-01/"><p:B p:type="x">1</p:B></p:A>\n',
    )
    expect(root.child('B')?.text).toBe('1')
    expect(root.child('B')?.attribute('type')).toBe('x')
  })

  test('text is kept as it is', () => {
    expect(parse('<A>007</A>').text).toBe('007')
    expect(parse('<A>true</A>').text).toBe('true')
    expect(parse('<A>&lt;&#65;&#x1F600;&amp;lt;&apos;&gt;</A>').text).toBe("<A\u{1F600}&lt;'>")
    expect(parse('<A><![CDATA[<&lt;>]]></A>').text).toBe('<&lt;>')
    expect(parse('<A>中文 \u{1F600}</A>').text).toBe('中文 \u{1F600}')
    expect(parse('<A>a\r\nb&#xD;c</A>').text).toBe('a\nb\rc')
    expect(parse('<A>one&#x01;</A>').text).toBe('one\u0001')
    expect(parse('\uFEFF<A>x</A>').text).toBe('x')
  })

  test.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['text', 'x'],
    ['another root', '<B></B>'],
    ['another case', '<a></a>'],
    ['two roots', '<A/><A/>'],
    ['text behind it', '<A></A>x'],
    ['text behind an empty one', '<A/>x'],
    ['text and a comment behind it', '<A/>x<!-- c -->'],
    ['text before it', 'x<A/>'],
    ['an open element', '<A><B></A>'],
    ['no end', '<A>'],
    ['half a tag', '<A'],
    ['an unknown entity', '<A>&foo;</A>'],
    ['a bare ampersand', '<A>a & b</A>'],
    ['a reference to nothing', '<A>&#0;</A>'],
    ['a reference to half a character', '<A>&#xD800;</A>'],
    ['a reference beyond Unicode', '<A>&#x110000;</A>'],
    ['an unquoted attribute', '<A x=1></A>'],
    ['an attribute twice', '<A x="1" x="2"></A>'],
    ['a control character', '<A>\u0001</A>'],
    ['a document type', '<!DOCTYPE A><A/>'],
    ['an entity of its own', '<!DOCTYPE A [<!ENTITY a "b">]><A>&a;</A>'],
    ['a file', '<!DOCTYPE A [<!ENTITY a SYSTEM "file:///etc/passwd">]><A>&a;</A>'],
    ['a name of JavaScript', '<A><__proto__>1</__proto__></A>'],
    ['JSON', '{"A": 1}'],
  ])('%s is MalformedXML', (_what, text) => {
    expect(outcome(text)).toBe('MalformedXML')
    expect(outcome('<A/>')).toBe('A')
  })

  test('bytes that are not UTF-8', () => {
    expect(outcome(Buffer.from([0x3c, 0x41, 0x3e, 0xff, 0x3c, 0x2f, 0x41, 0x3e]))).toBe('MalformedXML')
    expect(outcome(Buffer.from('<A/>', 'utf16le'))).toBe('MalformedXML')
  })

  test('depth, elements and bytes are limited', () => {
    const nested = (depth: number) => `${'<A>'.repeat(depth)}${'</A>'.repeat(depth)}`
    expect(outcome(nested(DEPTH_MAX))).toBe('A')
    expect(outcome(nested(DEPTH_MAX * 10))).toBe('MalformedXML')
    expect(outcome(`<A>${'<B></B>'.repeat(ELEMENTS_MAX)}</A>`)).toBe('MalformedXML')
    const text = 'x'.repeat(1000)
    const filled = (bytes: number) => `<A>${`<B>${text}</B>`.repeat(Math.ceil(bytes / (text.length + 7)))}</A>`
    expect(outcome(filled(DOCUMENT_BYTES_MAX))).toBe('MalformedXML')
    expect(outcome(filled(1024 * 1024))).toBe('A')
  })

  test('one tag and one text are limited', () => {
    expect(outcome(`<A>${'x'.repeat(RUN_BYTES_MAX)}</A>`)).toBe('A')
    expect(outcome(`<A>${'x'.repeat(RUN_BYTES_MAX + 1)}</A>`)).toBe('MalformedXML')
    expect(outcome(`<A b="${'x'.repeat(RUN_BYTES_MAX / 2)}"/>`)).toBe('A')
    expect(outcome(`<A b="${'x'.repeat(RUN_BYTES_MAX)}"/>`)).toBe('MalformedXML')
  })

  test('the largest document that S3 defines is read', () => {
    const part = '<ETag>&quot;8ce4b16b22b58894aa86c421e8759df3&quot;</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32>'
    const parts = Array.from({ length: 10_000 }, (_, at) => `<Part><PartNumber>${at + 1}</PartNumber>${part}</Part>`)
    expect(parse(`<A>${parts.join('')}</A>`).children('Part')).toHaveLength(10_000)
  })

  test('damage is never anything but MalformedXML', () => {
    const whole = '<?xml version="1.0"?><A xmlns="x"><B y="&lt;">1&amp;<!-- c --><![CDATA[z]]></B><C/></A>'
    // A fixed sequence, so that a failure can be repeated: the constants of Numerical Recipes.
    let state = 1
    const next = (below: number) => {
      state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
      return state % below
    }
    const junk = ['<', '>', '&', '"', "'", '/', '!', '?', '=', ']]>', '<!--', '<![CDATA[', '\u0000', '__proto__', ' ']
    for (let round = 0; round < 3000; round++) {
      const at = next(whole.length)
      const broken = whole.slice(0, at) + junk[next(junk.length)] + whole.slice(at + next(4))
      expect(['A', 'MalformedXML']).toContain(outcome(broken))
    }
  })
})

describe('buildDocument', () => {
  test('the ZOS samples, byte for byte', () => {
    // The vendor's replies have these lengths: 192, 169.
    const versioning = buildDocument('VersioningConfiguration', { Status: 'Enabled', MfaDelete: 'Disabled' })
    expect(versioning).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        '<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete></VersioningConfiguration>',
    )
    expect(versioning).toHaveLength(192)
    expect(buildDocument('VersioningConfiguration', {})).toMatch(/2006-03-01\/"><\/VersioningConfiguration>$/)
  })

  test('order, repetition, absence and emptiness', () => {
    const content = { A: '', B: undefined, C: [1, true, { D: 'x' }], E: { '@type': 'a"b', F: false }, G: [] }
    expect(buildDocument('R', content, { namespace: undefined, declaration: false })).toBe(
      '<R><A></A><C>1</C><C>true</C><C><D>x</D></C><E type="a&quot;b"><F>false</F></E></R>',
    )
  })

  test('text as the root, and a namespace of its own', () => {
    expect(buildDocument('L', 'eu', { declaration: false })).toBe(
      '<L xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu</L>',
    )
    expect(buildDocument('L', { '#text': 'a<b', '@y': 1 }, { namespace: 'x', declaration: false })).toBe(
      '<L xmlns="x" y="1">a&lt;b</L>',
    )
  })

  test('escapes as RGW does, and reads it back', () => {
    // Recorded: list.v1.special_keys, list.v1.control_char.
    expect(escapeXml(`am&p<lt>"q'`)).toBe('am&amp;p&lt;lt&gt;&quot;q&apos;')
    expect(escapeXml('one\u0001\t\n\r\u007f')).toBe('one&#x01;\t\n&#x0d;&#x7f;')
    expect(escapeXml('中文 \u{1F600}')).toBe('中文 \u{1F600}')
    const key = `a&b<c>"d'\u0001\r\n\t \u{1F600}`
    expect(parse(buildDocument('A', { Key: key })).child('Key')?.text).toBe(key)
  })
})
