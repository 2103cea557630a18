import { buildDocument } from '../xml/build.ts'

/** LocationConstraint; empty for AWS's oldest region. */
export function locationDocument(location: string): string {
  return buildDocument('LocationConstraint', location)
}
