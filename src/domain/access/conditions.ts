/**
 * What a policy's Condition may ask about a request: the values of a condition key, undefined where the request has
 * none. Keys are in lower case (`aws:sourceip`, `s3:prefix`, `s3:requestobjecttag/Colour`: behind the slash the case
 * stays). What an object bears already (`s3:existingobjecttag/…`), and which version of it a permission is on
 * (`s3:versionid`), is not asked here: authorize adds it.
 */
export interface RequestConditions {
  get(key: string): readonly string[] | undefined
  /**
   * Whether only the body tells the value, and it has not been read yet. Until then a policy is read in the request's
   * favour, and it is asked again.
   */
  isPending?(key: string): boolean
}

/** For decisions about no request: a job's, or a test's. */
export const NO_CONDITIONS: RequestConditions = { get: () => undefined }
