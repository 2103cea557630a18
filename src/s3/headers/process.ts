import type { Directive } from '../../domain/images/directive.ts'
import { type S3Error, s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'
import { PROCESS, readDirective } from '../process/directive.ts'
import type { RequestHead } from '../request.ts'
import { type CopySource, parseProcessSource } from './copy-source.ts'

/**
 * Where a request may say what ProcessObject is to process. ZOS's manual does not print the wire form (4.1): these are
 * CopyObject's header and the names that follow its pattern. The botocore extras of clients/ send the first one.
 */
export const SOURCES = [
  'x-amz-process-source',
  'x-zos-process-source',
  'x-amz-copy-source',
  'x-zos-copy-source',
] as const

/** Where a value stood. The places differ in whether a presigned URL's signature covers them. */
export type Place = 'query' | 'header' | 'body'

export interface Given {
  readonly name: string
  readonly value: string
  readonly place: Place
}

/** What is to be done to a picture, as the request has it. */
export interface ProcessWish {
  readonly directive: Directive
  readonly place: Place
}

/**
 * What GetObject and HeadObject are to make of the object; undefined without the parameter, and where the dialect does
 * not know it.
 * @throws S3Error InvalidArgument
 */
export function readProcess(head: RequestHead, dialect: Pick<Dialect, 'processesPictures'>): ProcessWish | undefined {
  const given = dialect.processesPictures ? theOne(givenInHead(head, [PROCESS])) : undefined
  return given === undefined ? undefined : wishOf(given)
}

/** @throws S3Error InvalidArgument without a directive, or with two of them */
export function requireProcess(given: readonly Given[]): ProcessWish {
  const one = theOne(given.filter(({ name }) => name === PROCESS))
  if (one === undefined) throw missing(PROCESS, 'The request does not say how the picture is to be processed')
  return wishOf(one)
}

/** What ProcessObject is to process, and where the request says so. */
export interface GivenSource extends CopySource {
  readonly given: Given
}

/**
 * The source that the head names; undefined where it names none, and then the body has to.
 * @throws S3Error InvalidArgument, NotImplemented
 */
export function readSourceInHead(head: RequestHead): GivenSource | undefined {
  const given = theOne(givenInHead(head, SOURCES))
  return given === undefined ? undefined : { ...parseProcessSource(given), given }
}

/** @throws S3Error InvalidArgument without a source, or with two of them; NotImplemented */
export function requireSource(given: readonly Given[]): GivenSource {
  const one = theOne(given.filter(({ name }) => isSource(name)))
  if (one === undefined) throw missing(SOURCES[0], 'The request does not say which picture is to be processed')
  return { ...parseProcessSource(one), given: one }
}

export function isSource(name: string): boolean {
  return SOURCES.some((one) => one === name)
}

/** What the query and the headers say; what a presigned URL bears of a header counts as that header. */
export function givenInHead({ query, headers }: RequestHead, names: readonly string[]): readonly Given[] {
  const inQuery = query.entries
    .filter(({ name }) => names.includes(name) && headers.hoisted?.has(name) !== true)
    .map(({ name, value = '' }): Given => ({ name, value, place: 'query' }))
  const inHeaders = names.flatMap((name): Given[] => {
    const value = headers.get(name)
    return value === undefined ? [] : [{ name, value, place: 'header' }]
  })
  return [...inQuery, ...inHeaders]
}

/** A value may stand in several places, but it has to be one value: nothing that a client asks for is passed over. */
function theOne(given: readonly Given[]): Given | undefined {
  const [first] = given
  const other = given.find(({ value }) => value !== first?.value)
  if (first === undefined || other === undefined) return first
  const message = `${other.name} contradicts ${first.name === other.name ? 'itself' : first.name}`
  throw s3Error('InvalidArgument', { ArgumentName: other.name, ArgumentValue: other.value }, { message })
}

function wishOf({ value, place }: Given): ProcessWish {
  return { directive: readDirective(value), place }
}

function missing(name: string, what: string): S3Error {
  return s3Error('InvalidArgument', { ArgumentName: name }, { message: `${what}: ${name} is missing` })
}
