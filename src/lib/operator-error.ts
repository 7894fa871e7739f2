/** A failure that the person who runs the program can mend: its message alone is shown. */
export class OperatorError extends Error {
  override name = "OperatorError";
  /** 2 for wrong usage or settings, 1 for everything else. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
