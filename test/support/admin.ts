import type { PlainUser } from '../../src/config/defaults.ts'
import type { TestResponse, TestServer, TestUser, UserName } from './server.ts'

/** A user who may do everything that the admin API has, and is not the root account. */
export const OPS: TestUser & { readonly plain: PlainUser } = {
  id: 'ops',
  accessKey: 'OPSKEY',
  secretKey: 'ops-secret-of-the-tests',
  plain: {
    id: 'ops',
    caps: 'users=*;buckets=*;metadata=*;usage=*;info=*;zone=*',
    keys: [{ accessKey: 'OPSKEY', secretKey: 'ops-secret-of-the-tests' }],
  },
}

/** A user with every capability to read and none to write. */
export const READER: TestUser & { readonly plain: PlainUser } = {
  id: 'reader',
  accessKey: 'READERKEY',
  secretKey: 'reader-secret-of-the-tests',
  plain: {
    id: 'reader',
    caps: 'users=read;buckets=read;metadata=read;usage=read;info=read;zone=read',
    keys: [{ accessKey: 'READERKEY', secretKey: 'reader-secret-of-the-tests' }],
  },
}

/** What useServer needs for tests of the admin API. */
export const ADMIN_SERVER = { users: [OPS.plain, READER.plain] } as const

export interface AdminAnswer extends TestResponse {
  /** The body as JSON; undefined for an empty one. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what is there
  readonly json: any
}

export interface AdminRequest {
  /** `ops` where it is left out. */
  readonly as?: UserName | TestUser
  readonly body?: string
}

export type Admin = (request: string, options?: AdminRequest) => Promise<AdminAnswer>

/** Sends requests such as `PUT user?quota&uid=alice` to the admin API on the S3 port. */
export function adminOf(server: () => TestServer): Admin {
  return async (request, { as = OPS, body } = {}) => {
    const [method = '', target = ''] = request.split(' ')
    const [resource = '', query = ''] = target.split('?')
    const answer = await server().request(method, `/admin/${resource}`, { query: queryOf(query), as, body })
    const isJson = answer.headers['content-type'] === 'application/json'
    return { ...answer, json: isJson ? JSON.parse(answer.text) : undefined }
  }
}

/** Makes a user at run time; `more` are further parameters of its request. */
export async function makeUser(admin: Admin, uid: string, more = ''): Promise<TestUser> {
  const { status, text, json } = await admin(`PUT user?uid=${uid}&display-name=${uid}${more}`)
  if (status !== 200) throw new Error(text)
  const [key] = json.keys
  return { id: uid, accessKey: key.access_key, secretKey: key.secret_key }
}

function queryOf(query: string): Record<string, string | undefined> {
  const pieces = query.split('&').filter((piece) => piece !== '')
  const pairs = pieces.map((piece) => {
    const equals = piece.indexOf('=')
    if (equals < 0) return [piece, undefined] as const
    return [piece.slice(0, equals), decodeURIComponent(piece.slice(equals + 1))] as const
  })
  return Object.fromEntries(pairs)
}

/** Who of a reader without the capability, a stranger and nobody is refused; every one should be. */
export async function whoIsRefused(admin: Admin, request: string): Promise<string[]> {
  const refused: string[] = []
  for (const [name, as] of [
    ['reader', READER],
    ['alt', 'alt'],
    ['anonymous', 'anonymous'],
  ] as const) {
    const { status, json } = await admin(request, { as })
    if (status === 403 && json.Code === 'AccessDenied') refused.push(name)
  }
  return refused
}
