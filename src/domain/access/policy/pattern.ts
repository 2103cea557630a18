import type { RequestConditions } from '../conditions.ts'
import { type Glob, globMatches, globOf, hasWildcards, literalOf } from './glob.ts'

/** A text of a policy in which variables may stand: `home/${aws:username}/*`. */
export interface Pattern {
  /** As it stands in the policy. */
  readonly written: string
  readonly parts: readonly Part[]
  /** What it is for every request; undefined with variables. */
  readonly fixed: { readonly text: string; readonly glob: Glob } | undefined
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `${*}`, `${?}` and `${$}` mean the character itself. */
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly key: string; readonly fallback: string | undefined }

const VARIABLE = /^\s*([^\s,']+)\s*(?:,\s*'([^']*)'\s*)?$/

/** Policies of 2012-10-17 have variables; in the older versions `${` is text. Undefined if one is not closed. */
export function readPattern(written: string, withVariables: boolean): Pattern | undefined {
  const parts = withVariables ? partsOf(written) : [{ kind: 'text', text: written } as const]
  if (parts === undefined) return undefined
  if (parts.some((part) => part.kind === 'variable')) return { written, parts, fixed: undefined }
  return { written, parts, fixed: { text: textOf(parts), glob: globOfParts(parts) } }
}

/** What the pattern says where wildcards are characters; undefined if a variable has no value. */
export function patternText(pattern: Pattern, values: RequestConditions): string | undefined {
  if (pattern.fixed !== undefined) return pattern.fixed.text
  const parts = resolved(pattern, values)
  return parts === undefined ? undefined : textOf(parts)
}

/** What the pattern says where wildcards are such; undefined if a variable has no value. */
export function patternGlob(pattern: Pattern, values: RequestConditions): Glob | undefined {
  if (pattern.fixed !== undefined) return pattern.fixed.glob
  const parts = resolved(pattern, values)
  return parts === undefined ? undefined : globOfParts(parts)
}

/** False also where a variable has no value. */
export function patternMatches(pattern: Pattern, text: Glob, values: RequestConditions): boolean {
  const glob = patternGlob(pattern, values)
  return glob !== undefined && globMatches(glob, text)
}

/** Whether it means one text and no other. */
export function isOneText({ fixed }: Pattern): boolean {
  return fixed !== undefined && !hasWildcards(fixed.glob)
}

/**
 * A condition key as it is asked for: keys are compared without regard to case, but what stands behind a slash is the
 * key of a tag, in which case counts.
 */
export function conditionKey(written: string): string {
  const slash = written.indexOf('/')
  return slash < 0 ? written.toLowerCase() : written.slice(0, slash).toLowerCase() + written.slice(slash)
}

function partsOf(written: string): Part[] | undefined {
  const parts: Part[] = []
  let from = 0
  for (let open = written.indexOf('${'); open >= 0; open = written.indexOf('${', from)) {
    const close = written.indexOf('}', open)
    const part = close < 0 ? undefined : variableOf(written.slice(open + 2, close))
    if (part === undefined) return undefined
    if (open > from) parts.push({ kind: 'text', text: written.slice(from, open) })
    parts.push(part)
    from = close + 1
  }
  if (from < written.length || parts.length === 0) parts.push({ kind: 'text', text: written.slice(from) })
  return parts
}

function variableOf(inside: string): Part | undefined {
  if (inside === '*' || inside === '?' || inside === '$') return { kind: 'literal', text: inside }
  const [, key, fallback] = VARIABLE.exec(inside) ?? []
  return key === undefined ? undefined : { kind: 'variable', key: conditionKey(key), fallback }
}

/** A value is a text even if it holds a star: a user named `*` must not have everybody's folder. */
function resolved({ parts }: Pattern, values: RequestConditions): Part[] | undefined {
  const known: Part[] = []
  for (const part of parts) {
    if (part.kind !== 'variable') {
      known.push(part)
      continue
    }
    const found = values.get(part.key)
    // A key of several values stands for no single text.
    const text = found === undefined || found.length === 0 ? part.fallback : found.length === 1 ? found[0] : undefined
    if (text === undefined) return undefined
    known.push({ kind: 'literal', text })
  }
  return known
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.kind === 'variable' ? '' : part.text)).join('')
}

function globOfParts(parts: readonly Part[]): Glob {
  return parts.flatMap((part) => {
    if (part.kind === 'variable') return []
    return part.kind === 'text' ? globOf(part.text) : literalOf(part.text)
  })
}
