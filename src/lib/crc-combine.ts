/**
 * The CRC of a concatenation from the CRCs of its pieces: crc(A‖B) = crc(A)·x^(8·|B|) mod P, plus crc(B). Mark Adler's
 * observation for zlib; the all-ones before and after cancel out. Polynomials are reflected: the highest bit is x^0.
 */

/** A polynomial of up to 64 bits as two halves: BigInt would cost some ten microseconds for each product. */
interface Polynomial {
  readonly high: number
  readonly low: number
}

interface CrcParameters {
  readonly widthBits: 32 | 64
  /** P without its highest term, bits reversed. */
  readonly polynomial: Polynomial
}

export const CRC_PARAMETERS = {
  CRC32: { widthBits: 32, polynomial: { high: 0, low: 0xedb88320 | 0 } },
  CRC32C: { widthBits: 32, polynomial: { high: 0, low: 0x82f63b78 | 0 } },
  CRC64NVME: { widthBits: 64, polynomial: { high: 0x9a6c9329 | 0, low: 0xac4bc9b5 | 0 } },
} as const satisfies Record<string, CrcParameters>

export interface CrcPiece {
  readonly crc: bigint
  readonly sizeBytes: number
}

/** The CRC of the pieces behind each other; 0n, the CRC of nothing, for none. */
export function combine(parameters: CrcParameters, pieces: readonly CrcPiece[]): bigint {
  // Parts of an upload are mostly of one size: its power is computed once.
  const shifts = new Map<number, Polynomial>()
  const squares = [shiftOfBytes(parameters, 1)]
  let sum: Polynomial = { high: 0, low: 0 }
  for (const { crc, sizeBytes } of pieces) {
    const shift = shifts.get(sizeBytes) ?? powerOf(parameters, { squares, sizeBytes })
    shifts.set(sizeBytes, shift)
    const moved = multiply(parameters, { left: sum, right: shift })
    const { high, low } = fromBigInt(crc)
    sum = { high: moved.high ^ high, low: moved.low ^ low }
  }
  return toBigInt(sum)
}

/** x^(8·sizeBytes) mod P; `squares[n]` is x^(8·2^n) and grows as needed. */
function powerOf(parameters: CrcParameters, power: { squares: Polynomial[]; sizeBytes: number }): Polynomial {
  const { squares } = power
  let product = shiftOfBytes(parameters, 0)
  // Sizes go beyond 32 bits, so they are halved and not shifted.
  for (let rest = power.sizeBytes, n = 0; rest > 0; rest = Math.floor(rest / 2), n++) {
    const square = squares[n] ?? nextSquare(parameters, squares)
    if (rest % 2 === 1) product = multiply(parameters, { left: product, right: square })
  }
  return product
}

function nextSquare(parameters: CrcParameters, squares: Polynomial[]): Polynomial {
  const last = squares.at(-1) ?? shiftOfBytes(parameters, 1)
  const square = multiply(parameters, { left: last, right: last })
  squares.push(square)
  return square
}

/** x^(8·bytes) for 0 or 1 byte, where no reduction is needed. */
function shiftOfBytes({ widthBits }: CrcParameters, bytes: 0 | 1): Polynomial {
  const bit = 1 << (31 - 8 * bytes)
  return widthBits === 64 ? { high: bit, low: 0 } : { high: 0, low: bit }
}

function multiply(
  { widthBits, polynomial }: CrcParameters,
  factors: { left: Polynomial; right: Polynomial },
): Polynomial {
  const { left, right } = factors
  let high = 0
  let low = 0
  let shiftedHigh = right.high
  let shiftedLow = right.low
  for (let bit = widthBits - 1; bit >= 0; bit--) {
    const half = bit >= 32 ? left.high : left.low
    if ((half >>> (bit & 31)) & 1) {
      high ^= shiftedHigh
      low ^= shiftedLow
    }
    // Times x: one to the right, and what falls out comes back as P.
    const carry = -(shiftedLow & 1)
    shiftedLow = ((shiftedLow >>> 1) | (shiftedHigh << 31)) ^ (carry & polynomial.low)
    shiftedHigh = (shiftedHigh >>> 1) ^ (carry & polynomial.high)
  }
  return { high, low }
}

function fromBigInt(value: bigint): Polynomial {
  return { high: Number(value >> 32n) | 0, low: Number(value & 0xffffffffn) | 0 }
}

function toBigInt({ high, low }: Polynomial): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}
