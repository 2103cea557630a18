import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { DEFAULTS } from '../../src/config/defaults.ts'
import { VARIABLES } from '../../src/config/env.ts'
import { DEFAULT_LIMITS } from '../../src/domain/limits.ts'

const example = new URL('../../config.example.yaml', import.meta.url)

describe('config.example.yaml', () => {
  it('equals the defaults', async () => {
    expect(parse(await readFile(example, 'utf8'))).toEqual(DEFAULTS)
  })

  it('names every environment variable', async () => {
    const text = await readFile(example, 'utf8')
    expect(Object.keys(VARIABLES).filter((name) => !text.includes(name))).toEqual([])
  })
})

describe('the default limits', () => {
  it('are the ones that the domain documents', () => {
    expect(DEFAULTS.limits).toEqual(DEFAULT_LIMITS)
  })
})
