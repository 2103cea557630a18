import type { CorsRule } from '../storage/metadata/settings.ts'

/** What a page of another origin asks for: in a preflight request, or by the request itself. */
export interface CorsRequest {
  /** As the browser sent it. */
  readonly origin: string
  readonly method: string
  /** The headers that a preflight request announces; none for other requests. */
  readonly headers: readonly string[]
}

export interface CorsMatch {
  readonly rule: CorsRule
  /** Whether it was the pattern `*` that let the origin in: the answer is the same for every origin then. */
  readonly anyOrigin: boolean
}

/**
 * The first rule that allows all of the request. AWS's user guide, "How Amazon S3 evaluates the CORS configuration on a
 * bucket". RGW looks at the first rule of the origin alone, and so refuses what a later rule would allow.
 */
export function matchCors(rules: readonly CorsRule[], request: CorsRequest): CorsMatch | undefined {
  for (const rule of rules) {
    if (!rule.allowedMethods.includes(request.method)) continue
    const origin = rule.allowedOrigins.find((pattern) => matchesPattern(pattern, request.origin))
    if (origin === undefined) continue
    const allowed = rule.allowedHeaders.map((pattern) => pattern.toLowerCase())
    if (request.headers.every((name) => allowed.some((pattern) => matchesPattern(pattern, name.toLowerCase()))))
      return { rule, anyOrigin: origin === '*' }
  }
  return undefined
}

/** A pattern has at most one `*`, which stands for any text, also for none. Everything else means itself. */
export function matchesPattern(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === text
  return (
    text.length >= pattern.length - 1 &&
    text.startsWith(pattern.slice(0, star)) &&
    text.endsWith(pattern.slice(star + 1))
  )
}
