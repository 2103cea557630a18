/** An attribute of a topic that cannot be what it is. The message is for the topic's owner, without a secret. */
export class BadAttribute extends Error {
  override readonly name = 'BadAttribute'
  readonly attribute: string

  constructor(attribute: string, message: string) {
    super(message)
    this.attribute = attribute
  }
}

/** Reads a topic's attributes, which are text, one by one. Every method throws BadAttribute. */
export class AttributeReader {
  readonly #attributes: Readonly<Record<string, string>>

  constructor(attributes: Readonly<Record<string, string>>) {
    this.#attributes = attributes
  }

  text(name: string, check?: (value: string) => string | undefined): string | undefined {
    const value = Object.hasOwn(this.#attributes, name) ? this.#attributes[name] : undefined
    const wrong = value === undefined ? undefined : check?.(value)
    if (wrong !== undefined) throw new BadAttribute(name, wrong)
    return value
  }

  /** RGW takes any case: boto3 users write Python's True. */
  flag(name: string, otherwise: boolean): boolean {
    const value = this.text(name)?.toLowerCase()
    if (value === undefined || value === '') return otherwise
    if (value !== 'true' && value !== 'false') throw new BadAttribute(name, 'expected true or false')
    return value === 'true'
  }

  /** The first of the words where it is left out. */
  oneOf<const T extends string>(name: string, words: readonly [T, ...T[]]): T {
    const value = this.text(name)
    if (value === undefined || value === '') return words[0]
    const word = words.find((candidate) => candidate === value)
    if (word === undefined) throw new BadAttribute(name, `expected ${words.join(', ')}`)
    return word
  }

  /** A whole number of at least 0; undefined where it is left out, or is the `None` that RGW lists it as. */
  count(name: string): number | undefined {
    const value = this.text(name)
    if (value === undefined || value === '' || value === 'None') return undefined
    // RGW keeps it in 32 bits, with the highest one for none at all.
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
    if (!(number < 0xffff_ffff)) throw new BadAttribute(name, 'expected a whole number of at least 0')
    return number
  }
}
