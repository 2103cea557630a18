import { createBucket, type TestBucketOptions } from './buckets.ts'
import type { TestServer } from './server.ts'

/** A page of this origin asks in these tests. */
export const ORIGIN = 'https://page.example'

/** A bucket with these CORS rules, each the inside of a CORSRule element. */
export async function bucketWithCors(
  server: TestServer,
  rules: readonly string[],
  options: TestBucketOptions = {},
): Promise<string> {
  const name = await createBucket(server, options)
  const body = `<CORSConfiguration>${rules.map((rule) => `<CORSRule>${rule}</CORSRule>`).join('')}</CORSConfiguration>`
  const answer = await server.request('PUT', `/${name}`, { query: { cors: undefined }, body })
  if (answer.status !== 200) throw new Error(answer.text)
  return name
}

/** A rule for the origin above, with these methods. */
export function ruleFor(methods: readonly string[], more = ''): string {
  const allowed = methods.map((method) => `<AllowedMethod>${method}</AllowedMethod>`).join('')
  return `<AllowedOrigin>${ORIGIN}</AllowedOrigin>${allowed}${more}`
}

/** The headers of an answer that concern pages of other origins, by their names. */
export function corsOf({ headers }: { headers: object }): Record<string, string> {
  const wanted = Object.entries(headers).filter(([name]) => name.startsWith('access-control-') || name === 'vary')
  return Object.fromEntries(wanted.map(([name, value]) => [name.replace('access-control-', ''), String(value)]))
}
