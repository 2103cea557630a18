import { s3Error } from '../../errors.ts'
import type { LockRules } from '../dialect.ts'
import { buildDocument } from '../xml/build.ts'
import { parseDocument } from '../xml/parse.ts'

/**
 * LegalHold: whether there is to be one.
 * @throws S3Error MalformedXML, also for a status that is none (recorded: legal_hold.put.bad, legal_hold.put.malformed)
 */
export function readLegalHold(document: Buffer): boolean {
  const root = parseDocument(document, 'LegalHold')
  const status = root.child('Status')?.text.trim()
  if (root.children().length !== 1 || (status !== 'ON' && status !== 'OFF')) throw s3Error('MalformedXML')
  return status === 'ON'
}

/** RGW prints no namespace (recorded: legal_hold.get.on). */
export function legalHoldDocument(isHeld: boolean, { namespace }: Pick<LockRules, 'namespace'>): string {
  return buildDocument('LegalHold', { Status: isHeld ? 'ON' : 'OFF' }, { namespace })
}
