/** Why a config cannot be used: one line per problem, each beginning with the path it is about. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

type Check = (value: string) => string | undefined

/**
 * Reads one mapping of a config, key by key, and remembers what is wrong with it instead of stopping at the first
 * problem. A key that nobody asked for is a problem too.
 */
export class Reader {
  readonly #path: string
  readonly #values: Record<string, unknown>
  readonly #problems: string[]
  readonly #asked = new Set<string>()

  constructor(value: unknown, path: string, problems: string[]) {
    this.#path = path
    this.#problems = problems
    const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isMapping) problems.push(`${path || 'config'}: expected a mapping`)
    this.#values = isMapping ? (value as Record<string, unknown>) : {}
  }

  at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`
  }

  has(key: string): boolean {
    this.#asked.add(key)
    return this.#values[key] !== undefined && this.#values[key] !== null
  }

  text(key: string, check?: Check): string {
    const value = this.#take(key)
    if (typeof value === 'number') return this.problem(key, 'expected a text: put the number in quotes', '')
    if (typeof value !== 'string' || value === '') return this.problem(key, 'expected a text that is not empty', '')
    const wrong = check?.(value)
    return wrong === undefined ? value : this.problem(key, wrong, value)
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined
  }

  integer(key: string, range: { min: number; max: number }): number {
    const value = this.#take(key)
    const inRange = typeof value === 'number' && Number.isSafeInteger(value) && value >= range.min && value <= range.max
    return inRange ? value : this.problem(key, `expected a whole number from ${range.min} to ${range.max}`, range.min)
  }

  flag(key: string, otherwise: boolean): boolean {
    if (!this.has(key)) return otherwise
    const value = this.#take(key)
    return typeof value === 'boolean' ? value : this.problem(key, 'expected true or false', otherwise)
  }

  oneOf<const T extends string>(key: string, words: readonly T[]): T {
    const value = this.#take(key)
    const word = words.find((candidate) => candidate === value)
    return word ?? this.problem(key, `expected one of ${words.join(', ')}`, words[0] as T)
  }

  texts(key: string, check?: Check): readonly string[] {
    return this.#list(key).flatMap((value, index) => {
      const wrong = typeof value === 'string' && value !== '' ? check?.(value) : 'expected a text that is not empty'
      if (wrong === undefined) return [value as string]
      return this.problem(`${key}[${index}]`, wrong, [])
    })
  }

  mapping(key: string): Reader {
    return new Reader(this.#take(key) ?? {}, this.at(key), this.#problems)
  }

  /** A mapping whose keys are names that the user chooses from `names`. */
  named<T>(key: string, names: readonly string[], read: (item: Reader) => T): ReadonlyMap<string, T> {
    const part = this.mapping(key)
    const found = new Map<string, T>()
    for (const name of names.filter((candidate) => part.has(candidate))) {
      const item = part.mapping(name)
      found.set(name, read(item))
      item.finish()
    }
    part.finish()
    return found
  }

  /** A mapping of any names to texts, which may be empty. What YAML reads as a truth value is the text of one. */
  textsByName(key: string): Readonly<Record<string, string>> {
    const part = this.mapping(key)
    const texts = Object.entries(part.#values).map(([name, value]): [string, string] => {
      if (typeof value === 'string' || typeof value === 'boolean') return [name, String(value)]
      const numeric = typeof value === 'number' ? ': put the number in quotes' : ''
      return part.problem(name, `expected a text${numeric}`, [name, ''])
    })
    return Object.fromEntries(texts)
  }

  mappings<T>(key: string, read: (item: Reader) => T): readonly T[] {
    return this.#list(key).map((value, index) => {
      const item = new Reader(value, this.at(`${key}[${index}]`), this.#problems)
      const result = read(item)
      item.finish()
      return result
    })
  }

  /** Reports the keys that were never asked for. */
  finish(): void {
    for (const key of Object.keys(this.#values)) {
      if (!this.#asked.has(key)) this.problem(key, 'unknown key', undefined)
    }
  }

  problem<T>(key: string, what: string, instead: T): T {
    this.#problems.push(`${this.at(key)}: ${what}`)
    return instead
  }

  #take(key: string): unknown {
    this.#asked.add(key)
    return this.#values[key]
  }

  #list(key: string): readonly unknown[] {
    const value = this.#take(key) ?? []
    return Array.isArray(value) ? value : this.problem(key, 'expected a list', [])
  }
}
