import type { RequestedAcl, RequestedGrant, RequestedGrantee, RequestedGrants } from '../../domain/access/acl.ts'
import type { Accounts } from '../../domain/accounts.ts'
import { S3Error, s3Error } from '../../errors.ts'
import type { Grant, Grantee, GrantPermission } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { type AclResource, checkGrants, groupUri, readAclHeaders, readGroup, twoForms } from '../headers/acl.ts'
import type { Wire } from '../request.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'
import { parseDocument, type XmlElement } from '../xml/parse.ts'
import { person } from './person.ts'

/** A hundred grants of a kilobyte each, far more than any grantee's name needs. */
export const ACL_DOCUMENT_BYTES_MAX = 100 * 1024

const PERMISSIONS: readonly GrantPermission[] = ['FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP']

/**
 * What a PUT of an ACL asks for, in one of its three forms: a canned ACL or grants in headers, or a document.
 * @throws S3Error InvalidArgument or UnexpectedContent for two forms at once, MissingSecurityHeader (in RGW
 *   InvalidArgument, recorded: object.put_acl.empty) for none; those of readAclHeaders and readAclDocument
 */
export function readAcl(wire: Wire, resource: AclResource): RequestedAcl {
  const { document, dialect } = wire
  const byHeaders = readAclHeaders(wire, resource)
  if (document.length > 0) {
    if (byHeaders !== undefined) throw twoForms(dialect)
    return readAclDocument(document, dialect)
  }
  if (byHeaders !== undefined) return byHeaders
  throw dialect.rgwExtensions
    ? s3Error('InvalidArgument')
    : s3Error('MissingSecurityHeader', { MissingHeaderName: 'x-amz-acl' })
}

/**
 * AccessControlPolicy: the owner, and the grants that replace all others.
 * @throws S3Error MalformedACLError, in RGW InvalidArgument (recorded: object.put_acl.malformed_xml); those of
 *   readGroup and checkGrants
 */
function readAclDocument(document: Buffer, dialect: Dialect): RequestedGrants {
  const root = parse(document, dialect)
  const ownerId = root.child('Owner')?.child('ID')?.text.trim()
  const [list, ...others] = root.children('AccessControlList')
  if (ownerId === undefined || list === undefined || others.length > 0) throw malformedAcl(dialect)
  const grants = readGrants(list, dialect)
  checkGrants(grants, dialect)
  // RGW takes an owner without an id for the resource's.
  return { grants, ownerId: ownerId === '' && dialect.rgwExtensions ? undefined : ownerId }
}

function parse(document: Buffer, dialect: Dialect): XmlElement {
  try {
    return parseDocument(document, 'AccessControlPolicy')
  } catch (cause) {
    throw cause instanceof S3Error && cause.code === 'MalformedXML' ? malformedAcl(dialect, cause) : cause
  }
}

function malformedAcl(dialect: Dialect, cause?: unknown): S3Error {
  return s3Error(dialect.rgwExtensions ? 'InvalidArgument' : 'MalformedACLError', {}, { cause })
}

/**
 * The Grant elements of a list, as in an ACL and in the target of a bucket's log.
 * @throws S3Error MalformedACLError, in RGW InvalidArgument, for what is no grant; that of readGroup
 */
export function readGrants(list: XmlElement, dialect: Dialect): RequestedGrant[] {
  return list.children().map((grant) => {
    const grantee = grant.child('Grantee')
    const permission = PERMISSIONS.find((one) => one === grant.child('Permission')?.text.trim())
    if (grant.name !== 'Grant' || grantee === undefined || permission === undefined) throw malformedAcl(dialect)
    return { grantee: readGrantee(grantee, dialect), permission }
  })
}

function readGrantee(grantee: XmlElement, dialect: Dialect): RequestedGrantee {
  const text = (name: string): string => {
    const value = grantee.child(name)?.text.trim()
    if (value === undefined || value === '') throw malformedAcl(dialect)
    return value
  }
  switch (grantee.attribute('type')) {
    case 'CanonicalUser':
      return { kind: 'account', id: text('ID') }
    case 'AmazonCustomerByEmail':
      return { kind: 'email', email: text('EmailAddress') }
    case 'Group':
      return readGroup(text('URI'), dialect)
    default:
      throw malformedAcl(dialect)
  }
}

/** What the documents of this dialect are made with. */
export interface AclView {
  readonly accounts: Accounts
  readonly dialect: Dialect
}

/** AccessControlPolicy, as GetBucketAcl and GetObjectAcl answer it. */
export function aclDocument(
  { ownerId, grants }: { readonly ownerId: string; readonly grants: readonly Grant[] },
  view: AclView,
): string {
  return buildDocument('AccessControlPolicy', {
    Owner: person(view.accounts, ownerId),
    AccessControlList: { Grant: grantElements(grants, view) },
  })
}

/** Grant elements in the dialect's order. */
export function grantElements(grants: readonly Grant[], view: AclView): XmlContent[] {
  const ordered = view.dialect.sortsGrants ? grants.toSorted(byGrantee) : grants
  return ordered.map(({ grantee, permission }) => ({ Grantee: granteeElement(grantee, view), Permission: permission }))
}

/** RGW keeps grants in a map by the grantee's id, which groups have none of (recorded: bucket.get_acl.xml). */
function byGrantee(one: Grant, other: Grant): number {
  const [first, second] = [granteeId(one.grantee), granteeId(other.grantee)]
  return first < second ? -1 : first > second ? 1 : 0
}

function granteeId(grantee: Grantee): string {
  return grantee.kind === 'account' ? grantee.id : ''
}

const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance'

function granteeElement(grantee: Grantee, { accounts, dialect }: AclView): XmlContent {
  if (grantee.kind !== 'account') return { '@xmlns:xsi': INSTANCE, '@xsi:type': 'Group', URI: groupUri(grantee) }
  const { ID, DisplayName } = person(accounts, grantee.id)
  // In front of the ID: s3cmd takes the last of the two for the grantee.
  const EmailAddress = dialect.printsGranteeEmail ? '' : undefined
  return { '@xmlns:xsi': INSTANCE, '@xsi:type': 'CanonicalUser', EmailAddress, ID, DisplayName }
}
