import { type FormAnswer, formResponse, type Posted, readFormAnswer } from '../s3/form/answer.ts'
import { expirationHeader } from '../s3/headers/lifecycle.ts'
import { writePermissions } from '../s3/headers/permissions.ts'
import type { Operation } from './operation.ts'
import { PutObject, type PutObjectInput, storeObject } from './PutObject.ts'

interface Input extends PutObjectInput {
  readonly answer: FormAnswer
}

/** A browser's upload: a PutObject whose headers are the fields of a form (http/form.ts). */
export const PostObject: Operation<Input, Posted> = {
  name: 'PostObject',
  needs: writePermissions,
  payload: 'form',
  read: (wire) => ({ ...PutObject.read(wire), answer: readFormAnswer(wire.head) }),
  async run(context, { answer, ...input }) {
    return { answer, version: await storeObject(context, input, 'created:post'), bucket: context.bucket() }
  },
  write(posted, { head, dialect, services }) {
    const response = formResponse(posted, head, dialect)
    const expiration = expirationHeader(posted.bucket, posted.version, services.dayMs)
    return { ...response, headers: [...(response.headers ?? []), expiration] }
  },
}
