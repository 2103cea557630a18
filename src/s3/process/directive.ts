import type { Directive, ImageOperator } from '../../domain/images/directive.ts'
import { WATERMARK_PICTURES_MAX } from '../../domain/images/limits.ts'
import { s3Error } from '../../errors.ts'
import { operatorsOf, readOperator } from './chain.ts'
import { OPERATORS } from './operators.ts'
import { DirectiveProblem, splitPiece } from './pieces.ts'

/** The parameter, the header and the field of forms that a directive stands in. */
export const PROCESS = 'x-zos-process'
/** Characters: three watermarks with keys of 1,024 bytes and long preparations in Base64 are less. */
const DIRECTIVE_CHARS_MAX = 8192
/** What of a directive an error shows, in characters. */
const SHOWN_CHARS_MAX = 1024

/**
 * Reads `image/resize,w_100/format,png|image/rotate,90`.
 * @throws S3Error InvalidArgument naming the piece that is wrong, and its first character as counted from 1
 */
export function readDirective(text: string): Directive {
  try {
    return read(text)
  } catch (cause) {
    if (!(cause instanceof DirectiveProblem)) throw cause
    const details = { ArgumentName: PROCESS, ArgumentValue: text.slice(0, SHOWN_CHARS_MAX) }
    throw s3Error('InvalidArgument', details, { message: `${PROCESS}: ${cause.message}` })
  }
}

function read(text: string): Directive {
  const whole = { text, at: 1 }
  if (text.length > DIRECTIVE_CHARS_MAX) {
    throw new DirectiveProblem(whole, `a directive has at most ${DIRECTIVE_CHARS_MAX} characters`)
  }
  const texts = operatorsOf(splitPiece(whole, '|'))
  const operators: ImageOperator[] = []
  let pictures = 0
  for (const one of texts) {
    const operator = readOperator(one, OPERATORS)
    // OSS: these ask about the picture as it is stored, and nothing else can be asked with them.
    if (texts.length > 1 && (operator.operator === 'info' || operator.operator === 'average-hue')) {
      throw new DirectiveProblem(one.whole, `${operator.operator} must be the only operator`)
    }
    if (operator.operator === 'watermark' && operator.content === 'image') pictures += 1
    if (pictures > WATERMARK_PICTURES_MAX) {
      throw new DirectiveProblem(one.whole, `at most ${WATERMARK_PICTURES_MAX} watermarks may be pictures`)
    }
    operators.push(operator)
  }
  return operators
}
