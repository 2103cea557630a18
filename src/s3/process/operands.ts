import { DirectiveProblem, type Piece, splitOperand, wordOf } from './pieces.ts'
import type { ValueKind } from './values.ts'

/** `resize,w_100,h_50` in its parts. */
export interface OperatorText {
  /** All of it. */
  readonly whole: Piece
  readonly name: Piece
  readonly operands: readonly Piece[]
}

/** @throws DirectiveProblem */
export type OperatorReader<Result> = (text: OperatorText) => Result

/** What an operator's parameters may be, by their names. */
type Keys = Readonly<Record<string, ValueKind<unknown>>>

/** The values that were given, by their keys. */
type Given<Kinds extends Keys> = {
  readonly [Key in keyof Kinds]: Kinds[Key] extends ValueKind<infer Value> ? Value | undefined : never
}

/**
 * An operator of keys and values in any order, each at most once.
 * @param make gets what was given, and the operator itself for problems of their combination
 */
export function keyed<Kinds extends Keys, Result>(
  kinds: Kinds,
  make: (given: Given<Kinds>, whole: Piece) => Result,
): OperatorReader<Result> {
  return ({ whole, name, operands }) => {
    const values = new Map<string, unknown>()
    for (const operand of operands) {
      const { key, value } = readKey(operand, { kinds, name: wordOf(name) })
      if (values.has(key)) throw new DirectiveProblem(operand, `${key} is given twice`)
      values.set(key, readValue(value, { kind: kinds[key], what: key, operand }))
    }
    // Each value has been read by the kind of its key.
    return make(Object.fromEntries(values) as Given<Kinds>, whole)
  }
}

function readKey(operand: Piece, { kinds, name }: { kinds: Keys; name: string }): { key: string; value: Piece } {
  const halves = splitOperand(operand)
  const known = Object.keys(kinds).join(', ')
  if (halves === undefined) throw new DirectiveProblem(operand, `a parameter of ${name} is written as key_value`)
  const key = halves.key.text
  if (!Object.hasOwn(kinds, key)) {
    throw new DirectiveProblem(operand, `${name} has no parameter of this name: it has ${known}`)
  }
  return { key, value: halves.value }
}

/** An operator of one value, which has no key: `rotate,90`. */
export function valued<Value, Result>(kind: ValueKind<Value>, make: (value: Value) => Result): OperatorReader<Result> {
  return ({ whole, name, operands }) => {
    const [value, second] = operands
    const what = wordOf(name)
    if (value === undefined) throw new DirectiveProblem(whole, `the value of ${what} is missing: it is ${kind.says}`)
    if (second !== undefined) throw new DirectiveProblem(second, `${what} has one value`)
    return make(readValue(value, { kind, what, operand: value }))
  }
}

/** An operator that has nothing to say but its name. */
export function plain<Result>(result: Result): OperatorReader<Result> {
  return ({ name, operands: [first] }) => {
    if (first !== undefined) throw new DirectiveProblem(first, `${wordOf(name)} has no parameters`)
    return result
  }
}

interface Expected<Value> {
  readonly kind: ValueKind<Value> | undefined
  /** What the value is called. */
  readonly what: string
  /** What is wrong if the value is. */
  readonly operand: Piece
}

function readValue<Value>(value: Piece, { kind, what, operand }: Expected<Value>): Value {
  const says = kind?.says ?? 'unknown'
  if (wordOf(value) === '') throw new DirectiveProblem(operand, `the value of ${what} is missing: it is ${says}`)
  const read = kind?.read(value)
  if (read === undefined) throw new DirectiveProblem(operand, `${what} must be ${says}`)
  return read
}
