import type { Directive } from '../../domain/objects/copy.ts'
import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'

/** Headers that say where a copy's attributes come from, with S3's name for each in its error. */
const DIRECTIVES = {
  'x-amz-metadata-directive': 'Unknown metadata directive.',
  'x-amz-tagging-directive': 'Unknown tagging directive.',
} as const

/**
 * COPY where the header is absent.
 * @throws S3Error InvalidArgument for another word than COPY and REPLACE
 */
export function readDirective(head: RequestHead, name: keyof typeof DIRECTIVES): Directive {
  const value = head.headers.get(name) ?? 'COPY'
  if (value === 'COPY' || value === 'REPLACE') return value
  throw s3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: value }, { message: DIRECTIVES[name] })
}
