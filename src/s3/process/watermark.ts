import type { Directive } from '../../domain/images/directive.ts'
import type { OperatorOf } from '../../domain/images/geometry.ts'
import { KEY_BYTES_MAX } from '../../domain/limits.ts'
import { decodeText } from './base64.ts'
import { type OperatorTable, operatorsOf, readOperator } from './chain.ts'
import { DEFAULT_FACE, FONT } from './fonts.ts'
import { keyed, type OperatorReader } from './operands.ts'
import { DirectiveProblem, type Piece } from './pieces.ts'
import { COLOR, GRAVITY, LINE_OF_TEXT, type ValueKind, WHITE, wholeNumber } from './values.ts'

/** What separates a watermark's object from what is done to it first. */
const PREPROCESSING = '?x-zos-process='
/** Pixels from the edges. */
const DISTANCE = wholeNumber(0, 4096)
/** SDK manual 4.1: x and y. */
const DEFAULT_DISTANCE = 10
/** SDK manual 4.1: size, in pixels. */
const DEFAULT_SIZE = 40

/** `watermark`: one of a text and a picture. @param stampOperators what may be done to the picture first */
export function watermarkReader(stampOperators: OperatorTable): OperatorReader<OperatorOf<'watermark'>> {
  const kinds = {
    t: wholeNumber(0, 100),
    x: DISTANCE,
    y: DISTANCE,
    g: GRAVITY,
    text: LINE_OF_TEXT,
    color: COLOR,
    // OSS's range.
    size: wholeNumber(1, 1000),
    type: FONT,
    rotate: wholeNumber(0, 360),
    image: stampKind(stampOperators),
  }
  return keyed(kinds, ({ t = 100, x = DEFAULT_DISTANCE, y = DEFAULT_DISTANCE, g = 'nw', ...content }, whole) => {
    const { text, image, ...look } = content
    const common = { operator: 'watermark', opacity: t, x, y, gravity: g } as const
    if (text !== undefined && image === undefined) {
      const { color = WHITE, type: face = DEFAULT_FACE, size = DEFAULT_SIZE, rotate: degrees = 0 } = look
      return { ...common, content: 'text', text, color, face, size, degrees }
    }
    if (image === undefined || text !== undefined) {
      throw new DirectiveProblem(whole, 'watermark needs either text or image')
    }
    const [foreign] = Object.entries(look).find(([, value]) => value !== undefined) ?? []
    if (foreign !== undefined) throw new DirectiveProblem(whole, `${foreign} belongs to text, and not to image`)
    return { ...common, content: 'image', ...image }
  })
}

interface Stamp {
  readonly key: string
  readonly directive: Directive
}

function stampKind(operators: OperatorTable): ValueKind<Stamp> {
  return {
    says: `the Base64 of an object's key, or of key${PREPROCESSING}image/…`,
    read: (value) => {
      const name = decodeText(value.text)
      if (name === undefined) return undefined
      const end = name.indexOf(PREPROCESSING)
      const key = end === -1 ? name : name.slice(0, end)
      if (key === '' || Buffer.byteLength(key) > KEY_BYTES_MAX) return undefined
      const text = end === -1 ? undefined : name.slice(end + PREPROCESSING.length)
      return { key, directive: text === undefined ? [] : readStamp(text, { value, operators }) }
    },
  }
}

/** One chain: ZOS's user guide (20703588) does not allow `|` here. */
function readStamp(text: string, { value, operators }: { value: Piece; operators: OperatorTable }): Directive {
  try {
    const bar = text.indexOf('|')
    if (bar !== -1) throw new DirectiveProblem({ text: '|', at: bar + 1 }, 'it joins no operators here, / does')
    return operatorsOf([{ text, at: 1 }]).map((one) => readOperator(one, operators))
  } catch (cause) {
    if (!(cause instanceof DirectiveProblem)) throw cause
    throw new DirectiveProblem(value, `what is done to the watermark's picture first cannot be read: ${cause.message}`)
  }
}
