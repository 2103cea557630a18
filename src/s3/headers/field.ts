import type { RequestHead } from '../request.ts'

/** A field of a request; in a presigned URL also the parameter of that name, see RequestHeaders.hoisted. */
export function field(head: RequestHead, name: string): string | undefined {
  return head.headers.get(name)
}

export function hasField(head: RequestHead, name: string): boolean {
  return head.headers.has(name)
}
