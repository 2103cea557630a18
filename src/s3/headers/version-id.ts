import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'

/**
 * The `versionId` parameter; `null` names the null version.
 * @throws S3Error InvalidArgument for an empty one: read as "none", it would turn the removal of a version into another
 */
export function readVersionId(head: RequestHead): string | undefined {
  const versionId = head.query.get('versionId')
  if (versionId !== '') return versionId
  const message = 'Version id cannot be the empty string'
  throw s3Error('InvalidArgument', { ArgumentName: 'versionId', ArgumentValue: '' }, { message })
}
