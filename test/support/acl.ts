import type { PlainUser } from '../../src/config/defaults.ts'
import type { TestRequest, TestResponse, TestServer, TestUser } from './server.ts'

export const AS_FRIEND: TestUser = { id: 'friend', accessKey: 'FRIENDKEY', secretKey: 'friend-secret-of-the-tests' }

/** A third user, who has an e-mail address. */
export const FRIEND: PlainUser = {
  id: AS_FRIEND.id,
  displayName: 'A Friend',
  email: 'friend@x.org',
  keys: [{ accessKey: AS_FRIEND.accessKey, secretKey: AS_FRIEND.secretKey }],
}

export const ALL_USERS = 'http://acs.amazonaws.com/groups/global/AllUsers'

const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

/** An ACL document with these lines: `['CanonicalUser', 'id', 'READ']`. */
export function aclXml(ownerId: string, lines: readonly (readonly [type: string, value: string, what: string])[]) {
  const names: Readonly<Record<string, string>> = { AmazonCustomerByEmail: 'EmailAddress', Group: 'URI' }
  const grants = lines.map(([type, value, permission]) => {
    const name = names[type] ?? 'ID'
    const grantee = `<Grantee ${XSI} xsi:type="${type}"><${name}>${value}</${name}></Grantee>`
    return `<Grant>${grantee}<Permission>${permission}</Permission></Grant>`
  })
  return (
    `<AccessControlPolicy><Owner><ID>${ownerId}</ID></Owner>` +
    `<AccessControlList>${grants.join('')}</AccessControlList></AccessControlPolicy>`
  )
}

export interface AclRequest extends TestRequest {
  readonly versionId?: string | undefined
}

export function getAcl(server: TestServer, path: string, request: AclRequest = {}): Promise<TestResponse> {
  return server.request('GET', path, withQuery(request))
}

export function putAcl(server: TestServer, path: string, request: AclRequest = {}): Promise<TestResponse> {
  return server.request('PUT', path, withQuery(request))
}

function withQuery({ versionId, ...rest }: AclRequest): TestRequest {
  return { query: { acl: undefined, ...(versionId && { versionId }) }, ...rest }
}

const GRANT = /<Grantee[^>]*>.*?<(?:ID|URI)>(?:[^<]*\/)?([^<]+)<.*?<Permission>(\w+)/g

/** The owner and the lines of the answered ACL, in its order: `owner: cozos FULL_CONTROL, AllUsers READ`. */
export async function shownAcl(server: TestServer, path: string, versionId?: string): Promise<string> {
  const { text } = await getAcl(server, path, { versionId })
  const owner = /<Owner><ID>([^<]*)/.exec(text)?.[1]
  return `${owner}: ${Array.from(text.matchAll(GRANT), ([, who, what]) => `${who} ${what}`).join(', ')}`
}
