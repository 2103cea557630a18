import { s3Error } from '../../errors.ts'
import { parseParameters } from '../form/parameters.ts'
import { type Given, isSource, SOURCES } from '../headers/process.ts'
import { PROCESS } from '../process/directive.ts'
import { parseQuery } from '../query.ts'
import type { RequestHead } from '../request.ts'
import { parseDocument } from '../xml/parse.ts'

/** A directive that lays three pictures over one, and a key, all of it percent-encoded twice. */
export const PROCESS_BYTES_MAX = 64 * 1024

const FORM_TYPE = 'application/x-www-form-urlencoded'

/** What an XML body calls them: the members of the manual's process_object (4.1). */
const ELEMENTS: ReadonlyMap<string, string> = new Map([
  ['ZosProcess', PROCESS],
  ['ProcessSource', SOURCES[0]],
])

/**
 * What the body of ProcessObject says: a form whose fields bear the names of the parameters, or a document with the
 * manual's names, whatever its root is called. Fields of other names mean nothing, as parameters that nobody knows.
 * @throws S3Error InvalidArgument for a body that is neither, MalformedXML, InvalidURI
 */
export function readProcessBody(document: Buffer, { headers }: Pick<RequestHead, 'headers'>): readonly Given[] {
  if (document.length === 0) return []
  const type = parseParameters(headers.raw('content-type') ?? '')?.value ?? ''
  if (type === FORM_TYPE) return fieldsOf(document)
  if (/[/+]xml$/.test(type) || document.toString('latin1').trimStart().startsWith('<')) return elementsOf(document)
  const message = `The body is neither ${FORM_TYPE} nor XML`
  throw s3Error('InvalidArgument', { ArgumentName: 'Content-Type', ArgumentValue: type }, { message })
}

function fieldsOf(form: Buffer): readonly Given[] {
  return parseQuery(form.toString('latin1').trim())
    .entries.filter(({ name }) => name === PROCESS || isSource(name))
    .map(({ name, value = '' }) => ({ name, value, place: 'body' }))
}

function elementsOf(document: Buffer): readonly Given[] {
  return parseDocument(document)
    .children()
    .map((element) => {
      const name = ELEMENTS.get(element.name)
      if (name === undefined) throw s3Error('MalformedXML', { Element: element.name })
      return { name, value: element.text.trim(), place: 'body' }
    })
}
