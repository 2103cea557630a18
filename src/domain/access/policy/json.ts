import { malformed } from './refusal.ts'

/** JSON with what JSON.parse hides: keys that are given twice, and numbers as they were written. */
export type Json = string | boolean | null | JsonNumber | readonly Json[] | JsonObject
export type JsonObject = ReadonlyMap<string, Json>
export interface JsonNumber {
  readonly digits: string
}

/** A policy nests seven deep; the rest is a margin for what is refused with a better message. */
const DEPTH_MAX = 16

/** @throws S3Error MalformedPolicy that tells line and column */
export function readJson(text: string): Json {
  const reader = new JsonReader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** A text, number or boolean as text, which conditions take alike; undefined for anything else. */
export function scalarText(value: Json): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  return value !== null && typeof value === 'object' && 'digits' in value ? value.digits : undefined
}

const BLANKS = /[ \t\n\r]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 section 7 forbids them in a string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null }

class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): Json {
    if (depth > DEPTH_MAX) throw this.#error(`nothing may nest deeper than ${DEPTH_MAX}`)
    this.#take(BLANKS)
    if (this.#skip('{')) return this.#object(depth)
    if (this.#skip('[')) return this.#list(depth)
    const string = this.#take(STRING)
    if (string !== undefined) return JSON.parse(string) as string
    const word = this.#take(WORD)
    if (word !== undefined) return WORDS[word] ?? null
    const digits = this.#take(NUMBER)
    if (digits !== undefined) return { digits }
    throw this.#error('a value is expected')
  }

  end(): void {
    this.#take(BLANKS)
    if (this.#at < this.#text.length) throw this.#error('nothing may follow the document')
  }

  #object(depth: number): JsonObject {
    const object = new Map<string, Json>()
    if (this.#skip('}')) return object
    do {
      this.#take(BLANKS)
      const string = this.#take(STRING)
      if (string === undefined) throw this.#error('a name in double quotes is expected')
      const name = JSON.parse(string) as string
      // JSON.parse would take the last one: whoever read the first would have believed something else.
      if (object.has(name)) throw this.#error(`"${name}" is given twice`)
      if (!this.#skip(':')) throw this.#error("':' is expected")
      object.set(name, this.value(depth + 1))
    } while (this.#skip(','))
    if (!this.#skip('}')) throw this.#error("',' or '}' is expected")
    return object
  }

  #list(depth: number): Json[] {
    const list: Json[] = []
    if (this.#skip(']')) return list
    do list.push(this.value(depth + 1))
    while (this.#skip(','))
    if (!this.#skip(']')) throw this.#error("',' or ']' is expected")
    return list
  }

  /** Passes by blanks and this character; false, and only blanks are passed by, where another one stands. */
  #skip(character: string): boolean {
    this.#take(BLANKS)
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #take(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern)
    sticky.lastIndex = this.#at
    const found = sticky.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #error(reason: string): Error {
    const before = this.#text.slice(0, this.#at).split('\n')
    const column = (before.at(-1)?.length ?? 0) + 1
    return malformed('', `The policy is not valid JSON: ${reason} at line ${before.length}, column ${column}`)
  }
}
