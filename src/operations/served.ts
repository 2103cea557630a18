import assert from 'node:assert/strict'
import { isOperationName, type OperationName } from '../s3/bindings.ts'
import type { AnyOperation } from './operation.ts'
import * as listed from './registry.ts'

/** The operations of the registry by their S3 names. A name of the bindings that is missing here answers 501. */
export const SERVED: ReadonlyMap<OperationName, AnyOperation> = byName(Object.entries(listed))

/** @throws AssertionError where an export is not called what its operation is called */
export function byName(
  exports: readonly (readonly [string, AnyOperation])[],
): ReadonlyMap<OperationName, AnyOperation> {
  const operations = new Map<OperationName, AnyOperation>()
  for (const [exported, operation] of exports) {
    assert.equal(exported, operation.name, 'an operation is exported under its own S3 name')
    assert(isOperationName(exported), `${exported} has no row in s3/bindings.ts or s3/admin/bindings.ts`)
    operations.set(operation.name, operation)
  }
  return operations
}
