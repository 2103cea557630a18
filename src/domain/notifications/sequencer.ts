/** Of RGW's. */
const SEQUENCER_DIGITS = 16

/**
 * Sixteen upper-case hex digits, as RGW's, whose text sorts as the changes were made: RGW prints the bytes of a time
 * from the lowest on, which nobody can compare, and a clock that was set back would turn the order around.
 */
export function sequencer(sequence: number): string {
  return sequence.toString(16).toUpperCase().padStart(SEQUENCER_DIGITS, '0')
}
