import { describe, expect, it, test } from 'vitest'
import { ADMIN_BINDINGS, type AdminBinding } from '../../../src/s3/admin/bindings.ts'
import { readHead } from '../../../src/s3/request-head.ts'
import { resolve } from '../../../src/s3/resolve.ts'
import { codeOf } from '../../support/errors.ts'

interface Place {
  readonly host?: string
  readonly isServed?: boolean
}

/** The operation of a request, by the host it is sent to and whether the admin API stands there. */
function resolved(method: string, target: string, { host = 'localhost', isServed = true }: Place = {}) {
  const raw = { method, target, rawHeaders: ['Host', host], remoteAddress: '127.0.0.1', encrypted: false }
  const settings = {
    domains: ['localhost'],
    websiteDomains: ['website.localhost'],
    trustedProxies: () => false,
    publicHosts: [],
    servesAdminOps: isServed ? ('beside-s3' as const) : undefined,
  }
  return codeOf(() => resolve(readHead(raw, settings)))
}

describe('the table of the admin API', () => {
  test.each(Object.entries<AdminBinding>(ADMIN_BINDINGS))('%s is reached by what its row asks for', (name, row) => {
    const query = row.subresource === undefined ? '?x' : `?${row.subresource}`
    expect(resolved(row.method, `/admin/${row.resource}${query}`)).toBe(name)
    expect(resolved(row.method, `/admin/${row.resource}/${query}&uid=x&format=json`)).toBe(name)
    expect(resolved(row.method, `/admin/${row.resource}?uid=x&format=json&${row.subresource ?? 'x'}=y`)).toBe(name)
  })

  it.each([
    // A word of another resource's, or of another method's, is none here.
    ['GET', '/admin/user?uid=x&sync=False', 'AdminGetUser'],
    ['GET', '/admin/user?key&uid=x', 'AdminGetUser'],
    ['PUT', '/admin/user?key&uid=x&subuser=y', 'AdminCreateKey'],
    ['PUT', '/admin/user?uid=x&subuser=y', 'AdminCreateSubuser'],
    ['DELETE', '/admin/bucket?bucket=x&purge-objects=True', 'AdminDeleteBucket'],
    ['DELETE', '/admin/bucket?format=json&bucket=x&object=a%2Fb', 'AdminDeleteObject'],
    ['GET', '/admin/frob', 'MethodNotAllowed'],
    ['GET', '/admin', 'MethodNotAllowed'],
    ['PUT', '/admin', 'MethodNotAllowed'],
    ['GET', '/admin/', 'MethodNotAllowed'],
    ['HEAD', '/admin/user?uid=x', 'MethodNotAllowed'],
    ['POST', '/admin/usage', 'MethodNotAllowed'],
    ['GET', '/admin/metadata', 'MethodNotAllowed'],
    ['GET', '/administrator/user', 'GetObject'],
  ])('%s %s is %s', (method, target, name) => {
    expect(resolved(method, target)).toBe(name)
  })

  it('stands beside S3 at path-style addresses only, and only where it is served', () => {
    expect(resolved('GET', '/admin/user')).toBe('AdminGetUser')
    expect(resolved('GET', '/admin/user', { host: 'bucket.localhost' })).toBe('GetObject')
    expect(resolved('GET', '/user', { host: 'admin.localhost' })).toBe('GetObject')
    expect(resolved('GET', '/tenant:admin/user')).toBe('GetObject')
    expect(resolved('GET', '/admin/user', { isServed: false })).toBe('GetObject')
  })
})
