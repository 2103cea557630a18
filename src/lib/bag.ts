/** Where an item lies in a bag; empty when it has been removed. */
export interface Place<T> {
  item: T | undefined
  /** -1 when it has been removed. */
  at: number
}

/**
 * Items in no order, for what is added and removed with every request. A Set or Map that grows and shrinks leaves
 * tables behind of which each points to the next one (V8's OrderedHashTable): once one of them is old, everything that
 * ever passes through survives the collections of young objects, and their pauses are ten times as long.
 */
export class Bag<T> {
  readonly #places: Place<T>[] = []

  get size(): number {
    return this.#places.length
  }

  add(item: T): Place<T> {
    const place = { item, at: this.#places.length }
    this.#places.push(place)
    return place
  }

  /** Whether it was still there. */
  remove(place: Place<T>): boolean {
    if (place.at < 0) return false
    const last = this.#places.pop()
    if (last !== undefined && last !== place) {
      this.#places[place.at] = last
      last.at = place.at
    }
    place.at = -1
    // Whoever keeps the place does not keep the item.
    place.item = undefined
    return true
  }

  /** Those that are there now, whatever is added and removed meanwhile. */
  items(): T[] {
    return this.#places.map(({ item }) => item as T)
  }

  places(): Place<T>[] {
    return [...this.#places]
  }
}
