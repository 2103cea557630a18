import type { DialectName } from '../../config/config.ts'
import type { Dialect } from '../dialect.ts'
import { awsDialect } from './aws.ts'
import { ibmDialect } from './ibm-cos.ts'
import { rgwDialect } from './rgw.ts'
import type { DialectOptions } from './shared.ts'
import { zosDialect } from './zos.ts'

const DIALECTS = {
  zos: zosDialect,
  rgw: rgwDialect,
  aws: awsDialect,
  'ibm-cos': ibmDialect,
} as const satisfies Record<DialectName, (options: DialectOptions) => Dialect>

/**
 * The dialect of a listener. Each call makes a host of its own: an instance number, and a count of requests from one.
 */
export function createDialect(name: DialectName, options: DialectOptions): Dialect {
  return DIALECTS[name](options)
}
