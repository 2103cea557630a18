import type { ImageOperator } from '../../domain/images/directive.ts'
import type { OperatorReader, OperatorText } from './operands.ts'
import { DirectiveProblem, type Piece, splitPiece, wordOf } from './pieces.ts'

/** What every chain begins with. */
const PREFIX = 'image'

/** The operators that may be used, by their names. */
export type OperatorTable = Readonly<Record<string, OperatorReader<ImageOperator>>>

/**
 * Operators of a directive, and of what is done to a watermark's picture first: each is a pass over all pixels. Of our
 * own making; the examples of ZOS's user guide have two.
 */
const OPERATORS_MAX = 20

/** The operators of `image/resize,w_100/format,png`, of all chains. @throws DirectiveProblem */
export function operatorsOf(chains: readonly Piece[]): readonly OperatorText[] {
  const operators = chains.flatMap(operatorsOfOne)
  const surplus = operators[OPERATORS_MAX]
  if (surplus === undefined) return operators
  throw new DirectiveProblem(surplus.whole, `there are more than ${OPERATORS_MAX} operators`)
}

function operatorsOfOne(chain: Piece): readonly OperatorText[] {
  const [prefix, ...operators] = splitPiece(chain, '/')
  if (prefix === undefined || wordOf(prefix) !== PREFIX) {
    throw new DirectiveProblem(prefix ?? chain, `a directive, and what follows each |, begins with ${PREFIX}/`)
  }
  if (operators.length === 0) throw new DirectiveProblem(prefix, `${PREFIX} is not followed by / and an operator`)
  return operators.map((whole) => {
    const [name = whole, ...operands] = splitPiece(whole, ',')
    return { whole, name, operands }
  })
}

/** One operator by a table. @throws DirectiveProblem */
export function readOperator(text: OperatorText, table: OperatorTable): ImageOperator {
  const name = wordOf(text.name)
  const read = Object.hasOwn(table, name) ? table[name] : undefined
  if (read !== undefined) return read(text)
  const known = Object.keys(table).join(', ')
  if (name === '') throw new DirectiveProblem(text.whole, `an operator is missing: it is one of ${known}`)
  throw new DirectiveProblem(text.whole, `no operator of this name can be used here: there are ${known}`)
}
