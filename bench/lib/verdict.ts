/** Prints a figure with its target; a missed one sets the exit code. */
export function verdict(what: string, value: number, sign: ">=" | "<=", target: number): void {
  const reached = sign === ">=" ? value >= target : value <= target;
  const figure = value < 10 ? value.toFixed(3) : value.toFixed(1);
  console.log(`${reached ? "reached" : "MISSED "} ${what}: ${figure} ${sign} ${target}`);
  if (!reached) process.exitCode = 1;
}
