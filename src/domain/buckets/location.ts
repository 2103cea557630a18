import { s3Error } from '../../errors.ts'

/**
 * How a provider reads a LocationConstraint.
 * - `zonegroup` (RGW, ZOS): the zonegroup's name, which is our region, and behind a colon a placement target;
 * - `region` (AWS): the region's name;
 * - `provisioning-code` (IBM): `<location>-<class>`, of which one endpoint serves many.
 */
export type LocationRule = 'zonegroup' | 'region' | 'provisioning-code'

/** The one placement target of a fresh Ceph zone. */
const DEFAULT_PLACEMENT = 'default-placement'
/** A location of IBM's (`us`, `us-south`, `ams03`) with a class of its own. */
const PROVISIONING_CODE = /^([a-z]{2}|[a-z]{2}-[a-z]+|[a-z]{3}\d{2})-(standard|smart|vault|cold|flex|onerate_active)$/
/** AWS's first region, whose buckets have no LocationConstraint. */
const OLDEST_REGION = 'us-east-1'
/** A region as AWS names it, which plain S3 clients send to IBM too. */
const AWS_REGION = /^[a-z]{2}(-[a-z]+)+-\d$/

/**
 * The location to store for a constraint: empty for the server's own region. Messages as recorded from RGW and as IBM's
 * clients report them.
 * @throws S3Error InvalidLocationConstraint, or AWS's IllegalLocationConstraintException for another region
 */
export function resolveLocation(constraint: string, { region, rule }: { region: string; rule: LocationRule }): string {
  // AWS's oldest region is named by saying nothing; its endpoint does not take its own name.
  if (rule === 'region' && constraint === OLDEST_REGION && region === OLDEST_REGION) {
    throw invalid(constraint, 'The specified location-constraint is not valid')
  }
  if (constraint === '' || constraint === region) return ''
  switch (rule) {
    case 'zonegroup':
      return inZonegroup(constraint, region)
    case 'provisioning-code':
      if (PROVISIONING_CODE.test(constraint) || AWS_REGION.test(constraint)) return constraint
      throw invalid(constraint, 'Container storage location with specified provisioning code not available')
    case 'region':
      if (!AWS_REGION.test(constraint)) throw invalid(constraint)
      throw illegal(constraint)
  }
}

/** What GetBucketLocation answers; the counterpart of resolveLocation. AWS's oldest region is printed as nothing. */
export function shownLocation(stored: string, { region, rule }: { region: string; rule: LocationRule }): string {
  if (stored !== '') return stored
  if (rule === 'region') return region === OLDEST_REGION ? '' : region
  return rule === 'provisioning-code' ? `${region}-standard` : region
}

function inZonegroup(constraint: string, region: string): string {
  const colon = constraint.indexOf(':')
  const zonegroup = colon === -1 ? constraint : constraint.slice(0, colon)
  if (zonegroup !== '' && zonegroup !== region) {
    throw invalid(constraint, 'The specified location-constraint is not valid')
  }
  const placement = colon === -1 ? '' : constraint.slice(colon + 1)
  if (placement !== '' && placement !== DEFAULT_PLACEMENT) {
    throw invalid(constraint, 'The specified placement target does not exist')
  }
  return ''
}

function illegal(constraint: string) {
  const scope = 'incompatible for the region specific endpoint this request was sent to.'
  const message = `The ${constraint} location constraint is ${scope}`
  return s3Error('IllegalLocationConstraintException', { LocationConstraint: constraint }, { message })
}

function invalid(constraint: string, message?: string) {
  return s3Error('InvalidLocationConstraint', { LocationConstraint: constraint }, { message })
}
