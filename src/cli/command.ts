import type { AdminClient, Json } from './client.ts'

/** A flag of a command, beside those that say where the server is. */
export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly help: string
  /** What stands for the value in the help. */
  readonly value?: string
}

/** What a command was called with. */
export interface Call {
  /** The words behind the command, as many as it has arguments. */
  readonly words: readonly string[]
  /** The value of a flag; undefined if it was not given. */
  text(flag: string): string | undefined
  isSet(flag: string): boolean
}

export interface Outcome {
  /** For people. */
  readonly text: string
  /** For programs; undefined where there is nothing to tell. */
  readonly json: Json
}

/** `cozos user create UID`: its part behind the noun. */
export interface Command {
  readonly verb: string
  /** The words that must follow, as the help names them. */
  readonly words: readonly string[]
  readonly help: string
  readonly flags: Readonly<Record<string, Flag>>
  run(client: AdminClient, call: Call): Promise<Outcome>
}
