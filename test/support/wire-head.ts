import { Secret } from '../../src/config/config.ts'
import { Accounts } from '../../src/domain/accounts.ts'
import { S3Error } from '../../src/errors.ts'
import type { RequestHead } from '../../src/s3/request.ts'
import { type HeadSettings, readHead } from '../../src/s3/request-head.ts'
import { testAccount } from './accounts.ts'

export interface SentHead {
  readonly method?: string
  readonly target: string
  /** As the client's program has them: text goes over the wire as UTF-8. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[]
  readonly remoteAddress?: string
  readonly encrypted?: boolean
}

/** A request's head as Node's server would hand it out: header bytes as one character each. */
export function wireHead(sent: SentHead, settings: Partial<HeadSettings> = {}): RequestHead {
  const headers = Array.isArray(sent.headers) ? sent.headers : Object.entries(sent.headers ?? {})
  return readHead(
    {
      method: sent.method ?? 'GET',
      target: sent.target,
      rawHeaders: headers.flatMap(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]),
      remoteAddress: sent.remoteAddress ?? '127.0.0.1',
      encrypted: sent.encrypted ?? false,
    },
    { domains: [], websiteDomains: [], trustedProxies: () => false, publicHosts: [], ...settings },
  )
}

/** The key pair of AWS's published examples. */
export const EXAMPLE_KEY = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
} as const

export const SUSPENDED_KEY = { accessKey: 'SUSPENDEDSUSPENDED01', secretKey: 'suspended-secret' } as const

/** The example key's account and a suspended one. */
export function exampleAccounts(): Accounts {
  return new Accounts([
    { ...EXAMPLE_KEY, secretKey: new Secret(EXAMPLE_KEY.secretKey), account: testAccount('example') },
    {
      ...SUSPENDED_KEY,
      secretKey: new Secret(SUSPENDED_KEY.secretKey),
      account: testAccount('suspended', { suspended: true }),
    },
  ])
}

/** The code of the S3Error that `work` throws; the test fails if it throws none, or another error. */
export function codeOf(work: () => unknown): string {
  return errorOf(work).code
}

export function errorOf(work: () => unknown): S3Error {
  try {
    work()
  } catch (error) {
    if (error instanceof S3Error) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
