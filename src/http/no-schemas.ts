import assert from 'node:assert/strict'
import type { FastifyServerOptions } from 'fastify'

const unused = (): never => assert.fail('no route here has a schema')

/**
 * Fastify loads a validator and a serializer generator for every instance, some 15 MiB and 60 ms, unless it is given
 * others. None of our routes has a schema, so these are never asked for anything.
 */
export const NO_SCHEMAS: NonNullable<FastifyServerOptions['schemaController']> = {
  compilersFactory: { buildValidator: () => unused, buildSerializer: () => unused },
}
