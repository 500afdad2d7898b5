/** A mistake of whoever runs the synth: shown as its one line, without a stack trace. */
export class UsageError extends Error {}
