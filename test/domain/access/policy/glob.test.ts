import { describe, expect, it } from 'vitest'
import { byAutomaton, globMatches, globOf, greedily, literalOf } from '../../../../src/domain/access/policy/glob.ts'

/** The definition, as slow as it is plain. */
function reference(pattern: readonly string[], text: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return text.length === 0
  if (first === '*') return reference(rest, text) || (text.length > 0 && reference(pattern, text.slice(1)))
  return text.length > 0 && (first === '?' || first === text[0]) && reference(rest, text.slice(1))
}

function matches(pattern: string, text: string): boolean {
  return globMatches(globOf(pattern), literalOf(text))
}

/** Every text of up to so many of these letters. */
function texts(letters: readonly string[], lengthMax: number): string[][] {
  let last: string[][] = [[]]
  const all = [...last]
  for (let length = 1; length <= lengthMax; length += 1) {
    last = last.flatMap((text) => letters.map((letter) => [...text, letter]))
    all.push(...last)
  }
  return all
}

describe('globMatches', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'a/b', true],
    ['?', '', false],
    ['?', '😀', true],
    ['??', '😀', false],
    ['bucket/*', 'bucket/', true],
    ['bucket/*', 'bucket', false],
    ['bucket*', 'bucket', true],
    ['a*b?c', 'a--b-b+c', true],
    ['a*b?c', 'a--bc', false],
    ['*.jpg', 'x.jpg.jpg', true],
    ['A', 'a', false],
    ['ä*', 'äö', true],
  ])('%j on %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  it('agrees with the definition on all short patterns and texts, by either way', () => {
    const disagreeing: string[] = []
    for (const pattern of texts(['a', 'b', '*', '?'], 5)) {
      const glob = globOf(pattern.join(''))
      for (const text of texts(['a', 'b'], 5)) {
        const expected = reference(pattern, text)
        const code = literalOf(text.join(''))
        if (greedily(glob, code) !== expected || byAutomaton(glob, code) !== expected) {
          disagreeing.push(`${pattern.join('')} ${text.join('')}`)
        }
      }
    }
    expect(disagreeing).toEqual([])
  })

  it('both ways agree on long random ones', () => {
    let seed = 7
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % below
    }
    for (let round = 0; round < 300; round += 1) {
      const text = Array.from({ length: random(200) }, () => 'ab'[random(2)]).join('')
      const pattern = Array.from(text, (letter) => ['*', '?', letter, letter, letter, ''][random(6)]).join('')
      const [glob, code] = [globOf(pattern), literalOf(text)]
      expect(byAutomaton(glob, code), `${pattern} ${text}`).toBe(greedily(glob, code, 1e9))
    }
  })
})

describe('hostile patterns of 20 KiB', () => {
  const KEY = 'a'.repeat(1024)
  const SIZE = 20 * 1024
  const HOSTILE: readonly (readonly [name: string, pattern: string, expected: boolean])[] = [
    ['many stars', `${'*a'.repeat(SIZE / 2 - 1)}b`, false],
    ['one long middle', `*${'a'.repeat(511)}b*`, false],
    ['a long middle with a wild character', `*${'a'.repeat(300)}?${'a'.repeat(210)}b*`, false],
    ['many long middles', `${`*${'a'.repeat(255)}`.repeat(3)}*${'a'.repeat(200)}b*`, false],
    ['stars alone', '*'.repeat(SIZE), true],
    ['stars and an end', `${'*'.repeat(SIZE - 1)}b`, false],
    ['wild characters', `*${'?'.repeat(1023)}b`, false],
    ['more than the text', `*${'a'.repeat(SIZE - 2)}*`, false],
  ]

  it.each(HOSTILE)(
    '%s: the walk ends within its steps, and then the automaton decides alike',
    (_name, pattern, expected) => {
      const [glob, code] = [globOf(pattern), literalOf(KEY)]
      // The walk gives up after a fixed number of steps; the automaton takes one for each character of the key.
      const walked = greedily(glob, code)
      expect(byAutomaton(glob, code)).toBe(expected)
      if (walked !== undefined) expect(walked).toBe(expected)
      expect(globMatches(glob, code)).toBe(expected)
    },
  )

  it('gives the walk up for what would take long', () => {
    expect(greedily(globOf(`*${'a'.repeat(511)}b*`), literalOf(KEY))).toBeUndefined()
    expect(greedily(globOf('*b*'), literalOf(KEY))).toBe(false)
    const steps = 1024 * 3
    expect(greedily(globOf('*a*a*a*a*b'), literalOf(KEY), steps)).toBe(false)
  })
})
