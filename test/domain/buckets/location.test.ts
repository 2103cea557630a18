import { describe, expect, it } from 'vitest'
import { type LocationRule, resolveLocation, shownLocation } from '../../../src/domain/buckets/location.ts'

const REGION = 'default'
const resolve = (constraint: string, rule: LocationRule): string =>
  resolveLocation(constraint, { region: REGION, rule })
const error = (code: string, message?: string) =>
  expect.objectContaining(message === undefined ? { code } : { code, message })

describe('resolveLocation', () => {
  it('takes none, and the own region, as the own region under every rule', () => {
    for (const rule of ['zonegroup', 'region', 'provisioning-code'] as const) {
      expect(resolve('', rule)).toBe('')
      expect(resolve(REGION, rule)).toBe('')
    }
  })

  it('reads a zonegroup with a placement target', () => {
    for (const constraint of [':default-placement', 'default:default-placement', 'default:', ':']) {
      expect(resolve(constraint, 'zonegroup')).toBe('')
    }
    const unknown = error('InvalidLocationConstraint', 'The specified location-constraint is not valid')
    const unplaced = error('InvalidLocationConstraint', 'The specified placement target does not exist')
    expect(() => resolve('mars-north-1', 'zonegroup')).toThrowError(unknown)
    expect(() => resolve('mars-north-1:default-placement', 'zonegroup')).toThrowError(unknown)
    expect(() => resolve('default:no-such-placement', 'zonegroup')).toThrowError(unplaced)
  })

  it('tells a region from another endpoint and from no region', () => {
    expect(() => resolve('eu-west-1', 'region')).toThrowError(error('IllegalLocationConstraintException'))
    expect(() => resolve('mars', 'region')).toThrowError(error('InvalidLocationConstraint'))
  })

  it('keeps a provisioning code of IBM, and shows it again', () => {
    for (const code of ['us-standard', 'us-south-smart', 'ams03-cold', 'eu-de-onerate_active', 'eu-west-1']) {
      expect(resolve(code, 'provisioning-code')).toBe(code)
      expect(shownLocation(code, { region: REGION, rule: 'provisioning-code' })).toBe(code)
    }
    expect(() => resolve('us-south-nonsense', 'provisioning-code')).toThrowError(error('InvalidLocationConstraint'))
  })
})

describe('shownLocation', () => {
  it('prints the own region as each provider does', () => {
    expect(shownLocation('', { region: 'default', rule: 'zonegroup' })).toBe('default')
    expect(shownLocation('', { region: 'eu-west-1', rule: 'region' })).toBe('eu-west-1')
    expect(shownLocation('', { region: 'us-east-1', rule: 'region' })).toBe('')
    expect(shownLocation('', { region: 'us-south', rule: 'provisioning-code' })).toBe('us-south-standard')
  })
})
