import { GRANTS_MAX, type RequestedAcl, type RequestedGrant, type RequestedGrantee } from '../../domain/access/acl.ts'
import { type S3Error, s3Error } from '../../errors.ts'
import type { Grantee, GrantPermission } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import type { RequestHead, Wire } from '../request.ts'
import { safeHeaderValue } from './names.ts'

export type AclResource = 'bucket' | 'object'

/** Grant headers in the order in which RGW reads them, which is that of the grants it prints. */
export const GRANT_HEADERS: ReadonlyMap<string, GrantPermission> = new Map([
  ['x-amz-grant-read', 'READ'],
  ['x-amz-grant-write', 'WRITE'],
  ['x-amz-grant-read-acp', 'READ_ACP'],
  ['x-amz-grant-write-acp', 'WRITE_ACP'],
  ['x-amz-grant-full-control', 'FULL_CONTROL'],
])

const CANNED_ACLS = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const

const GROUPS: ReadonlyMap<string, Grantee> = new Map([
  ['http://acs.amazonaws.com/groups/global/AllUsers', { kind: 'all-users' }],
  ['http://acs.amazonaws.com/groups/global/AuthenticatedUsers', { kind: 'authenticated-users' }],
  ['http://acs.amazonaws.com/groups/s3/LogDelivery', { kind: 'log-delivery' }],
])

/**
 * x-amz-acl or x-amz-grant-*; undefined where the request has neither. An empty header is none, as in RGW.
 * @throws S3Error InvalidRequest for both at once (recorded: object.put_acl.canned_and_grant), InvalidArgument for a
 *   canned ACL or a grantee that cannot be read, those of checkGrants; NotImplemented for aws-exec-read
 */
export function readAclHeaders(
  { head, dialect }: Pick<Wire, 'head' | 'dialect'>,
  resource: AclResource,
): RequestedAcl | undefined {
  const canned = given(head, 'x-amz-acl')
  const grants = readGrantHeaders(head, dialect)
  if (canned !== undefined && grants.length > 0) {
    const message = 'Specifying both Canned ACLs and Header Grants is not allowed'
    throw s3Error('InvalidRequest', {}, { message })
  }
  if (canned !== undefined) return readCanned(canned, { dialect, resource })
  if (grants.length === 0) return undefined
  checkGrants(grants, dialect)
  return { grants, unknownGrantee: dialect.unknownHeaderGrantee }
}

function readCanned(value: string, { dialect, resource }: { dialect: Dialect; resource: AclResource }): RequestedAcl {
  const canned = CANNED_ACLS.find((one) => one === value)
  if (canned !== undefined) return canned
  if (dialect.knowsAmazonGrantees) {
    if (value === 'log-delivery-write' && resource === 'bucket') return value
    // It lets Amazon's EC2 read a machine image, and there is no EC2 here.
    if (value === 'aws-exec-read') throw s3Error('NotImplemented', { Header: 'x-amz-acl' })
  }
  // Recorded: bucket.put_acl.canned_bogus, object.put_acl.canned_log-delivery-write.
  throw s3Error('InvalidArgument', { ArgumentName: 'x-amz-acl', ArgumentValue: value })
}

function readGrantHeaders(head: RequestHead, dialect: Dialect): RequestedGrant[] {
  const grants: RequestedGrant[] = []
  for (const [header, permission] of GRANT_HEADERS) {
    const value = given(head, header)
    if (value === undefined) continue
    for (const grantee of readGrantees(value, { header, dialect })) grants.push({ grantee, permission })
  }
  return grants
}

/** One grantee of a list: `id="…"`, the quotes optional (recorded: object.put_acl.grant_headers). */
const GRANTEE = /\s*(\w+)\s*=\s*(?:"([^"]*)"\s*|([^",\s][^",]*)?)(?:,|$)/

function readGrantees(value: string, { header, dialect }: { header: string; dialect: Dialect }): RequestedGrantee[] {
  const grantees: RequestedGrantee[] = []
  const next = new RegExp(GRANTEE, 'y')
  while (next.lastIndex < value.length) {
    const [, type = '', quoted, bare = ''] = next.exec(value) ?? []
    const named = (quoted ?? bare).trim()
    const grantee = named === '' ? undefined : readGrantee(type, named, dialect)
    if (grantee === undefined) throw s3Error('InvalidArgument', { ArgumentName: header, ArgumentValue: value })
    grantees.push(grantee)
  }
  return grantees
}

function readGrantee(type: string, value: string, dialect: Dialect): RequestedGrantee | undefined {
  switch (type.toLowerCase()) {
    case 'id':
      return { kind: 'account', id: value }
    case 'emailaddress':
      return { kind: 'email', email: value }
    case 'uri':
      return readGroup(value, dialect)
    default:
      return undefined
  }
}

/** @throws S3Error InvalidArgument (recorded: bucket.put_acl.xml_unknown_group) */
export function readGroup(uri: string, dialect: Dialect): Grantee {
  const group = GROUPS.get(uri)
  if (group !== undefined && (group.kind !== 'log-delivery' || dialect.knowsAmazonGrantees)) return group
  throw s3Error('InvalidArgument', { ArgumentName: 'Group/URI', ArgumentValue: uri }, { message: 'Invalid group uri' })
}

/** The URI of a group; undefined for an account. */
export function groupUri(grantee: Grantee): string | undefined {
  return GROUPS.entries().find(([, { kind }]) => kind === grantee.kind)?.[0]
}

/** @throws S3Error LimitExceeded in RGW (recorded: bucket.put_acl.xml_too_many), MalformedACLError elsewhere */
export function checkGrants(grants: readonly RequestedGrant[], dialect: Dialect): void {
  if (grants.length <= GRANTS_MAX) return
  const message = `The ACL has more than ${GRANTS_MAX} grants.`
  throw s3Error(dialect.rgwExtensions ? 'LimitExceeded' : 'MalformedACLError', {}, { message })
}

/** What a request is refused with that gives an ACL by headers and as a document. */
export function twoForms(dialect: Dialect): S3Error {
  // Recorded: object.put_acl.canned_and_xml.
  return s3Error(dialect.rgwExtensions ? 'InvalidArgument' : 'UnexpectedContent')
}

function given(head: RequestHead, header: string): string | undefined {
  const value = head.headers.get(header)
  return value === undefined || value === '' ? undefined : safeHeaderValue(header, value)
}
