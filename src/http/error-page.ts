import { STATUS_CODES } from 'node:http'
import type { S3Error } from '../errors.ts'
import type { Dialect, ErrorContext } from '../s3/dialect.ts'
import { escapeXml } from '../s3/xml/build.ts'

/**
 * What a website shows of an error where it has no page of its own for it, in the form of RGW's (recorded:
 * website.serve.missing_bucket).
 */
export function errorPage(error: S3Error, request: ErrorContext, dialect: Dialect): string {
  const { status } = dialect.wireError(error)
  const title = `${status} ${STATUS_CODES[status] ?? ''}`
  const items = dialect
    .errorItems(error, request)
    .map(([name, value]) => `   <li>${escapeXml(name)}: ${escapeXml(value)}</li>\n`)
  return (
    `<html>\n <head><title>${title}</title></head>\n <body>\n  <h1>${title}</h1>\n  <ul>\n${items.join('')}` +
    dialect.errorPage.end
  )
}
