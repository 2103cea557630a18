import { type S3Error, s3Error } from '../errors.ts'
import { resolveAdmin } from './admin/resolve.ts'
import { ANY, BINDINGS, type Binding, type OperationName } from './bindings.ts'
import type { Dialect } from './dialect.ts'
import type { Address, RequestHead } from './request.ts'

interface Row extends Binding {
  readonly name: OperationName
  /** How many parameters and headers the row asks for beside its subresource. */
  readonly demands: number
}

const ROWS: readonly Row[] = Object.entries<Binding>(BINDINGS).map(([name, binding]) => ({
  ...binding,
  name: name as OperationName,
  demands: Object.keys(binding.query ?? {}).length + (binding.headers?.length ?? 0),
}))

/** Every parameter that names a subresource at any level: a request that bears one is never a plain operation. */
export const SUBRESOURCES: ReadonlySet<string> = new Set(ROWS.flatMap((row) => row.subresource ?? []))

/** The rows of one method, level and subresource ('' for the plain ones), those that demand most first. */
const INDEX: ReadonlyMap<string, readonly Row[]> = new Map(
  Object.entries(Object.groupBy(ROWS, (row) => place(row.method, row.level, row.subresource ?? ''))).map(
    ([key, rows = []]) => [key, rows.toSorted(byDemands)],
  ),
)

/**
 * The operation that a request names, served or not. The subresource decides first; among the rows that fit, the one
 * that demands most. Of two subresources in one request the row that demands most wins, then the one whose parameter
 * comes first. Parameters that no row knows are ignored, as S3 does; for DELETE see refuseUnknown.
 * @param dialect what rows of some dialects only ask for
 * @throws S3Error MethodNotAllowed where no row fits; InvalidArgument where one would, but for a parameter
 */
export function resolve(head: RequestHead, dialect: ResolvingDialect = NO_DIALECT): OperationName {
  if (head.address.admin !== undefined) return resolveAdmin(head, head.address.admin)
  const level = levelOf(head.address)
  const named = head.rawQuery === '' ? [] : head.query.entries.filter(({ name }) => SUBRESOURCES.has(name))
  const row =
    named.length === 0
      ? rowsAt(head, level, '').find((one) => fits(one, head, dialect))
      : named
          .flatMap(({ name }) => rowsAt(head, level, name).find((one) => fits(one, head, dialect)) ?? [])
          .toSorted(byDemands)
          .at(0)
  if (row === undefined) {
    const closest = named.flatMap(({ name }) => rowsAt(head, level, name).at(-1) ?? []).at(0)
    throw misfit(head, { level, closest })
  }
  if (row.method === 'DELETE' && row.subresource === undefined) refuseUnknown(head)
  return row.name
}

type ResolvingDialect = Pick<Dialect, NonNullable<Binding['dialect']>>
const NO_DIALECT: ResolvingDialect = { processesPictures: false }

/**
 * HEAD of the service is its GET without the body (RFC 9110 section 9.3.2; recorded: service.head_root). Buckets and
 * objects have rows of their own for it.
 */
function rowsAt({ method }: RequestHead, level: Binding['level'], subresource: string): readonly Row[] {
  const asGet = method === 'HEAD' && level === 'service'
  return INDEX.get(place(asGet ? 'GET' : method, level, subresource)) ?? []
}

/**
 * A subresource that lacks a parameter its operation needs (`PUT ?uploadId` without partNumber, recorded:
 * multipart.upload_part.no_number), or a method that S3 has not here.
 */
function misfit(head: RequestHead, { level, closest }: { level: Binding['level']; closest: Row | undefined }): S3Error {
  const lacking = Object.entries(closest?.query ?? {}).find(([name, value]) => !asks(head, name, value))
  if (lacking === undefined) {
    return s3Error('MethodNotAllowed', { Method: head.method, ResourceType: level.toUpperCase() })
  }
  const [name] = lacking
  return s3Error('InvalidArgument', { ArgumentName: name }, { message: `The parameter ${name} is missing or unknown` })
}

function asks({ query }: RequestHead, name: string, value: string | typeof ANY): boolean {
  return value === ANY ? query.has(name) : query.get(name) === value
}

function fits(row: Row, head: RequestHead, dialect: ResolvingDialect): boolean {
  if (row.dialect !== undefined && !dialect[row.dialect]) return false
  if (row.demands === 0) return true
  for (const [name, value] of Object.entries(row.query ?? {})) {
    if (!asks(head, name, value)) return false
  }
  return row.headers?.every((name) => head.headers.has(name)) ?? true
}

/** Sorting by it is stable, so rows of equal demands stay in the table's order, or in the query's. */
function byDemands(one: Row, other: Row): number {
  return other.demands - one.demands
}

function place(method: string, level: Binding['level'], subresource: string): string {
  return `${method} ${level} ${subresource}`
}

function levelOf(address: Address): Binding['level'] {
  if (address.bucket === undefined) return 'service'
  return address.key === undefined ? 'bucket' : 'object'
}

/**
 * A bare parameter that no row knows is most likely the subresource of an operation this server has never heard of.
 * RGW deletes the whole bucket then (recorded: `DELETE ?ownershipControls`); nothing is deleted here on a guess.
 */
function refuseUnknown(head: RequestHead): void {
  const unknown = head.query.entries.find(({ name, value }) => value === undefined && name !== 'versionId')
  if (unknown !== undefined) throw s3Error('NotImplemented', { Subresource: unknown.name })
}
