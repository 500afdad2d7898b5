/** An error in what the user gave to the synth: printed as one line, without a stack trace. */
export class UsageError extends Error {}
