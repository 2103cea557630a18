import { expect, it } from 'vitest'
import { readDelivery } from '../../src/topics/delivery.ts'

it('has RGW defaults', () => {
  const none = { persistent: false, timeToLiveS: undefined, maxRetries: undefined, retrySleepS: undefined }
  expect(readDelivery({})).toEqual({ delivery: none })
  expect(readDelivery({ persistent: 'false', time_to_live: 'None', max_retries: '' })).toEqual({ delivery: none })
})

it('is read from the attributes', () => {
  const attributes = { persistent: 'True', time_to_live: '60', max_retries: '0', retry_sleep_duration: '5' }
  expect(readDelivery(attributes)).toEqual({
    delivery: { persistent: true, timeToLiveS: 60, maxRetries: 0, retrySleepS: 5 },
  })
})

it.each([
  ['persistent', 'yes'],
  ['time_to_live', '-1'],
  ['time_to_live', '4294967295'],
  ['max_retries', '1.5'],
  ['retry_sleep_duration', 'soon'],
])('%s: %s is refused', (attribute, value) => {
  expect(readDelivery({ [attribute]: value })).toMatchObject({ problem: { attribute } })
})
