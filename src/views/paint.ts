/** Colour, where there is a terminal for it (SGR sequences of ECMA-48). */

export interface Paint {
  bold: (text: string) => string;
  dim: (text: string) => string;
  good: (text: string) => string;
  warn: (text: string) => string;
  bad: (text: string) => string;
  command: (text: string) => string;
}

export function paint(color: boolean): Paint {
  const ink = (open: number, close: number) => (text: string) => (color ? `\u001B[${open}m${text}\u001B[${close}m` : text);
  return { bold: ink(1, 22), dim: ink(2, 22), good: ink(32, 39), warn: ink(33, 39), bad: ink(31, 39), command: ink(36, 39) };
}
